// did_you_mean() for the functions that are written in SQL.
#include <string>
#include <vector>

#include "base/text.hpp"
#include "pg/values.hpp"

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
