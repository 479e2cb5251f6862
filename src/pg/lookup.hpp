// Finding one row by a unique index, as it is now: committed by whomever, or made by this
// transaction.
//
// Not through SPI, for three reasons: no privilege is asked (the extension checks events on behalf
// of roles that cannot read the tables it checks against), nothing is planned, and SnapshotSelf
// leaves no trace that could fail a serializable transaction.
#pragma once
#include <span>

#include "pg/boundary.hpp"

namespace pg {

struct LookupKey {
  const char* column;
  RegProcedure equal;  // F_UUID_EQ …
  Datum value;
};

// A column of the row that a look-up found. Flat.
class FoundRow {
 public:
  FoundRow(Relation table, HeapTuple tuple) : table_(table), tuple_(tuple) {}
  Datum operator[](const char* column) const {
    bool null = false;
    return heap_getattr(tuple_, get_attnum(RelationGetRelid(table_), column),
                        RelationGetDescr(table_), &null);
  }

 private:
  Relation table_;
  HeapTuple tuple_;
};

// Calls read(FoundRow) for the row with these primary key values, given in the key's order; false
// when there is none. `read` runs in the server's world: it must be flat.
template <class F>
bool look_up(Oid table_id, std::span<const LookupKey> keys, F&& read) {
  constexpr std::size_t kMost = 4;
  return call([&] {
    Relation table = table_open(table_id, AccessShareLock);
    list_free(RelationGetIndexList(table));  // fills rd_pkindex
    ScanKeyData scan_keys[kMost];
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const AttrNumber column = get_attnum(table_id, keys[i].column);
      ScanKeyInit(&scan_keys[i], column, BTEqualStrategyNumber, keys[i].equal, keys[i].value);
      // The index is sorted by the column's collation, not by the C one that catalogs have.
      scan_keys[i].sk_collation = TupleDescAttr(RelationGetDescr(table), column - 1)->attcollation;
    }
    SysScanDesc scan = systable_beginscan(table, table->rd_pkindex, OidIsValid(table->rd_pkindex),
                                          SnapshotSelf, static_cast<int>(keys.size()), scan_keys);
    HeapTuple tuple = systable_getnext(scan);
    const bool found = HeapTupleIsValid(tuple);
    if (found) read(FoundRow(table, tuple));
    systable_endscan(scan);
    table_close(table, NoLock);
    return found;
  });
}

}  // namespace pg
