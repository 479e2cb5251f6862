#include "event/schema.hpp"

#include <gtest/gtest.h>

#include "payload.hpp"

namespace tc::event {
namespace {

Reasons reasons_of(std::string_view schema, std::string_view payload) {
  const Payload fields(payload);
  Reasons reasons;
  Schema::compile(schema).check(fields, reasons);
  return reasons;
}

std::string said(std::string_view schema, std::string_view payload) {
  return shown(reasons_of(schema, payload));
}

// The verdict about {"x": value} where x has this schema.
std::string about(const std::string& property, const std::string& value) {
  return said("{\"properties\": {\"x\": " + property + "}}", "{\"x\": " + value + "}");
}

std::string message(const std::string& property, const std::string& value) {
  const Reasons reasons =
      reasons_of("{\"properties\": {\"x\": " + property + "}}", "{\"x\": " + value + "}");
  return reasons.empty() ? "" : reasons.front().message;
}

std::string refused_at(std::string_view schema) {
  try {
    Schema::compile(schema);
  } catch (const SchemaError& error) {
    return error.pointer.empty() ? "-" : error.pointer;
  }
  return "accepted";
}

TEST(Schema, ChecksTypes) {
  EXPECT_EQ(about(R"({"type": "string"})", "\"a\""), "");
  EXPECT_EQ(about(R"({"type": "string"})", "1"), "type/x");
  EXPECT_EQ(about(R"({"type": "number"})", "1.5"), "");
  EXPECT_EQ(about(R"({"type": "number"})", "\"1.5\""), "type/x");
  EXPECT_EQ(about(R"({"type": "integer"})", "2"), "");
  EXPECT_EQ(about(R"({"type": "integer"})", "2.0"), "");
  EXPECT_EQ(about(R"({"type": "integer"})", "2.5"), "type/x");
  EXPECT_EQ(about(R"({"type": ["integer", "number"]})", "2.5"), "");
  EXPECT_EQ(about(R"({"type": "boolean"})", "true"), "");
  EXPECT_EQ(about(R"({"type": "boolean"})", "\"true\""), "type/x");
  EXPECT_EQ(about(R"({"type": "null"})", "null"), "");
  EXPECT_EQ(about(R"({"type": ["string", "null"]})", "null"), "");
  EXPECT_EQ(about(R"({"type": ["string", "null"]})", "0"), "type/x");
  EXPECT_EQ(about(R"({"type": "array"})", "[1]"), "");
  EXPECT_EQ(about(R"({"type": "object"})", "[1]"), "type/x");
  EXPECT_EQ(about("{}", "[1]"), "");
  EXPECT_EQ(about("true", "[1]"), "");
  EXPECT_EQ(about("false", "1"), "not/x");
}

TEST(Schema, ChecksLimitsExactly) {
  EXPECT_EQ(about(R"({"minimum": 0.1})", "0.1"), "");
  EXPECT_EQ(about(R"({"minimum": 0.1})", "0.09999999999999999999999"), "minimum/x");
  EXPECT_EQ(about(R"({"maximum": 0.1})", "0.1000000000000000000001"), "maximum/x");
  EXPECT_EQ(about(R"({"exclusiveMinimum": 0})", "0"), "exclusiveMinimum/x");
  EXPECT_EQ(about(R"({"exclusiveMinimum": 0})", "1e-38"), "");
  EXPECT_EQ(about(R"({"exclusiveMaximum": 10})", "10"), "exclusiveMaximum/x");
  EXPECT_EQ(about(R"({"minimum": 0, "exclusiveMinimum": true})", "0"), "exclusiveMinimum/x");
  EXPECT_EQ(about(R"({"minimum": 0, "exclusiveMinimum": false})", "0"), "");
  EXPECT_EQ(about(R"({"maximum": 9, "exclusiveMaximum": true})", "9"), "exclusiveMaximum/x");
  EXPECT_EQ(about(R"({"multipleOf": 0.01})", "0.07"), "");
  EXPECT_EQ(about(R"({"multipleOf": 0.01})", "1234567890123456.78"), "");
  EXPECT_EQ(about(R"({"multipleOf": 0.01})", "0.075"), "multipleOf/x");
  EXPECT_EQ(about(R"({"minimum": 5, "multipleOf": 2})", "3"), "minimum/x multipleOf/x");
  EXPECT_EQ(about(R"({"minimum": 5})", "\"3\""), "");
  EXPECT_EQ(about(R"({"type": "number"})", "1e400"), "number/x");
}

TEST(Schema, ChecksLengthsInCharacters) {
  EXPECT_EQ(about(R"({"minLength": 2})", "\"ä\""), "minLength/x");
  EXPECT_EQ(about(R"({"minLength": 2})", "\"äö\""), "");
  EXPECT_EQ(about(R"({"maxLength": 2})", "\"äö\""), "");
  EXPECT_EQ(about(R"({"maxLength": 2})", "\"äöü\""), "maxLength/x");
  EXPECT_EQ(about(R"({"minLength": 1})", "\"\""), "minLength/x");
  EXPECT_EQ(about(R"({"maxLength": 0})", "\"😀\""), "maxLength/x");
  EXPECT_EQ(about(R"({"minLength": 5, "maxLength": 5})", "\"abcde\""), "");
  EXPECT_EQ(about(R"({"maxLength": 1})", "12345"), "");
}

TEST(Schema, ChecksValues) {
  EXPECT_EQ(about(R"({"enum": ["in", "out"]})", "\"in\""), "");
  EXPECT_EQ(about(R"({"enum": ["in", "out"]})", "\"IN\""), "enum/x");
  EXPECT_EQ(about(R"({"enum": [1, 2.50, null, true]})", "2.5"), "");
  EXPECT_EQ(about(R"({"enum": [1, 2.50, null, true]})", "1.0"), "");
  EXPECT_EQ(about(R"({"enum": [1, 2.50, null, true]})", "null"), "");
  EXPECT_EQ(about(R"({"enum": [1, 2.50, null, true]})", "true"), "");
  EXPECT_EQ(about(R"({"enum": [1, 2.50, null, true]})", "false"), "enum/x");
  EXPECT_EQ(about(R"({"enum": [1, 2.50, null, true]})", "\"1\""), "enum/x");
  EXPECT_EQ(about(R"({"const": "sale"})", "\"sale\""), "");
  EXPECT_EQ(about(R"({"const": "sale"})", "\"buy\""), "enum/x");
  EXPECT_EQ(about(R"({"const": 1, "enum": [1, 2]})", "1"), "");
  EXPECT_EQ(about(R"({"const": 1, "enum": [1, 2]})", "2"), "allOf/x");
  EXPECT_EQ(about(R"({"enum": [[1, "a"], 3]})", "[1, \"a\"]"), "");
  EXPECT_EQ(about(R"({"enum": [[1, "a"], 3]})", "[1, \"b\"]"), "enum/x");
}

TEST(Schema, ChecksItsOwnFormatsAndIgnoresOthers) {
  EXPECT_EQ(about(R"({"format": "amount"})", "9999999999999999.9999"), "");
  EXPECT_EQ(about(R"({"format": "amount"})", "10000000000000000"), "format/x");
  EXPECT_EQ(about(R"({"format": "amount"})", "1.00010"), "");
  EXPECT_EQ(about(R"({"format": "amount"})", "1.00001"), "format/x");
  EXPECT_EQ(about(R"({"format": "rate"})", "0.19000001"), "");
  EXPECT_EQ(about(R"({"format": "rate"})", "0.190000001"), "format/x");
  EXPECT_EQ(about(R"({"format": "rate"})", "1000000000000"), "format/x");
  EXPECT_EQ(about(R"({"format": "month"})", "\"2024-12\""), "");
  EXPECT_EQ(about(R"({"format": "month"})", "\"2024-13\""), "format/x");
  EXPECT_EQ(about(R"({"format": "date"})", "\"2024-02-29\""), "");
  EXPECT_EQ(about(R"({"format": "date"})", "\"2023-02-29\""), "format/x");
  EXPECT_EQ(about(R"({"format": "amount"})", "\"text\""), "");
  EXPECT_EQ(about(R"({"format": "email"})", "\"nobody\""), "");
  EXPECT_TRUE(Schema::compile(R"({"properties": {"x": {"format": "uri"}}})").is_compiled());
}

TEST(Schema, ChecksNames) {
  const char* const schema =
      R"({"type": "object", "properties": {"revenue": {}, "cogs": {}}, "required": ["revenue", "b"],
          "additionalProperties": false})";
  EXPECT_EQ(said(schema, R"({"revenue": 1})"), "required/b");
  EXPECT_EQ(said(schema, "{}"), "required/b required/revenue");
  // Required, but not described: additionalProperties still refuses it.
  EXPECT_EQ(said(schema, R"({"b": 1, "revenue": 1})"), "unknown_field/b");
  EXPECT_EQ(said(schema, R"({"b": 1, "revenue": 1, "a/b~c": 1, "zzzzzzzzzzzz": 2})"),
            "unknown_field/b unknown_field/a~1b~0c unknown_field/zzzzzzzzzzzz");
  EXPECT_EQ(said(R"({"properties": {"a": {}}})", R"({"b": 1})"), "");
  EXPECT_EQ(said(R"({"minProperties": 1})", "{}"), "minProperties");
  EXPECT_EQ(said(R"({"maxProperties": 1})", R"({"a": 1, "b": 2})"), "maxProperties");
  EXPECT_EQ(Schema::compile(schema).required(), (std::vector<std::string>{"revenue", "b"}));
}

