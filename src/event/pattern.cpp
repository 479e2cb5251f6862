// The matcher follows all ways through an automaton at once. Two properties keep that linear, and
// are checked for every part of a pattern: a part that may match the empty text is not repeated,
// and at most one branch of an alternation may. Then there is at most one way through any part that
// reads nothing.
#include "event/pattern.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/text.hpp"
#include "event/schema.hpp"

namespace tc::event {
namespace {

constexpr int kMaxStates = 1000;
constexpr int kMaxGroups = 32;
constexpr std::string_view kSyntax = "^$|()?*+.[]{}\\";
constexpr std::string_view kDigits = "0-9";
constexpr std::string_view kWordCharacters = "0-9A-Za-z_";
constexpr std::string_view kBlanks = " \\t\\n\\r\\f\\v";

class Translator {
 public:
  Translator(std::string_view pattern, const std::string& where)
      : whole_(pattern), rest_(pattern), where_(where) {}

  Pattern translate() {
    const bool begins = skip('^');
    if (begins) out_ += '^';
    if (begins && rest_ == "$") refuse("matching only the empty text");
    if (rest_.empty() || rest_ == "$") return {{}, true};
    const Part part = alternation(0);
    const bool ends = skip('$');
    if (!rest_.empty()) refuse(rest_.front() == ')' ? "a ) without a (" : "a $ before the end");
    if (ends) out_ += '$';
    if ((begins || ends) && top_branches_ > 1) {
      refuse("^ or $ beside |; put the alternatives in parentheses");
    }
    return {out_, part.may_be_empty && !(begins && ends)};
  }

 private:
  struct Part {
    bool may_be_empty = false;
    int states = 0;
  };

  [[noreturn]] void refuse(const std::string& what) const {
    throw SchemaError(where_, "The pattern \"" + excerpt(whole_, 60) +
                                  "\" cannot be used: " + what + " is not supported.");
  }

  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char take() {
    if (rest_.empty()) refuse("an unfinished escape or class");
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string_view take_character() {
    const std::size_t length = std::max<std::size_t>(utf8_length(rest_), 1);
    const std::string_view character = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return character;
  }
  int limited(long states) const {
    if (states > kMaxStates) refuse("so long a pattern");
    return static_cast<int>(states);
  }

  Part alternation(int depth) {
    Part all = sequence(depth);
    int branches = 1;
    int empty_branches = all.may_be_empty ? 1 : 0;
    while (skip('|')) {
      out_ += '|';
      const Part branch = sequence(depth);
      ++branches;
      empty_branches += branch.may_be_empty ? 1 : 0;
      all.states = limited(all.states + branch.states + 1L);
    }
    if (empty_branches > 1) refuse("| with more than one side that may be empty");
    if (depth == 0) top_branches_ = branches;
    all.may_be_empty = empty_branches > 0;
    return all;
  }

  Part sequence(int depth) {
    Part all{true, 0};
    bool has_parts = false;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')' && rest_ != "$") {
      const Part part = quantified(atom(depth));
      all.may_be_empty = all.may_be_empty && part.may_be_empty;
      all.states = limited(long{all.states} + part.states);
      has_parts = true;
    }
    if (!has_parts) refuse("an empty alternative or group");
    return all;
  }

  Part atom(int depth) {
    const char c = rest_.front();
    switch (c) {
      case '(':
        return group(depth + 1);
      case '[':
        character_class();
        break;
      case '\\':
        escape();
        break;
      case '^':
      case '$':
        refuse("^ or $ inside");
      case '?':
      case '*':
      case '+':
      case '{':
        refuse(std::string("a ") + c + " with nothing to repeat");
      case '}':
      case ']':
        take();
        out_.append(1, '\\').append(1, c);
        break;
      default:
        out_ += take_character();
        break;
    }
    return {false, 1};
  }

  Part group(int depth) {
    if (depth > kMaxGroups) refuse("so deep a nesting");
    take();
    if (rest_.starts_with("?:")) {
      rest_.remove_prefix(2);
    } else if (rest_.starts_with('?')) {
      refuse("(?");
    }
    out_ += '(';
    const Part part = alternation(depth);
    if (!skip(')')) refuse("a ( without a )");
    out_ += ')';
    return part;
  }

