#include "projection/ledger.hpp"

#include <iterator>

namespace tc::projection {
namespace {

constexpr std::string_view kLineNames[] = {"",         "revenue", "cogs",  "procurement", "cash_in",
                                           "cash_out", "expense", "capex", "tax"};
constexpr std::string_view kKindNames[] = {"product", "region",   "department", "cost_center",
                                           "account", "tax_type", "event_type"};
static_assert(std::size(kKindNames) == kMemberKinds);

}  // namespace

std::string_view line_name(Line line) { return kLineNames[static_cast<std::size_t>(line)]; }
std::string_view kind_name(MemberKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

MemberId MemberTable::intern(std::uint32_t company, MemberKind kind, std::string_view name) {
  key_.assign(reinterpret_cast<const char*>(&company), sizeof company);
  key_ += static_cast<char>(kind);
  key_ += name;
  const auto found = ids_.find(key_);
  if (found != ids_.end()) return found->second;
  members_.push_back({company, kind, std::string(name)});
  const auto id = static_cast<MemberId>(members_.size());
  ids_.emplace(key_, id);
  return id;
}

void MemberTable::clear() {
  members_.clear();
  ids_.clear();
}

Measures& Measures::operator+=(const Measures& more) {
  for (std::size_t i = 0; i < amount.size(); ++i) amount[i] += more.amount[i];
  entries += more.entries;
  return *this;
}

bool Measures::is_zero() const { return *this == Measures{}; }

void Layer::clear() {
  sums.clear();
  staff.clear();
}

void add(StaffEvents& events, const StaffEvent& event, int sign) {
  const StaffKey key(event.tenant, event.event_id, event.event_ts);
  const auto [entry, is_new] = events.try_emplace(key, event);
  entry->second.entries = (is_new ? 0 : entry->second.entries) + sign * event.entries;
  if (entry->second.entries == 0) events.erase(entry);
}

void Layer::add(const Layer& more) {
  for (const auto& [key, measures] : more.sums) sums[key] += measures;
  for (const auto& [key, event] : more.staff) projection::add(staff, event);
}

void Layer::subtract(const Layer& less) {
  for (const auto& [key, measures] : less.sums) {
    Measures& mine = sums[key];
    for (std::size_t i = 0; i < mine.amount.size(); ++i) mine.amount[i] -= measures.amount[i];
    mine.entries -= measures.entries;
  }
  for (const auto& [key, event] : less.staff) projection::add(staff, event, -1);
}

}  // namespace tc::projection
