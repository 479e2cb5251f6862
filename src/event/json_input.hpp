// JSON text as RapidJSON's SAX reader takes it here: a slice of memory that need not end in NUL,
// with strings checked and copied in runs instead of byte by byte.
#pragma once
#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/rapidjson.hpp"

#include <rapidjson/allocators.h>
#include <rapidjson/encodings.h>
#include <rapidjson/reader.h>

#include "base/text.hpp"

namespace tc::event {

// The bytes at the beginning of `text` that may stand in a JSON string as they are: no quote, no
// backslash, no control character, valid UTF-8.
std::size_t plain_run(std::string_view text);

// A rapidjson::Stream over a slice. Not copied by the reader, so that a handler sees where it is.
class Input {
 public:
  using Ch = char;

  explicit Input(std::string_view text) : text_(text), at_(text.data()), end_(at_ + text.size()) {}

  Ch Peek() const { return at_ == end_ ? '\0' : *at_; }
  Ch Take() { return at_ == end_ ? '\0' : *at_++; }
  std::size_t Tell() const { return static_cast<std::size_t>(at_ - text_.data()); }

  // What RapidJSON asks of streams it writes to.
  Ch* PutBegin() { throw RapidJsonAssertion("read only"); }
  void Put(Ch) { throw RapidJsonAssertion("read only"); }
  void Flush() { throw RapidJsonAssertion("read only"); }
  std::size_t PutEnd(Ch*) { throw RapidJsonAssertion("read only"); }

  std::string_view text() const { return text_; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  void skip(std::size_t bytes) { at_ += bytes; }
  void skip_whitespace() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  // Strings behind this offset are checked, but not copied for the handler.
  void copy_until(std::size_t offset) { copied_ = offset; }
  bool copies() const { return Tell() <= copied_; }

 private:
  std::string_view text_;
  const char* at_;
  const char* end_;
  std::size_t copied_ = static_cast<std::size_t>(-1);
};

// UTF-8 as `Input` holds it; what makes RapidJSON use the Transcoder below.
struct InputEncoding : rapidjson::UTF8<> {};

using JsonReader =
    rapidjson::GenericReader<InputEncoding, rapidjson::UTF8<>, rapidjson::CrtAllocator>;

// Iterative: depth costs heap, never stack. Numbers stay text: money never becomes a double.
inline constexpr unsigned kJsonFlags =
    static_cast<unsigned>(rapidjson::kParseIterativeFlag) | rapidjson::kParseValidateEncodingFlag |
    rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseStopWhenDoneFlag;

}  // namespace tc::event

namespace rapidjson {

// RapidJSON calls this for each character of a string that is not special; taking all that follow
// it at once is what makes reading fast.
template <>
class Transcoder<tc::event::InputEncoding, UTF8<>> {
 public:
  template <typename Output>
  static bool Validate(tc::event::Input& input, Output& output) {
    const std::string_view rest = input.rest();
    const std::size_t length = tc::event::plain_run(rest);
    if (length == 0) return false;
    if (input.copies()) {
      std::memcpy(output.Push(static_cast<SizeType>(length)), rest.data(), length);
    }
    input.skip(length);
    return true;
  }
  // Never called, as kParseValidateEncodingFlag is always set, but compiled.
  template <typename Output>
  static bool Transcode(tc::event::Input& input, Output& output) {
    return Validate(input, output);
  }
};

}  // namespace rapidjson
