#include "simulation/beat_text.hpp"

#include <algorithm>

namespace tc::simulation {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80) != 0;
}

// A phrase as words of their own; a plural s may follow.
bool has_phrase(std::string_view text, std::string_view phrase) {
  for (std::size_t at = text.find(phrase); at != std::string_view::npos;
       at = text.find(phrase, at + 1)) {
    std::size_t end = at + phrase.size();
    if (end < text.size() && text[end] == 's') ++end;
    const bool begins = at == 0 || (!is_letter(text[at - 1]) && !is_digit(text[at - 1]));
    const bool ends = end >= text.size() || (!is_letter(text[end]) && !is_digit(text[end]));
    if (begins && ends) return true;
  }
  return false;
}

bool has_any(std::string_view text, const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return has_phrase(text, word); });
}

struct Match {
  const BeatWord* entry = nullptr;
  std::string word;
};

Match longest(std::string_view text, const std::vector<BeatWord>& lexicon) {
  Match best;
  for (const BeatWord& entry : lexicon) {
    for (const std::string& word : entry.words) {
      if (word.size() > best.word.size() && has_phrase(text, word)) best = {&entry, word};
    }
  }
  return best;
}

constexpr std::string_view kMinus = "−";

// Whether a % or its word stands at the beginning.
bool begins_with_percent(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.starts_with("\xc2\xa0") ||
                           text.starts_with("\xe2\x80\xaf"))) {
    text.remove_prefix(text.front() == ' ' ? 1 : text.starts_with("\xc2") ? 2 : 3);
  }
  return text.starts_with('%') || text.starts_with("percent") || text.starts_with("per cent") ||
         text.starts_with("prozent");
}

// The number at `at`, in billionths of a percent's hundredth: "8.5" is 0.085.
Ratio number_at(std::string_view text, std::size_t& at) {
  Ratio value = 0;
  Ratio unit = kOne / 100;
  bool fraction = false;
  for (; at < text.size(); ++at) {
    if (is_digit(text[at])) {
      const int digit = text[at] - '0';
      if (fraction) {
        unit /= 10;
        value += unit * digit;
      } else if (value < kOne * 1000) {
        value = value * 10 + kOne / 100 * digit;
      }
    } else if (!fraction && (text[at] == '.' || text[at] == ',') && at + 1 < text.size() &&
               is_digit(text[at + 1])) {
      fraction = true;
    } else {
      break;
    }
  }
  return value;
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto byte = static_cast<unsigned char>(c);
    if (i > 0 && text[i - 1] == '\xc3' && byte >= 0x80 && byte <= 0x9e && byte != 0x97) {
      c = static_cast<char>(byte + 0x20);
    }
    out += c;
  }
  return out;
}

std::optional<Measure> measure_named(std::string_view name) {
  const std::string wanted = folded(name);
  for (std::size_t i = 0; i < kMeasures.size(); ++i) {
    if (kMeasures[i] == wanted) return static_cast<Measure>(i);
  }
  return std::nullopt;
}

std::optional<Ratio> percent_in(std::string_view text, bool& is_signed) {
  const std::string plain = folded(text);
  for (std::size_t at = 0; at < plain.size(); ++at) {
    if (!is_digit(plain[at])) continue;
    const std::size_t start = at;
    const Ratio value = number_at(plain, at);
    if (!begins_with_percent(std::string_view(plain).substr(at))) continue;
    std::string_view before = std::string_view(plain).substr(0, start);
    while (before.ends_with(' ')) before.remove_suffix(1);
    // A hyphen is a sign unless it joins words: "Q3-15 %" has none.
    const bool minus =
        before.ends_with(kMinus) ||
        (before.ends_with('-') && (before.size() == 1 || before[before.size() - 2] == ' ' ||
                                   before[before.size() - 2] == '('));
    is_signed = minus || before.ends_with('+');
    if (is_signed) return minus ? -value : value;
    const bool falls = has_any(plain, beat_lexicon().falls);
    is_signed = falls || has_any(plain, beat_lexicon().rises);
    return falls ? -value : value;
  }
  return std::nullopt;
}

bool understand(Beat& beat, std::optional<Measure> measure, std::optional<Ratio> change) {
  const std::string text = folded(beat.event);
  const Match word = longest(text, beat_lexicon().words);
  bool is_signed = false;
  std::optional<Ratio> percent;
  if (!change) percent = percent_in(beat.event, is_signed);
  if (percent && !is_signed && word.entry != nullptr && word.entry->change < 0) percent = -*percent;

  if (measure) {
    beat.measure = *measure;
  } else {
    const Match named = longest(text, beat_lexicon().measures);
    if (named.entry != nullptr && named.word.size() >= word.word.size()) {
      beat.measure = *measure_named(named.entry->measure);
      beat.measure_from = "text";
    } else if (word.entry != nullptr) {
      beat.measure = *measure_named(word.entry->measure);
      beat.measure_from = "lexicon";
      beat.word = word.word;
    } else {
      beat.measure = Measure::Revenue;
      beat.measure_from = "default";
    }
  }
  if (change || percent) {
    beat.change = change ? *change : *percent;
    beat.change_from = change ? "stated" : "text";
    return true;
  }
  if (word.entry == nullptr) return false;
  beat.change = word.entry->change;
  beat.change_from = "lexicon";
  beat.word = word.word;
  return true;
}

}  // namespace tc::simulation
