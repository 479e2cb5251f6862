// What events add up to, before it is written anywhere: ledgers of exact sums, and the people
// events that cannot be summed. One layer holds the deltas of one (sub)transaction.
//
// Members (products, accounts, …) and tenants are numbered by whoever fills a layer; the numbers
// mean something only beside that MemberTable.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/calendar.hpp"
#include "base/decimal.hpp"
#include "base/flat_map.hpp"
#include "base/uuid.hpp"

namespace tc::projection {

// Each has a table fact_<name>_stored and one fact_<name>_pending.
enum class Ledger : std::uint8_t { Sales, Expense, Finance, Activity };
inline constexpr std::size_t kLedgers = 4;

// Lines of the finance ledger. Expense and Capex name an account, Tax a tax type; the others have
// no member.
enum class Line : std::uint8_t {
  None,
  Revenue,
  Cogs,
  Procurement,
  CashIn,
  CashOut,
  Expense,
  Capex,
  Tax
};
std::string_view line_name(Line line);  // as fact_finance_stored.line has it

enum class MemberKind : std::uint8_t {
  Product,
  Region,
  Department,
  CostCenter,
  Account,
  TaxType,
  EventType,  // numbered like a member, but of no dimension
};
inline constexpr std::size_t kMemberKinds = 7;
std::string_view kind_name(
    MemberKind kind);  // "product", "region", … as in tellingcube.member_id()

using MemberId = std::uint32_t;
inline constexpr MemberId kNoMember = 0;

struct Member {
  std::uint32_t company = 0;
  MemberKind kind = MemberKind::Product;
  std::string name;
};

// Numbers members from 1, the same member always the same.
class MemberTable {
 public:
  MemberId intern(std::uint32_t company, MemberKind kind, std::string_view name);
  const Member& operator[](MemberId id) const { return members_[id - 1]; }
  std::size_t size() const { return members_.size(); }
  void clear();

 private:
  std::vector<Member> members_;
  std::unordered_map<std::string, MemberId> ids_;
  std::string key_;  // reused, so that finding a known member allocates nothing
};

// What a row of a ledger is about. Sales: member = product, other = region. Expense: member = cost
// centre, other = account. Finance: line and member. Activity: member = event type.
struct Key {
  std::uint32_t tenant = 0;
  Month month = 0;
  MemberId member = kNoMember;
  MemberId other = kNoMember;
  Ledger ledger = Ledger::Sales;
  Line line = Line::None;
  bool is_capex = false;

  friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
  std::uint64_t operator()(const Key& key) const {
    const auto pair = [](std::uint32_t a, std::uint32_t b) {
      return static_cast<std::uint64_t>(a) << 32 | b;
    };
    const std::uint32_t flags = static_cast<std::uint32_t>(key.ledger) << 16 |
                                static_cast<std::uint32_t>(key.line) << 8 |
                                static_cast<std::uint32_t>(key.is_capex);
    return mix(pair(key.member, key.other) ^
               mix(pair(key.tenant, static_cast<std::uint32_t>(key.month)) ^ mix(flags)));
  }
};

// Sales: revenue, cogs, quantity. Expense, Finance: amount. Activity: the number of events, as an
// amount of units 1. `entries` counts events, a reversal as −1.
struct Measures {
  std::array<Amount, 3> amount{};
  std::int64_t entries = 0;

  Measures& operator+=(const Measures& more);
  bool is_zero() const;
  friend bool operator==(const Measures&, const Measures&) = default;
};

// One hire or exit, as fact_hr_pending has it. entries −1 takes the same event back.
struct StaffEvent {
  std::uint32_t tenant = 0;
  std::string employee;
  Timestamp event_ts = 0;
  Uuid event_id;
  MemberId department = kNoMember;  // an exit may not say
  bool is_hire = false;
  Amount monthly_salary = 0;
  int entries = 1;
};

// People events by what makes them the same one, so that an event and its taking back come to
// nothing here, too.
using StaffKey = std::tuple<std::uint32_t, Uuid, Timestamp>;  // tenant, event_id, event_ts
using StaffEvents = std::map<StaffKey, StaffEvent>;
void add(StaffEvents& events, const StaffEvent& event, int sign = 1);

struct Layer {
  FlatMap<Key, Measures, KeyHash> sums;
  StaffEvents staff;

  bool empty() const { return sums.empty() && staff.empty(); }
  void clear();
  void add(const Layer& more);
  void subtract(const Layer& less);
};

}  // namespace tc::projection