TEST(Schema, SaysWhatWasFoundAndWhatMayHaveBeenMeant) {
  EXPECT_EQ(message(R"({"type": ["number", "null"]})", "\"12\""),
            "x must be null or a number, but is \"12\".");
  EXPECT_EQ(message(R"({"minimum": 0.5})", "0.25"), "x must be at least 0.5, but is 0.25.");
  EXPECT_EQ(message(R"({"enum": ["in", "out"]})", "\"inn\""),
            "x must be \"in\" or \"out\", but is \"inn\". Did you mean “in”?");
  EXPECT_EQ(message(R"({"minLength": 1})", "\"\""),
            "x must be at least 1 character long, but is \"\".");
  EXPECT_EQ(reasons_of(R"({"properties": {"revenue": {}, "region": {}},
                           "additionalProperties": false})",
                       R"({"revnue": 7})")
                .front()
                .message,
            "\"revnue\" is not a field of this event type, found 7. Did you mean “revenue”?");
}

TEST(Schema, ReportsAllReasons) {
  EXPECT_EQ(said(R"({"properties": {"a": {"type": "number", "minimum": 1, "multipleOf": 2},
                                    "b": {"type": "string", "maxLength": 1, "pattern": "^x"},
                                    "c": {"items": {"type": "number"}}, "d": {}},
                     "required": ["d"], "additionalProperties": false,
                     "allOf": [{"required": ["e"]}, {"required": ["f"]}]})",
                 R"({"a": -1, "b": "ab", "c": [1, "x"], "z": 1})"),
            "minimum/a multipleOf/a maxLength/b pattern/b type/c/1 required/d unknown_field/z "
            "required required");
}

