// RapidJSON parses one element of the array at a time; the array around the elements is read here.
// That keeps memory to one event and lets the text of each element be cut out by offsets.
//
// RapidJSON 1.1.0 needs help in four places:
//  - it gives strings and numbers as copies; a string without escapes is found again in the input,
//    right before the reader's position, so only unescaped strings need memory of their own;
//  - it accepts a lone low surrogate (\udc00), which would become invalid UTF-8;
//  - it accepts duplicate keys;
//  - it refuses 1e400 although numbers are kept as text. Such an element is parsed again from a
//  copy
//    where every number is "0" and blanks, which moves nothing; the numbers are taken from the
//    input.
#include "event/reader.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "event/json_input.hpp"

#include <rapidjson/error/en.h>

namespace tc::event {
namespace {

constexpr std::size_t kArenaBytes = 4096;
constexpr std::size_t kFewKeys = 24;  // up to here comparing all pairs is faster than sorting

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(std::string_view text, std::size_t from) {
  std::size_t count = 0;
  while (from + count < text.size() && is_digit(text[from + count])) ++count;
  return count;
}

// Bytes of the number that `text` begins with, by JSON's grammar; 0 when it begins with none.
std::size_t number_length(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = count_digits(text, at);
  if (whole == 0) return 0;
  at += text[at] == '0' ? 1 : whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = count_digits(text, at + 1);
    if (fraction == 0) return at;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const bool has_sign = at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-');
    const std::size_t sign = has_sign ? 1 : 0;
    const std::size_t exponent = count_digits(text, at + 1 + sign);
    if (exponent > 0) at += 1 + sign + exponent;
  }
  return at;
}

// Bytes of the string that `text` begins with, quotes included; up to the end when it is not
// closed.
std::size_t string_length(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

// The element that `text` begins with, every number replaced by "0" and blanks. What is malformed
// stays malformed: two numbers or signs side by side give two tokens side by side.
std::string mask_numbers(std::string_view text) {
  std::string masked;
  int depth = 0;
  do {
    const std::string_view rest = text.substr(masked.size());
    const std::size_t number = number_length(rest);
    if (number > 0) {
      masked.append(1, '0').append(number - 1, ' ');
    } else if (rest.front() == '"') {
      masked.append(rest.substr(0, string_length(rest)));
    } else {
      if (rest.front() == '{' || rest.front() == '[') ++depth;
      if (rest.front() == '}' || rest.front() == ']') --depth;
      masked.append(1, rest.front());
    }
  } while (depth > 0 && masked.size() < text.size());
  return masked;
}

// Receives the tokens of one element and keeps what an event needs of them.
class Collector {
 public:
  // What stops the parser although the text is JSON.
  enum class Stop { None, Depth, Encoding };

  Collector() : arena_(arena_buffer_.data(), arena_buffer_.size(), kArenaBytes) {}

  // `input` may be a masked copy; `source` is the text it stands for, with equal offsets.
  void begin(const Input& input, std::string_view source, FlatEvent& event) {
    input_ = &input;
    source_ = source;
    event_ = &event;
    begin_ = input.Tell();
    stop_ = Stop::None;
    is_object_ = false;
    scopes_.clear();
    keys_.clear();
    arena_.Clear();
    event.fields.clear();
    event.problems.clear();
  }

  Stop stop() const { return stop_; }
  bool is_object() const { return is_object_; }

  bool Null() { return scalar(Kind::Null); }
  bool Bool(bool value) {
    if (!scalar(Kind::Boolean)) return false;
    if (in_event()) event_->fields.back().value.boolean = value;
    return true;
  }
  // Numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  bool RawNumber(const char*, rapidjson::SizeType length, bool);
  bool String(const char* text, rapidjson::SizeType length, bool);
  bool Key(const char* text, rapidjson::SizeType length, bool);
  bool StartObject() {
    if (scopes_.empty()) is_object_ = true;
    return open(Kind::Object);
  }
  bool EndObject(rapidjson::SizeType) {
    refuse_duplicates();
    return close();
  }
  bool StartArray() { return open(Kind::Array); }
  bool EndArray(rapidjson::SizeType) { return close(); }

 private:
  // An object or array that is open. Its latest key or index is where the parser is.
  struct Scope {
    Kind kind;
    std::size_t begin;
    std::size_t first_key;
    std::size_t index;
    std::string_view key;
  };

  std::size_t position() const { return input_->Tell(); }
  bool too_large() const { return position() - begin_ > kMaxEventBytes; }
  // The value at hand is that of a field of the event, and not part of one.
  bool in_event() const { return scopes_.size() == 1 && is_object_ && !event_->fields.empty(); }

  void begin_value() {
    if (!scopes_.empty()) ++scopes_.back().index;
  }
  bool scalar(Kind kind) {
    begin_value();
    if (in_event()) event_->fields.back().value.kind = kind;
    return true;
  }
  bool open(Kind kind);
  bool close();
  std::optional<std::string_view> text_of(const char* text, std::size_t length);
  std::string_view keep(const char* text, std::size_t length);
  void refuse_duplicates();
  void drop_duplicate_fields();
  std::string path(std::size_t scopes) const;

  const Input* input_ = nullptr;
  std::string_view source_;
  FlatEvent* event_ = nullptr;
  std::size_t begin_ = 0;
  Stop stop_ = Stop::None;
  bool is_object_ = false;
  std::vector<Scope> scopes_;
  std::vector<std::string_view> keys_;  // of all open objects
  std::array<char, kArenaBytes> arena_buffer_{};
  rapidjson::MemoryPoolAllocator<> arena_;  // strings that are not slices of the input
};

// The JSON Pointer of what the first `scopes` scopes are at.
std::string Collector::path(std::size_t scopes) const {
  std::string pointer;
  for (std::size_t i = 0; i < scopes; ++i) {
    const Scope& scope = scopes_[i];
    pointer = pointer_to(
        scope.kind == Kind::Object ? std::string(scope.key) : std::to_string(scope.index - 1),
        pointer);
  }
  return pointer;
}

std::string_view Collector::keep(const char* text, std::size_t length) {
  if (length == 0) return {};
  auto* copy = static_cast<char*>(arena_.Malloc(length));
  std::memcpy(copy, text, length);
  return {copy, length};
}

// A string that was just read: a slice of the input, or unescaped. nullopt stops the parser.
std::optional<std::string_view> Collector::text_of(const char* text, std::size_t length) {
  if (too_large()) return std::string_view();
  // Unescaping only ever shortens: when as many bytes as the string has stand between two quotes
  // and contain no backslash, they are the string. (A quote inside would have a backslash before
  // it, and the escaped text before that quote would make the string longer.)
  const std::size_t end = position() - 1;
  if (end > length && source_[end - length - 1] == '"') {
    const std::string_view slice = source_.substr(end - length, length);
    if (slice.find('\\') == std::string_view::npos) return slice;
  }
  const std::string_view unescaped = keep(text, length);
  if (!is_valid_utf8(unescaped)) {
    stop_ = Stop::Encoding;
    return std::nullopt;
  }
  return unescaped;
}

bool Collector::RawNumber(const char*, rapidjson::SizeType length, bool) {
  scalar(Kind::Number);
  if (!in_event()) return true;
  const std::string_view rest = source_.substr(position() - length);
  Value& value = event_->fields.back().value;
  const bool is_masked = source_.data() != input_->text().data();
  value.text = rest.substr(0, is_masked ? number_length(rest) : length);
  value.number = parse_decimal(value.text);
  return true;
}

bool Collector::String(const char* text, rapidjson::SizeType length, bool) {
  scalar(Kind::String);
  const auto content = text_of(text, length);
  if (!content) return false;
  std::string_view kept = *content;
  if (kept.find('\0') != std::string_view::npos) {
    event_->problems.push_back({path(scopes_.size()), "nul_character",
                                "A string contains the character U+0000, which cannot be stored."});
    kept = {};
  }
  if (in_event()) event_->fields.back().value.text = kept;
  return true;
}

bool Collector::Key(const char* text, rapidjson::SizeType length, bool) {
  const auto content = text_of(text, length);
  if (!content) return false;
  if (too_large()) {
    keys_.clear();
    event_->fields.clear();
    return true;
  }
  Scope& scope = scopes_.back();
  scope.key = *content;
  if (content->find('\0') != std::string_view::npos) {
    scope.key = {};
    event_->problems.push_back({path(scopes_.size() - 1), "nul_character",
                                "A key contains the character U+0000, which cannot be stored."});
  }
  keys_.push_back(scope.key);
  if (scopes_.size() == 1) event_->fields.push_back({scope.key, {}});
  return true;
}

bool Collector::open(Kind kind) {
  begin_value();
  if (scopes_.size() >= static_cast<std::size_t>(kMaxDepth)) {
    stop_ = Stop::Depth;
    return false;
  }
  if (in_event()) event_->fields.back().value.kind = kind;
  scopes_.push_back({kind, position(), keys_.size(), 0, {}});
  return true;
}

bool Collector::close() {
  const std::size_t begin = scopes_.back().begin;
  scopes_.pop_back();
  if (in_event()) {
    event_->fields.back().value.text = source_.substr(begin, position() + 1 - begin);
  }
  return true;
}

// The keys of the object that ends here.
void Collector::refuse_duplicates() {
  if (too_large()) return;
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(scopes_.back().first_key);
  const auto report = [&](std::string_view key) {
    event_->problems.push_back({pointer_to(key, path(scopes_.size() - 1)), "duplicate_key",
                                "The key \"" + excerpt(key, 60) + "\" is given more than once."});
  };
  const std::size_t problems = event_->problems.size();
  if (static_cast<std::size_t>(keys_.end() - first) <= kFewKeys) {
    for (auto key = first; key != keys_.end(); ++key) {
      if (std::find(first, key, *key) != key) report(*key);
    }
  } else {
    std::sort(first, keys_.end());
    for (auto key = first + 1; key != keys_.end(); ++key) {
      if (*key == *(key - 1)) report(*key);
    }
  }
  keys_.erase(first, keys_.end());
  if (scopes_.size() == 1 && event_->problems.size() > problems) drop_duplicate_fields();
}

// Keeps the first field of each key.
void Collector::drop_duplicate_fields() {
  auto& fields = event_->fields;
  std::vector<std::size_t> order(fields.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return fields[a].key != fields[b].key ? fields[a].key < fields[b].key : a < b;
  });
  std::vector<bool> is_duplicate(fields.size());
  for (std::size_t i = 1; i < order.size(); ++i) {
    is_duplicate[order[i]] = fields[order[i]].key == fields[order[i - 1]].key;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!is_duplicate[i]) fields[kept++] = fields[i];
  }
  fields.resize(kept);
}

