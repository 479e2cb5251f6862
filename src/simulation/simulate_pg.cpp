// The doors of the simulation: a configuration's scenario document, and its events into a cube.
#include <chrono>

#include "cube/cube_pg.hpp"
#include "event/append_pg.hpp"
#include "event/json_tree.hpp"
#include "pg/errors.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "simulation/engine.hpp"
#include "simulation/resolve.hpp"

namespace simulation {
namespace {

using tc::simulation::Batch;
using tc::simulation::Engine;

constexpr std::chrono::seconds kQuietFor{2};  // a telling that takes longer says how far it is

// SHA-256 of what is added, in order.
class Digest {
 public:
  Digest()
      : sha_(pg::call([] {
          pg_cryptohash_ctx* sha = pg_cryptohash_create(PG_SHA256);
          if (pg_cryptohash_init(sha) < 0) elog(ERROR, "could not begin a SHA-256");
          return sha;
        })) {}
  ~Digest() { pg_cryptohash_free(sha_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void add(std::string_view bytes) {
    pg::call([&] {
      if (pg_cryptohash_update(sha_, reinterpret_cast<const uint8*>(bytes.data()), bytes.size()) <
          0) {
        elog(ERROR, "could not go on with a SHA-256");
      }
    });
  }

  std::string hexadecimal() {
    std::uint8_t bytes[PG_SHA256_DIGEST_LENGTH];
    pg::call([&] {
      if (pg_cryptohash_final(sha_, bytes, sizeof bytes) < 0)
        elog(ERROR, "could not end a SHA-256");
    });
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) text += {kDigits[byte >> 4], kDigits[byte & 15]};
    return text;
  }

 private:
  pg_cryptohash_ctx* sha_;
};

// {company, scenario, sector, size, variant, starts, months, country, currency, regions, narrative,
// startingState, seed}, as simulate() puts it together.
tc::simulation::Request request_of(const std::string& configuration) {
  const tc::event::Json json = tc::event::parse_json(configuration);
  tc::simulation::Request request;
  const auto take_text = [&](const char* key, std::string& into) {
    if (const tc::event::Json* value = json.member(key)) into = value->text;
  };
  const auto take_json = [&](const char* key, std::string& into) {
    if (const tc::event::Json* value = json.member(key)) into = to_text(*value);
  };
  take_text("company", request.company);
  take_text("scenario", request.scenario);
  take_text("sector", request.sector);
  take_text("size", request.size);
  take_text("variant", request.variant);
  take_text("starts", request.starts);
  take_text("country", request.country);
  take_text("currency", request.currency);
  take_json("regions", request.regions);
  take_json("narrative", request.narrative);
  take_json("startingState", request.starting_state);
  if (const auto* months = json.member("months")) {
    request.months = static_cast<int>(months->number.digits);
  }
  if (const auto* seed = json.member("seed")) {
    request.seed = static_cast<std::uint64_t>(seed->number.digits);
  }
  return request;
}

Engine engine_for(Datum configuration) {
  const std::string json =
      pg::call([&] { return JsonbToCString(nullptr, &DatumGetJsonbP(configuration)->root, 0); });
  try {
    return Engine(tc::simulation::resolve(request_of(json)));
  } catch (const tc::simulation::Refusal& refusal) {
    pg::fail(
        pg::sqlstate::kInvalidArgument, refusal.what(),
        (refusal.detail.empty() ? "" : refusal.detail + " ") + "Argument: " + refusal.field + ".",
        refusal.hint);
  }
}

// The events of a batch that `chosen` says yes to, as the JSON array that append_events() takes; ""
// when there are none.
template <typename Chosen>
void write_array(const Batch& batch, Chosen chosen, std::string& json) {
  json.clear();
  for (const auto& event : batch.events) {
    if (!chosen(event)) continue;
    json += json.empty() ? "[" : ",\n";
    json += batch.text_of(event);
  }
  if (!json.empty()) json += ']';
}

struct Told {
  std::int64_t events = 0;
  int months = 0;  // of the horizon, from its start
  std::string digest;
};

class Teller {
 public:
  Teller(const Engine& engine, cube::Cube cube, event::AppendOptions options, int months_told)
      : engine_(engine),
        cube_(std::move(cube)),
        options_(std::move(options)),
        first_(engine.configuration().starts + months_told) {
    told_.months = months_told;
  }

  // Quarter by quarter. When cancelled: with keep_whole_quarters it stops after the last whole one,
  // otherwise the cancel goes on to the caller, and nothing stays.
  Told tell(bool keep_whole_quarters) {
    for (int quarter = 0; quarter < engine_.quarters(); ++quarter) {
      if (!keep_whole_quarters) {
        tell_quarter(quarter);
      } else if (is_cancelled_in(quarter)) {
        break;
      }
      report(quarter);
    }
    told_.digest = digest_.hexadecimal();
    return told_;
  }

