// Writing a layer to the pending tables: one row for each sum that is not zero, one for each hire
// and exit.
#include <algorithm>
#include <memory>

#include "pg/bulk_writer.hpp"
#include "pg/scratch.hpp"
#include "pg/values.hpp"
#include "projection/members_pg.hpp"
#include "projection/session_pg.hpp"

namespace projection {
namespace {

using tc::Uuid;
using tc::projection::Key;
using tc::projection::Layer;
using tc::projection::Ledger;
using tc::projection::Measures;
using tc::projection::MemberId;
using tc::projection::StaffEvent;

constexpr Oid kSalesColumns[] = {UUIDOID,    UUIDOID,    DATEOID,    UUIDOID, UUIDOID,
                                 NUMERICOID, NUMERICOID, NUMERICOID, INT8OID};
constexpr Oid kExpenseColumns[] = {UUIDOID, UUIDOID, DATEOID,    UUIDOID,
                                   UUIDOID, BOOLOID, NUMERICOID, INT8OID};
constexpr Oid kFinanceColumns[] = {UUIDOID, UUIDOID,    DATEOID, TEXTOID,
                                   UUIDOID, NUMERICOID, INT8OID};
constexpr Oid kActivityColumns[] = {UUIDOID, UUIDOID, DATEOID, TEXTOID, INT8OID, INT8OID};
constexpr Oid kStaffColumns[] = {UUIDOID, UUIDOID, TEXTOID,    TIMESTAMPOID,
                                 UUIDOID, UUIDOID, NUMERICOID, INT8OID};

std::span<const Oid> columns_of(Ledger ledger) {
  switch (ledger) {
    case Ledger::Sales:
      return kSalesColumns;
    case Ledger::Expense:
      return kExpenseColumns;
    case Ledger::Finance:
      return kFinanceColumns;
    case Ledger::Activity:
      break;
  }
  return kActivityColumns;
}

// One row being put together; the uuids it points to live until it is added.
class Row {
 public:
  explicit Row(const Tenant& tenant) {
    uuid(tenant.company);
    uuid(tenant.scenario);
  }
  Row& uuid(const Uuid& value) {
    uuids_[used_uuids_] = value;
    return datum(pg::uuid_datum(uuids_[used_uuids_++]));
  }
  Row& datum(Datum value) {
    nulls_[columns_] = false;
    values_[columns_++] = value;
    return *this;
  }
  Row& null() {
    nulls_[columns_] = true;
    values_[columns_++] = 0;
    return *this;
  }
  Row& month(tc::Month month) { return datum(DateADTGetDatum(tc::first_day(month))); }
  Row& text(std::string_view s) {
    return datum(pg::call([&] { return pg::text_datum(s); }));
  }
  Row& amount(tc::Amount amount) {
    return datum(pg::call([&] { return pg::amount_datum(amount); }));
  }
  Row& count(std::int64_t count) { return datum(Int64GetDatum(count)); }

  void add_to(pg::BulkWriter& writer) const { writer.add(values_, nulls_); }

 private:
  static constexpr std::size_t kMost = 10;
  Datum values_[kMost];
  bool nulls_[kMost];
  Uuid uuids_[kMost];
  std::size_t columns_ = 0;
  std::size_t used_uuids_ = 0;
};

void add_sum(pg::BulkWriter& writer, const Key& key, const Measures& m) {
  Row row(tenant(key.tenant));
  row.month(key.month);
  switch (key.ledger) {
    case Ledger::Sales:
      row.uuid(member_uuid(key.member)).uuid(member_uuid(key.other));
      row.amount(m.amount[0]).amount(m.amount[1]).amount(m.amount[2]);
      break;
    case Ledger::Expense:
      row.uuid(member_uuid(key.member)).uuid(member_uuid(key.other));
      row.datum(BoolGetDatum(key.is_capex)).amount(m.amount[0]);
      break;
    case Ledger::Finance:
      row.text(line_name(key.line)).uuid(member_uuid(key.member)).amount(m.amount[0]);
      break;
    case Ledger::Activity:
      row.text(members()[key.member].name).count(static_cast<std::int64_t>(m.amount[0]));
      break;
  }
  row.count(m.entries).add_to(writer);
}

void add_staff_event(pg::BulkWriter& writer, const StaffEvent& event) {
  Row row(tenant(event.tenant));
  row.text(event.employee).datum(TimestampGetDatum(event.event_ts)).uuid(event.event_id);
  row.uuid(member_uuid(event.department));
  if (event.is_hire) {
    row.amount(event.monthly_salary);
  } else {
    row.null();
  }
  row.count(event.entries).add_to(writer);
}

std::vector<MemberId> members_of(const Layer& layer) {
  std::vector<MemberId> ids;
  for (const auto& [key, measures] : layer.sums) {
    ids.push_back(key.member);
    ids.push_back(key.other);
  }
  for (const auto& [key, event] : layer.staff) ids.push_back(event.department);
  return ids;
}

}  // namespace

std::int64_t write_pending(const cube::Cube& cube, const Layer& layer) {
  note_members(cube, members_of(layer));
  std::array<std::unique_ptr<pg::BulkWriter>, tc::projection::kLedgers> writers;
  std::int64_t rows = 0;
  {
    std::unique_ptr<pg::BulkWriter> staff;
    if (!layer.staff.empty()) {
      staff = std::make_unique<pg::BulkWriter>(cube.staff_pending, kStaffColumns);
    }
    for (const auto& [key, measures] : layer.sums) {
      auto& writer = writers[static_cast<std::size_t>(key.ledger)];
      if (!writer && !measures.is_zero()) {
        writer = std::make_unique<pg::BulkWriter>(
            cube.pending[static_cast<std::size_t>(key.ledger)], columns_of(key.ledger));
      }
    }
    pg::Scratch scratch("tellingcube pending rows");
    for (const auto& [key, measures] : layer.sums) {
      if (measures.is_zero()) continue;
      add_sum(*writers[static_cast<std::size_t>(key.ledger)], key, measures);
      scratch.tick();
      ++rows;
    }
    for (const auto& [key, event] : layer.staff) {
      add_staff_event(*staff, event);
      scratch.tick();
      ++rows;
    }
    if (staff) staff->finish();
    for (const auto& writer : writers) {
      if (writer) writer->finish();
    }
  }
  return rows;
}

}  // namespace projection
