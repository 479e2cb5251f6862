// The check of a model's reply against its schema: every reason, at every depth, with exact
// numbers.
//
// Built of the same parts as the check of events (event/property_check, event/schema_unit), but for
// nested values: each object and each array is walked, so that a model hears of all its mistakes at
// once and not of the first one only.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "event/value.hpp"
#include "llm/json.hpp"

namespace tc::llm {

inline constexpr std::size_t kMaxReasons = 20;

class ReplySchema {
 public:
  // Throws event::SchemaError: not a schema, not one of an object, or with keywords that nothing
  // here can enforce.
  explicit ReplySchema(const Json& schema);
  ReplySchema(ReplySchema&&) noexcept;
  ReplySchema& operator=(ReplySchema&&) noexcept;
  ~ReplySchema();

  // The reasons why the reply does not fit, at most kMaxReasons; none when it does.
  event::Reasons check(const Json& reply) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace tc::llm
