// Maintenance of a cube: folding, rebuilding, partitioning, upgrading.
//
// Each is written in SQL and runs as the cube's owner, whoever calls: search_path alone does not
// keep a better-matching function in the cube's schema from being chosen, so nothing but the
// owner's rights may be at stake.
#include <algorithm>

#include "base/calendar.hpp"
#include "cube/cube_pg.hpp"
#include "pg/errors.hpp"
#include "pg/spi.hpp"
#include "settings.hpp"

namespace {

// Runs "SELECT …($1, …)", whose first parameter is the cube's name, as its owner.
std::int64_t run_as_owner(const cube::Cube& cube, const char* action, const std::string& sql,
                          pg::Parameters parameters) {
  cube::require_owner(cube, action);
  pg::AsOwner owner(cube.owner);
  pg::Spi spi;
  spi.run(sql, std::move(parameters));
  return spi.rows() > 0 && !spi.is_null(0, 0) ? spi.integer(0, 0) : 0;
}

}  // namespace

PG_ENTRY(fold_facts) {
  const cube::Cube cube = cube::argument(fcinfo, 0);
  PG_RETURN_INT64(run_as_owner(cube, "fold the facts of",
                               "SELECT tellingcube.fold_facts_as_owner($1::name)",
                               pg::Parameters().text(cube.name)));
}

PG_ENTRY(rebuild_facts) {
  const cube::Cube cube = cube::argument(fcinfo, 1);
  pg::Parameters parameters;
  parameters.text(cube.name);
  if (PG_ARGISNULL(0)) {
    parameters.null(TEXTOID);
  } else {
    parameters.add(TEXTOID, PG_GETARG_DATUM(0));
  }
  run_as_owner(cube, "rebuild the facts of",
               "SELECT 0::bigint FROM tellingcube.rebuild_facts_as_owner($2, $1::name)",
               std::move(parameters));
  PG_RETURN_VOID();
}

// Whoever may not act as the owner is told whether the partition is there.
PG_ENTRY(ensure_partition) {
  const cube::Cube cube = cube::argument(fcinfo, 0);
  if (PG_ARGISNULL(1) || DATE_NOT_FINITE(PG_GETARG_DATEADT(1))) {
    pg::fail(pg::sqlstate::kInvalidArgument, "no month is given", "", "Give any day of the month.");
  }
  const DateADT day = PG_GETARG_DATEADT(1);
  if (!cube::is_owner(cube)) {
    std::string partition = "events_" + tc::month_label(tc::month_of(static_cast<tc::Date>(day)));
    std::replace(partition.begin(), partition.end(), '-', '_');
    PG_RETURN_BOOL(
        OidIsValid(pg::call([&] { return get_relname_relid(partition.c_str(), cube.schema); })));
  }
  PG_RETURN_BOOL(
      run_as_owner(cube, "partition the events of",
                   "SELECT tellingcube.ensure_partition_as_owner($2, $1::name)::integer::bigint",
                   pg::Parameters().text(cube.name).date(day)) != 0);
}

PG_ENTRY(partition_events) {
  const cube::Cube cube = cube::argument(fcinfo, 0);
  PG_RETURN_INT32(static_cast<int32>(
      run_as_owner(cube, "partition the events of",
                   "SELECT tellingcube.partition_events_as_owner($1::name)::bigint",
                   pg::Parameters().text(cube.name))));
}

// Also for a cube that lost its triggers, which is therefore none to cube::find().
PG_ENTRY(upgrade_cube) {
  std::string name = cube::name_argument(fcinfo, 0);
  if (name.empty()) name = settings::default_cube();
  const cube::Cube cube = cube::find_damaged(name);
  run_as_owner(cube, "upgrade", "SELECT 0::bigint FROM tellingcube.upgrade_cube_as_owner($1::name)",
               pg::Parameters().text(cube.name));
  PG_RETURN_VOID();
}
