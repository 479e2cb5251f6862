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

// months(first date, last date): the first days of their months and those between.
PG_ENTRY(months) {
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const tc::Month first = tc::month_of(PG_GETARG_DATEADT(0));
  const tc::Month last = tc::month_of(PG_GETARG_DATEADT(1));
  if (tc::year_of(first) < tc::kFirstYear || tc::year_of(last) > tc::kLastYear) {
    pg::fail(pg::sqlstate::kInvalidArgument, "these months leave the calendar", "",
             "Give dates of the years " + std::to_string(tc::kFirstYear) + " to " +
                 std::to_string(tc::kLastYear) + ".");
  }
  pg::call([&] {
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    for (tc::Month month = first; month <= last; ++month) {
      CHECK_FOR_INTERRUPTS();
      Datum value = DateADTGetDatum(tc::first_day(month));
      bool null = false;
      tuplestore_putvalues(result->setResult, result->setDesc, &value, &null);
    }
  });
  return Datum{0};
}
