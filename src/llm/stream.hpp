// Replies that come bit by bit: server-sent events and lines of JSON, parsed as the bytes arrive.
//
// Bytes are joined before anything is decoded, so it does not matter where the network cuts them:
// inside a character, a line end or a field.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "llm/reply.hpp"

namespace tc::llm {

inline constexpr std::size_t kMaxLineBytes = std::size_t{4} << 20;

// Cuts a byte stream into lines that end in LF, CR or CRLF.
class LineSplitter {
 public:
  // Calls `line` for each complete one, without its end; stops when `line` returns false.
  // False when it was stopped, or a line grew beyond kMaxLineBytes.
  bool feed(std::string_view bytes, const std::function<bool(std::string_view)>& line);
  std::string_view rest() const { return line_; }  // what came after the last line end

 private:
  std::string line_;
  bool after_cr_ = false;
};

// The fields of server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html.
// Comments, ids and retry times are skipped.
class SseParser {
 public:
  // Calls `event` with its name ("" when it has none) and its data for each complete event.
  bool feed(std::string_view bytes,
            const std::function<bool(std::string_view name, std::string_view data)>& event);

 private:
  LineSplitter lines_;
  std::string name_, data_;
  bool has_data_ = false;
};

// One streamed reply of one protocol.
class ReplyStream {
 public:
  explicit ReplyStream(Api api) : api_(api) {}

  // Takes bytes and returns the text that they complete, which is valid UTF-8. After a fault, or
  // after the end, nothing more is taken.
  std::string feed(std::string_view bytes);
  bool is_over() const { return is_over_ || fault_.has_value(); }
  // The connection is closed (or is_over()): the reply as a whole. Without a finish reason it was
  // cut off.
  Decoded finish();

 private:
  bool take_openai(std::string_view data);
  bool take_anthropic(std::string_view data);
  bool take_ollama(std::string_view line);
  bool take_error(const Json& data);
  bool stop(Fault fault);
  void add_usage(const Usage& usage);

  Api api_;
  SseParser events_;
  LineSplitter lines_;
  Reply reply_;
  std::string refusal_;
  std::string fresh_;
  bool is_over_ = false;
  std::optional<Fault> fault_;
};

}  // namespace tc::llm