std::string near(std::string_view text, std::size_t offset) {
  const std::string_view rest = text.substr(std::min(offset, text.size()));
  if (rest.empty()) return ", at the end of the text";
  const std::string shown = excerpt(rest, 30);
  const std::string place = ", at byte " + std::to_string(offset + 1);
  return is_valid_utf8(shown) ? place + ", near: " + shown : place;
}

}  // namespace

struct Reader::Impl {
  enum class State { Start, Elements, Finished };

  explicit Impl(std::string_view text) : input(text) {}

  [[noreturn]] void fail(const char* rule, const std::string& what, std::size_t offset) {
    failure.emplace(rule, what + near(input.text(), offset) + ".", offset);
    throw *failure;
  }

  void begin_array();
  bool at_element();
  void parse(FlatEvent& event);
  rapidjson::ParseResult parse_masked(FlatEvent& event);
  [[noreturn]] void explain(const rapidjson::ParseResult& result);

  Input input;
  JsonReader json;
  Collector collector;
  State state = State::Start;
  std::size_t ordinal = 0;
  std::optional<ReadError> failure;  // said again by every later call
};

void Reader::Impl::begin_array() {
  if (input.text().starts_with("\xEF\xBB\xBF")) {
    fail("json", "The text begins with a byte order mark; please remove it", 0);
  }
  input.skip_whitespace();
  const std::size_t begin = input.Tell();
  if (input.Peek() == '[') {
    input.Take();
    state = State::Elements;
    return;
  }
  rapidjson::BaseReaderHandler<> ignore;
  if (json.Parse<kJsonFlags>(input, ignore)) {
    fail("array", "The text is JSON, but not an array of events", begin);
  }
  fail("json", "The text is not a JSON array of events", begin);
}

