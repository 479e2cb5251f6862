#include "llm/extract.hpp"

#include <gtest/gtest.h>

namespace tc::llm {
namespace {

std::string taken(std::string_view text) {
  const auto result = extract_json(text);
  if (const Json* json = std::get_if<Json>(&result)) return event::to_text(*json);
  return "no: " + std::get<NoJson>(result).reason;
}
bool is_refused(std::string_view text) { return taken(text).substr(0, 4) == "no: "; }

TEST(Extract, ToleratesWrapping) {
  EXPECT_EQ(taken(R"({"a": 1})"), R"({"a":1})");
  EXPECT_EQ(taken(" \n{\"a\": 1}\n "), R"({"a":1})");
  EXPECT_EQ(taken("\xef\xbb\xbf{\"a\": 1}"), R"({"a":1})");
  EXPECT_EQ(taken("```json\n{\"a\": 1}\n```"), R"({"a":1})");
  EXPECT_EQ(taken("```\n{\"a\": 1}\n```\n"), R"({"a":1})");
  EXPECT_EQ(taken("Here it is:\n\n```json\n{\"a\": 1}\n```\nTell me if it fits."), R"({"a":1})");
  EXPECT_EQ(taken("Here it is: {\"a\": 1}"), R"({"a":1})");
  EXPECT_EQ(taken("Here it is: {\"a\": 1} Tell me if it fits."), R"({"a":1})");
  EXPECT_EQ(taken(R"(Sure: {"a": "}{\"", "b": {}})"), R"({"a":"}{\"","b":{}})");
}

TEST(Extract, NeverTakesOneOfSeveral) {
  EXPECT_TRUE(is_refused(R"({"a": 1}{"a": 2})"));
  EXPECT_TRUE(is_refused("{\"a\": 1}\n{\"a\": 2}"));
  EXPECT_TRUE(is_refused(R"({"a": 1} That was it.)"));
  EXPECT_TRUE(is_refused(R"(First {"a": 1} or {"a": 2})"));
  EXPECT_TRUE(is_refused("```json\n{\"a\": 1}\n```\n```json\n{\"a\": 2}\n```"));
  EXPECT_TRUE(is_refused("{\"x\": 1}? No:\n```json\n{\"a\": 1}\n```"));
}

TEST(Extract, RefusesWhatIsNotJson) {
  for (const char* text : {"",
                           "no braces",
                           "[1]",
                           "\"a\"",
                           "{\"a\": NaN}",
                           "{\"a\": Infinity}",
                           "{\"a\": -Infinity}",
                           "{\"a\": 1e400}",
                           "{\"a\": 1e-400}",
                           "{\"a\": 1, \"a\": 2}",
                           "{\"a\": 1,}",
                           "{'a': 1}",
                           "{\"a\": 1 /* one */}",
                           "{a: 1}",
                           "{\"a\": \"\\u0000\"}",
                           "{\"a\": \"\\ud800\"}",
                           "{\"a\": \"\xff\"}",
                           "{\"a\": \"\xc0\xaf\"}",
                           "{\"a\": 1",
                           "{\"a\": \"x",
                           "{\"a\": 01}",
                           "```json\n{\"a\": 1"}) {
    EXPECT_TRUE(is_refused(text)) << text;
  }
}

TEST(Extract, KeepsNumbersExact) {
  EXPECT_EQ(taken(R"({"a": 123456789012345678901234567890, "b": 0.30, "c": 1.10e1})"),
            R"({"a":123456789012345678901234567890,"b":0.3,"c":11})");
}

TEST(Extract, BoundsDepthAndCount) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_FALSE(is_refused(nested(63)));
  EXPECT_TRUE(is_refused(nested(64)));
  EXPECT_TRUE(is_refused(nested(100'000)));
  EXPECT_TRUE(is_refused("{\"a\":" + std::string(1'000'000, '[')));
  std::string many = "{\"a\":[0";
  for (int i = 0; i < 1'000'000; ++i) many += ",0";
  EXPECT_TRUE(is_refused(many + "]}"));
  std::string text = "{\"a\":\"";
  text.append(200'000, ',');
  EXPECT_FALSE(is_refused(text + "\"}"));  // commas in a text are no values
}

TEST(Extract, KnowsRefusalsInPlainWords) {
  EXPECT_TRUE(looks_like_refusal("I'm sorry, but I can't help with that."));
  EXPECT_TRUE(looks_like_refusal("\n I\xe2\x80\x99m sorry, but no."));
  EXPECT_TRUE(looks_like_refusal("As an AI language model"));
  EXPECT_FALSE(looks_like_refusal("I'm sorry: {\"a\": 1}"));
  EXPECT_FALSE(looks_like_refusal("The bakery is sorry"));
  EXPECT_FALSE(looks_like_refusal(""));
}

}  // namespace
}  // namespace tc::llm
