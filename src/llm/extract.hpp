// The one JSON object in what a model wrote.
//
// Tolerated: a byte order mark, white space, one code fence with prose around it, prose before an
// object (and then behind it). Refused: two objects, anything behind an object that begins the
// text, NaN and Infinity, duplicate keys, depth over 64, U+0000, half surrogates, numbers of more
// than 38 digits, more than kMaxValues values. Never the first of several, never a guess.
#pragma once
#include <string>
#include <string_view>
#include <variant>

#include "llm/json.hpp"

namespace tc::llm {

// Why there is no such object: a sentence that can be sent back to the model.
struct NoJson {
  std::string reason;
};

std::variant<Json, NoJson> extract_json(std::string_view text);

// Whether a text without JSON is a refusal in plain words ("I'm sorry, but I can't …"). Asking
// again would be arguing.
bool looks_like_refusal(std::string_view text);

}  // namespace tc::llm
