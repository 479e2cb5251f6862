// The simulation's data files, for SQL.
#include "pg/values.hpp"
#include "simulation/documents.hpp"

namespace {

Datum to_jsonb(std::string_view document) {
  const std::string text(document);
  return pg::call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text.c_str())); });
}

}  // namespace

PG_ENTRY(sectors) { return to_jsonb(tc::simulation::sectors_json()); }
PG_ENTRY(countries) { return to_jsonb(tc::simulation::countries_json()); }
PG_ENTRY(beat_words) { return to_jsonb(tc::simulation::beats_json()); }