// Moves to the next element; false after the last.
bool Reader::Impl::at_element() {
  input.skip_whitespace();
  const bool ends = input.Peek() == ']';
  if (ends) {
    input.Take();
    input.skip_whitespace();
    if (!input.rest().empty()) fail("json", "Something follows the array", input.Tell());
    state = State::Finished;
    return false;
  }
  if (ordinal > 0) {
    if (input.Peek() != ',') fail("json", "A comma or ] is missing after an event", input.Tell());
    input.Take();
    input.skip_whitespace();
    if (input.Peek() == ']') fail("json", "An event is missing after the comma", input.Tell());
  }
  if (input.rest().empty()) fail("json", "The array is not closed", input.Tell());
  return true;
}

rapidjson::ParseResult Reader::Impl::parse_masked(FlatEvent& event) {
  const std::string_view source = input.rest();
  const std::string masked = mask_numbers(source);
  Input copy(masked);
  copy.copy_until(kMaxEventBytes);
  collector.begin(copy, source, event);
  rapidjson::ParseResult result = json.Parse<kJsonFlags>(copy, collector);
  if (result.IsError()) result.Set(result.Code(), result.Offset() + input.Tell());
  if (!result.IsError()) input.skip(masked.size());  // a number is longer than its "0"
  return result;
}

