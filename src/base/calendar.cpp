#include "base/calendar.hpp"

#include <array>
#include <cstddef>

namespace tc {
namespace {

// Days before 2000-01-01 counted from 0000-03-01, where the year of the algorithm below begins.
constexpr int kDaysToEpoch = 730'425;

constexpr bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

constexpr int month_length(int year, int month) {
  constexpr std::array<int, 12> kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kLengths[static_cast<std::size_t>(month - 1)];
}

// Division rounding down, for days and months before 2000.
template <typename T>
constexpr T floor_div(T a, T b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

struct Civil {
  int year;
  int month;
  int day;
};

// Years here begin in March, so that the leap day is a year's last day and the month lengths repeat
// with a period of five months (153 days).
constexpr Date to_date(Civil civil) {
  const int year = civil.month <= 2 ? civil.year - 1 : civil.year;
  const int era = floor_div(year, 400);
  const int year_of_era = year - era * 400;
  const int month_from_march = civil.month > 2 ? civil.month - 3 : civil.month + 9;
  const int day_of_year = (153 * month_from_march + 2) / 5 + civil.day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - kDaysToEpoch;
}
static_assert(to_date({2000, 1, 1}) == 0);
static_assert(to_date({2000, 3, 1}) == 60);

constexpr Civil to_civil(Date date) {
  const int days = date + kDaysToEpoch;
  const int era = floor_div(days, 146'097);
  const int day_of_era = days - era * 146'097;
  const int year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int month_from_march = (5 * day_of_year + 2) / 153;
  const int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const int year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

constexpr Month to_month(int year, int month) { return (year - 2000) * 12 + month - 1; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads `text` from left to right; every reader of a part leaves it alone when the part is not
// there.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `digits` digits, with a value in least … most.
  std::optional<int> number(std::size_t digits, int least, int most) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    if (value < least || value > most) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

  std::size_t leading_digits() const {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    return count;
  }

 private:
  std::string_view rest_;
};

std::optional<Date> read_date(Cursor& cursor) {
  const auto year = cursor.number(4, kFirstYear, kLastYear);
  if (!year || !cursor.skip('-')) return std::nullopt;
  const auto month = cursor.number(2, 1, 12);
  if (!month || !cursor.skip('-')) return std::nullopt;
  const auto day = cursor.number(2, 1, month_length(*year, *month));
  if (!day) return std::nullopt;
  return to_date({*year, *month, *day});
}

// ".ffffff", one to six digits, as microseconds; 0 when there is no fraction.
std::optional<int> read_fraction(Cursor& cursor) {
  if (!cursor.skip('.')) return 0;
  const std::size_t digits = cursor.leading_digits();
  if (digits == 0 || digits > 6) return std::nullopt;
  auto fraction = cursor.number(digits, 0, 999'999);
  for (std::size_t i = digits; fraction && i < 6; ++i) *fraction *= 10;
  return fraction;
}

// "HH:MM[:SS[.ffffff]]" as microseconds.
std::optional<Timestamp> read_time(Cursor& cursor) {
  const auto hour = cursor.number(2, 0, 23);
  if (!hour || !cursor.skip(':')) return std::nullopt;
  const auto minute = cursor.number(2, 0, 59);
  if (!minute) return std::nullopt;
  int second = 0;
  int fraction = 0;
  if (cursor.skip(':')) {
    const auto written_second = cursor.number(2, 0, 59);
    if (!written_second) return std::nullopt;
    const auto written_fraction = read_fraction(cursor);
    if (!written_fraction) return std::nullopt;
    second = *written_second;
    fraction = *written_fraction;
  }
  return (Timestamp{*hour} * 3600 + Timestamp{*minute} * 60 + second) * 1'000'000 + fraction;
}

// True when a zone or nothing is there.
bool skip_zone(Cursor& cursor) {
  if (cursor.skip('Z')) return true;
  if (!cursor.skip('+') && !cursor.skip('-')) return true;
  return cursor.number(2, 0, 15) && cursor.skip(':') && cursor.number(2, 0, 59);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

Period quarter_of(int year, int quarter) {
  const Month first = to_month(year, quarter * 3 - 2);
  return {first, first + 2};
}

// "2024-Q1", "2024Q1", "Q1 2024".
std::optional<Period> parse_quarter(std::string_view text) {
  Cursor cursor(text);
  if (cursor.skip('Q') || cursor.skip('q')) {
    const auto quarter = cursor.number(1, 1, 4);
    if (!quarter || !cursor.skip(' ')) return std::nullopt;
    const auto year = cursor.number(4, kFirstYear, kLastYear);
    if (!year || !cursor.at_end()) return std::nullopt;
    return quarter_of(*year, *quarter);
  }
  const auto year = cursor.number(4, kFirstYear, kLastYear);
  if (!year) return std::nullopt;
  cursor.skip('-');
  if (!cursor.skip('Q') && !cursor.skip('q')) return std::nullopt;
  const auto quarter = cursor.number(1, 1, 4);
  if (!quarter || !cursor.at_end()) return std::nullopt;
  return quarter_of(*year, *quarter);
}

std::optional<Period> parse_single_period(std::string_view text) {
  Cursor cursor(text);
  if (const auto year = cursor.number(4, kFirstYear, kLastYear); year && cursor.at_end()) {
    return Period{to_month(*year, 1), to_month(*year, 12)};
  }
  if (const auto month = parse_month(text)) return Period{*month, *month};
  if (const auto date = parse_date(text)) return Period{month_of(*date), month_of(*date)};
  return parse_quarter(text);
}

void append_padded(std::string& text, int value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

}  // namespace

Date make_date(int year, int month, int day) { return to_date({year, month, day}); }

Date first_day(Month month) { return to_date({year_of(month), month_number(month), 1}); }

Month month_of(Date date) {
  const Civil civil = to_civil(date);
  return to_month(civil.year, civil.month);
}

Month month_of(Timestamp timestamp) {
  return month_of(static_cast<Date>(floor_div(timestamp, kMicrosecondsPerDay)));
}

int year_of(Month month) { return 2000 + floor_div(month, 12); }

int month_number(Month month) { return month - floor_div(month, 12) * 12 + 1; }

int days_in_month(Month month) { return month_length(year_of(month), month_number(month)); }

std::optional<Month> parse_month(std::string_view text) {
  Cursor cursor(text);
  const auto year = cursor.number(4, kFirstYear, kLastYear);
  if (!year || !cursor.skip('-')) return std::nullopt;
  const auto month = cursor.number(2, 1, 12);
  if (!month || !cursor.at_end()) return std::nullopt;
  return to_month(*year, *month);
}

std::optional<Date> parse_date(std::string_view text) {
  Cursor cursor(text);
  const auto date = read_date(cursor);
  return date && cursor.at_end() ? date : std::nullopt;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Cursor cursor(text);
  const auto date = read_date(cursor);
  if (!date) return std::nullopt;
  const Timestamp midnight = Timestamp{*date} * kMicrosecondsPerDay;
  if (cursor.at_end()) return midnight;
  if (!cursor.skip('T') && !cursor.skip(' ')) return std::nullopt;
  const auto time = read_time(cursor);
  if (!time || !skip_zone(cursor) || !cursor.at_end()) return std::nullopt;
  return midnight + *time;
}

std::optional<Period> parse_period(std::string_view text) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) return parse_single_period(trimmed(text));
  const auto first = parse_single_period(trimmed(text.substr(0, dots)));
  const auto last = parse_single_period(trimmed(text.substr(dots + 2)));
  if (!first || !last || first->first > last->last) return std::nullopt;
  return Period{first->first, last->last};
}

std::string month_label(Month month) {
  std::string label;
  append_padded(label, year_of(month), 4);
  label += '-';
  append_padded(label, month_number(month), 2);
  return label;
}

std::string date_label(Date date) {
  const Civil civil = to_civil(date);
  std::string label;
  append_padded(label, civil.year, 4);
  label += '-';
  append_padded(label, civil.month, 2);
  label += '-';
  append_padded(label, civil.day, 2);
  return label;
}

}  // namespace tc
