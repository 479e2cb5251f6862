// A hash map for small plain keys: entries lie densely in the order they came, the index beside
// them is open-addressed. Quick to walk, to clear and to merge; entries are never removed one by
// one.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

namespace tc {

// REQUIRES: Hash gives a well-mixed 64-bit value; Key compares with ==.
template <class Key, class Value, class Hash>
class FlatMap {
 public:
  using Entry = std::pair<Key, Value>;

  // The value of `key`, made by default when it is new.
  Value& operator[](const Key& key) {
    if (entries_.size() * 2 >= slots_.size()) grow();
    const std::size_t slot = slot_of(key);
    if (slots_[slot] == 0) {
      entries_.emplace_back(key, Value{});
      slots_[slot] = static_cast<std::uint32_t>(entries_.size());
    }
    return entries_[slots_[slot] - 1].second;
  }

  const Value* find(const Key& key) const {
    if (slots_.empty()) return nullptr;
    const std::uint32_t position = slots_[slot_of(key)];
    return position == 0 ? nullptr : &entries_[position - 1].second;
  }

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }

  void clear() {
    entries_.clear();
    slots_.assign(slots_.size(), 0);
  }

 private:
  // The slot that holds `key`, or the empty one where it belongs.
  std::size_t slot_of(const Key& key) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = Hash{}(key)&mask;
    while (slots_[slot] != 0 && !(entries_[slots_[slot] - 1].first == key)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  void grow() {
    slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, 0);
    for (std::uint32_t i = 0; i < entries_.size(); ++i) slots_[slot_of(entries_[i].first)] = i + 1;
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t>
      slots_;  // position in entries_ plus one; 0 is empty; size is a power of two
};

// Mixes 64 bits (the finaliser of splitmix64).
inline std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9;
  x ^= x >> 27;
  x *= 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace tc
