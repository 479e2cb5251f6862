// The company's plan: what each month is to come to, before anything in it is told.
//
// Top-down. A run rate (a year's revenue when the simulation starts) grows by the sector's growth
// for the variant; a month has its twelfth, times the month's weight in the sector's season, times
// a small chance deviation that is the same in all variants. Everything else is a share of that:
// cogs by the gross margin, opex by the opex ratio, investment by the capex ratio. Headcount
// follows volume more slowly than volume itself moves.
//
// A month of the plan depends on nothing later, and not on how many months are asked for: 24 months
// are the first 24 of 36. Beats are no part of it.
//
// Example: Industrials, small, Germany, 2024-01. 30 employees × 230,000 EUR × 1.5 = 10,350,000 EUR
// a year. January weighs 90 of 100: 10,350,000 ÷ 12 × 0.90 = 776,250 EUR of revenue, 31 % of it
// gross margin.
//
// The factor 1.5 is the sector's `own_staff_factor`. In most sectors payroll is larger than opex,
// since people also work in what is sold; but payroll is wholly opex in our facts. So a company
// here employs fewer people of its own than the sector at large (never fewer than half as many for
// its revenue), and buys in the rest of its direct labour: as purchases, through cogs.
#pragma once
#include <vector>

#include "simulation/configuration.hpp"

namespace tc::simulation {

struct PlannedMonth {
  Month month = 0;
  Cents trend = 0;  // revenue without season and chance
  Cents revenue = 0;
  Cents cogs = 0;
  Cents opex = 0;         // payroll and levies included
  Cents other_opex = 0;   // without them
  Cents other_trend = 0;  // the same without season and chance
  Cents capex = 0;
  Ratio price_index = kOne;   // list prices beside those of the start
  Ratio salary_index = kOne;  // salaries beside those of the start
  int headcount = 0;          // at its end
};

struct Plan {
  explicit Plan(const Configuration& configuration);

  Cents run_rate = 0;
  int employees = 0;       // at the start
  Cents cash = 0;          // at the start
  Cents payroll = 0;       // a month, at the start
  int documents = 0;       // of sale, an average month
  Cents yearly_capex = 0;  // at the start
  // The horizon's, and one more: what is bought for.
  std::vector<PlannedMonth> months;
};

}  // namespace tc::simulation
