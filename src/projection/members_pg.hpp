// Members and their keys, as one backend knows them. A key is computed, never looked up; whether
// the dimension has the row is asked once and remembered.
#pragma once
#include "cube/cube_pg.hpp"
#include "projection/ledger.hpp"

namespace projection {

// Numbers a company of a cube for the member table.
std::uint32_t company_number(Oid cube, const tc::Uuid& company);

tc::projection::MemberTable& members();

// Key of a member: SHA-1 of kind and name in the company's namespace (a uuid of version 5), so the
// same wherever and whenever it is computed.
tc::Uuid member_uuid(const tc::Uuid& company, std::string_view kind, std::string_view name);
tc::Uuid member_uuid(tc::projection::MemberId id);

// Notes that this transaction's rows mention these members. Their dimension rows are made by
// make_members(), once and in one order for all writers, when the transaction commits: made earlier
// and bit by bit, two writers' new members could wait for one another crosswise.
void note_members(Oid cube, const std::vector<tc::projection::MemberId>& ids);
void make_members();
// Trusts nothing remembered from earlier transactions; for rebuilding, which mends what was removed
// by hand.
void doubt_members();

// At the transaction's end: what make_members() found or made is there for good, or may be gone
// again.
void keep_new_members();
void forget_new_members(bool transaction_ended);

}  // namespace projection
