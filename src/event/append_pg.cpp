// append_events(): JSON text or JSONB in, a count of what was stored out.
#include "event/append_pg.hpp"

#include "base/text.hpp"
#include "pg/errors.hpp"
#include "pg/jsonb.hpp"
#include "pg/lookup.hpp"
#include "pg/scratch.hpp"
#include "pg/spi.hpp"
#include "scenario/resolve_pg.hpp"
#include "settings.hpp"

namespace event {
namespace {

using tc::Uuid;
using tc::event::FlatEvent;

constexpr std::size_t kMostKeyBytes = 500;

void append_text(Appender& appender, std::string_view json) {
  pg::Scratch memory("tellingcube events");
  try {
    tc::event::Reader reader(json);
    FlatEvent event;
    while (reader.next(event)) {
      appender.add(event, [&] { return std::string(event.raw); });
      memory.tick();
      pg::check_for_interrupts();
    }
  } catch (const tc::event::ReadError& e) {
    pg::fail(
        pg::sqlstate::kUnreadable, std::string("the events cannot be read: ") + e.what(),
        "Rule \"" + e.rule + "\". Nothing was stored.",
        "Pass a JSON array of events: [{\"eventType\": \"sale\", \"month\": \"2024-01\", …}, …].");
  }
}

void append_jsonb(Appender& appender, Jsonb* json) {
  if (!JB_ROOT_IS_ARRAY(json) || JB_ROOT_IS_SCALAR(json)) {
    pg::fail(
        pg::sqlstate::kUnreadable, "the events cannot be read: not an array",
        "Rule \"array\". Nothing was stored.",
        "Pass a JSON array of events: [{\"eventType\": \"sale\", \"month\": \"2024-01\", …}, …].");
  }
  pg::Scratch memory("tellingcube events");
  FlatEvent event;
  const std::uint32_t count = JB_ROOT_COUNT(json);
  for (std::uint32_t i = 0; i < count; ++i) {
    event.ordinal = i + 1;
    event.fields.clear();
    event.problems.clear();
    JsonbValue* value = pg::call([&] { return getIthJsonbValueFromContainer(&json->root, i); });
    const bool is_object =
        value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
    if (is_object) {
      pg::read_fields(value->val.binary.data, event.fields, true);
      if (static_cast<std::size_t>(value->val.binary.len) > tc::event::kMaxEventBytes) {
        event.problems.push_back({"", "size", "the event is larger than 1 MB"});
      }
    } else {
      event.problems.push_back({"", "object", "an event must be a JSON object"});
    }
    appender.add(event, [&] {
      return std::string(pg::call([&] {
        Jsonb* element = JsonbValueToJsonb(value);
        return JsonbToCString(nullptr, &element->root, static_cast<int>(VARSIZE(element)));
      }));
    });
    memory.tick();
    pg::check_for_interrupts();
  }
}

std::string sha256(std::initializer_list<std::string_view> parts) {
  std::uint8_t digest[PG_SHA256_DIGEST_LENGTH];
  pg::call([&] {
    pg_cryptohash_ctx* sha = pg_cryptohash_create(PG_SHA256);
    bool ok = pg_cryptohash_init(sha) >= 0;
    for (const std::string_view part : parts) {
      const std::uint64_t size = part.size();  // so that parts cannot run into one another
      ok = ok && pg_cryptohash_update(sha, reinterpret_cast<const uint8*>(&size), sizeof size) >= 0;
      ok = ok &&
           pg_cryptohash_update(sha, reinterpret_cast<const uint8*>(part.data()), part.size()) >= 0;
    }
    ok = ok && pg_cryptohash_final(sha, digest, sizeof digest) >= 0;
    if (!ok) elog(ERROR, "could not compute SHA-256: %s", pg_cryptohash_error(sha));
    pg_cryptohash_free(sha);
  });
  return {reinterpret_cast<const char*>(digest), sizeof digest};
}

// Remembers batches by their key: the same content again gets the first result, other content is
// refused. Whoever comes second waits here until the first has committed or rolled back.
class Idempotency {
 public:
  Idempotency(const cube::Cube& cube, const Uuid& company, std::string key, std::string hash)
      : cube_(cube), company_(company), key_(std::move(key)), hash_(std::move(hash)) {}

