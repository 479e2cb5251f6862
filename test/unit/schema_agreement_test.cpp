// The compiled checker and RapidJSON's validator must never disagree, where doubles are exact.
#include <gtest/gtest.h>

#include <random>

#include "event/schema.hpp"
#include "payload.hpp"

#include "base/rapidjson.hpp"

#include <rapidjson/document.h>
#include <rapidjson/schema.h>

namespace tc::event {
namespace {

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  // Draft 4, which is what RapidJSON knows by itself.
  std::string schema() {
    std::string text = R"({"type": "object", "properties": {)";
    std::string required;
    std::vector<bool> is_declared(kKeys);
    requires_undeclared_ = false;
    for (int i = 0; i < kKeys; ++i) {
      if (one_in(3)) continue;
      is_declared[static_cast<std::size_t>(i)] = true;
      text += "\"" + key(i) + "\": " + property() + ",";
    }
    text += "\"always\": {}}";
    for (int i = 0; i < kKeys; ++i) {
      if (!one_in(4)) continue;
      required += (required.empty() ? "\"" : ", \"") + key(i) + "\"";
      if (!is_declared[static_cast<std::size_t>(i)]) requires_undeclared_ = true;
    }
    if (!required.empty()) text += ", \"required\": [" + required + "]";
    if (one_in(4)) text += ", \"additionalProperties\": false";
    if (one_in(8)) text += ", \"minProperties\": " + std::to_string(pick(4));
    if (one_in(8)) text += ", \"maxProperties\": " + std::to_string(pick(4) + 1);
    return text + "}";
  }

  // RapidJSON by itself takes such names for declared ones.
  bool requires_undeclared() const { return requires_undeclared_; }

  std::string payload() {
    std::string text;
    for (int i = 0; i < kKeys; ++i) {
      if (!one_in(3)) text += (text.empty() ? "\"" : ", \"") + key(i) + "\": " + value();
    }
    return "{" + text + "}";
  }

 private:
  static constexpr int kKeys = 3;

  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool one_in(int count) { return pick(count) == 0; }
  static std::string key(int i) {
    static const std::vector<std::string> kNames = {"revenue", "unitPrice", "é~/"};
    return kNames[static_cast<std::size_t>(i)];
  }

  // Quarters are exact as doubles.
  std::string number() {
    const int quarters = pick(80) - 40;
    std::string text = quarters < 0 ? "-" : "";
    text += std::to_string(std::abs(quarters) / 4);
    static const std::vector<std::string> kFractions = {"", ".25", ".5", ".750"};
    return text + kFractions[static_cast<std::size_t>(std::abs(quarters) % 4)];
  }

  std::string string() {
    static const std::vector<std::string> kTexts = {"",  "a", "in",       "out",    "é",
                                                    "€", "😀", "\\u00e9x", "longer", "\\n\\\""};
    return "\"" + kTexts[static_cast<std::size_t>(pick(10))] + "\"";
  }

  std::string value() {
    switch (pick(10)) {
      case 0:
        return "null";
      case 1:
        return "true";
      case 2:
        return "false";
      case 3:
        return "[1, {\"x\": \"y\"}]";
      case 4:
        return "{\"x\": []}";
      case 5:
      case 6:
        return string();
      default:
        return number();
    }
  }

  std::string property() {
    std::vector<std::string> keywords;
    static const std::vector<std::string> kTypes = {"null",   "boolean", "integer", "number",
                                                    "string", "array",   "object"};
    const auto type = [&] { return "\"" + kTypes[static_cast<std::size_t>(pick(7))] + "\""; };
    if (one_in(2)) keywords.push_back("\"type\": " + type());
    if (keywords.empty() && one_in(2)) {
      const std::string first = type();
      const std::string second = type();
      if (first != second) keywords.push_back("\"type\": [" + first + ", " + second + "]");
    }
    if (one_in(4)) {
      keywords.push_back("\"minimum\": " + number());
      if (one_in(2)) keywords.push_back("\"exclusiveMinimum\": true");
    }
    if (one_in(4)) {
      keywords.push_back("\"maximum\": " + number());
      if (one_in(2)) keywords.push_back("\"exclusiveMaximum\": true");
    }
    static const std::vector<std::string> kSteps = {"0.25", "0.5", "1", "1.5", "2", "3"};
    if (one_in(5))
      keywords.push_back("\"multipleOf\": " + kSteps[static_cast<std::size_t>(pick(6))]);
    if (one_in(5)) keywords.push_back("\"minLength\": " + std::to_string(pick(4)));
    if (one_in(5)) keywords.push_back("\"maxLength\": " + std::to_string(pick(4)));
    if (one_in(6)) {
      keywords.push_back("\"enum\": [" + number() + ", " + string() + ", null, " + number() + "]");
    }
    std::string text = "{";
    for (const std::string& keyword : keywords) text += (text.size() > 1 ? ", " : "") + keyword;
    return text + "}";
  }

  std::mt19937 random_;
  bool requires_undeclared_ = false;
};

// RapidJSON by itself, with nothing of ours in between. It takes 1.0 for no integer, so whole
// numbers are never written with decimals here.
bool rapidjson_accepts(const std::string& schema, const std::string& payload) {
  rapidjson::Document document;
  document.Parse(schema.c_str());
  const rapidjson::SchemaDocument compiled(document);
  rapidjson::SchemaValidator validator(compiled);
  rapidjson::Document value;
  value.Parse(payload.c_str());
  return value.Accept(validator);
}

bool accepts(const Schema& schema, const Payload& payload) {
  Reasons reasons;
  schema.check(payload, reasons);
  return reasons.empty();
}

TEST(SchemaAgreement, CompiledAndRapidJsonGiveTheSameVerdict) {
  Generator generator(7);
  int accepted = 0;
  constexpr int kSchemas = 3000;
  constexpr int kPayloads = 12;
  for (int i = 0; i < kSchemas; ++i) {
    const std::string text = generator.schema();
    const Schema compiled = Schema::compile(text);
    ASSERT_TRUE(compiled.is_compiled()) << text;
    const Schema fallback = Schema::compile("{\"allOf\": [" + text + "]}");
    ASSERT_FALSE(fallback.is_compiled());
    for (int k = 0; k < kPayloads; ++k) {
      const std::string payload = generator.payload();
      const Payload fields(payload);
      const bool verdict = accepts(compiled, fields);
      if (!generator.requires_undeclared()) {
        ASSERT_EQ(verdict, rapidjson_accepts(text, payload)) << text << "\n" << payload;
      }
      ASSERT_EQ(verdict, accepts(fallback, fields)) << text << "\n" << payload;
      accepted += verdict ? 1 : 0;
    }
  }
  // Both verdicts must be common for this to say anything.
  EXPECT_GT(accepted, kSchemas * kPayloads / 20);
  EXPECT_LT(accepted, kSchemas * kPayloads * 19 / 20);
}

}  // namespace
}  // namespace tc::event
