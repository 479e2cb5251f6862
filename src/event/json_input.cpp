#include "event/json_input.hpp"

#include <bit>
#include <cstdint>

namespace tc::event {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101U;
constexpr std::uint64_t kHighs = 0x8080808080808080U;

// The high bit of every byte that is zero; bytes above the lowest such one may be marked wrongly.
constexpr std::uint64_t zero_bytes(std::uint64_t eight) {
  return (eight - kOnes) & ~eight & kHighs;
}

// The high bit of every byte that ends a run of plain ASCII; the lowest mark is right.
constexpr std::uint64_t special_bytes(std::uint64_t eight) {
  return (eight & kHighs) | zero_bytes(eight ^ (kOnes * '"')) | zero_bytes(eight ^ (kOnes * '\\')) |
         ((eight - kOnes * 0x20) & ~eight & kHighs);
}

bool is_plain_ascii(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

std::size_t plain_ascii_run(std::string_view text) {
  std::size_t at = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      const std::uint64_t special = special_bytes(eight);
      if (special != 0) return at + static_cast<std::size_t>(std::countr_zero(special)) / 8;
    }
  }
  while (at < text.size() && is_plain_ascii(text[at])) ++at;
  return at;
}

}  // namespace

std::size_t plain_run(std::string_view text) {
  std::size_t at = 0;
  for (;;) {
    at += plain_ascii_run(text.substr(at));
    if (at == text.size() || static_cast<unsigned char>(text[at]) < 0x80) return at;
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
}

}  // namespace tc::event
