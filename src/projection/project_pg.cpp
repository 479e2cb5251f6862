// From stored events to facts anew: what verify_facts() compares with and rebuild_facts() writes.
//
// Both see one snapshot. An event and its pending rows are committed together, so within a snapshot
// the facts of all visible events are the stored rows plus the visible pending ones; a rebuild
// replaces exactly those and leaves alone what other writers append meanwhile. Only a fold could
// move rows under it, hence the fold lock.
#include <functional>
#include <map>

#include "base/text.hpp"
#include "event/events_pg.hpp"
#include "pg/errors.hpp"
#include "pg/jsonb.hpp"
#include "pg/scratch.hpp"
#include "pg/spi.hpp"
#include "projection/employment.hpp"
#include "projection/members_pg.hpp"
#include "projection/session_pg.hpp"
#include "settings.hpp"

namespace projection {
namespace {

using tc::Uuid;
using tc::projection::Layer;

constexpr long kFetch = 5000;

void read_event(const SPITupleTable* table, std::uint64_t row, event::StoredEvent& event) {
  bool null = false;
  const auto value = [&](int column) {
    return pg::call([&] { return SPI_getbinval(table->vals[row], table->tupdesc, column, &null); });
  };
  event.company = pg::to_uuid(value(1));
  event.scenario = pg::to_uuid(value(2));
  event.event_id = pg::to_uuid(value(3));
  const Datum type = value(4);
  event.event_type = pg::call([&] { return pg::text_view(type); });
  event.event_ts = DatumGetTimestamp(value(5));
  const Datum payload = value(6);
  event.payload = pg::call([&] { return DatumGetJsonbP(payload); });
  const Datum reverses = value(7);
  event.reverses.reset();
  if (!null) event.reverses = pg::to_uuid(reverses);
  event.fields.clear();
  if (JB_ROOT_IS_OBJECT(event.payload)) pg::read_fields(&event.payload->root, event.fields);
}

// Contributes every event of the company (all companies: nullopt) that the active snapshot shows,
// calling `full` whenever the layer has grown large.
void project(const cube::Cube& cube, const std::optional<Uuid>& company, Layer& layer,
             const std::function<void()>& full) {
  pg::Spi spi;
  const std::string sql =
      "SELECT company_id, scenario_id, event_id, event_type, event_ts, payload, reverses FROM " +
      pg::quote_name(cube.name) + ".events" + (company ? " WHERE company_id = $1" : "");
  pg::Parameters parameters;
  if (company) parameters.uuid(*company);
  Portal portal = pg::call([&] {
    return SPI_cursor_open_with_args(
        nullptr, sql.c_str(), static_cast<int>(parameters.types.size()), parameters.types.data(),
        parameters.values.data(), parameters.nulls.data(), true, CURSOR_OPT_NO_SCROLL);
  });
  event::StoredEvent event;
  const auto limit = static_cast<std::size_t>(settings::accumulator_rows());
  while (true) {
    pg::call([&] { SPI_cursor_fetch(portal, true, kFetch); });
    SPITupleTable* table = SPI_tuptable;
    const std::uint64_t rows = SPI_processed;
    if (rows == 0) break;
    pg::Scratch scratch("tellingcube projection");
    for (std::uint64_t row = 0; row < rows; ++row) {
      read_event(table, row, event);
      tc::projection::Occurrence occurrence;
      occurrence.tenant = tenant(cube, event.company, event.scenario);
      occurrence.company = tenant(occurrence.tenant).company_number;
      occurrence.event_ts = event.event_ts;
      occurrence.event_id = event.reverses.value_or(event.event_id);
      occurrence.sign = event.reverses ? -1 : 1;
      tc::projection::contribute(event.event_type, event.fields, occurrence, members(), layer);
      scratch.tick();
    }
    pg::call([&] { SPI_freetuptable(table); });
    pg::check_for_interrupts();
    if (layer.sums.size() + layer.staff.size() > limit) full();
  }
  pg::call([&] { SPI_cursor_close(portal); });
}

std::optional<Uuid> company_argument(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) return std::nullopt;
  return pg::to_uuid(PG_GETARG_DATUM(argument));
}

// A row of the result; uuids and texts are copied by the tuplestore.
class ResultRow {
 public:
  explicit ResultRow(ReturnSetInfo* info) : info_(info) {
    for (bool& null : nulls_) null = true;
  }
  void set(int column, Datum value) {
    values_[column] = value;
    nulls_[column] = false;
  }
  void put() { tuplestore_putvalues(info_->setResult, info_->setDesc, values_, nulls_); }