  std::optional<AppendResult> earlier_result() {
    const std::string lock = cube_.name + ' ' + to_string(company_) + ' ' + key_;
    const std::uint64_t hash = hash_bytes_extended(
        reinterpret_cast<const unsigned char*>(lock.data()), static_cast<int>(lock.size()), 0);
    pg::call([&] { DirectFunctionCall1(pg_advisory_xact_lock_int8, UInt64GetDatum(hash)); });
    if (Bookkeeping(cube_).is_secured()) return earlier_visible_result();
    const Oid table = pg::call([&] { return get_relname_relid("batch", cube_.schema); });
    const Datum key_text = pg::call([&] { return pg::text_datum(key_); });
    const pg::LookupKey key[] = {{"company_id", F_UUID_EQ, pg::uuid_datum(company_)},
                                 {"idempotency_key", F_TEXTEQ, key_text}};
    AppendResult earlier;
    bool same = false;
    const bool found = pg::look_up(table, key, [&](const pg::FoundRow& row) {
      same = pg::text_view(row["payload_hash"]) == hash_;  // bytea is laid out as text
      earlier = {DatumGetInt64(row["inserted"]), DatumGetInt64(row["duplicates"]),
                 DatumGetInt64(row["quarantined"]), pg::to_uuid(row["batch_id"])};
    });
    if (!found) return std::nullopt;
    return checked(earlier, same);
  }

  void remember(const Uuid& scenario, const AppendResult& result) {
    Bookkeeping bookkeeping(cube_);
    pg::Spi spi;
    pg::Parameters parameters;
    parameters.uuid(company_).text(key_).uuid(result.batch_id).uuid(scenario).bytes(hash_);
    parameters.integer(result.inserted).integer(result.duplicates).integer(result.quarantined);
    spi.run(
        "INSERT INTO " + pg::quote_name(cube_.name) +
            ".batch (company_id, idempotency_key, batch_id, scenario_id, payload_hash, inserted,"
            " duplicates, quarantined) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        std::move(parameters));
  }

 private:
  // By a query of the role's own, so that row-level security applies.
  std::optional<AppendResult> earlier_visible_result() {
    pg::Spi spi;
    const auto rows = spi.run(
        "SELECT payload_hash = $3, inserted, duplicates, quarantined, batch_id FROM " +
            pg::quote_name(cube_.name) + ".batch WHERE company_id = $1 AND idempotency_key = $2",
        pg::Parameters().uuid(company_).text(key_).bytes(hash_));
    if (rows == 0) return std::nullopt;
    return checked({spi.integer(0, 1), spi.integer(0, 2), spi.integer(0, 3), spi.uuid(0, 4)},
                   DatumGetBool(spi.value(0, 0)));
  }

  AppendResult checked(const AppendResult& earlier, bool same_content) const {
    if (same_content) return earlier;
    pg::fail(pg::sqlstate::kKeyReused,
             "idempotency key \"" + tc::excerpt(key_, 80) + "\" was used for other events",
             "The batch stored under it is " + to_string(earlier.batch_id) + ".",
             "Use a new key for new content; repeat a key only to retry the very same call.");
  }

  const cube::Cube& cube_;
  Uuid company_;
  std::string key_;
  std::string hash_;
};

// append_events(company, scenario, events, source, idempotency_key, on_invalid, run_id, cube)
struct Arguments {
  std::string company, scenario, source, key, on_invalid, cube;
  std::optional<Uuid> run_id;