 private:
  void tell_quarter(int quarter) {
    pg::check_for_interrupts();
    engine_.generate(quarter, batch_);
    lines_.clear();
    for (const auto& event : batch_.events) append_canonical(batch_, event, lines_);
    std::int64_t events = 0;
    // The company as a whole first, then region by region.
    const int regions = static_cast<int>(engine_.configuration().regions.size());
    for (int region = -1; region < regions; ++region) events += append(region);
    const int last = engine_.quarter_months(quarter).second - engine_.configuration().starts + 1;
    digest_.add(lines_);
    told_.events += events;
    told_.months = std::max(told_.months, last);
  }

  std::int64_t append(int region) {
    write_array(
        batch_, [&](const auto& event) { return event.region == region && !is_told(event); },
        json_);
    if (json_.empty()) return 0;
    return event::append_json(cube_, options_, json_).inserted;
  }

  // Months told earlier stay as they are; the opening state belongs to the first.
  bool is_told(const tc::simulation::Event& event) const {
    return first_ > engine_.configuration().starts && tc::month_of(event.ts) < first_;
  }

  bool is_cancelled_in(int quarter) {
    try {
      const auto failure = pg::attempt([&] { tell_quarter(quarter); });
      if (failure) throw pg::Error(*failure);
      return false;
    } catch (const pg::Error& e) {
      if (e.report().sqlstate != ERRCODE_QUERY_CANCELED || told_.months == 0) throw;
    }
    pg::warn("the simulation was cancelled; the months up to " +
             tc::month_label(engine_.configuration().starts + told_.months - 1) + " are kept");
    return true;
  }

  void report(int quarter) const {
    if (std::chrono::steady_clock::now() - began_ < kQuietFor) return;
    pg::notice(engine_.quarter_label(quarter) + " told: " + std::to_string(quarter + 1) + " of " +
               std::to_string(engine_.quarters()) + " quarters, " + std::to_string(told_.events) +
               " events");
  }

  const Engine& engine_;
  const cube::Cube cube_;
  const event::AppendOptions options_;
  const tc::Month first_;  // to be told
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  Told told_;
  Digest digest_;
  Batch batch_;  // reused from quarter to quarter
  std::string lines_, json_;
};

}  // namespace
}  // namespace simulation

// scenario_document(configuration jsonb): what would be told, with all that was left open filled
// in.
PG_ENTRY(scenario_document) {
  const std::string document = simulation::engine_for(PG_GETARG_DATUM(0)).scenario_document();
  return pg::call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(document.c_str())); });
}

// simulated_batches(configuration jsonb): (quarter, events, batch), a row a quarter.
PG_ENTRY(simulated_batches) {
  const auto engine = simulation::engine_for(PG_GETARG_DATUM(0));
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  pg::call([&] { InitMaterializedSRF(fcinfo, 0); });
  simulation::Batch batch;
  std::string json;
  for (int quarter = 0; quarter < engine.quarters(); ++quarter) {
    pg::check_for_interrupts();
    engine.generate(quarter, batch);
    simulation::write_array(
        batch, [](const auto&) { return true; }, json);
    const std::string label = engine.quarter_label(quarter);
    pg::call([&] {
      Datum values[3] = {pg::text_datum(label),
                         Int32GetDatum(static_cast<int>(batch.events.size())),
                         pg::text_datum(json)};
      bool nulls[3] = {};
      tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
      for (const int i : {0, 2}) pfree(DatumGetPointer(values[i]));
    });
  }
  return Datum{0};
}

// tell_simulation(configuration, company_id, scenario_id, run_id, months_told, keep, cube)
PG_ENTRY(tell_simulation) {
  const auto engine = simulation::engine_for(PG_GETARG_DATUM(0));
  event::AppendOptions options;
  options.company = pg::to_uuid(PG_GETARG_DATUM(1));
  options.scenario = pg::to_uuid(PG_GETARG_DATUM(2));
  options.run_id = pg::to_uuid(PG_GETARG_DATUM(3));
  options.source = "embedded";
  simulation::Teller teller(engine, cube::argument(fcinfo, 6), options, PG_GETARG_INT32(4));
  const simulation::Told told = teller.tell(PG_GETARG_BOOL(5));
  return pg::call([&] {
    TupleDesc descriptor = nullptr;
    if (get_call_result_type(fcinfo, nullptr, &descriptor) != TYPEFUNC_COMPOSITE) {
      elog(ERROR, "tell_simulation() must return a row");
    }
    Datum values[3] = {Int64GetDatum(told.events), Int32GetDatum(told.months),
                       pg::text_datum(told.digest)};
    bool nulls[3] = {};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
  });
}
