#include "cube/cube_pg.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "pg/errors.hpp"
#include "pg/spi.hpp"
#include "settings.hpp"

namespace cube {
namespace {

std::map<Oid, Cube>& cache() {
  static std::map<Oid, Cube> cubes;
  return cubes;
}
bool stale = false;

// A relation changed. Which one hardly matters: looking a cube up again costs some twenty catalog
// look-ups.
void relation_changed(Datum, Oid relation) {
  for (const auto& [schema, cube] : cache()) {
    const auto is = [relation](Oid table) { return table == relation; };
    if (relation == InvalidOid || is(cube.events) || is(cube.dim_company) ||
        is(cube.dim_scenario) || is(cube.staff_pending) ||
        std::any_of(cube.pending.begin(), cube.pending.end(), is) ||
        std::any_of(cube.dimension.begin(), cube.dimension.end(), is)) {
      stale = true;
    }
  }
}

void schema_changed(Datum, int, uint32) { stale = true; }

Oid table_in(Oid schema, const std::string& name) {
  return pg::call([&] { return get_relname_relid(name.c_str(), schema); });
}

Oid owner_of(Oid relation) {
  return pg::call([&] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "relation %u does not exist", relation);
    const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
  });
}

// Without its triggers, as after DROP EXTENSION … CASCADE, an events table checks and projects
// nothing.
bool has_our_trigger(Oid events) {
  return pg::call([&] {
    Relation table = table_open(events, AccessShareLock);
    bool found = false;
    const TriggerDesc* triggers = table->trigdesc;
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; ++i) {
      found = found || strcmp(triggers->triggers[i].tgname, "tellingcube_check_and_project") == 0;
    }
    table_close(table, NoLock);
    return found;
  });
}

bool is_plain_table(Oid relation) {
  return OidIsValid(relation) &&
         pg::call([&] { return get_rel_relkind(relation); }) == RELKIND_RELATION;
}

bool has_column(Oid table, const char* column, Oid type) {
  return pg::call([&] {
    const AttrNumber number = get_attnum(table, column);
    return number != InvalidAttrNumber && get_atttype(table, number) == type;
  });
}

// What is read and written directly must be what create_cube() made: anybody can make a schema with
// tables of these names.
bool is_complete(const Cube& cube) {
  if (!OidIsValid(cube.events) ||
      pg::call([&] { return get_rel_relkind(cube.events); }) != RELKIND_PARTITIONED_TABLE) {
    return false;
  }
  bool complete = is_plain_table(cube.dim_company) && is_plain_table(cube.dim_scenario) &&
                  is_plain_table(cube.staff_pending);
  for (const Oid table : cube.pending) complete = complete && is_plain_table(table);
  return complete && has_column(cube.dim_scenario, "company_id", UUIDOID) &&
         has_column(cube.dim_scenario, "scenario_id", UUIDOID) &&
         has_column(cube.dim_scenario, "starts", DATEOID) &&
         has_column(cube.dim_scenario, "months", INT4OID) &&
         has_column(cube.events, "event_month", DATEOID) && has_our_trigger(cube.events);
}

Cube look_up(Oid schema) {
  Cube cube;
  cube.schema = schema;
  cube.name = pg::string_of(pg::call([&] { return get_namespace_name(schema); }));
  cube.events = table_in(schema, "events");
  cube.dim_company = table_in(schema, "dim_company");
  cube.dim_scenario = table_in(schema, "dim_scenario");
  cube.pending = {table_in(schema, "fact_sales_pending"), table_in(schema, "fact_expense_pending"),
                  table_in(schema, "fact_finance_pending"),
                  table_in(schema, "fact_activity_pending")};
  cube.staff_pending = table_in(schema, "fact_hr_pending");
  for (std::size_t kind = 0; kind < tc::projection::kMemberKinds; ++kind) {
    const auto member_kind = static_cast<tc::projection::MemberKind>(kind);
    cube.dimension[kind] =
        table_in(schema, "dim_" + std::string(tc::projection::kind_name(member_kind)));
  }
  if (OidIsValid(cube.events)) cube.owner = owner_of(cube.events);
  return cube;
}

