#include "event/events_pg.hpp"

#include <map>

#include "pg/errors.hpp"
#include "pg/jsonb.hpp"

namespace event {
namespace {

std::map<Oid, EventColumns>& cache() {
  static std::map<Oid, EventColumns> columns;
  return columns;
}
bool stale = false;

void relation_changed(Datum, Oid relation) {
  if (relation == InvalidOid || cache().contains(relation)) stale = true;
}

}  // namespace

EventColumns::EventColumns(Relation relation) {
  static constexpr struct {
    const char* name;
    Oid type;
  } kExpected[kColumns] = {
      {"company_id", UUIDOID}, {"scenario_id", UUIDOID},    {"event_month", DATEOID},
      {"event_id", UUIDOID},   {"event_type", TEXTOID},     {"event_ts", TIMESTAMPOID},
      {"payload", JSONBOID},   {"schema_version", INT4OID}, {"reverses", UUIDOID}};
  const Oid oid = RelationGetRelid(relation);
  bool fits = true;
  pg::call([&] {
    for (int i = 0; i < kColumns; ++i) {
      column_[i] = get_attnum(oid, kExpected[i].name);
      fits = fits && column_[i] != InvalidAttrNumber &&
             get_atttype(oid, column_[i]) == kExpected[i].type;
    }
    root_ = relation->rd_rel->relispartition ? llast_oid(get_partition_ancestors(oid)) : oid;
    cube_ = get_rel_namespace(root_);
  });
  if (fits) return;
  pg::fail(pg::sqlstate::kUnsupported,
           std::string("table \"") + RelationGetRelationName(relation) + "\" is no event store",
           "It lacks columns of an event store, or they are of other types.",
           "Make a cube with tellingcube.create_cube() and use its events table.");
}

void EventColumns::read(TupleTableSlot* slot, StoredEvent& event) const {
  pg::call([&] {
    slot_getallattrs(slot);
    for (int i = 0; i < kReverses; ++i) {
      if (slot->tts_isnull[column_[i] - 1]) elog(ERROR, "an event's column is NULL");
    }
    event.payload = DatumGetJsonbP(slot->tts_values[column_[kPayload] - 1]);
  });
  const auto value = [&](Column column) { return slot->tts_values[column_[column] - 1]; };
  event.company = pg::to_uuid(value(kCompany));
  event.scenario = pg::to_uuid(value(kScenario));
  event.event_month = DatumGetDateADT(value(kMonth));
  event.event_id = pg::to_uuid(value(kId));
  event.event_type = pg::call([&] { return pg::text_view(value(kType)); });
  event.event_ts = DatumGetTimestamp(value(kTimestamp));
  event.schema_version = DatumGetInt32(value(kVersion));
  event.reverses.reset();
  if (!slot->tts_isnull[column_[kReverses] - 1]) event.reverses = pg::to_uuid(value(kReverses));
  event.fields.clear();
  if (JB_ROOT_IS_OBJECT(event.payload)) pg::read_fields(&event.payload->root, event.fields);
}

const EventColumns& columns_of(Relation relation) {
  if (stale) {
    cache().clear();
    stale = false;
  }
  const auto found = cache().find(RelationGetRelid(relation));
  if (found != cache().end()) return found->second;
  return cache().emplace(RelationGetRelid(relation), EventColumns(relation)).first->second;
}

void init_columns() {
  pg::call([] { CacheRegisterRelcacheCallback(relation_changed, 0); });
}

}  // namespace event