 private:
  ReturnSetInfo* info_;
  Datum values_[13] = {};
  bool nulls_[13];
};

ReturnSetInfo* start_result(FunctionCallInfo fcinfo) {
  pg::call([&] { InitMaterializedSRF(fcinfo, 0); });
  return reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
}

constexpr std::string_view kLedgerNames[] = {"sales", "expense", "finance", "activity"};

void put_sum(ReturnSetInfo* info, const tc::projection::Key& key,
             const tc::projection::Measures& m) {
  using tc::projection::Ledger;
  const Tenant& t = tenant(key.tenant);
  const Uuid member = member_uuid(key.member), other = member_uuid(key.other);
  const bool activity = key.ledger == Ledger::Activity;
  pg::call([&] {
    ResultRow row(info);
    row.set(0, pg::text_datum(kLedgerNames[static_cast<std::size_t>(key.ledger)]));
    row.set(1, pg::uuid_datum(t.company));
    row.set(2, pg::uuid_datum(t.scenario));
    row.set(3, DateADTGetDatum(tc::first_day(key.month)));
    row.set(4, pg::uuid_datum(member));
    row.set(5, pg::uuid_datum(other));
    row.set(6, pg::text_datum(activity ? std::string_view(members()[key.member].name)
                                       : tc::projection::line_name(key.line)));
    row.set(7, BoolGetDatum(key.is_capex));
    for (int i = 0; i < 3; ++i) {
      const tc::Amount amount = m.amount[static_cast<std::size_t>(i)];
      row.set(8 + i, pg::amount_datum(activity ? amount * 10000 : amount));
    }
    row.set(11, Int64GetDatum(m.entries));
    row.put();
  });
}

void put_staff(ReturnSetInfo* info, const tc::projection::StaffEvent& event) {
  const Tenant& t = tenant(event.tenant);
  const Uuid department = member_uuid(event.department);
  pg::call([&] {
    ResultRow row(info);
    row.set(0, pg::uuid_datum(t.company));
    row.set(1, pg::uuid_datum(t.scenario));
    row.set(2, pg::text_datum(event.employee));
    row.set(3, TimestampGetDatum(event.event_ts));
    row.set(4, pg::uuid_datum(event.event_id));
    row.set(5, pg::uuid_datum(department));
    if (event.is_hire) row.set(6, pg::amount_datum(event.monthly_salary));
    row.set(7, Int64GetDatum(event.entries));
    row.put();
  });
}

tc::Amount salary_of(Datum numeric) {
  const auto decimal = pg::to_decimal(pg::call([&] { return DatumGetNumeric(numeric); }));
  const auto amount = decimal ? tc::to_amount(*decimal) : std::nullopt;
  if (!amount)
    pg::fail(pg::sqlstate::kInvalidArgument, "employment() needs salaries within numeric(20,4)");
  return *amount;
}

// The three arrays of employment(), side by side.
std::vector<tc::projection::EmploymentEvent> read_employment(FunctionCallInfo fcinfo) {
  struct Column {
    Datum* values = nullptr;
    bool* nulls = nullptr;
    int count = 0;
  } columns[3];
  constexpr Oid kTypes[3] = {TIMESTAMPOID, UUIDOID, NUMERICOID};
  pg::call([&] {
    for (int i = 0; i < 3; ++i) {
      pg::deconstruct_array_of(PG_GETARG_ARRAYTYPE_P(i), kTypes[i], &columns[i].values,
                               &columns[i].nulls, &columns[i].count);
    }
  });
  if (columns[0].count != columns[1].count || columns[0].count != columns[2].count) {
    pg::fail(pg::sqlstate::kInvalidArgument, "employment() needs arrays of one length");
  }
  std::vector<tc::projection::EmploymentEvent> events(static_cast<std::size_t>(columns[0].count));
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (columns[0].nulls[i] || columns[1].nulls[i] ||
        TIMESTAMP_NOT_FINITE(DatumGetTimestamp(columns[0].values[i]))) {
      pg::fail(pg::sqlstate::kInvalidArgument,
               "employment() needs finite times and a department for each");
    }
    events[i].event_ts = DatumGetTimestamp(columns[0].values[i]);
    events[i].department = pg::to_uuid(columns[1].values[i]);
    events[i].is_hire = !columns[2].nulls[i];
    if (events[i].is_hire) events[i].monthly_salary = salary_of(columns[2].values[i]);
  }
  return events;
}

}  // namespace
}  // namespace projection

