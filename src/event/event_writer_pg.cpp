#include "event/event_writer_pg.hpp"

#include <iterator>

#include "event/check_pg.hpp"
#include "pg/errors.hpp"
#include "pg/lookup.hpp"
#include "pg/spi.hpp"

namespace event {
namespace {

// In the order of events' columns.
constexpr Oid kColumns[] = {UUIDOID,        UUIDOID, UUIDOID, DATEOID,  INT4OID, TIMESTAMPOID,
                            TIMESTAMPTZOID, TEXTOID, TEXTOID, JSONBOID, UUIDOID, UUIDOID};

// As create_cube() made it: nothing that an INSERT would run, check or fill in and a direct write
// would not.
bool is_as_made(Oid relation, char relkind = RELKIND_RELATION) {
  return pg::call([&] {
    Relation table = table_open(relation, AccessShareLock);
    bool as_made = table->rd_rel->relkind == relkind && pg::has_columns(table, kColumns) &&
                   RelationGetDescr(table)->natts == static_cast<int>(std::size(kColumns));
    as_made = as_made && table->rd_rules == nullptr &&
              !TupleDescAttr(RelationGetDescr(table), 10)->attnotnull &&
              !TupleDescAttr(RelationGetDescr(table), 11)->attnotnull;
    const TupleConstr* constraints = RelationGetDescr(table)->constr;
    as_made = as_made && (constraints == nullptr || constraints->num_check == 0);
    const TriggerDesc* triggers = table->trigdesc;
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; ++i) {
      as_made = as_made && strncmp(triggers->triggers[i].tgname, "tellingcube_", 12) == 0;
    }
    table_close(table, NoLock);
    return as_made;
  });
}

bool rows_are_secured(const cube::Cube& cube) {
  return pg::call([&] { return check_enable_rls(cube.events, InvalidOid, true) == RLS_ENABLED; });
}

bool can_write_directly(const cube::Cube& cube) {
  return !rows_are_secured(cube) && is_as_made(cube.events, RELKIND_PARTITIONED_TABLE);
}

// The partition that takes the month's events, and whether it is the default one.
struct Partition {
  Oid oid;
  bool is_default;
};

Partition partition_of(Oid events, tc::Month month) {
  return pg::call([&] {
    Relation root = table_open(events, RowExclusiveLock);
    PartitionKey key = RelationGetPartitionKey(root);
    if (key == nullptr || key->strategy != PARTITION_STRATEGY_RANGE || key->partnatts != 1 ||
        RelationGetPartitionDesc(root, true)->nparts == 0) {
      elog(ERROR, "the events table is not partitioned by month");
    }
    PartitionDesc partitions = RelationGetPartitionDesc(root, true);
    Datum value = DateADTGetDatum(tc::first_day(month));
    bool equal = false;
    const int bound = partition_range_datum_bsearch(key->partsupfunc, key->partcollation,
                                                    partitions->boundinfo, 1, &value, &equal);
    const int index = partitions->boundinfo->indexes[bound + 1];
    const int chosen = index >= 0 ? index : partitions->boundinfo->default_index;
    if (chosen < 0) elog(ERROR, "the events table has no partition for this month");
    const Partition partition{partitions->oids[chosen], index < 0};
    table_close(root, NoLock);
    return partition;
  });
}

// Makes the month's partition where that can be had without waiting for anybody; otherwise the
// default one takes the events.
void try_to_make_partition(const cube::Cube& cube, tc::Month month) {
  // Its locks last as long as the transaction: not in one that may go on for long.
  if (IsTransactionBlock() || GetCurrentTransactionNestLevel() > 1) return;
  const auto failure = pg::attempt([&] {
    pg::AsOwner owner(cube.owner);
    pg::Spi spi;
    spi.run("SELECT tellingcube.ensure_partition($1::name, $2)",
            pg::Parameters().text(cube.name).date(tc::first_day(month)));
  });
  if (failure) pg::log("no partition for " + tc::month_label(month), failure->message);
}

}  // namespace

void require_insert_privilege(const cube::Cube& cube) {
  const bool allowed = pg::call(
      [&] { return pg_class_aclcheck(cube.events, GetUserId(), ACL_INSERT) == ACLCHECK_OK; });
  if (allowed) return;
  pg::fail(
      pg::sqlstate::kNotAllowed, "you may not append events to the cube \"" + cube.name + "\"",
      "Your role has no INSERT privilege on its events.",
      "Ask its owner for GRANT INSERT ON " + pg::quote_name(cube.name) + ".events TO your role.");
}

Bookkeeping::Bookkeeping(const cube::Cube& cube) {
  if (!rows_are_secured(cube)) owner_.emplace(cube.owner);
}

EventWriter::EventWriter(const cube::Cube& cube) : cube_(cube), context_(CurrentMemoryContext) {
  require_insert_privilege(cube_);
  // Before a scenario is looked at: who deletes one waits for writers by this lock.
  pg::call([&] { LockRelationOid(cube_.events, RowExclusiveLock); });
  direct_ = can_write_directly(cube_);
}

