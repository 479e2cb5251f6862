#include "projection/fold_pg.hpp"

#include "pg/spi.hpp"
#include "settings.hpp"

namespace projection {
namespace {

bool is_due(const cube::Cube& cube) {
  const std::int64_t threshold = settings::fold_threshold();
  if (threshold == 0 || IsolationUsesXactSnapshot()) return false;
  return pg::call([&] {
           std::int64_t rows = pg::live_rows(cube.staff_pending);
           for (const Oid table : cube.pending) rows += pg::live_rows(table);
           return rows;
         }) >= threshold;
}

}  // namespace

void fold_if_due(const cube::Cube& cube) {
  if (!is_due(cube)) return;
  std::optional<pg::Report> failure;
  try {
    failure = pg::attempt([&] {
      pg::AsOwner owner(cube.owner);
      pg::Spi spi;
      spi.run("SELECT tellingcube.fold_facts_if_free($1::name)", pg::Parameters().text(cube.name));
    });
  } catch (
      const pg::Error& cancelled) {  // ends the courtesy, not the transaction whose work is done
    failure = cancelled.report();
  }
  if (failure) {
    pg::log("folding cube \"" + cube.name + "\" while committing failed: " + failure->message,
            "The facts are exact all the same; folding is tried again.");
  }
}

}  // namespace projection
