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

// Makes the dimension rows of these members where they are missing, in one order for all writers.
// Waits for whoever is making the same one.
void make_members(const cube::Cube& cube, std::vector<tc::projection::MemberId> ids);
// Whether the member needs no row of a dimension, or is known to have one for good.
bool is_made(tc::projection::MemberId id);
// Trusts nothing remembered from earlier transactions; for rebuilding, which mends what was removed
// by hand.
void doubt_members();

// At the end of a transaction or subtransaction: what make_members() found or made is there for
// good, or may be gone again.
void keep_new_members();
void forget_new_members();

}  // namespace projection
