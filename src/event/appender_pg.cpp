#include "event/appender_pg.hpp"

#include <cstring>

#include "base/text.hpp"
#include "pg/errors.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "scenario/resolve_pg.hpp"

namespace event {
namespace {

using tc::Uuid;
using tc::event::Envelope;
using tc::event::FlatEvent;
using tc::event::Reasons;

}  // namespace

std::size_t Appender::UuidHash::operator()(const Uuid& uuid) const {
  std::uint64_t half;
  std::memcpy(&half, uuid.bytes.data() + 8, sizeof half);
  return tc::mix(half);
}

Appender::Appender(const cube::Cube& cube, AppendOptions options)
    : cube_(cube), options_(std::move(options)), writer_(cube) {
  result_.batch_id = pg::uuid_v7();
}

Uuid Appender::resolve_company(std::string_view name) {
  const auto found = companies_.find(name);
  if (found != companies_.end()) return found->second;
  return companies_.emplace(name, scenario::find_company(cube_, name)).first->second;
}

Uuid Appender::resolve_scenario(const Uuid& company, std::string_view name) {
  const auto key = std::pair(company, std::string(name));
  const auto found = scenarios_.find(key);
  if (found != scenarios_.end()) return found->second;
  return scenarios_.emplace(key, scenario::find_scenario(cube_, company, name)).first->second;
}

// The names that the event itself gives. False when there is no such company or scenario but the
// call says where the event belongs: that is one reason more against the event.
bool Appender::resolve_names(const Envelope& envelope, Target& target, Reasons& reasons) {
  target.company = options_.company.value_or(Uuid{});
  try {
    if (!envelope.company.empty()) target.company = resolve_company(envelope.company);
    if (!envelope.scenario.empty()) {
      target.scenario = resolve_scenario(target.company, envelope.scenario);
    }
    return true;
  } catch (const pg::Error& e) {
    const bool company = e.report().sqlstate == pg::sqlstate::kUnknownCompany;
    const bool scenario = e.report().sqlstate == pg::sqlstate::kUnknownScenario;
    if (!(company || scenario) || !options_.company || !options_.scenario) throw;
    reasons.push_back({company ? "/company" : "/scenario", company ? "company" : "scenario",
                       e.report().message + " (" + e.report().hint + ")"});
    return false;
  }
}

Appender::Target Appender::target_of(const Envelope& envelope, Reasons& reasons) {
  Target target;
  if (!resolve_names(envelope, target, reasons)) return {*options_.company, *options_.scenario};
  if (options_.company) {
    if (!envelope.company.empty() && target.company != *options_.company) {
      reasons.push_back({"/company", "company", "the event names another company than the call"});
    }
    target.company = *options_.company;
  } else if (envelope.company.empty()) {
    pg::fail(pg::sqlstate::kInvalidArgument, "no company is given for the events", "",
             "Pass company => '…', or give every event a \"company\".");
  }
  if (options_.scenario) {
    if (!envelope.scenario.empty() && target.scenario != *options_.scenario) {
      reasons.push_back(
          {"/scenario", "scenario", "the event names another scenario than the call"});
    }
    target.scenario = *options_.scenario;
  } else if (envelope.scenario.empty()) {
    pg::fail(pg::sqlstate::kInvalidArgument, "no scenario is given for the events", "",
             "Pass scenario => '…', or give every event a \"scenario\".");
  }
  return target;
}

void Appender::add(const FlatEvent& event, const std::function<std::string()>& raw) {
  Reasons reasons = event.problems;
  Envelope envelope;
  payload_.clear();
  if (reasons.empty()) tc::event::take_apart(event.fields, envelope, payload_, reasons);
  Target target{options_.company.value_or(Uuid{}), options_.scenario.value_or(Uuid{})};
  if (event.problems.empty()) target = target_of(envelope, reasons);
  bool stored = false;
  if (reasons.empty()) {
    stored =
        envelope.reverses ? reverse(target, envelope, reasons) : store(target, envelope, reasons);
  } else if (!envelope.event_type.empty() && !envelope.reverses) {
    check_payload(envelope.event_type, envelope.schema_version, payload_,
                  reasons);  // tell all at once
  }
  if (!reasons.empty()) {
    refuse(target, event.ordinal, reasons, raw);
  } else if (stored) {
    ++result_.inserted;
  } else {
    ++result_.duplicates;
  }
}

bool Appender::store(const Target& target, const Envelope& envelope, Reasons& reasons) {
  const EventType* type =
      check_payload(envelope.event_type, envelope.schema_version, payload_, reasons);
  const projection::TenantId id = projection::tenant(cube_, target.company, target.scenario);
  const projection::Tenant tenant = projection::tenant(id);
  check_horizon(*envelope.event_ts, tenant, reasons);
  if (!reasons.empty()) return false;

  NewEvent event;
  event.company = target.company;
  event.scenario = target.scenario;
  event.event_id = envelope.event_id ? *envelope.event_id : pg::uuid_v7();
  event.event_type = envelope.event_type;
  event.event_ts = *envelope.event_ts;
  event.source = envelope.source.empty() ? std::string_view(options_.source) : envelope.source;
  event.payload = pg::write_jsonb(payload_);
  event.schema_version = type->version;
  event.run_id = options_.run_id;
  if (envelope.event_id && is_duplicate(event, reasons)) return false;
  if (!reasons.empty()) return false;
  if (writer_.add(event)) {  // otherwise the table's trigger has done it
    tc::projection::Occurrence occurrence;
    occurrence.tenant = id;
    occurrence.company = tenant.company_number;
    occurrence.event_ts = event.event_ts;
    occurrence.event_id = event.event_id;
    projection::add_event(cube_, event.event_type, payload_, occurrence);
  }
  return true;
}

bool Appender::is_duplicate(const NewEvent& event, Reasons& reasons) {
  if (!given_ids_.insert(event.event_id).second)
    writer_.flush();  // the first may not be in the table yet
  switch (writer_.is_stored(event)) {
    case EventWriter::Stored::No:
      return false;
    case EventWriter::Stored::Same:
      return true;
    case EventWriter::Stored::Other:
      break;
  }
  reasons.push_back(
      {"/eventId", "event_id_reused",
       "event " + to_string(event.event_id) + " is stored already, with other content"});
  return false;
}

// A reversal says what it reverses and nothing else; the rest is copied, and the table's trigger
// checks it.
bool Appender::reverse(const Target& target, const Envelope& envelope, Reasons& reasons) {
  const auto wrong = [&](const std::string& message) {
    reasons.push_back({"/reverses", "reversal", message});
    return false;
  };
  for (const tc::event::Field& field : payload_) {
    reasons.push_back({"/" + std::string(field.key), "reversal",
                       "a reversal takes its payload from the event it reverses; leave out \"" +
                           tc::excerpt(field.key, 60) + "\""});
  }
  if (!reasons.empty()) return false;
  writer_.flush();
  std::optional<tc::Date> month;
  if (envelope.event_ts) month = tc::first_day(tc::month_of(*envelope.event_ts));
  const auto original =
      find_original(cube_, target.company, *envelope.reverses, month, envelope.event_id);
  const std::string id = to_string(*envelope.reverses);
  if (!original || original->scenario != target.scenario) {
    return wrong("there is no event " + id + " in this scenario" + (month ? " and month" : "") +
                 " to reverse");
  }
  if (original->is_ambiguous) {
    return wrong("there are events " + id + " in several months; say which by \"month\"");
  }
  if (original->is_reversal)
    return wrong("event " + id + " is itself a reversal; append the event anew instead");
  if (original->is_reversed) return wrong("event " + id + " is reversed already");
  if (!envelope.event_type.empty() && envelope.event_type != original->event_type) {
    return wrong("event " + id + " is of type \"" + original->event_type + "\"");
  }
  NewEvent event;
  event.company = target.company;
  event.scenario = target.scenario;
  event.event_id = envelope.event_id ? *envelope.event_id : pg::uuid_v7();
  event.event_type = original->event_type;
  event.event_ts = original->event_ts;
  event.source = envelope.source.empty() ? std::string_view(options_.source) : envelope.source;
  event.payload = pg::call([&] {
    return DatumGetJsonbP(
        DirectFunctionCall1(jsonb_in, CStringGetDatum(original->payload.c_str())));
  });
  event.schema_version = original->schema_version;
  event.run_id = options_.run_id;
  event.reverses = envelope.reverses;
  if (envelope.event_id && is_duplicate(event, reasons)) return false;
  if (reasons.empty()) writer_.insert(event);
  return true;
}

void Appender::refuse(const Target& target, std::size_t ordinal, const Reasons& reasons,
                      const std::function<std::string()>& raw) {
  if (!options_.quarantine) {
    fail_invalid("event " + std::to_string(ordinal), "/" + std::to_string(ordinal - 1), reasons,
                 "Correct the event, or pass on_invalid => 'quarantine' to keep invalid events "
                 "aside. Nothing of this batch was stored.");
  }
  if (target.company == Uuid{} || target.scenario == Uuid{}) {
    fail_invalid(
        "event " + std::to_string(ordinal), "/" + std::to_string(ordinal - 1), reasons,
        "It cannot be kept in quarantine, since its company and scenario are not known: pass "
        "company => and scenario =>.");
  }
  const std::string text = raw();
  const std::string json = to_json(reasons);
  Bookkeeping bookkeeping(cube_);
  pg::Spi spi;
  pg::Parameters parameters;
  parameters.uuid(target.company).uuid(target.scenario).uuid(result_.batch_id);
  parameters.integer(static_cast<std::int64_t>(ordinal)).text(text).text(json);
  parameters.text(options_.source).uuid(options_.run_id);
  spi.run(
      "INSERT INTO " + pg::quote_name(cube_.name) +
          ".quarantine (company_id, scenario_id, batch_id, ordinal, event, reasons, source, run_id)"
          " VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8)",
      std::move(parameters));
  ++result_.quarantined;
}

AppendResult Appender::finish() {
  writer_.flush();
  return result_;
}

}  // namespace event
