#include "pg/bulk_writer.hpp"

#include <cstring>
#include <string>

#include "pg/errors.hpp"

namespace pg {
namespace {

constexpr std::size_t kBatchBytes = 256 * 1024;  // as COPY: beyond that a batch gains nothing

}  // namespace

bool has_columns(Relation relation, std::span<const Oid> types) {
  const TupleDesc columns = RelationGetDescr(relation);
  if (columns->natts < static_cast<int>(types.size())) return false;
  for (int i = 0; i < columns->natts; ++i) {
    const Form_pg_attribute column = TupleDescAttr(columns, i);
    if (i < static_cast<int>(types.size())) {
      if (column->attisdropped || column->atttypid != types[static_cast<std::size_t>(i)])
        return false;
    } else if (!column->attisdropped && column->attnotnull) {
      return false;
    }
  }
  return true;
}

BulkWriter::BulkWriter(Oid relation, std::span<const Oid> types, MemoryContext parent)
    : relation_(call([&] { return table_open(relation, RowExclusiveLock); })),
      types_(types.begin(), types.end()),
      context_(call([&] {
        return AllocSetContextCreate(parent, "tellingcube bulk writer", ALLOCSET_DEFAULT_SIZES);
      })) {
  check_columns();
  slots_.reserve(kBatch);  // so that nothing can be thrown from within a server call
  if (!relation_->rd_rel->relhasindex) return;  // a transaction's few pending rows need no executor
  call([&] {
    MemoryContext old = MemoryContextSwitchTo(context_);
    state_ = CreateExecutorState();
    info_ = makeNode(ResultRelInfo);
    InitResultRelInfo(info_, relation_, 1, nullptr, 0);
    ExecOpenIndices(info_, true);  // speculative insertion is possible, too
    MemoryContextSwitchTo(old);
  });
}

void BulkWriter::check_columns() const {
  if (relation_->rd_rel->relkind == RELKIND_RELATION && has_columns(relation_, types_)) return;
  const std::string name = RelationGetRelationName(relation_);
  fail(sqlstate::kUnsupported,
       "the cube's table \"" + name + "\" was altered and cannot be written",
       "Its first columns must be as create_cube() made them; further ones must accept NULL.",
       "Undo the change, or move the events to a new cube.");
}

void BulkWriter::fill(TupleTableSlot* slot, const Datum* values, const bool* nulls) const {
  const std::size_t given = types_.size();
  const auto columns = static_cast<std::size_t>(slot->tts_tupleDescriptor->natts);
  ExecClearTuple(slot);
  std::memcpy(slot->tts_values, values, sizeof(Datum) * given);
  std::memcpy(slot->tts_isnull, nulls, sizeof(bool) * given);
  for (std::size_t i = given; i < columns; ++i) slot->tts_isnull[i] = true;
  ExecStoreVirtualTuple(slot);
  ExecMaterializeSlot(slot);
  slot->tts_tableOid = RelationGetRelid(relation_);
}

// The table's lock is kept to the end of the transaction, as for any writer.
BulkWriter::~BulkWriter() {
  try {
    call([&] {
      for (TupleTableSlot* slot : slots_) ExecDropSingleTupleTableSlot(slot);
      if (bulk_ != nullptr) FreeBulkInsertState(bulk_);
      if (info_ != nullptr) {
        ExecCloseIndices(info_);
        FreeExecutorState(state_);
      }
      table_close(relation_, NoLock);
      MemoryContextDelete(context_);
    });
  } catch (
      const Error&) {  // NOLINT(bugprone-empty-catch): the transaction is ending and frees it all
  }
}

void BulkWriter::add(const Datum* values, const bool* nulls) {
  call([&] {
    MemoryContext old = MemoryContextSwitchTo(context_);
    if (used_ == static_cast<int>(slots_.size())) {
      slots_.push_back(table_slot_create(relation_, nullptr));
    }
    TupleTableSlot* slot = slots_[static_cast<std::size_t>(used_)];
    fill(slot, values, nulls);
    MemoryContextSwitchTo(old);
  });
  ++used_;
  bool should_free = false;
  HeapTuple tuple =
      ExecFetchSlotHeapTuple(slots_[static_cast<std::size_t>(used_ - 1)], false, &should_free);
  used_bytes_ += tuple->t_len;
  if (used_ < kBatch && used_bytes_ < kBatchBytes) return;
  if (bulk_ == nullptr) {  // many rows: fill pages of our own, as COPY does
    call([&] {
      MemoryContext old = MemoryContextSwitchTo(context_);
      bulk_ = GetBulkInsertState();
      MemoryContextSwitchTo(old);
    });
  }
  write_batch();
}

void BulkWriter::write_batch() {
  if (used_ == 0) return;
  call([&] {
    table_multi_insert(relation_, slots_.data(), used_, GetCurrentCommandId(true), 0, bulk_);
    if (info_ != nullptr) {
      for (int i = 0; i < used_; ++i) {
        ExprContext* per_tuple = GetPerTupleExprContext(state_);
        ResetExprContext(per_tuple);
        list_free(insert_index_tuples(info_, slots_[static_cast<std::size_t>(i)], state_, false,
                                      nullptr, NIL));
      }
    }
    for (int i = 0; i < used_; ++i) ExecClearTuple(slots_[static_cast<std::size_t>(i)]);
  });
  used_ = 0;
  used_bytes_ = 0;
  check_for_interrupts();
}

void BulkWriter::finish() {
  write_batch();
  call([&] { table_finish_bulk_insert(relation_, 0); });
}

bool BulkWriter::insert_if_absent(const Datum* values, const bool* nulls) {
  if (info_ == nullptr || !OidIsValid(relation_->rd_pkindex)) {
    fail(sqlstate::kUnsupported,
         std::string("the cube's table \"") + RelationGetRelationName(relation_) +
             "\" lost its primary key",
         "Rows cannot be told apart without it.", "Make it again, as create_cube() made it.");
  }
  return call([&] {
    MemoryContext old = MemoryContextSwitchTo(context_);
    if (slots_.empty()) slots_.push_back(table_slot_create(relation_, nullptr));
    TupleTableSlot* slot = slots_[0];
    bool inserted = false;
    for (bool retry = true; retry && !inserted;) {
      fill(slot, values, nulls);
      ItemPointerData existing;
      retry = check_index_constraints(info_, slot, state_, &existing);
      if (!retry) break;
      // As ON CONFLICT DO NOTHING does it: a speculative tuple that others can tell from a sure
      // one.
      const uint32 token = SpeculativeInsertionLockAcquire(GetCurrentTransactionId());
      bool conflict = false;
      table_tuple_insert_speculative(relation_, slot, GetCurrentCommandId(true), 0, nullptr, token);
      list_free(insert_index_tuples(info_, slot, state_, true, &conflict, NIL));
      table_tuple_complete_speculative(relation_, slot, token, !conflict);
      SpeculativeInsertionLockRelease(GetCurrentTransactionId());
      inserted = !conflict;
    }
    ExecClearTuple(slot);
    MemoryContextSwitchTo(old);
    return inserted;
  });
}

}  // namespace pg
