#include "event/registry_pg.hpp"

#include <array>
#include <map>
#include <memory>

#include "base/text.hpp"
#include "pg/errors.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"

namespace event {
namespace {

using tc::event::Reason;

struct Registry {
  bool loaded = false;
  Oid table = InvalidOid;
  // By name, then version. Looked up by view, so that finding a type allocates nothing.
  std::map<std::string, std::map<int, std::unique_ptr<EventType>>, std::less<>> types;
  // The types lately found, by a cheap hash of their names: events are of a few types.
  struct Recent {
    const EventType* type = nullptr;
    bool is_newest = false;
  };
  std::array<Recent, 16> recent;

  Recent& recent_of(std::string_view name) {
    if (name.empty()) return recent[0];
    return recent[(name.size() + 5U * static_cast<unsigned char>(name.front()) +
                   static_cast<unsigned char>(name.back())) %
                  recent.size()];
  }
};

Registry& registry() {
  static Registry registry;
  return registry;
}

void relation_changed(Datum, Oid relation) {
  if (relation == InvalidOid || relation == registry().table) registry().loaded = false;
}

struct Row {
  std::string name;
  int version;
  std::string schema, rules;
};

std::vector<Row> read_rows() {
  std::vector<Row> rows;
  pg::AsOwner caller(GetUserId());  // the caller's own rights, but nobody's operators
  pg::Spi spi;
  // The latest snapshot: what is read here is kept beyond a transaction that may not see it yet.
  Snapshot latest = pg::call([] { return RegisterSnapshot(GetLatestSnapshot()); });
  spi.run_at(latest,
             "SELECT name, version::bigint, schema::text, rules::text FROM tellingcube.event_type"
             " ORDER BY name, version",
             {}, true);
  pg::call([&] { UnregisterSnapshot(latest); });
  for (std::uint64_t i = 0; i < spi.rows(); ++i) {
    rows.push_back(
        {spi.text(i, 0), static_cast<int>(spi.integer(i, 1)), spi.text(i, 2), spi.text(i, 3)});
  }
  return rows;
}

// A registry that could not be read whole counts as not read.
struct Unload {
  Registry& registry;
  bool armed = true;
  ~Unload() {
    if (armed) registry.loaded = false;
  }
};

void load() {
  Registry& r = registry();
  r.recent = {};
  r.types.clear();
  r.table = pg::call(
      [] { return get_relname_relid("event_type", get_namespace_oid("tellingcube", false)); });
  r.loaded = true;  // before reading: what changes meanwhile makes it false again
  Unload unless_read{r};
  for (Row& row : read_rows()) {
    auto type = std::make_unique<EventType>(EventType{row.name, row.version,
                                                      tc::event::Schema::compile(row.schema),
                                                      tc::event::Rules::compile(row.rules)});
    r.types[row.name][row.version] = std::move(type);
  }
  unless_read.armed = false;
}

const EventType* find_in(std::string_view name, std::optional<int> version) {
  const auto found = registry().types.find(name);
  if (found == registry().types.end()) return nullptr;
  if (!version) return found->second.rbegin()->second.get();
  const auto exact = found->second.find(*version);
  return exact == found->second.end() ? nullptr : exact->second.get();
}

}  // namespace

const EventType* find_type(std::string_view name, std::optional<int> version) {
  Registry& r = registry();
  if (!r.loaded) load();
  Registry::Recent& recent = r.recent_of(name);
  if (recent.type != nullptr && tc::event::same_key(recent.type->name, name) &&
      (version ? *version == recent.type->version : recent.is_newest)) {
    return recent.type;
  }
  const EventType* type = find_in(name, version);
  if (type != nullptr) {
    recent = {type, !version || type == find_in(name, std::nullopt)};
  }
  return type;
}

Reason unknown_type(std::string_view name, std::optional<int> version) {
  std::vector<std::string> names;
  for (const auto& [known, versions] : registry().types) names.push_back(known);
  if (version && find_in(name, std::nullopt) != nullptr) {
    return {"/schemaVersion", "unknown_version",
            "event type \"" + std::string(name) + "\" has no version " + std::to_string(*version)};
  }
  std::string message = "unknown event type \"" + tc::excerpt(name, 60) + "\"";
  const std::string nearest = tc::did_you_mean(name, names);
  if (!nearest.empty()) message += " (" + nearest + ")";
  return {"/eventType", "unknown_event_type", message};
}

void init() {
  pg::call([] { CacheRegisterRelcacheCallback(relation_changed, 0); });
}

}  // namespace event

// Trigger on tellingcube.event_type: every backend drops its compiled copy when the change commits.
PG_ENTRY(event_type_changed) {
  if (!CALLED_AS_TRIGGER(fcinfo)) {
    pg::fail(pg::sqlstate::kNotAllowed, "event_type_changed() is a trigger of the registry");
  }
  const auto* data = reinterpret_cast<TriggerData*>(fcinfo->context);
  pg::call([&] { CacheInvalidateRelcache(data->tg_relation); });
  return PointerGetDatum(nullptr);
}

// check_event_schema(schema jsonb, rules jsonb): raises what is wrong with them.
PG_ENTRY(check_event_schema) {
  const auto text = [&](int argument) {
    const Datum datum = PG_GETARG_DATUM(argument);
    return std::string(
        pg::call([&] { return JsonbToCString(nullptr, &DatumGetJsonbP(datum)->root, 0); }));
  };
  const char* what = "schema";
  try {
    tc::event::Schema::compile(text(0));
    what = "rules";
    tc::event::Rules::compile(text(1));
  } catch (const tc::event::SchemaError& e) {
    pg::fail(pg::sqlstate::kInvalidSchema,
             std::string("the event type's ") + what + " cannot be used: " + e.what(),
             "At " + (e.pointer.empty() ? std::string("the top") : e.pointer) + ".",
             "A schema is a JSON Schema of an object; rules are an array such as "
             R"([{"rule": "product", "field": "revenue", "of": ["quantity", "unitPrice"]}].)");
  }
  PG_RETURN_VOID();
}
