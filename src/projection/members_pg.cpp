#include "projection/members_pg.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "pg/bulk_writer.hpp"
#include "pg/values.hpp"
#include "projection/pl_line.hpp"

namespace projection {
namespace {

using tc::Uuid;
using tc::projection::Member;
using tc::projection::MemberId;
using tc::projection::MemberKind;
using tc::projection::MemberTable;

constexpr std::size_t kMostMembers = 200'000;  // remembered between transactions

enum class Presence : std::uint8_t { Unknown, InThisTransaction, Committed };

struct Known {
  bool has_key = false;
  Presence presence = Presence::Unknown;
  Uuid key;
};

struct Memory {
  std::vector<std::pair<Oid, Uuid>> companies;
  std::map<std::pair<Oid, Uuid>, std::uint32_t> numbers;
  MemberTable members;
  std::vector<Known> known;       // by MemberId − 1
  std::vector<MemberId> present;  // InThisTransaction

  Known& of(MemberId id) {
    if (known.size() < members.size()) known.resize(members.size());
    return known[id - 1];
  }
};

Memory& memory() {
  static Memory memory;
  return memory;
}

// How a dimension's row is filled: (company, key, name), then columns of its own.
void insert_member(pg::BulkWriter& writer, const Uuid& company, const Uuid& key,
                   const Member& member) {
  Datum values[5] = {pg::uuid_datum(company), pg::uuid_datum(key),
                     pg::call([&] { return pg::text_datum(member.name); }), 0, 0};
  bool nulls[5] = {false, false, false, true, true};
  if (member.kind == MemberKind::Account || member.kind == MemberKind::TaxType) {
    const auto line = tc::projection::default_pl_line(member.kind, member.name);
    values[3] = pg::call([&] { return pg::text_datum(line.value_or("opex")); });
    values[4] = BoolGetDatum(line.has_value());
    nulls[3] = nulls[4] = false;
  }
  writer.insert_if_absent(values, nulls);
}

}  // namespace

std::uint32_t company_number(Oid cube, const Uuid& company) {
  Memory& m = memory();
  const auto key = std::pair(cube, company);
  const auto found = m.numbers.find(key);
  if (found != m.numbers.end()) return found->second;
  m.companies.push_back(key);
  const auto number = static_cast<std::uint32_t>(m.companies.size() - 1);
  m.numbers.emplace(key, number);
  return number;
}

MemberTable& members() { return memory().members; }

Uuid member_uuid(const Uuid& company, std::string_view kind, std::string_view name) {
  std::string input(reinterpret_cast<const char*>(company.bytes.data()), company.bytes.size());
  input += kind;
  input += ':';
  input += name;
  std::uint8_t digest[SHA1_DIGEST_LENGTH];
  pg::call([&] {
    pg_cryptohash_ctx* sha = pg_cryptohash_create(PG_SHA1);
    if (pg_cryptohash_init(sha) < 0 ||
        pg_cryptohash_update(sha, reinterpret_cast<const uint8*>(input.data()), input.size()) < 0 ||
        pg_cryptohash_final(sha, digest, sizeof digest) < 0) {
      elog(ERROR, "could not compute SHA-1: %s", pg_cryptohash_error(sha));
    }
    pg_cryptohash_free(sha);
  });
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), digest, uuid.bytes.size());
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0F) | 0x50);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
  return uuid;
}

Uuid member_uuid(MemberId id) {
  if (id == tc::projection::kNoMember) return {};
  Memory& m = memory();
  Known& known = m.of(id);
  if (!known.has_key) {
    const Member& member = m.members[id];
    known.key =
        member_uuid(m.companies[member.company].second, kind_name(member.kind), member.name);
    known.has_key = true;
  }
  return known.key;
}

bool is_made(MemberId id) {
  if (id == tc::projection::kNoMember) return true;
  Memory& m = memory();
  return m.members[id].kind == MemberKind::EventType || m.of(id).presence == Presence::Committed;
}

void make_members(const cube::Cube& cube, std::vector<MemberId> ids) {
  Memory& m = memory();
  std::erase_if(ids, [&](MemberId id) { return m.of(id).presence != Presence::Unknown; });
  const auto order = [&](MemberId id) { return std::pair(m.members[id].kind, member_uuid(id)); };
  std::sort(ids.begin(), ids.end(), [&](MemberId x, MemberId y) { return order(x) < order(y); });
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::unique_ptr<pg::BulkWriter> writer;
  Oid open = InvalidOid;
  for (const MemberId id : ids) {
    const Member& member = m.members[id];
    const Oid table = cube.dimension[static_cast<std::size_t>(member.kind)];
    if (table != open) {
      static constexpr Oid kTypes[] = {UUIDOID, UUIDOID, TEXTOID, TEXTOID, BOOLOID};
      const bool mapped = member.kind == MemberKind::Account || member.kind == MemberKind::TaxType;
      writer = std::make_unique<pg::BulkWriter>(table, std::span(kTypes, mapped ? 5 : 3));
      open = table;
    }
    insert_member(*writer, m.companies[member.company].second, member_uuid(id), member);
    m.of(id).presence = Presence::InThisTransaction;
    m.present.push_back(id);
  }
}

void doubt_members() {
  for (Known& known : memory().known) known.presence = Presence::Unknown;
  memory().present.clear();
}

void keep_new_members() {
  Memory& m = memory();
  for (const MemberId id : m.present) m.of(id).presence = Presence::Committed;
  m.present.clear();
  if (m.members.size() > kMostMembers) m = {};
}

void forget_new_members() {
  Memory& m = memory();
  for (const MemberId id : m.present) m.of(id).presence = Presence::Unknown;
  m.present.clear();
}

}  // namespace projection