// project_sums(company uuid, cube name): the ledgers as the events say they should be.
PG_ENTRY(project_sums) {
  ReturnSetInfo* info = projection::start_result(fcinfo);
  tc::projection::Layer layer;
  projection::project(cube::argument(fcinfo, 1), projection::company_argument(fcinfo, 0), layer,
                      [&] { layer.staff.clear(); });
  for (const auto& [key, measures] : layer.sums) {
    if (!measures.is_zero()) projection::put_sum(info, key, measures);
  }
  return Datum{0};
}

// project_staff(company uuid, cube name): the hires and exits as the events say.
PG_ENTRY(project_staff) {
  ReturnSetInfo* info = projection::start_result(fcinfo);
  tc::projection::Layer layer;
  const auto put = [&] {
    for (const auto& [key, event] : layer.staff) projection::put_staff(info, event);
    layer.clear();
  };
  projection::project(cube::argument(fcinfo, 1), projection::company_argument(fcinfo, 0), layer,
                      put);
  put();
  return Datum{0};
}

// employment(event_ts timestamp[], department uuid[], monthly_salary numeric[]): changes of
// headcount and payroll of one employee, the events in order; a NULL salary is an exit.
PG_ENTRY(employment) {
  ReturnSetInfo* info = projection::start_result(fcinfo);
  const auto events = projection::read_employment(fcinfo);
  for (const auto& change : tc::projection::employment_changes(events)) {
    pg::call([&] {
      projection::ResultRow row(info);
      row.set(0, DateADTGetDatum(tc::first_day(change.month)));
      row.set(1, pg::uuid_datum(change.department));
      row.set(2, Int64GetDatum(change.hires));
      row.set(3, Int64GetDatum(change.exits));
      row.set(4, pg::amount_datum(change.payroll_change));
      row.set(5, Int64GetDatum(change.entries));
      row.put();
    });
  }
  return Datum{0};
}

// project_pending(company uuid, cube name): contributes the events that the statement's snapshot
// shows to the pending tables and returns the rows written. For rebuild_facts(), which has removed
// what they replace.
PG_ENTRY(project_pending) {
  pg::call([] { PreventCommandIfReadOnly("rebuild_facts()"); });
  const cube::Cube cube = cube::argument(fcinfo, 1);
  cube::require_owner(cube, "rebuild the facts of");
  projection::doubt_members();
  tc::projection::Layer layer;
  std::int64_t rows = 0;
  const auto write = [&] {
    rows += projection::write_pending(cube, layer);
    layer.clear();
  };
  projection::project(cube, projection::company_argument(fcinfo, 0), layer, write);
  write();
  PG_RETURN_INT64(rows);
}

// Who asks to read what was written also wants its members; that two transactions which both ask,
// twice, may wait for one another's brand-new members is the price, and the server's deadlock
// detector ends it.
PG_ENTRY(flush_facts) {
  const std::int64_t rows = projection::flush();
  projection::make_noted_members();
  pg::call([] { CommandCounterIncrement(); });
  PG_RETURN_INT64(rows);
}

// make_members(): the dimension rows of members that this transaction wrote of, before it folds its
// own rows.
PG_ENTRY(make_members) {
  projection::make_noted_members();
  pg::call([] { CommandCounterIncrement(); });
  PG_RETURN_VOID();
}

PG_ENTRY(member_id) {
  const tc::Uuid company = pg::to_uuid(PG_GETARG_DATUM(0));
  const auto text = [&](int i) {
    return pg::call([&] { return pg::text_view(PG_GETARG_DATUM(i)); });
  };
  return pg::new_uuid_datum(projection::member_uuid(company, text(1), text(2)));
}
