// On which days of a month business is done.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "simulation/parameters.hpp"

namespace tc::simulation {

Date easter_sunday(int year);  // Gregorian
bool is_holiday(const Country& country, Date date);
int weekday_of(Date date);  // 0 = Monday

// A month's days with the weights of the sector's weekdays; a holiday has a fifth of its day's.
//
// Days are laid out by weekday, all Mondays first: evenly spread fractions then give each weekday
// its share in any month, wherever its weeks begin.
class TradingDays {
 public:
  TradingDays(const Sector& sector, const Country& country, Month month);
  Date pick(std::uint64_t fraction) const;  // a day, by weight

 private:
  std::size_t days_ = 0;
  std::array<Date, 31> dates_{};
  std::array<std::int64_t, 31> reached_{};  // sums of weights
};

// The last working day (no weekend, no holiday) on or before the date; of the same month unless it
// has none.
Date working_day_before(const Country& country, Date date);

}  // namespace tc::simulation
