// Regular expressions of schemas, translated to what RapidJSON's matcher can be trusted with.
//
// That matcher knows a small language, takes a pattern that it does not understand for one that
// matches everything, and does not come to an end with (a*)*. So a pattern is read here first; one
// that cannot be matched rightly is an error in the schema.
#pragma once
#include <string>
#include <string_view>

namespace tc::event {

struct Pattern {
  std::string text;               // in RapidJSON's language
  bool matches_anything = false;  // then `text` must not be used
};

// Understood: literals, ., classes, groups, |, ?, *, +, {n,m}, ^ and $ at the two ends, \d \w \s
// and their opposites. Throws SchemaError with the pointer `where`.
Pattern translate_pattern(std::string_view pattern, const std::string& where);

}  // namespace tc::event
