// Names and settings for the functions that are written in SQL.
#include <string>
#include <vector>

#include "base/calendar.hpp"
#include "base/text.hpp"
#include "cube/cube_pg.hpp"
#include "pg/errors.hpp"
#include "pg/spi.hpp"
#include "pg/values.hpp"
#include "settings.hpp"

namespace {

Datum name_datum(const std::string& name) {
  return pg::call([&] { return DirectFunctionCall1(namein, CStringGetDatum(name.c_str())); });
}

}  // namespace

PG_ENTRY(cube_name) { return name_datum(cube::argument(fcinfo, 0).name); }

// Puts the cube in front of the search_path until the calling function, which pins its own,
// returns.
PG_ENTRY(enter_cube) {
  const cube::Cube cube = cube::argument(fcinfo, 0);
  const std::string path = pg::quote_name(cube.name) + ", pg_temp";
  pg::call([&] {
    set_config_option("search_path", path.c_str(), PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL,
                      true, 0, false);
  });
  return name_datum(cube.name);
}

// what_is(name): 'cube', 'schema' or NULL.
PG_ENTRY(what_is) {
  const cube::Named named = cube::what_is(NameStr(*PG_GETARG_NAME(0)));
  if (named == cube::Named::Nothing) PG_RETURN_NULL();
  return pg::call([&] { return pg::text_datum(named == cube::Named::Cube ? "cube" : "schema"); });
}

// require_owner(cube name, action text): raises unless the caller may act as the cube's owner.
PG_ENTRY(require_owner) {
  const std::string action(pg::call([&] { return pg::text_view(PG_GETARG_DATUM(1)); }));
  cube::require_owner(cube::argument(fcinfo, 0), action.c_str());
  PG_RETURN_VOID();
}

PG_ENTRY(did_you_mean) {
  Datum* values = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  pg::call([&] {
    pg::deconstruct_array_of(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, &values, &nulls, &count);
  });
  std::vector<std::string> candidates;
  for (int i = 0; i < count; ++i) {
    if (!nulls[i]) candidates.emplace_back(pg::call([&] { return pg::text_view(values[i]); }));
  }
  const std::string_view name = pg::call([&] { return pg::text_view(PG_GETARG_DATUM(0)); });
  const std::string question = tc::did_you_mean(name, candidates);
  return pg::call([&] { return pg::text_datum(question); });
}

PG_ENTRY(default_cube) { return name_datum(settings::default_cube()); }

PG_ENTRY(as_of) {
  const std::string text = settings::as_of();
  if (text.empty()) PG_RETURN_NULL();
  const auto period = tc::parse_period(text);
  if (!period) {
    pg::fail(pg::sqlstate::kInvalidArgument,
             "tellingcube.as_of is \"" + tc::excerpt(text, 40) + "\", which is no month", "",
             "SET tellingcube.as_of = '2025-06', or '' for the last month with actuals.");
  }
  return DateADTGetDatum(tc::first_day(period->last));
}
