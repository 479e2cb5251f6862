#include "simulation/trading_days.hpp"

#include <algorithm>

#include "simulation/random.hpp"

namespace tc::simulation {
namespace {

struct Day {
  Date date;
  int year, month, day, weekday;  // Monday = 1
  Date easter;
  bool is_last_of_its_weekday;
};

bool falls_on(const Holiday& holiday, const Day& day) {
  if (day.year < holiday.from_year) return false;
  if (holiday.easter != Holiday::kNone) return day.date == day.easter + holiday.easter;
  if (day.month != holiday.month) return false;
  if (holiday.weekday == Holiday::kNone) return day.day == holiday.day;
  if (day.weekday != holiday.weekday) return false;
  return holiday.nth > 0 ? (day.day - 1) / 7 + 1 == holiday.nth : day.is_last_of_its_weekday;
}

}  // namespace

// The anonymous Gregorian algorithm (Nature, 1876; as Meeus gives it).
Date easter_sunday(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int g = (b - (b + 8) / 25 + 1) / 3;
  const int h = (19 * a + b - b / 4 - g + 15) % 30;
  const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return make_date(year, n / 31, n % 31 + 1);
}

int weekday_of(Date date) { return ((date + 5) % 7 + 7) % 7; }  // 2000-01-01 was a Saturday

bool is_holiday(const Country& country, Date date) {
  const Month month = month_of(date);
  const int day = date - first_day(month) + 1;
  const int year = year_of(month);
  const Day what = {date,
                    year,
                    month_number(month),
                    day,
                    weekday_of(date) + 1,
                    easter_sunday(year),
                    day + 7 > days_in_month(month)};
  return std::any_of(country.holidays.begin(), country.holidays.end(),
                     [&](const Holiday& holiday) { return falls_on(holiday, what); });
}

TradingDays::TradingDays(const Sector& sector, const Country& country, Month month) {
  const Date first = first_day(month);
  const int days = days_in_month(month);
  std::int64_t sum = 0;
  for (int weekday = 0; weekday < 7; ++weekday) {
    const std::int64_t weight = sector.weekdays[static_cast<std::size_t>(weekday)];
    for (Date date = first + (weekday - weekday_of(first) + 7) % 7; date < first + days;
         date += 7) {
      sum += is_holiday(country, date) ? weight / 5 : weight;
      dates_[days_] = date;
      reached_[days_++] = sum;
    }
  }
}

Date TradingDays::pick(std::uint64_t fraction) const {
  const auto end = reached_.begin() + static_cast<std::ptrdiff_t>(days_);
  const auto wanted =
      static_cast<std::int64_t>(below(fraction, static_cast<std::uint64_t>(*(end - 1))));
  const auto found = std::upper_bound(reached_.begin(), end, wanted);
  return dates_[static_cast<std::size_t>(found - reached_.begin())];
}

Date working_day_before(const Country& country, Date date) {
  for (Date day = date; month_of(day) == month_of(date); --day) {
    if (weekday_of(day) < 5 && !is_holiday(country, day)) return day;
  }
  return date;
}

}  // namespace tc::simulation
