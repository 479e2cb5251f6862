// Which name may somebody have meant?
//
// Names are compared as people see them: case, accents and the signs between words do not count, so
// "unit price", "Unit_Price" and "unitPrice" are the same. A candidate is near when
//   1. few edits lead to it: a letter added, dropped, replaced, or two neighbours swapped
//      (Damerau–Levenshtein, optimal string alignment), at most a third of the longer name; or
//   2. one of the two begins with the other; or
//   3. they share a whole word: "revenue" for "net_revenue".
// Candidates are ranked in that order, by the number of edits within the first group.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/text.hpp"

namespace tc {
namespace {

using Folded = std::u32string;

constexpr std::size_t kMaxCharacters = 64;  // of longer names the beginning decides
constexpr std::size_t kShortestPrefix = 3;
constexpr std::size_t kShortestWord = 3;
constexpr int kPrefixRank = 1000;
constexpr int kWordRank = 2000;

// The base letters of U+00C0 … U+017F in order, '?' where there is none.
constexpr std::string_view kLatinLetters =
    "aaaaaaaceeeeiiiidnooooo?ouuuuytsaaaaaaaceeeeiiiidnooooo?ouuuuyty"  // Latin-1
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"  // Latin Extended-A
    "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatinLetters.size() == 0x180 - 0xC0);

char32_t fold(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c - U'A' + U'a';
  if (c >= 0xC0 && c < 0x180 && kLatinLetters[c - 0xC0] != '?') {
    return static_cast<char32_t>(kLatinLetters[c - 0xC0]);
  }
  return c;
}

char32_t decode(std::string_view character) {
  const auto byte = [&](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(character[i]));
  };
  switch (character.size()) {
    case 2:
      return ((byte(0) & 0x1F) << 6) | (byte(1) & 0x3F);
    case 3:
      return ((byte(0) & 0x0F) << 12) | ((byte(1) & 0x3F) << 6) | (byte(2) & 0x3F);
    case 4:
      return ((byte(0) & 0x07) << 18) | ((byte(1) & 0x3F) << 12) | ((byte(2) & 0x3F) << 6) |
             (byte(3) & 0x3F);
    default:
      return byte(0);
  }
}

bool separates_words(char32_t c) {
  return c < 0x80 && !(c >= U'0' && c <= U'9') && !(c >= U'a' && c <= U'z') &&
         !(c >= U'A' && c <= U'Z');
}

bool is_upper(char32_t c) { return c >= U'A' && c <= U'Z'; }

// The words of a name, folded: "unitPrice" and "unit_price" are both {unit, price}.
std::vector<Folded> words_of(std::string_view name) {
  std::vector<Folded> words;
  bool begins_word = true;
  bool after_upper = false;
  for (std::size_t characters = 0; !name.empty() && characters < kMaxCharacters; ++characters) {
    const std::size_t length = std::max<std::size_t>(utf8_length(name), 1);
    const char32_t c = decode(name.substr(0, length));
    name.remove_prefix(length);
    if (separates_words(c)) {
      begins_word = true;
      continue;
    }
    if (begins_word || (is_upper(c) && !after_upper)) words.emplace_back();
    words.back() += fold(c);
    begins_word = false;
    after_upper = is_upper(c);
  }
  return words;
}

Folded joined(const std::vector<Folded>& words) {
  Folded all;
  for (const Folded& word : words) all += word;
  return all;
}

// Edits from a to b, or nullopt when there are more than `most`. Three rows of the usual table.
std::optional<int> edits(const Folded& a, const Folded& b, int most) {
  const int gap = static_cast<int>(a.size()) - static_cast<int>(b.size());
  if (gap > most || -gap > most) return std::nullopt;
  std::array<std::array<int, kMaxCharacters + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = static_cast<int>(i);
    int least = row[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_above[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    if (least > most) return std::nullopt;
  }
  const int count = rows[a.size() % 3][b.size()];
  return count <= most ? std::optional(count) : std::nullopt;
}

bool begins_with_the_other(const Folded& a, const Folded& b) {
  const Folded& shorter = a.size() < b.size() ? a : b;
  const Folded& longer = a.size() < b.size() ? b : a;
  return shorter.size() >= kShortestPrefix && longer.starts_with(shorter);
}

bool share_a_word(const std::vector<Folded>& a, const std::vector<Folded>& b) {
  return std::any_of(a.begin(), a.end(), [&](const Folded& word) {
    return word.size() >= kShortestWord && std::find(b.begin(), b.end(), word) != b.end();
  });
}

// Smaller is nearer; nullopt: not near.
std::optional<int> rank(const std::vector<Folded>& wanted_words, const Folded& wanted,
                        const std::string& candidate) {
  const std::vector<Folded> words = words_of(candidate);
  const Folded name = joined(words);
  if (name.empty()) return std::nullopt;
  const std::size_t longer = std::max(wanted.size(), name.size());
  const int most = longer < 3 ? 1 : static_cast<int>((longer + 1) / 3);
  const auto distance = edits(wanted, name, most);
  // Two names of one letter each have nothing in common.
  if (distance && static_cast<std::size_t>(*distance) < longer) return distance;
  if (begins_with_the_other(wanted, name)) return kPrefixRank;
  if (share_a_word(wanted_words, words)) return kWordRank;
  return std::nullopt;
}

}  // namespace

std::vector<std::string> nearest(std::string_view name, std::span<const std::string> candidates,
                                 std::size_t most) {
  struct Ranked {
    int rank;
    const std::string* name;
  };
  const std::vector<Folded> words = words_of(name);
  const Folded wanted = joined(words);
  std::vector<Ranked> ranked;
  if (!wanted.empty()) {
    for (const std::string& candidate : candidates) {
      if (const auto value = rank(words, wanted, candidate)) ranked.push_back({*value, &candidate});
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.rank < b.rank; });
  if (ranked.size() > most) ranked.resize(most);
  std::vector<std::string> names;
  names.reserve(ranked.size());
  for (const Ranked& entry : ranked) names.push_back(*entry.name);
  return names;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  const std::vector<std::string> names = nearest(name, candidates);
  if (names.empty()) return {};
  std::string question = "Did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) question += i + 1 == names.size() ? " or " : ", ";
    question += "“" + names[i] + "”";
  }
  return question + "?";
}

}  // namespace tc