std::vector<std::string> cube_names() {
  std::vector<std::string> names;
  pg::Spi spi;
  spi.run("SELECT cube::text FROM tellingcube.cubes", {}, true);
  for (std::uint64_t row = 0; row < spi.rows(); ++row) names.push_back(spi.text(row, 0));
  return names;
}

[[noreturn]] void fail_unknown(const std::string& name) {
  const std::vector<std::string> names = cube_names();
  std::string hint = tc::did_you_mean(name, names);
  if (hint.empty())
    hint = "Make a cube with SELECT tellingcube.create_cube(" + pg::quote_text(name) + ").";
  pg::fail(pg::sqlstate::kUnknownCube, "there is no cube \"" + name + "\"", "", hint);
}

}  // namespace

Cube find(Oid schema) {
  if (stale) {
    cache().clear();
    stale = false;
  }
  const auto found = cache().find(schema);
  if (found != cache().end()) return found->second;
  Cube cube = look_up(schema);
  if (!is_complete(cube)) {
    if (!OidIsValid(cube.events)) fail_unknown(cube.name);
    pg::fail(pg::sqlstate::kUnknownCube, "schema \"" + cube.name + "\" is not a whole cube",
             "Tables or triggers that create_cube() made are missing, as after DROP EXTENSION … "
             "CASCADE.",
             "SELECT tellingcube.upgrade_cube(" + pg::quote_text(cube.name) +
                 ") makes triggers and views anew.");
  }
  return cache().emplace(schema, std::move(cube)).first->second;
}

bool exists(Oid schema) { return OidIsValid(table_in(schema, "events")); }

Named what_is(const std::string& name) {
  pg::call([] { AcceptInvalidationMessages(); });
  const Oid schema = pg::call([&] { return get_namespace_oid(name.c_str(), true); });
  if (!OidIsValid(schema)) return Named::Nothing;
  return is_complete(look_up(schema)) ? Named::Cube : Named::Schema;
}

Cube find(const std::string& name) {
  const std::string wanted = name.empty() ? settings::default_cube() : name;
  const Oid schema = pg::call([&] { return get_namespace_oid(wanted.c_str(), true); });
  if (!OidIsValid(schema)) fail_unknown(wanted);
  const auto usable = pg::call([&] { return pg::has_schema_usage(schema); });
  if (!usable) {
    pg::fail(
        pg::sqlstate::kNotAllowed, "you may not use the cube \"" + wanted + "\"",
        "Your role has no USAGE privilege on its schema.",
        "Ask its owner for GRANT USAGE ON SCHEMA " + pg::quote_name(wanted) + " TO your role.");
  }
  return find(schema);
}

std::string name_argument(FunctionCallInfo fcinfo, int i) {
  return PG_ARGISNULL(i) ? std::string() : std::string(NameStr(*PG_GETARG_NAME(i)));
}

Cube find_damaged(const std::string& name) {
  const Oid schema = pg::call([&] { return get_namespace_oid(name.c_str(), true); });
  if (!OidIsValid(schema)) fail_unknown(name);
  Cube cube = look_up(schema);
  if (!OidIsValid(cube.events) || !OidIsValid(cube.dim_scenario)) fail_unknown(name);
  return cube;
}

bool is_owner(const Cube& cube) {
  return pg::call([&] { return has_privs_of_role(GetUserId(), cube.owner); });
}

void require_owner(const Cube& cube, const char* action) {
  if (is_owner(cube)) return;
  pg::fail(pg::sqlstate::kNotAllowed,
           std::string("you may not ") + action + " the cube \"" + cube.name + "\"",
           "Only its owner may.", "Ask its owner, or to be made a member of the owning role.");
}

void init() {
  pg::call([] {
    CacheRegisterRelcacheCallback(relation_changed, 0);
    CacheRegisterSyscacheCallback(NAMESPACEOID, schema_changed, 0);
  });
}

}  // namespace cube
