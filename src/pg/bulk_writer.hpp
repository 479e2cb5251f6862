// Appends rows to a table directly, as COPY does: many at a time, with its indexes, without
// triggers.
//
// For tables that the extension itself looks after. Checks no privilege and no policy, fires no
// trigger: whoever uses it has made sure that neither is needed. A row's values are copied when
// added.
#pragma once
#include <span>
#include <vector>

#include "pg/boundary.hpp"

namespace pg {

// Whether the table's first columns are of those types and any others may be left NULL.
bool has_columns(Relation relation, std::span<const Oid> types);

class BulkWriter {
 public:
  // `types` are those of the columns that rows will give, the table's first; columns behind them
  // are left NULL. Raises unsupported when the table is not so. Lives in `parent`, which must
  // outlive it.
  BulkWriter(Oid relation, std::span<const Oid> types, MemoryContext parent = CurrentMemoryContext);
  ~BulkWriter();
  BulkWriter(const BulkWriter&) = delete;
  BulkWriter& operator=(const BulkWriter&) = delete;

  void add(const Datum* values, const bool* nulls);
  // Writes what is buffered; the destructor writes nothing.
  void finish();

  // Inserts one row unless a row with the same key exists, committed or not: waits for whoever is
  // inserting it. Never raises a serialization failure, since it asks what is there and not what
  // the snapshot shows.
  bool insert_if_absent(const Datum* values, const bool* nulls);

 private:
  static constexpr int kBatch = 1000;

  void check_columns() const;
  void fill(TupleTableSlot* slot, const Datum* values, const bool* nulls) const;
  void write_batch();

  Relation relation_;
  std::vector<Oid> types_;
  EState* state_ = nullptr;
  ResultRelInfo* info_ = nullptr;
  BulkInsertState bulk_ = nullptr;
  std::vector<TupleTableSlot*> slots_;
  int used_ = 0;
  std::size_t used_bytes_ = 0;
  MemoryContext context_;
};

}  // namespace pg
