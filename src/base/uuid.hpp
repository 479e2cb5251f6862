// A uuid as sixteen bytes, in the order PostgreSQL's uuid type keeps them.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tc {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 trips over the 0 behind <=>
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

// The canonical 8-4-4-4-12 form, upper or lower case; nullopt for anything else.
std::optional<Uuid> parse_uuid(std::string_view text);
std::string to_string(const Uuid& uuid);  // lower case

}  // namespace tc
