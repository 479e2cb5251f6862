// The events table's own check: what INSERT and COPY store is checked and projected as
// append_events() does it.
#include "base/text.hpp"
#include "event/check_pg.hpp"
#include "event/events_pg.hpp"
#include "event/reader.hpp"
#include "pg/errors.hpp"
#include "pg/jsonb.hpp"

namespace event {
namespace {

using tc::event::Reasons;

void check_times(const StoredEvent& event, Reasons& reasons) {
  const std::int64_t month_start =
      static_cast<std::int64_t>(event.event_month) * tc::kMicrosecondsPerDay;
  if (TIMESTAMP_NOT_FINITE(event.event_ts) ||
      event.event_ts < tc::make_date(tc::kFirstYear, 1, 1) * tc::kMicrosecondsPerDay ||
      event.event_ts >= tc::make_date(tc::kLastYear + 1, 1, 1) * tc::kMicrosecondsPerDay) {
    reasons.push_back({"/event_ts", "event_ts",
                       "event_ts must lie between the years " + std::to_string(tc::kFirstYear) +
                           " and " + std::to_string(tc::kLastYear)});
    return;
  }
  const tc::Date first = tc::first_day(tc::month_of(event.event_ts));
  if (static_cast<std::int64_t>(first) * tc::kMicrosecondsPerDay != month_start) {
    reasons.push_back(
        {"/event_month", "event_month",
         "event_month must be the first day of event_ts's month, " + tc::date_label(first)});
  }
}

// A reversal repeats what it reverses, so that both come to nothing in every fact.
void check_reversal(const cube::Cube& cube, const StoredEvent& event, Reasons& reasons) {
  const auto original =
      find_original(cube, event.company, *event.reverses, event.event_month, event.event_id);
  const auto wrong = [&](const std::string& message) {
    reasons.push_back({"/reverses", "reversal", message});
  };
  if (!original) return wrong("there is no event " + to_string(*event.reverses) + " in that month");
  if (original->is_reversal) return wrong("it reverses a reversal; append the event anew instead");
  if (original->is_reversed)
    return wrong("event " + to_string(*event.reverses) + " is reversed already");
  const bool same_payload = pg::call([&] {
    const Datum stored = DirectFunctionCall1(jsonb_in, CStringGetDatum(original->payload.c_str()));
    return DatumGetBool(DirectFunctionCall2(jsonb_eq, stored, JsonbPGetDatum(event.payload)));
  });
  if (original->scenario != event.scenario || original->event_type != event.event_type ||
      original->event_ts != event.event_ts || original->schema_version != event.schema_version ||
      !same_payload) {
    wrong("a reversal repeats the scenario, type, time, version and payload of what it reverses");
  }
}

// Fields of stored events carry no texts of their numbers; for an error message they are read again
// with them. The event itself stands in the message, since its generated key tells the user
// nothing.
[[noreturn]] void fail_with_texts(StoredEvent& event, Reasons& reasons) {
  if (!event.fields.empty()) {
    std::vector<tc::event::Field> fields;
    pg::read_fields(&event.payload->root, fields, true);
    Reasons again;
    check_payload(event.event_type, event.schema_version, fields, again);
    if (!again.empty()) reasons = again;
  }
  const std::string payload =
      pg::call([&] { return JsonbToCString(nullptr, &event.payload->root, 0); });
  fail_invalid("event of type \"" + tc::excerpt(event.event_type, 60) + "\" in " +
                   tc::month_label(tc::month_of(event.event_ts)) + " with payload " +
                   tc::excerpt(payload, 160),
               "", reasons, "Correct the event; nothing of this statement was stored.");
}

std::uint64_t projected = 0;

void check_and_project(Relation relation, TupleTableSlot* slot) {
  static StoredEvent event;  // keeps its buffers between rows
  const EventColumns& columns = columns_of(relation);
  columns.read(slot, event);
  const cube::Cube cube = cube::find(columns.cube());
  if (cube.events != columns.root()) {
    pg::fail(pg::sqlstate::kUnsupported,
             std::string("table \"") + RelationGetRelationName(relation) +
                 "\" is not its cube's event store",
             "", "Insert into the table \"events\" of a cube.");
  }
  const projection::TenantId tenant = projection::tenant(cube, event.company, event.scenario);
  const projection::Tenant found = projection::tenant(tenant);

  Reasons reasons;
  if (!JB_ROOT_IS_OBJECT(event.payload)) {
    reasons.push_back({"", "type", "the payload must be a JSON object"});
  } else if (VARSIZE(event.payload) > tc::event::kMaxEventBytes) {
    reasons.push_back({"", "size", "the payload is larger than 1 MB"});
  } else {
    check_payload(event.event_type, event.schema_version, event.fields, reasons);
  }
  check_times(event, reasons);
  if (reasons.empty()) check_horizon(event.event_ts, found, reasons);
  if (event.reverses && reasons.empty()) check_reversal(cube, event, reasons);
  if (!reasons.empty()) fail_with_texts(event, reasons);
  tc::projection::Occurrence occurrence;
  occurrence.tenant = tenant;
  occurrence.company = found.company_number;
  occurrence.event_ts = event.event_ts;
  occurrence.event_id = event.reverses.value_or(event.event_id);
  occurrence.sign = event.reverses ? -1 : 1;
  projection::add_event(cube, event.event_type, event.fields, occurrence);
  ++projected;
}

}  // namespace

std::uint64_t rows_projected() { return projected; }

}  // namespace event

// AFTER INSERT FOR EACH ROW on the events table; partitions inherit it.
PG_ENTRY(events_after_insert) {
  const auto* data = reinterpret_cast<TriggerData*>(fcinfo->context);
  if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(data->tg_event) ||
      !TRIGGER_FIRED_BY_INSERT(data->tg_event) || !TRIGGER_FIRED_FOR_ROW(data->tg_event)) {
    pg::fail(pg::sqlstate::kNotAllowed, "events_after_insert() is a trigger of the events table",
             "", "Insert into a cube's events table; it calls the function itself.");
  }
  event::check_and_project(data->tg_relation, data->tg_trigslot);
  return PointerGetDatum(nullptr);
}