void Reader::Impl::explain(const rapidjson::ParseResult& result) {
  const std::string event = "Event " + std::to_string(ordinal) + ": ";
  if (collector.stop() == Collector::Stop::Depth) {
    fail("depth", event + "nested deeper than " + std::to_string(kMaxDepth) + " levels",
         result.Offset());
  }
  if (collector.stop() == Collector::Stop::Encoding ||
      result.Code() == rapidjson::kParseErrorStringUnicodeSurrogateInvalid) {
    fail("encoding", event + "half of a surrogate pair (\\ud800 … \\udfff) stands alone",
         result.Offset());
  }
  if (result.Code() == rapidjson::kParseErrorStringInvalidEncoding) {
    fail("encoding", event + "a string is not valid UTF-8", result.Offset());
  }
  std::string what = rapidjson::GetParseError_En(result.Code());
  if (what.ends_with('.')) what.pop_back();
  fail("json", event + what, result.Offset());
}

void Reader::Impl::parse(FlatEvent& event) {
  const std::size_t begin = input.Tell();
  const Input before = input;
  input.copy_until(begin + kMaxEventBytes);
  collector.begin(input, input.text(), event);
  rapidjson::ParseResult result = json.Parse<kJsonFlags>(input, collector);
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) {
    input = before;
    result = parse_masked(event);
  }
  if (result.IsError()) explain(result);
  event.ordinal = ordinal;
  event.raw = input.text().substr(begin, input.Tell() - begin);
  if (event.raw.size() > kMaxEventBytes) {
    event.fields.clear();
    event.problems.clear();
    event.problems.push_back({"", "too_large",
                              "The event has " + std::to_string(event.raw.size()) +
                                  " bytes; at most " + std::to_string(kMaxEventBytes) +
                                  " are allowed."});
  } else if (!collector.is_object()) {
    event.problems.push_back(
        {"", "not_object",
         "An event must be an object, but this is " + excerpt(event.raw, 60) + "."});
  }
}

Reader::Reader(std::string_view json) : impl_(std::make_unique<Impl>(json)) {}
Reader::~Reader() = default;

bool Reader::next(FlatEvent& event) {
  Impl& impl = *impl_;
  if (impl.failure) throw ReadError(*impl.failure);
  if (impl.state == Impl::State::Start) impl.begin_array();
  if (impl.state == Impl::State::Finished || !impl.at_element()) return false;
  ++impl.ordinal;
  impl.parse(event);
  return true;
}

}  // namespace tc::event
