// What one backend gathers while a transaction runs: the tenants it writes to, the members it
// meets, and a layer of deltas for each (sub)transaction. Written to the pending tables when the
// transaction commits or prepares.
//
// Why layers: a rolled-back savepoint must take its deltas along. A layer is made when its
// subtransaction first adds something, joins its parent's when the subtransaction commits, and is
// dropped when it aborts.
#pragma once
#include "cube/cube_pg.hpp"
#include "projection/contribution.hpp"
#include "projection/ledger.hpp"

namespace projection {

// A scenario of a company of a cube, as of this transaction.
struct Tenant {
  Oid cube = InvalidOid;  // schema
  tc::Uuid company;
  tc::Uuid scenario;
  std::uint32_t company_number = 0;
  tc::Month starts = 0;
  tc::Month last = 0;      // of the horizon, inclusive
  bool is_proven = false;  // false: what was read may have been rolled back since
};
using TenantId = std::uint32_t;

// The tenant, looked up once a transaction (again after a rolled-back subtransaction); its number
// stays. Raises unknown_scenario when there is no such row.
TenantId tenant(const cube::Cube& cube, const tc::Uuid& company, const tc::Uuid& scenario);
const Tenant& tenant(TenantId id);

// Adds one event's contribution to the current subtransaction's layer.
void add_event(const cube::Cube& cube, std::string_view event_type, tc::event::Fields payload,
               const tc::projection::Occurrence& occurrence);

// Writes everything gathered so far to the pending tables, so that this transaction reads it, too.
// Returns the rows written.
std::int64_t flush();

// Writes a layer of the caller's to the pending tables, members first. Returns the rows written.
std::int64_t write_pending(const cube::Cube& cube, const tc::projection::Layer& layer);

// Notes that rows written by the current subtransaction mention these members. Their dimension rows
// are made once, in one order for all writers, when the transaction commits: made earlier and bit
// by bit, two writers' new members could wait for one another crosswise.
void note_members(const cube::Cube& cube, const std::vector<tc::projection::MemberId>& ids);
// Makes them now; for commit, and before this transaction's own rows are folded.
void make_noted_members();

void init();  // from _PG_init

}  // namespace projection
