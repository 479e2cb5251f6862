#include "scenario/resolve_pg.hpp"

#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "pg/errors.hpp"
#include "pg/spi.hpp"

namespace scenario {
namespace {

using tc::Uuid;

std::optional<Uuid> only_one(const std::string& sql, pg::Parameters parameters, Sees sees) {
  pg::AsOwner caller(GetUserId());  // the caller's own rights, but nobody's operators
  pg::Spi spi;
  if (spi.run_saved(sql, std::move(parameters), sees == Sees::Statement) != 1) return std::nullopt;
  return spi.uuid(0, 0);
}

std::vector<std::string> names(const std::string& sql, pg::Parameters parameters) {
  std::vector<std::string> names;
  pg::AsOwner caller(GetUserId());
  pg::Spi spi;
  spi.run(sql, std::move(parameters), true);
  for (std::uint64_t row = 0; row < spi.rows(); ++row) names.push_back(spi.text(row, 0));
  return names;
}

std::string company_name(const cube::Cube& cube, const Uuid& company) {
  const auto found =
      names("SELECT name FROM " + pg::quote_name(cube.name) + ".dim_company WHERE company_id = $1",
            pg::Parameters().uuid(company));
  return found.empty() ? to_string(company) : found.front();
}

// A role may append without being able to read: then a key is taken as it is (the events are
// checked against it anyway), but a name cannot be looked up.
std::optional<Uuid> unread_key(const cube::Cube& cube, Oid table, const char* name,
                               std::string_view text) {
  const bool readable = pg::call([&] {
    return pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
           pg_attribute_aclcheck_all(table, GetUserId(), ACL_SELECT, ACLMASK_ANY) == ACLCHECK_OK;
  });
  if (readable) return std::nullopt;
  if (const auto key = tc::parse_uuid(text)) return key;
  pg::fail(pg::sqlstate::kNotAllowed,
           std::string("you may not look names up in the cube \"") + cube.name + "\"",
           std::string("Your role has no SELECT privilege on ") + name + ".",
           "Pass keys instead of names, or ask its owner for GRANT SELECT ON " +
               pg::quote_name(cube.name) + "." + name + " TO your role.");
}

[[noreturn]] void fail_unknown(int sqlstate, const std::string& message, std::string_view name,
                               const std::vector<std::string>& known,
                               const std::string& otherwise) {
  const std::string hint = tc::did_you_mean(name, known);
  pg::fail(sqlstate, message, "", hint.empty() ? otherwise : hint);
}

}  // namespace

Uuid find_company(const cube::Cube& cube, std::string_view company, Sees sees) {
  if (const auto key = unread_key(cube, cube.dim_company, "dim_company", company)) return *key;
  const std::string from = " FROM " + pg::quote_name(cube.name) + ".dim_company";
  const auto text = [&] { return pg::Parameters().text(company); };
  if (const auto id = only_one("SELECT company_id" + from + " WHERE name = $1", text(), sees))
    return *id;
  if (const auto key = tc::parse_uuid(company)) {
    if (const auto id = only_one("SELECT company_id" + from + " WHERE company_id = $1",
                                 pg::Parameters().uuid(*key), sees)) {
      return *id;
    }
  }
  if (const auto id =
          only_one("SELECT company_id" + from + " WHERE lower(name) = lower(btrim($1)) LIMIT 2",
                   text(), sees)) {
    return *id;
  }
  fail_unknown(
      pg::sqlstate::kUnknownCompany,
      "there is no company \"" + tc::excerpt(company, 100) + "\" in cube \"" + cube.name + "\"",
      company, names("SELECT name" + from + " ORDER BY name", {}),
      "Make it with tellingcube.create_company(name, sector, country, currency).");
}

Uuid find_scenario(const cube::Cube& cube, const Uuid& company, std::string_view scenario,
                   Sees sees) {
  if (const auto key = unread_key(cube, cube.dim_scenario, "dim_scenario", scenario)) return *key;
  const std::string from =
      " FROM " + pg::quote_name(cube.name) + ".dim_scenario WHERE company_id = $1";
  const auto text = [&] { return pg::Parameters().uuid(company).text(scenario); };
  if (const auto id = only_one("SELECT scenario_id" + from + " AND name = $2", text(), sees))
    return *id;
  if (const auto key = tc::parse_uuid(scenario)) {
    if (const auto id = only_one("SELECT scenario_id" + from + " AND scenario_id = $2",
                                 pg::Parameters().uuid(company).uuid(*key), sees)) {
      return *id;
    }
  }
  if (const auto id =
          only_one("SELECT scenario_id" + from + " AND lower(name) = lower(btrim($2)) LIMIT 2",
                   text(), sees)) {
    return *id;
  }
  fail_unknown(pg::sqlstate::kUnknownScenario,
               "there is no scenario \"" + tc::excerpt(scenario, 100) + "\" of company \"" +
                   company_name(cube, company) + "\"",
               scenario,
               names("SELECT name" + from + " ORDER BY name", pg::Parameters().uuid(company)),
               "Make it with tellingcube.create_scenario(company, name, ibcs, variant, starts).");
}

namespace {

std::string_view name_argument(FunctionCallInfo fcinfo, int i, const char* what) {
  if (PG_ARGISNULL(i)) {
    pg::fail(pg::sqlstate::kInvalidArgument, std::string("no ") + what + " is given", "",
             std::string("Pass the ") + what + "'s name or key.");
  }
  return pg::call([&] { return pg::text_view(PG_GETARG_DATUM(i)); });
}

}  // namespace
}  // namespace scenario

PG_ENTRY(company_id) {
  const cube::Cube cube = cube::argument(fcinfo, 1);
  return pg::new_uuid_datum(scenario::find_company(
      cube, scenario::name_argument(fcinfo, 0, "company"), scenario::Sees::Statement));
}

PG_ENTRY(scenario_id) {
  const cube::Cube cube = cube::argument(fcinfo, 2);
  const tc::Uuid company = scenario::find_company(
      cube, scenario::name_argument(fcinfo, 0, "company"), scenario::Sees::Statement);
  return pg::new_uuid_datum(scenario::find_scenario(
      cube, company, scenario::name_argument(fcinfo, 1, "scenario"), scenario::Sees::Statement));
}
