// Text: UTF-8 and the nearest of some names.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tc {

// Bytes of the character that `text` begins with, 1 to 4; 0 when it does not begin with one, by the
// rules of is_valid_utf8.
std::size_t utf8_length(std::string_view text);
// Characters of a text that is valid UTF-8.
std::size_t count_characters(std::string_view text);
bool is_valid_utf8(
    std::string_view text);  // also refuses overlong forms, surrogates and values above U+10FFFF

// At most `bytes` bytes of `text`, never cutting a character, with "…" when something was cut. For
// error messages.
std::string excerpt(std::string_view text, std::size_t bytes);

// The candidates a person may have meant by `name`, best first, at most `most`: by edit distance
// over case-folded code points (transpositions count one), by shared prefix or word. Empty when
// nothing is near. Ties keep the given order.
std::vector<std::string> nearest(std::string_view name, std::span<const std::string> candidates,
                                 std::size_t most = 3);

// "Did you mean “A” or “B”?" for the nearest of candidates, or "" when none is near.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace tc