  Part quantified(Part part) {
    const char c = rest_.empty() ? '\0' : rest_.front();
    if (c != '?' && c != '*' && c != '+' && c != '{') return part;
    if (part.may_be_empty) refuse("repeating what may be empty");
    take();
    out_ += c;
    Part repeated{c == '?' || c == '*', part.states + 1};
    if (c == '{') repeated = counted(part);
    if (!rest_.empty() && (rest_.front() == '?' || rest_.front() == '*' || rest_.front() == '+' ||
                           rest_.front() == '{')) {
      refuse("a repetition of a repetition");
    }
    return repeated;
  }

  Part counted(Part part) {
    const auto least = count();
    std::optional<int> most = least;
    bool is_open = false;
    if (skip(',')) {
      out_ += ',';
      most = count();
      is_open = !most;
    }
    if (!least || !skip('}')) refuse("a { that is not {n}, {n,} or {n,m}");
    out_ += '}';
    if (!is_open && (*most < *least || *most == 0))
      refuse("a repetition {n,m} with m < n or m = 0");
    const long times = is_open ? std::max(*least, 1) : *most;
    return {*least == 0, limited(times * (part.states + 1L))};
  }

  std::optional<int> count() {
    std::optional<int> value;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value = std::min(value.value_or(0) * 10 + (take() - '0'), kMaxStates + 1);
    }
    if (value) out_ += std::to_string(*value);
    return value;
  }

  // \d, \w and \s as what stands inside a class; "" for other letters.
  static std::string_view shorthand(char c) {
    switch (c) {
      case 'd':
      case 'D':
        return kDigits;
      case 'w':
      case 'W':
        return kWordCharacters;
      case 's':
      case 'S':
        return kBlanks;
      default:
        return {};
    }
  }

  static bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  void escape() {
    take();
    const char c = take();
    if (const std::string_view members = shorthand(c); !members.empty()) {
      out_ += c < 'a' ? "[^" : "[";
      out_.append(members).append(1, ']');
    } else if (c == 'f' || c == 'n' || c == 'r' || c == 't' || c == 'v' ||
               kSyntax.find(c) != std::string_view::npos) {
      out_.append(1, '\\').append(1, c);
    } else if (is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80) {
      refuse(std::string("\\") + (is_letter_or_digit(c) ? std::string(1, c) : "…"));
    } else {
      out_ += c;
    }
  }

  void character_class() {
    take();
    out_ += '[';
    if (skip('^')) out_ += '^';
    bool has_dash = false;  // written last, as RapidJSON cannot escape it
    bool has_members = false;
    while (!skip(']')) {
      has_members = true;
      if (rest_.starts_with('\\') && rest_.size() > 1 && !shorthand(rest_[1]).empty()) {
        if (rest_[1] < 'a') refuse("a \\D, \\W or \\S in a class");
        out_ += shorthand(rest_[1]);
        rest_.remove_prefix(2);
        continue;
      }
      const std::string low = class_member();
      const bool is_range = rest_.size() > 1 && rest_.front() == '-' && rest_[1] != ']';
      if (!is_range) {
        if (low == "-") {
          has_dash = true;
        } else {
          out_ += low;
        }
        continue;
      }
      take();
      if (rest_.starts_with('\\') && rest_.size() > 1 && !shorthand(rest_[1]).empty()) {
        refuse("a range to a \\d, \\w or \\s");
      }
      const std::string high = class_member();
      if (low == "-" || high == "-") refuse("a range from or to -");
      out_.append(low).append(1, '-').append(high);
    }
    if (!has_members) refuse("an empty class");
    if (has_dash) out_ += '-';
    out_ += ']';
  }

  // One character of a class as RapidJSON writes it.
  std::string class_member() {
    if (rest_.empty()) refuse("a [ without a ]");
    const bool is_escaped = skip('\\');
    if (is_escaped && rest_.empty()) refuse("an unfinished escape");
    const std::string character(take_character());
    const char c = character.front();
    if (is_escaped && (is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80)) {
      if (std::string_view("fnrtv").find(c) == std::string_view::npos) {
        refuse("such an escape in a class");
      }
      return "\\" + character;
    }
    return kSyntax.find(c) != std::string_view::npos ? "\\" + character : character;
  }

  std::string_view whole_;
  std::string_view rest_;
  const std::string& where_;
  std::string out_;
  int top_branches_ = 1;
};

}  // namespace

Pattern translate_pattern(std::string_view pattern, const std::string& where) {
  return Translator(pattern, where).translate();
}

}  // namespace tc::event