// Opening a partition may wait for whoever is attaching another one, after which the month may
// belong there; so it is looked up again once the lock is held.
pg::BulkWriter* EventWriter::writer_for(tc::Month month) {
  const auto found = by_month_.find(month);
  if (found != by_month_.end()) return found->second;
  Partition partition = partition_of(cube_.events, month);
  if (partition.is_default) try_to_make_partition(cube_, month);
  do {
    partition = partition_of(cube_.events, month);
    const auto [entry, is_new] = writers_.try_emplace(partition.oid);
    if (is_new && is_as_made(partition.oid)) {
      entry->second = std::make_unique<pg::BulkWriter>(partition.oid, kColumns, context_);
    }
    by_month_[month] = entry->second.get();
  } while (partition_of(cube_.events, month).oid != partition.oid);
  return by_month_[month];
}

bool EventWriter::add(const NewEvent& event) {
  const tc::Month month = tc::month_of(event.event_ts);
  pg::BulkWriter* writer = direct_ ? writer_for(month) : nullptr;
  if (writer == nullptr) {
    insert(event);
    return false;
  }
  Datum values[std::size(kColumns)];
  bool nulls[std::size(kColumns)] = {};
  values[0] = pg::uuid_datum(event.company);
  values[1] = pg::uuid_datum(event.scenario);
  values[2] = pg::uuid_datum(event.event_id);
  values[3] = DateADTGetDatum(tc::first_day(month));
  values[4] = Int32GetDatum(event.schema_version);
  values[5] = TimestampGetDatum(event.event_ts);
  values[6] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
  pg::call([&] {
    values[7] = pg::text_datum(event.event_type);
    values[8] = pg::text_datum(event.source);
  });
  values[9] = JsonbPGetDatum(event.payload);
  nulls[10] = !event.run_id;
  if (event.run_id) values[10] = pg::uuid_datum(*event.run_id);
  nulls[11] = !event.reverses;
  if (event.reverses) values[11] = pg::uuid_datum(*event.reverses);
  writer->add(values, nulls);
  return true;
}

void EventWriter::insert(const NewEvent& event) {
  flush();
  pg::Spi spi;
  pg::Parameters parameters;
  parameters.uuid(event.company)
      .uuid(event.scenario)
      .date(tc::first_day(tc::month_of(event.event_ts)));
  parameters.uuid(event.event_id)
      .text(event.event_type)
      .timestamp(event.event_ts)
      .text(event.source);
  parameters.add(JSONBOID, JsonbPGetDatum(event.payload)).integer(event.schema_version);
  parameters.uuid(event.run_id).uuid(event.reverses);
  const std::uint64_t projected = rows_projected();
  const std::uint64_t stored =
      spi.run("INSERT INTO " + pg::quote_name(cube_.name) +
                  ".events (company_id, scenario_id, event_month, event_id, event_type, event_ts,"
                  " source, payload, schema_version, run_id, reverses)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
              std::move(parameters));
  if (stored > 0 && rows_projected() == projected) {
    pg::fail(pg::sqlstate::kUnsupported,
             "the cube \"" + cube_.name + "\" would store an event without its facts",
             "The event needs a plain INSERT (it is a reversal, or row-level security, triggers, "
             "constraints or columns of yours must see it), but the trigger that checks and "
             "projects it did not run.",
             "Set session_replication_role to its default, and enable the triggers of the events "
             "table and its partitions.");
  }
}

void EventWriter::flush() {
  bool wrote = false;
  for (const auto& [oid, writer] : writers_) {
    if (!writer) continue;
    writer->finish();
    wrote = true;
  }
  if (wrote) pg::call([] { CommandCounterIncrement(); });
}

EventWriter::Stored EventWriter::is_stored(const NewEvent& event) {
  const tc::Month month = tc::month_of(event.event_ts);
  const Oid partition = partition_of(cube_.events, month).oid;
  if (!is_as_made(partition)) return is_stored_by_query(event);
  const pg::LookupKey key[] = {{"event_id", F_UUID_EQ, pg::uuid_datum(event.event_id)},
                               {"company_id", F_UUID_EQ, pg::uuid_datum(event.company)},
                               {"event_month", F_DATE_EQ, DateADTGetDatum(tc::first_day(month))}};
  bool same = false;
  const bool found = pg::look_up(partition, key, [&](const pg::FoundRow& row) {
    same =
        pg::to_uuid(row["scenario_id"]) == event.scenario &&
        pg::text_view(row["event_type"]) == event.event_type &&
        DatumGetTimestamp(row["event_ts"]) == event.event_ts &&
        DatumGetBool(DirectFunctionCall2(jsonb_eq, row["payload"], JsonbPGetDatum(event.payload)));
  });
  if (!found) return Stored::No;
  return same ? Stored::Same : Stored::Other;
}

// For partitions that somebody has partitioned further, or keeps elsewhere.
EventWriter::Stored EventWriter::is_stored_by_query(const NewEvent& event) {
  pg::AsOwner owner(cube_.owner);  // whoever may append may retry, without being able to read
  pg::Spi spi;
  pg::Parameters parameters;
  parameters.uuid(event.company).date(tc::first_day(tc::month_of(event.event_ts)));
  parameters.uuid(event.event_id).uuid(event.scenario).text(event.event_type);
  parameters.timestamp(event.event_ts).add(JSONBOID, JsonbPGetDatum(event.payload));
  const auto rows = spi.run_saved(
      "SELECT scenario_id = $4 AND event_type = $5 AND event_ts = $6 AND payload = $7 FROM " +
          pg::quote_name(cube_.name) +
          ".events WHERE company_id = $1 AND event_month = $2 AND event_id = $3",
      std::move(parameters));
  if (rows == 0) return Stored::No;
  return DatumGetBool(spi.value(0, 0)) ? Stored::Same : Stored::Other;
}

}  // namespace event
