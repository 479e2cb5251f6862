// Where PostgreSQL 15 to 18 differ. Nothing outside this header asks for the server's version.
#pragma once

#if PG_VERSION_NUM < 150000
#error "tellingcube needs PostgreSQL 15 or later"
#endif

namespace pg {

// PostgreSQL 18 made UniqueCheck results and a few executor signatures differ; the calls we make go through here.
inline List* insert_index_tuples(ResultRelInfo* relation, TupleTableSlot* slot, EState* state,
                                 bool no_duplicate_error, bool* conflict, List* arbiters) {
#if PG_VERSION_NUM >= 160000
  return ExecInsertIndexTuples(relation, slot, state, false, no_duplicate_error, conflict, arbiters,
                               false);
#else
  return ExecInsertIndexTuples(relation, slot, state, false, no_duplicate_error, conflict, arbiters);
#endif
}

// True when no row with the same key exists; waits for a transaction that is inserting one.
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

// The sub-second part of a snapshot stack differs by version only in how a registered snapshot is pushed.
inline Oid relation_file_oid(Relation relation) { return RelationGetRelid(relation); }

}  // namespace pg