  explicit Arguments(FunctionCallInfo fcinfo) {
    const auto text = [&](int i) {
      if (PG_ARGISNULL(i)) return std::string();
      return std::string(pg::call([&] { return pg::text_view(PG_GETARG_DATUM(i)); }));
    };
    company = text(0);
    scenario = text(1);
    source = text(3);
    key = text(4);
    on_invalid = text(5);
    if (!PG_ARGISNULL(6)) run_id = pg::to_uuid(PG_GETARG_DATUM(6));
    if (!PG_ARGISNULL(7)) cube = NameStr(*PG_GETARG_NAME(7));
  }
};

cube::Cube cube_for(const std::string& name) {
  if (name.empty() &&
      cube::what_is(settings::default_cube()) != cube::Named::Cube) {  // then it is made
    pg::Spi spi;
    spi.run("SELECT tellingcube.ensure_default_cube()");
  }
  return cube::find(name);
}

AppendOptions options_for(const cube::Cube& cube, const Arguments& arguments) {
  AppendOptions options;
  if (!arguments.company.empty()) {
    options.company = scenario::find_company(cube, arguments.company);
    if (!arguments.scenario.empty()) {
      options.scenario = scenario::find_scenario(cube, *options.company, arguments.scenario);
    }
  } else if (!arguments.scenario.empty()) {
    pg::fail(
        pg::sqlstate::kInvalidArgument, "a scenario is given without a company", "",
        "Pass company => '…' as well, or give every event its own \"company\" and \"scenario\".");
  }
  if (!arguments.source.empty()) options.source = arguments.source;
  options.run_id = arguments.run_id;
  if (!arguments.on_invalid.empty() && arguments.on_invalid != "error" &&
      arguments.on_invalid != "quarantine") {
    pg::fail(pg::sqlstate::kInvalidArgument,
             "on_invalid cannot be \"" + tc::excerpt(arguments.on_invalid, 40) + "\"", "",
             "It is 'error' (refuse the batch) or 'quarantine' (keep invalid events aside).");
  }
  options.quarantine = arguments.on_invalid == "quarantine";
  return options;
}

Datum result_datum(FunctionCallInfo fcinfo, const AppendResult& result) {
  return pg::call([&] {
    TupleDesc descriptor = nullptr;
    if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE) {
      elog(ERROR, "append_events() must return append_result");
    }
    Datum values[4] = {Int64GetDatum(result.inserted), Int64GetDatum(result.duplicates),
                       Int64GetDatum(result.quarantined), pg::uuid_datum(result.batch_id)};
    bool nulls[4] = {};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
  });
}

// Another transaction may store the same event id, or reverse the same event, at the same time; the
// index then tells.
[[noreturn]] void fail_stored_meanwhile(const pg::Report& violation) {
  const bool reversal = violation.constraint.find("reverses") != std::string::npos;
  pg::fail(reversal ? pg::sqlstate::kInvalidReversal : pg::sqlstate::kEventIdReused,
           reversal ? "another transaction has reversed the same event at the same time"
                    : "another transaction has stored the same event id at the same time",
           violation.detail,
           reversal ? "An event is reversed once; nothing of this batch was stored."
                    : "Repeat the call: what is stored already then counts as a duplicate.");
}

AppendResult append_new(const cube::Cube& cube, const AppendOptions& options,
                        const std::function<void(Appender&)>& read) {
  std::optional<pg::Report> violation;
  try {
    Appender appender(cube, options);
    read(appender);
    return appender.finish();
  } catch (const pg::Error& e) {
    if (e.report().sqlstate != ERRCODE_UNIQUE_VIOLATION || e.report().schema != cube.name) throw;
    violation = e.report();
  }
  fail_stored_meanwhile(*violation);
}

void require_writing() {
  pg::call([] {
    PreventCommandIfReadOnly("append_events()");
    PreventCommandIfParallelMode("append_events()");
    PreventCommandDuringRecovery("append_events()");
  });
}

// `content` is what the idempotency key stands for; `read` reads the events.
AppendResult append(const Arguments& arguments, std::string_view content,
                    const std::function<void(Appender&)>& read) {
  require_writing();
  const cube::Cube cube = cube_for(arguments.cube);
  require_insert_privilege(cube);
  const AppendOptions options = options_for(cube, arguments);
  std::optional<Idempotency> idempotency;
  if (!arguments.key.empty()) {
    if (arguments.key.size() > kMostKeyBytes) {
      pg::fail(
          pg::sqlstate::kInvalidArgument,
          "an idempotency key of " + std::to_string(arguments.key.size()) + " bytes is too long",
          "",
          "Use at most " + std::to_string(kMostKeyBytes) +
              " bytes, such as a uuid or a file's name and date.");
    }
    if (!options.company) {
      pg::fail(pg::sqlstate::kInvalidArgument, "an idempotency key is given without a company", "",
               "Keys belong to a company: pass company => '…'.");
    }
    const std::string scenario = to_string(options.scenario.value_or(Uuid{}));
    idempotency.emplace(cube, *options.company, arguments.key,
                        sha256({scenario, arguments.on_invalid, content}));
    if (const auto earlier = idempotency->earlier_result()) return *earlier;
  }
  const AppendResult result = append_new(cube, options, read);
  if (idempotency) idempotency->remember(options.scenario.value_or(Uuid{}), result);
  return result;
}

[[noreturn]] void fail_without_events() {
  pg::fail(pg::sqlstate::kInvalidArgument, "no events are given", "",
           "Pass events => '[{\"eventType\": …}, …]'; an empty array is fine, NULL is not.");
}

}  // namespace

AppendResult append_json(const cube::Cube& cube, const AppendOptions& options,
                         std::string_view json) {
  require_writing();
  require_insert_privilege(cube);
  return append_new(cube, options, [&](Appender& appender) { append_text(appender, json); });
}

}  // namespace event