TEST(Schema, IsCompiledWhereItCanBe) {
  const auto compiled = [](const std::string& property) {
    return Schema::compile("{\"properties\": {\"x\": " + property + "}}").is_compiled();
  };
  EXPECT_TRUE(compiled(R"({"type": "number", "minimum": 0, "exclusiveMaximum": 9, "multipleOf": 2,
                           "format": "amount", "enum": [1], "title": "t", "default": 3})"));
  EXPECT_TRUE(compiled(R"({"type": "array"})"));
  EXPECT_FALSE(compiled(R"({"pattern": "a"})"));
  EXPECT_TRUE(compiled(R"({"pattern": "a*"})"));  // matches everything
  EXPECT_FALSE(compiled(R"({"properties": {"y": {}}})"));
  EXPECT_FALSE(compiled(R"({"enum": [[]]})"));
  EXPECT_FALSE(Schema::compile(R"({"oneOf": [{}]})").is_compiled());
  EXPECT_FALSE(Schema::compile(R"({"patternProperties": {"a": {}}})").is_compiled());
  EXPECT_TRUE(Schema::compile(R"({"properties": {"x": {"$ref": "#/$defs/n"}},
                                  "$defs": {"n": {"type": "number"}}})")
                  .is_compiled());
}

TEST(Schema, ChecksWhatIsNestedByRapidJson) {
  const std::string lines =
      R"({"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "object",
          "properties": {"sku": {"type": "string", "pattern": "^[A-Z]{2}\\d+$"},
                         "qty": {"type": "integer", "exclusiveMinimum": 0}},
          "required": ["sku"], "additionalProperties": false}})";
  EXPECT_EQ(about(lines, R"([{"sku": "AB12", "qty": 1}])"), "");
  EXPECT_EQ(about(lines, R"([{"sku": "AB12", "qty": 1.0}])"), "");
  EXPECT_EQ(about(lines, R"([{"sku": "AB12"}, {"sku": "AB12"}])"), "uniqueItems/x/1");
  EXPECT_EQ(about(lines, "[]"), "minItems/x");
  EXPECT_EQ(about(lines, R"([{"sku": "ab12"}])"), "pattern/x/0/sku");
  EXPECT_EQ(about(lines, R"([{"sku": "AB12", "qty": 0}])"), "minimum/x/0/qty");
  EXPECT_EQ(about(lines, R"([{"sku": "AB12", "a~/b": 0}])"), "unknown_field/x/0/a~0~1b");
  EXPECT_EQ(about(lines, R"([{"qty": 1}])"), "required/x/0");
  EXPECT_EQ(about(lines, "{}"), "type/x");
  EXPECT_EQ(about(lines, R"([{"sku": "AB12", "qty": 1e400}])"), "number/x");
  EXPECT_EQ(about(R"({"items": [{"type": "string"}], "additionalItems": false})", "[\"a\"]"), "");
  EXPECT_NE(about(R"({"items": [{"type": "string"}], "additionalItems": false})", "[\"a\", 1]"),
            "");
  EXPECT_NE(about(R"({"items": [], "additionalItems": false})", "[1]"), "");
  EXPECT_EQ(about(R"({"items": []})", "[1]"), "");
}

