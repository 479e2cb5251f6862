// Arbitrary bytes as what a model wrote: what is taken out is an object, and taking it out of its
// own text gives the same.
#include <cstdint>
#include <cstdlib>

#include "llm/extract.hpp"
#include "llm/reply_schema.hpp"
#include "llm/schema_adapt.hpp"

namespace {

using namespace tc::llm;

void require(bool holds) {
  if (!holds) std::abort();
}

const Json& schema() {
  static const Json json = tc::event::parse_json(
      R"({"type":"object","additionalProperties":false,"required":["a"],"properties":{
        "a":{"type":"array","items":{"type":"object","required":["x"],"properties":{
          "x":{"type":"number","format":"amount"},"y":{"type":"string"}}}},
        "b":{"type":"string","maxLength":3},"c":{"anyOf":[{"type":"null"},{"type":"integer"}]}}})");
  return json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ReplySchema compiled(schema());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  looks_like_refusal(text);
  const auto taken = extract_json(text);
  if (const Json* json = std::get_if<Json>(&taken)) {
    require(json->is(Kind::Object));
    const std::string written = tc::event::to_text(*json);
    const auto again = extract_json(written);
    require(std::holds_alternative<Json>(again));
    require(tc::event::to_text(std::get<Json>(again)) == written);
    Json reply = *json;
    drop_added_nulls(schema(), reply);
    require(compiled.check(reply).size() <= kMaxReasons);
  } else {
    require(!std::get<NoJson>(taken).reason.empty());
  }
  return 0;
}
