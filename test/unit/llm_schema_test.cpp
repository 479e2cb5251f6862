#include <gtest/gtest.h>

#include "event/schema.hpp"
#include "llm/reply_schema.hpp"
#include "llm/schema_adapt.hpp"

namespace tc::llm {
namespace {

const char* const kSchema =
    R"({"type":"object","additionalProperties":false,"required":["name","rows"],
  "properties":{
    "name":{"type":"string","minLength":1,"maxLength":5},
    "note":{"type":"string"},
    "kind":{"enum":["a","b"]},
    "rows":{"type":"array","minItems":1,"maxItems":3,"items":{
      "type":"object","additionalProperties":false,"required":["n"],
      "properties":{"n":{"type":"number","format":"amount","minimum":0},"month":{"type":"string","format":"month"},
                    "either":{"anyOf":[{"type":"string"},{"type":"integer"}]}}}}}})";

std::string check(std::string_view reply, std::string_view schema = kSchema) {
  const ReplySchema compiled(event::parse_json(schema));
  std::string text;
  for (const event::Reason& reason : compiled.check(event::parse_json(reply))) {
    text += reason.rule + reason.pointer + " ";
  }
  return text;
}

TEST(ReplySchema, SaysAllThatIsWrongAtEveryDepth) {
  EXPECT_EQ(check(R"({"name":"x","rows":[{"n":1}]})"), "");
  EXPECT_EQ(check(R"({"name":"","rows":[{"n":-1,"month":"2024-13","extra":1},{"n":"1"},{}]})"),
            "minLength/name minimum/rows/0/n format/rows/0/month unknown_field/rows/0/extra "
            "type/rows/1/n required/rows/2/n ");
  EXPECT_EQ(check(R"({"rows":[],"kind":"c"})"), "required/name minItems/rows enum/kind ");
  EXPECT_EQ(check(R"({"name":"x","rows":[{"n":1},{"n":1},{"n":1},{"n":1}]})"), "maxItems/rows ");
  EXPECT_EQ(check(R"({"name":null,"rows":{"n":1}})"), "type/name type/rows ");
  EXPECT_EQ(check(R"({"name":"x","rows":[{"n":1,"either":1},{"n":1,"either":"1"}]})"), "");
}

TEST(ReplySchema, NumbersAreExact) {
  EXPECT_EQ(check(R"({"name":"x","rows":[{"n":0.12345}]})"), "format/rows/0/n ");
  EXPECT_EQ(check(R"({"name":"x","rows":[{"n":1e20}]})"), "format/rows/0/n ");
  EXPECT_EQ(check(R"({"n":9007199254740993})",
                  R"({"type":"object","properties":{"n":{"maximum":9007199254740992}}})"),
            "maximum/n ");
}

TEST(ReplySchema, ReasonsAreBounded) {
  std::string rows;
  for (int i = 0; i < 1000; ++i) rows += std::string(i > 0 ? "," : "") + "{}";
  const ReplySchema compiled(event::parse_json(
      R"({"type":"object","properties":{"rows":{"items":{"required":["a","b"]}}}})"));
  EXPECT_EQ(compiled.check(event::parse_json("{\"rows\":[" + rows + "]}")).size(), kMaxReasons);
}

TEST(ReplySchema, TheOtherKeywordsWorkToo) {
  const char* const schema = R"({"type":"object","patternProperties":{"^x":{"type":"integer"}},
    "properties":{"d":{"type":"array","uniqueItems":true}},"additionalProperties":false})";
  EXPECT_EQ(check(R"({"x1":1,"d":[1,2]})", schema), "");
  EXPECT_NE(check(R"({"x1":"1"})", schema), "");
  EXPECT_NE(check(R"({"d":[1,1]})", schema), "");
  EXPECT_NE(check(R"({"y":1})", schema), "");
}

TEST(ReplySchema, RefusesWhatCannotBeChecked) {
  for (const char* schema : {"[]", "{}", R"({"type":"array"})", R"({"type":["object","null"]})",
                             R"({"type":"object","if":{}})", R"({"type":"object","required":1})"}) {
    EXPECT_THROW(ReplySchema(event::parse_json(schema)), event::SchemaError) << schema;
  }
}

TEST(AdaptSchema, StrictModesWantEverythingRequiredAndClosed) {
  const AdaptedSchema adapted = adapt_schema(Api::OpenAi, event::parse_json(kSchema));
  EXPECT_TRUE(adapted.strict);
  const Json& schema = adapted.schema;
  EXPECT_EQ(event::to_text(*schema.member("required")), R"(["name","note","kind","rows"])");
  EXPECT_EQ(event::to_text(*schema.member("additionalProperties")), "false");
  const Json* properties = schema.member("properties");
  EXPECT_EQ(event::to_text(*properties->member("name")), R"({"type":"string"})");
  EXPECT_EQ(event::to_text(*properties->member("note")), R"({"type":["string","null"]})");
  EXPECT_EQ(event::to_text(*properties->member("kind")), R"({"enum":["a","b",null]})");
  const Json* row = properties->member("rows")->member("items");
  EXPECT_EQ(event::to_text(*row->member("required")), R"(["n","month","either"])");
  EXPECT_EQ(event::to_text(*row->member("properties")->member("n")),
            R"({"type":"number","minimum":0})");
}

TEST(AdaptSchema, LeavesOutWhatAServerDoesNotKnow) {
  const Json schema = event::parse_json(
      R"({"type":"object","properties":{"a":{"type":"array","minItems":5,"maxItems":2},
         "b":{"type":"number","minimum":1}},"required":["a","b"]})");
  EXPECT_EQ(event::to_text(*adapt_schema(Api::Ollama, schema).schema.member("properties")),
            R"({"a":{"type":"array"},"b":{"type":"number"}})");
  EXPECT_EQ(event::to_text(*adapt_schema(Api::Anthropic, schema).schema.member("properties")),
            R"({"a":{"type":"array"},"b":{"type":"number"}})");
}

TEST(AdaptSchema, AnOpenObjectCannotBeStrict) {
  EXPECT_FALSE(adapt_schema(Api::OpenAi,
                            event::parse_json(R"({"type":"object","additionalProperties":true})"))
                   .strict);
  EXPECT_TRUE(adapt_schema(Api::OpenAi, event::parse_json(R"({"type":"object"})")).strict);
}

TEST(AdaptSchema, NullsThatWereAskedForAreTakenBack) {
  const Json schema = event::parse_json(kSchema);
  Json reply = event::parse_json(
      R"({"name":"x","note":null,"kind":null,"rows":[{"n":1,"month":null,"either":null}]})");
  drop_added_nulls(schema, reply);
  EXPECT_EQ(event::to_text(reply), R"({"name":"x","rows":[{"n":1,"either":null}]})");
  Json meant = event::parse_json(R"({"a":null,"b":null})");
  drop_added_nulls(event::parse_json(R"({"type":"object","required":["b"],"properties":
                                      {"a":{"type":["string","null"]},"b":{"type":"string"}}})"),
                   meant);
  EXPECT_EQ(event::to_text(meant), R"({"a":null,"b":null})");
}

}  // namespace
}  // namespace tc::llm