TEST(Schema, CombinesSchemas) {
  const char* const one =
      R"({"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "not": {"required": ["c"]},
          "dependencies": {"a": ["d"]}})";
  EXPECT_EQ(said(one, R"({"b": 1})"), "");
  EXPECT_EQ(said(one, R"({"a": 1, "d": 1})"), "");
  EXPECT_EQ(said(one, R"({"a": 1})"), "dependencies");
  EXPECT_EQ(said(one, R"({"a": 1, "b": 1, "c": 1})"), "oneOf not dependencies");
  EXPECT_TRUE(Schema::compile(R"({"dependencies": {}, "patternProperties": {}})").is_compiled());
  EXPECT_EQ(said(R"({"anyOf": [{"properties": {"a": {"type": "number"}}}, {"required": ["b"]}]})",
                 R"({"a": "x"})"),
            "anyOf");
}

TEST(Schema, ChecksPatternProperties) {
  const char* const schema =
      R"({"properties": {"x_a": {"type": "number"}}, "patternProperties": {"^x_": {"minimum": 1},
          "t$": {"type": "string"}}, "additionalProperties": false})";
  EXPECT_EQ(said(schema, R"({"x_a": 1, "x_b": "free", "t": "t"})"), "");
  EXPECT_EQ(said(schema, R"({"x_a": 0, "x_b": 0, "t": 1, "y": 1})"),
            "unknown_field/y minimum/x_a minimum/x_b type/t");
  const char* const rest =
      R"({"patternProperties": {"^x_": {}}, "additionalProperties": {"type": "string"}})";
  EXPECT_EQ(said(rest, R"({"x_a": 0, "b": "c"})"), "");
  EXPECT_EQ(said(rest, R"({"x_a": 0, "b": 1})"), "type/b");
  // Inside a property it is RapidJSON that must get it right.
  const std::string nested = std::string(R"({"properties": {"p": )") + schema + "}}";
  EXPECT_EQ(said(nested, R"({"p": {"x_a": 1, "x_b": "free", "t": "t"}})"), "");
  EXPECT_NE(said(nested, R"({"p": {"x_a": 1, "y": 1}})"), "");
  EXPECT_NE(said(nested, R"({"p": {"x_b": 0}})"), "");
  EXPECT_EQ(said(nested, R"({"p": {"t": "t", "x_b": "free"}})"), "");
}

