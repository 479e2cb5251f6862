// Reads events from JSON text, strictly: an array of flat objects, one at a time, memory bounded by
// one event.
//
// What RapidJSON lets pass is refused here too: duplicate keys (at any depth), U+0000, depth over
// 64, an event over 1 MB, anything after the array. Numbers keep their text and are never doubles.
#pragma once
#include <concepts>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "event/value.hpp"

namespace tc::event {

inline constexpr std::size_t kMaxEventBytes = 1 << 20;
inline constexpr int kMaxDepth = 64;

// The text as a whole cannot be read: not JSON, not an array, invalid UTF-8. Nothing after it can
// be trusted.
struct ReadError : std::runtime_error {
  ReadError(std::string rule_name, const std::string& message, std::size_t at)
      : std::runtime_error(message), rule(std::move(rule_name)), offset(at) {}
  std::string rule;    // "json", "array", "encoding", "depth"
  std::size_t offset;  // bytes from the start of the text
};

// One element of the array. Views stay valid until the next call of next().
struct FlatEvent {
  std::size_t ordinal = 0;    // 1 for the first
  std::string_view raw;       // its JSON text, as written
  std::vector<Field> fields;  // as written, in the order written (not sorted), without duplicates
  Reasons problems;  // this element alone is wrong: not an object, duplicate key, U+0000, too large
};

class Reader {
 public:
  explicit Reader(std::string_view json);  // keeps the view
  template <std::same_as<std::string> Temporary>
  explicit Reader(const Temporary&&) = delete;  // the view would outlive it
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The next event, or false after the last. Throws ReadError.
  bool next(FlatEvent& event);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tc::event