PG_ENTRY(append_events_text) {
  if (PG_ARGISNULL(2)) event::fail_without_events();
  const std::string_view json = pg::call([&] { return pg::text_view(PG_GETARG_DATUM(2)); });
  return event::result_datum(
      fcinfo, event::append(event::Arguments(fcinfo), json,
                            [&](event::Appender& a) { event::append_text(a, json); }));
}

PG_ENTRY(append_events_jsonb) {
  if (PG_ARGISNULL(2)) event::fail_without_events();
  Jsonb* json = pg::call([&] { return PG_GETARG_JSONB_P(2); });
  const std::string_view bytes(VARDATA(json), VARSIZE(json) - VARHDRSZ);
  return event::result_datum(
      fcinfo, event::append(event::Arguments(fcinfo), bytes,
                            [&](event::Appender& a) { event::append_jsonb(a, json); }));
}

// check_event(event_type, payload, version): the reasons as JSON, NULL when there are none.
PG_ENTRY(check_event) {
  if (PG_ARGISNULL(0) || PG_ARGISNULL(1)) {
    pg::fail(pg::sqlstate::kInvalidArgument, "check_event() needs an event type and a payload", "",
             "SELECT tellingcube.check_event('sale', '{\"product\": …}').");
  }
  static std::vector<tc::event::Field> fields;
  fields.clear();
  tc::event::Reasons reasons;
  std::string_view type;
  Jsonb* payload = pg::call([&] {
    type = pg::text_view(PG_GETARG_DATUM(0));
    return PG_GETARG_JSONB_P(1);
  });
  std::optional<int> version;
  if (!PG_ARGISNULL(2)) version = PG_GETARG_INT32(2);
  if (JB_ROOT_IS_OBJECT(payload)) {
    pg::read_fields(&payload->root, fields);
    event::check_payload(type, version, fields, reasons);
  } else {
    reasons.push_back({"", "type", "the payload must be a JSON object"});
  }
  if (reasons.empty()) PG_RETURN_NULL();
  const std::string json = event::to_json(reasons);
  return pg::call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.c_str())); });
}

PG_ENTRY(uuid_v7) { return pg::new_uuid_datum(pg::uuid_v7()); }