TEST(Schema, FollowsReferences) {
  const char* const schema =
      R"({"properties": {"net": {"$ref": "#/definitions/money~1tax"},
                         "gross": {"$ref": "#/properties/net"}},
          "definitions": {"money/tax": {"type": "number", "minimum": 0}}})";
  EXPECT_EQ(said(schema, R"({"net": 1, "gross": 1})"), "");
  EXPECT_EQ(said(schema, R"({"net": -1, "gross": "x"})"), "minimum/net type/gross");
  // A neighbour of $ref counts as well.
  EXPECT_EQ(said(R"({"properties": {"x": {"$ref": "#/$defs/n", "maximum": 5, "title": "t"}},
                     "$defs": {"n": {"type": "number"}}})",
                 R"({"x": 6})"),
            "allOf/x");
  EXPECT_EQ(refused_at(R"({"properties": {"x": {"$ref": "#/nowhere"}}})"), "/properties/x/$ref");
  EXPECT_EQ(refused_at(R"({"properties": {"x": {"$ref": "http://a/b"}}})"), "/properties/x/$ref");
  EXPECT_EQ(refused_at(R"({"properties": {"x": {"$ref": 1}}})"), "/properties/x/$ref");
  EXPECT_EQ(refused_at(R"({"properties": {"x": {"$ref": "#"}}})"), "/properties/x/$ref");
  EXPECT_EQ(refused_at(R"({"properties": {"x": {"$ref": "#/properties/x"}}})"),
            "/properties/x/$ref");
  EXPECT_NE(refused_at(R"({"properties": {"x": {"items": {"$ref": "#/properties/x"}}}})"),
            "accepted");
}

TEST(Schema, RefusesReferencesThatMultiply) {
  std::string schema = R"({"properties": {"x": {"$ref": "#/d/20"}}, "d": {"0": {}})";
  for (int i = 1; i <= 20; ++i) {
    const std::string before = R"({"$ref": "#/d/)" + std::to_string(i - 1) + "\"}";
    schema.insert(schema.size() - 1,
                  ", \"" + std::to_string(i) + R"(": {"allOf": [)" + before + ", " + before + "]}");
  }
  EXPECT_NE(refused_at(schema + "}"), "accepted");
}

TEST(Schema, RefusesSenselessSchemas) {
  EXPECT_EQ(refused_at(""), "-");
  EXPECT_EQ(refused_at("{"), "-");
  EXPECT_EQ(refused_at("[]"), "-");
  EXPECT_EQ(refused_at("true"), "-");
  EXPECT_EQ(refused_at("{} {}"), "-");
  EXPECT_EQ(refused_at(R"({"a": 1, "a": 1})"), "-");
  EXPECT_EQ(refused_at(R"({"minProperties": 1e400})"), "-");
  EXPECT_EQ(refused_at(R"({"title": "\u0000"})"), "-");
  EXPECT_EQ(refused_at(R"({"title": "\udc00"})"), "-");
  EXPECT_EQ(refused_at(std::string(kMaxSchemaBytes + 1, ' ')), "-");
  EXPECT_EQ(refused_at(R"({"type": "array"})"), "/type");
  EXPECT_EQ(refused_at(R"({"properties": []})"), "/properties");
  EXPECT_EQ(refused_at(R"({"required": "a"})"), "/required");
  EXPECT_EQ(refused_at(R"({"required": [1]})"), "/required");
  const auto refused_in = [](const std::string& keyword) {
    return refused_at(R"({"properties": {"x": {)" + keyword + "}}}");
  };
  EXPECT_EQ(refused_in(R"("type": "decimal")"), "/properties/x/type");
  EXPECT_EQ(refused_in(R"("type": [])"), "/properties/x/type");
  EXPECT_EQ(refused_in(R"("enum": [])"), "/properties/x/enum");
  EXPECT_EQ(refused_in(R"("enum": [{}])"), "/properties/x/enum");
  EXPECT_EQ(refused_in(R"("minimum": "0")"), "/properties/x/minimum");
  EXPECT_EQ(refused_in(R"("exclusiveMinimum": true)"), "/properties/x");
  EXPECT_EQ(refused_in(R"("multipleOf": 0)"), "/properties/x/multipleOf");
  EXPECT_EQ(refused_in(R"("minLength": -1)"), "/properties/x/minLength");
  EXPECT_EQ(refused_in(R"("minLength": 1.5)"), "/properties/x/minLength");
  EXPECT_EQ(refused_in(R"("format": 1)"), "/properties/x/format");
  EXPECT_EQ(refused_in(R"("oneOf": [])"), "/properties/x/oneOf");
  EXPECT_EQ(refused_in(R"("oneOf": [1])"), "/properties/x/oneOf/0");
  EXPECT_EQ(refused_in(R"("not": 1)"), "/properties/x/not");
  EXPECT_EQ(refused_in(R"("uniqueItems": 1)"), "/properties/x/uniqueItems");
  EXPECT_EQ(refused_in(R"("if": {})"), "/properties/x/if");
  EXPECT_EQ(refused_in(R"("contains": {})"), "/properties/x/contains");
  EXPECT_EQ(refused_at(R"({"properties": {"a~/b": {"type": 1}}})"), "/properties/a~0~1b/type");
}

TEST(Schema, RefusesPatternsThatCannotBeMatchedRightly) {
  const auto refused = [](const std::string& pattern) {
    return refused_at(R"({"properties": {"x": {"pattern": ")" + pattern + "\"}}}") != "accepted";
  };
  for (const char* pattern : {"(a*)*",
                              "(a|b*)+",
                              "(a?){3}",
                              "a**",
                              "a+?",
                              "(",
                              ")",
                              "[",
                              "[]",
                              "a{2",
                              "a{3,2}",
                              "a{0}",
                              "(?=a)",
                              "(?<n>a)",
                              "\\\\1",
                              "\\\\b",
                              "\\\\p{L}",
                              "\\\\x41",
                              "^a|b$",
                              "a^b",
                              "a$b",
                              "a||b",
                              "()",
                              "*a",
                              "((a{100}){100}){100}",
                              "a{99999999999}",
                              "\\\\",
                              "[a-\\\\d]",
                              "[\\\\D]",
                              "(a?|b?)",
                              "^$"}) {
    EXPECT_TRUE(refused(pattern)) << pattern;
  }
  for (const char* pattern :
       {"a", "", "^", "$", "^a$", "^(a|b)$", "^[^a-z]{2,3}$", "\\\\d+\\\\.\\\\d{2}", "[\\\\w.-]+",
        "^(?:ab)+c?$", "[-a]", "[a^]", "\\\\/", "ä|ö", "x]", "{", "a{1,}"}) {
    const bool is_brace = std::string_view(pattern) == "{";
    EXPECT_EQ(refused(pattern), is_brace) << pattern;
  }
}

TEST(Schema, MatchesPatterns) {
  const auto fits = [](const std::string& pattern, const std::string& text) {
    return about(R"({"pattern": ")" + pattern + "\"}", "\"" + text + "\"").empty();
  };
  EXPECT_TRUE(fits("b", "abc"));
  EXPECT_FALSE(fits("^b", "abc"));
  EXPECT_TRUE(fits("^a", "abc"));
  EXPECT_TRUE(fits("c$", "abc"));
  EXPECT_FALSE(fits("b$", "abc"));
  EXPECT_TRUE(fits("^\\\\d{4}-\\\\d{2}$", "2024-03"));
  EXPECT_FALSE(fits("^\\\\d{4}-\\\\d{2}$", "2024-3"));
  EXPECT_TRUE(fits("^[\\\\w.-]+@[\\\\w-]+$", "a.b-c@d-e"));
  EXPECT_FALSE(fits("^[\\\\w.-]+$", "a b"));
  EXPECT_TRUE(fits("^\\\\S+$", "ab"));
  EXPECT_FALSE(fits("^\\\\S+$", "a b"));
  EXPECT_TRUE(fits("^(?:ab|cd)+e?$", "abcdab"));
  EXPECT_FALSE(fits("^(?:ab|cd)+e?$", "abc"));
  EXPECT_TRUE(fits("^a{2,3}$", "aaa"));
  EXPECT_FALSE(fits("^a{2,3}$", "aaaa"));
  EXPECT_TRUE(fits("^[äöü]+$", "öä"));
  EXPECT_TRUE(fits("^.{2}$", "😀é"));
  EXPECT_TRUE(fits("a*", "b"));
  EXPECT_TRUE(fits("^a?$", ""));
  EXPECT_TRUE(fits("^x]$", "x]"));
  EXPECT_TRUE(fits("^[a-]$", "-"));
  EXPECT_TRUE(fits("^[^a-]$", "b"));
  EXPECT_FALSE(fits("^[^a-]$", "-"));
}

TEST(Schema, CanBeMoved) {
  Schema schema = Schema::compile(R"({"required": ["a"]})");
  Schema other = Schema::compile("{}");
  other = std::move(schema);
  Reasons reasons;
  other.check({}, reasons);
  EXPECT_EQ(shown(reasons), "required/a");
}

}  // namespace
}  // namespace tc::event
