// JSON from a model's server: within limits of depth and count, exact numbers, nothing given twice.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/json_tree.hpp"

namespace tc::llm {

using event::Json;
using event::Kind;

// A tree takes about 140 bytes for each value, so a reply within its size in bytes could still
// outgrow memory.
inline constexpr std::size_t kMaxValues = 100'000;

// How many values `text` would make at most: one more than its commas and opening brackets outside
// strings. Stops counting behind kMaxValues.
std::size_t count_values(std::string_view text);

// The tree of a JSON text; throws event::SchemaError with the reason, as event::parse_json does,
// and for more than kMaxValues values.
Json parse_bounded(std::string_view text);

// The same for what is not worth a reason: nullopt for anything that is not an object. A BOM is
// skipped.
std::optional<Json> parse_envelope(std::string_view text);

// Of members that may be absent: "" for what is not a string, nullopt for what is not a whole
// number of 0 … 2^53, nullptr for what is not there.
std::string text_of(const Json* json);
std::optional<std::int64_t> whole_of(const Json* json);
const Json* member_at(const Json* json, std::string_view key);  // nullptr in, nullptr out

Json number_json(std::int64_t value);
Json text_array(const std::vector<std::string>& texts);

// U+FEFF at the beginning taken off.
std::string_view without_bom(std::string_view text);
std::string_view trimmed(std::string_view text);

}  // namespace tc::llm
