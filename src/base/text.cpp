#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace tc {
namespace {

constexpr std::string_view kEllipsis = "…";

bool is_continuation(unsigned char c) { return (c & 0xC0U) == 0x80U; }

// What the second byte may be, which is where overlong forms, surrogates and too large values show.
struct SecondByte {
  unsigned char least;
  unsigned char most;
};

SecondByte second_byte_after(unsigned char first) {
  switch (first) {
    case 0xE0:
      return {0xA0, 0xBF};
    case 0xED:
      return {0x80, 0x9F};
    case 0xF0:
      return {0x90, 0xBF};
    case 0xF4:
      return {0x80, 0x8F};
    default:
      return {0x80, 0xBF};
  }
}

std::size_t length_by_first_byte(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = length_by_first_byte(first);
  if (length < 2) return length;
  if (text.size() < length) return 0;
  const SecondByte second = second_byte_after(first);
  const auto found = static_cast<unsigned char>(text[1]);
  if (found < second.least || found > second.most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(static_cast<unsigned char>(text[i]))) return 0;
  }
  return length;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return !is_continuation(static_cast<unsigned char>(c));
  }));
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    std::uint64_t eight = 0;
    if (text.size() >= sizeof eight) {
      std::memcpy(&eight, text.data(), sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        text.remove_prefix(sizeof eight);
        continue;
      }
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string excerpt(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  std::size_t kept = bytes < kEllipsis.size() ? 0 : bytes - kEllipsis.size();
  while (kept > 0 && is_continuation(static_cast<unsigned char>(text[kept]))) --kept;
  std::string cut(text.substr(0, kept));
  if (bytes >= kEllipsis.size()) cut += kEllipsis;
  return cut;
}

}  // namespace tc
