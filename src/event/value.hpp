// The fields of an event, wherever they come from: JSON text or JSONB. Views only: whoever fills
// them owns the bytes.
#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"

namespace tc::event {

enum class Kind : std::uint8_t { Null, Boolean, Number, String, Array, Object };

struct Value {
  Kind kind = Kind::Null;
  bool boolean = false;
  // A number's value; nullopt when it is a number with more than 38 digits (1e400).
  std::optional<Decimal> number;
  // String: its characters, unescaped. Number: as written (JSONB: may be empty while `number` is
  // set). Array and Object: their JSON text.
  std::string_view text;
};

struct Field {
  std::string_view key;
  Value value;
};

// Calling memcmp for a dozen bytes would be a third of the time that checking a payload takes.
inline bool same_key(std::string_view a, std::string_view b) {
  const auto same_ends = [&]<typename Word>(Word) {
    const auto word = [](const char* from) {
      Word value = 0;
      std::memcpy(&value, from, sizeof value);
      return value;
    };
    const std::size_t last = a.size() - sizeof(Word);
    return word(a.data()) == word(b.data()) && word(a.data() + last) == word(b.data() + last);
  };
  if (a.size() != b.size()) return false;
  if (a.size() > 2 * sizeof(std::uint64_t) || a.size() < sizeof(std::uint32_t)) return a == b;
  return a.size() >= sizeof(std::uint64_t) ? same_ends(std::uint64_t{})
                                           : same_ends(std::uint32_t{});
}

// JSONB's order of keys: shorter first, then by bytes. Payloads are kept in it, so that checking is
// one merge.
inline bool key_less(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// Sorted by key_less, no key twice.
using Fields = std::span<const Field>;

const Value* find(Fields fields, std::string_view key);  // nullptr when absent

// One thing that is wrong with an event. `pointer` is a JSON Pointer relative to the event
// ("/revenue"; "" = the event).
struct Reason {
  std::string pointer;
  std::string
      rule;  // a stable short name: "required", "type", "unknown_field", "minimum", "product", …
  std::string message;  // one sentence for a person, with the value found
};
using Reasons = std::vector<Reason>;

// The JSON Pointer of a field or of one of its parts: `parent` + "/" + key, with ~ and / in the key
// escaped.
std::string pointer_to(std::string_view key, std::string_view parent = {});

// A value as an error message shows it: quoted, cut to some dozens of bytes.
std::string describe(const Value& value);

}  // namespace tc::event
