#include "projection/members_pg.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "pg/bulk_writer.hpp"
#include "pg/spi.hpp"
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

// Accounts and tax types have a line of the P&L.
bool is_mapped(MemberKind kind) {
  return kind == MemberKind::Account || kind == MemberKind::TaxType;
}

bool has_parent(MemberKind kind) {
  return kind == MemberKind::Region || kind == MemberKind::Department ||
         kind == MemberKind::CostCenter;
}

// What rows give: (company, key, name), then the line and whether it is a known one.
constexpr Oid kColumns[] = {UUIDOID, UUIDOID, TEXTOID, TEXTOID, BOOLOID};
int given_columns(MemberKind kind) { return is_mapped(kind) ? 5 : 3; }

// As create_cube() made it: nothing that an INSERT would run, check or fill in and a direct write
// would not.
bool is_as_made(Oid relation, MemberKind kind) {
  return pg::call([&] {
    Relation table = table_open(relation, AccessShareLock);
    const TupleDesc columns = RelationGetDescr(table);
    bool as_made = table->rd_rel->relkind == RELKIND_RELATION && table->rd_rules == nullptr;
    for (int i = given_columns(kind); i < columns->natts; ++i) {
      const Form_pg_attribute column = TupleDescAttr(columns, i);
      as_made = as_made && (column->attisdropped || !(column->atthasdef || column->attnotnull));
    }
    const int checks = columns->constr == nullptr ? 0 : columns->constr->num_check;
    as_made = as_made && checks <= (is_mapped(kind) ? 1 : 0);
    int foreign_keys = 0;  // each has a trigger of the server's own
    const TriggerDesc* triggers = table->trigdesc;
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; ++i) {
      const Trigger& trigger = triggers->triggers[i];
      if (!TRIGGER_FOR_INSERT(trigger.tgtype)) continue;
      if (trigger.tgisinternal) ++foreign_keys;
      as_made =
          as_made && (trigger.tgisinternal || strncmp(trigger.tgname, "tellingcube_", 12) == 0);
    }
    as_made = as_made && foreign_keys <= (has_parent(kind) ? 2 : 1);
    table_close(table, NoLock);
    return as_made;
  });
}

// Makes rows of one dimension where they are missing: directly, or by INSERT as the cube's owner
// where something that the owner added must see them.
class MemberWriter {
 public:
  MemberWriter(const cube::Cube& cube, MemberKind kind) : cube_(cube) {
    const Oid table = cube.dimension[static_cast<std::size_t>(kind)];
    const auto given = static_cast<std::size_t>(given_columns(kind));
    if (is_as_made(table, kind)) {
      direct_.emplace(table, std::span(kColumns, given));
      return;
    }
    const std::string name(kind_name(kind));
    sql_ = "INSERT INTO " + pg::quote_name(cube.name) + ".dim_" + name + " (company_id, " + name +
           "_id, " + (is_mapped(kind) ? name + ", pl_line, mapped" : "name") +
           ") VALUES ($1, $2, $3" + (is_mapped(kind) ? ", $4, $5" : "") +
           ") ON CONFLICT (company_id, " + name + "_id) DO NOTHING";
  }

  void add(const Uuid& company, const Uuid& key, const Member& member) {
    Datum values[] = {pg::uuid_datum(company), pg::uuid_datum(key),
                      pg::call([&] { return pg::text_datum(member.name); }), 0, 0};
    constexpr bool kNulls[] = {false, false, false, false, false};
    if (is_mapped(member.kind)) {
      const auto line = tc::projection::default_pl_line(member.kind, member.name);
      values[3] = pg::call([&] { return pg::text_datum(line.value_or("opex")); });
      values[4] = BoolGetDatum(line.has_value());
    }
    if (direct_) {
      direct_->insert_if_absent(values, kNulls);
      return;
    }
    pg::AsOwner owner(cube_.owner);
    pg::Spi spi;
    pg::Parameters parameters;
    for (int i = 0; i < given_columns(member.kind); ++i) parameters.add(kColumns[i], values[i]);
    spi.run(sql_, std::move(parameters));
  }

 private:
  const cube::Cube& cube_;
  std::optional<pg::BulkWriter> direct_;
  std::string sql_;
};

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
  std::optional<MemberWriter> writer;
  std::optional<MemberKind> open;
  for (const MemberId id : ids) {
    const Member& member = m.members[id];
    if (open != member.kind) {
      writer.emplace(cube, member.kind);
      open = member.kind;
    }
    writer->add(m.companies[member.company].second, member_uuid(id), member);
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
