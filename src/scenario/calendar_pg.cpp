// Periods as people type them, for the functions that are written in SQL.
#include "base/calendar.hpp"
#include "base/text.hpp"
#include "pg/errors.hpp"
#include "pg/values.hpp"

namespace {

tc::Period period_of(FunctionCallInfo fcinfo) {
  const std::string_view text = pg::call([&] { return pg::text_view(PG_GETARG_DATUM(0)); });
  const auto period = tc::parse_period(text);
  if (!period) {
    pg::fail(pg::sqlstate::kInvalidArgument,
             "\"" + tc::excerpt(text, 40) + "\" is not a month, quarter or year", "",
             "Write 2024-03, 2024-Q1, 2024, or a range such as 2024-01..2024-06.");
  }
  return *period;
}

}  // namespace

PG_ENTRY(first_month) { return DateADTGetDatum(tc::first_day(period_of(fcinfo).first)); }
PG_ENTRY(last_month) { return DateADTGetDatum(tc::first_day(period_of(fcinfo).last)); }
