// Where PostgreSQL 15 to 18 differ. Nothing outside this header asks for the server's version.
#pragma once
#include <cstdint>

#if PG_VERSION_NUM < 150000
#error "tellingcube needs PostgreSQL 15 or later"
#endif

namespace pg {

// PostgreSQL 16 added the last argument, for indexes that only summarise.
inline List* insert_index_tuples(ResultRelInfo* relation, TupleTableSlot* slot, EState* state,
                                 bool no_duplicate_error, bool* conflict, List* arbiters) {
#if PG_VERSION_NUM >= 160000
  return ExecInsertIndexTuples(relation, slot, state, false, no_duplicate_error, conflict, arbiters,
                               false);
#else
  return ExecInsertIndexTuples(relation, slot, state, false, no_duplicate_error, conflict,
                               arbiters);
#endif
}

// True when no row with the same key exists; waits for a transaction that is inserting one.
// PostgreSQL 18 asks for the row to leave out of the comparison; we have none.
inline bool check_index_constraints(ResultRelInfo* relation, TupleTableSlot* slot, EState* state,
                                    ItemPointer conflict) {
#if PG_VERSION_NUM >= 180000
  ItemPointerData none;
  ItemPointerSetInvalid(&none);
  return ExecCheckIndexConstraints(relation, slot, state, conflict, &none, NIL);
#else
  return ExecCheckIndexConstraints(relation, slot, state, conflict, NIL);
#endif
}

inline bool has_schema_usage(Oid schema) {
#if PG_VERSION_NUM >= 160000
  return object_aclcheck(NamespaceRelationId, schema, GetUserId(), ACL_USAGE) == ACLCHECK_OK;
#else
  return pg_namespace_aclcheck(schema, GetUserId(), ACL_USAGE) == ACLCHECK_OK;
#endif
}

// PostgreSQL 16 has deconstruct_array_builtin; this works everywhere.
inline void deconstruct_array_of(ArrayType* array, Oid type, Datum** values, bool** nulls,
                                 int* count) {
  int16 length;
  bool by_value;
  char alignment;
  get_typlenbyvalalign(type, &length, &by_value, &alignment);
  deconstruct_array(array, type, length, by_value, alignment, values, nulls, count);
}

// Live rows of a table by the statistics: cheap and a second old.
inline std::int64_t live_rows(Oid relation) {
  const PgStat_StatTabEntry* entry = pgstat_fetch_stat_tabentry(relation);
  if (entry == nullptr) return 0;
#if PG_VERSION_NUM >= 160000
  return entry->live_tuples;
#else
  return entry->n_live_tuples;
#endif
}

// Lives until it is freed. PostgreSQL 17 ties it to a resource owner instead of a memory context.
inline WaitEventSet* create_wait_event_set(int events) {
#if PG_VERSION_NUM >= 170000
  return CreateWaitEventSet(nullptr, events);
#else
  return CreateWaitEventSet(TopMemoryContext, events);
#endif
}

inline bool has_server_usage(Oid server) {
#if PG_VERSION_NUM >= 160000
  return object_aclcheck(ForeignServerRelationId, server, GetUserId(), ACL_USAGE) == ACLCHECK_OK;
#else
  return pg_foreign_server_aclcheck(server, GetUserId(), ACL_USAGE) == ACLCHECK_OK;
#endif
}

// A process's number, for finding its latch from another process.
inline int my_process_number() {
#if PG_VERSION_NUM >= 170000
  return MyProcNumber;
#else
  return MyProc->pgprocno;
#endif
}

}  // namespace pg
