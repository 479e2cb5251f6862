// The events table's rows as C++ sees them, whatever order a partition keeps its columns in.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/uuid.hpp"
#include "event/value.hpp"
#include "pg/values.hpp"

namespace event {

struct StoredEvent {
  tc::Uuid company;
  tc::Uuid scenario;
  tc::Date event_month = 0;
  tc::Uuid event_id;
  std::string_view event_type;
  tc::Timestamp event_ts = 0;
  Jsonb* payload = nullptr;
  int schema_version = 1;
  std::optional<tc::Uuid> reverses;
  std::vector<tc::event::Field> fields;  // of the payload; reused from row to row
};

// Reads rows of the events table or of one of its partitions.
class EventColumns {
 public:
  explicit EventColumns(Relation relation);
  // Fills `event`; views point into the slot's row or the current memory context. Leaves `fields`
  // empty when the payload is no object.
  void read(TupleTableSlot* slot, StoredEvent& event) const;
  // The events table that the relation is or belongs to, and its schema.
  Oid root() const { return root_; }
  Oid cube() const { return cube_; }

 private:
  enum Column {
    kCompany,
    kScenario,
    kMonth,
    kId,
    kType,
    kTimestamp,
    kPayload,
    kVersion,
    kReverses,
    kColumns
  };
  AttrNumber column_[kColumns];
  Oid root_;
  Oid cube_;
};

// The columns of that relation, remembered until its definition changes.
const EventColumns& columns_of(Relation relation);

void init_columns();  // from _PG_init

}  // namespace event
