#include "llm/request.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/rapidjson.hpp"

#include <rapidjson/document.h>

#include "llm/schema_adapt.hpp"

namespace tc::llm {
namespace {

ChatRequest request(bool with_schema = true) {
  ChatRequest r;
  r.model = "m";
  r.messages = {{Role::System, "Be brief."}, {Role::User, "Say \"hi\"."}};
  r.max_tokens = 100;
  r.temperature = parse_decimal("0.7");
  r.seed = 42;
  if (with_schema) {
    r.schema = event::parse_json(
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],
           "additionalProperties":false})");
  }
  return r;
}

TEST(Request, OpenAi) {
  EXPECT_EQ(chat_body(Api::OpenAi, request(false)),
            R"({"model":"m","messages":[{"role":"system","content":"Be brief."},)"
            R"({"role":"user","content":"Say \"hi\"."}],"max_completion_tokens":100,)"
            R"("temperature":0.7,"seed":42})");
  const std::string body = chat_body(Api::OpenAi, request());
  EXPECT_NE(body.find(R"("response_format":{"type":"json_schema","json_schema":{"name":"reply",)"
                      R"("strict":true,"schema":{"type":"object")"),
            std::string::npos)
      << body;
}

TEST(Request, AnthropicHasItsSystemTextApart) {
  const std::string body = chat_body(Api::Anthropic, request());
  EXPECT_EQ(body,
            R"({"model":"m","max_tokens":100,"system":"Be brief.","messages":[{"role":"user",)"
            R"("content":"Say \"hi\"."}],"output_config":{"format":{"type":)"
            R"("json_schema","schema":{"type":"object","properties":{"a":{"type":"string"}},)"
            R"("required":["a"],"additionalProperties":false}}}})");
  ChatRequest by_tool = request();
  by_tool.structured = Structured::Tool;
  const std::string tool = chat_body(Api::Anthropic, by_tool);
  EXPECT_NE(tool.find(R"("tool_choice":{"type":"tool","name":"reply"})"), std::string::npos);
  EXPECT_EQ(tool.find("output_config"), std::string::npos);
}

TEST(Request, OllamaSaysThatItDoesNotStream) {
  const std::string body = chat_body(Api::Ollama, request());
  EXPECT_NE(body.find(R"("stream":false)"), std::string::npos);
  EXPECT_NE(body.find(R"("options":{"num_predict":100,"temperature":0.7,"seed":42})"),
            std::string::npos);
  EXPECT_NE(body.find(R"("format":{"type":"object")"), std::string::npos);
}

TEST(Request, ByThePromptAloneNoSchemaIsSent) {
  for (const Api api : {Api::OpenAi, Api::Anthropic, Api::Ollama}) {
    ChatRequest r = request();
    r.structured = Structured::None;
    EXPECT_EQ(chat_body(api, r), chat_body(api, request(false)));
  }
}

TEST(Request, UrlsTakeABaseWithOrWithoutItsVersion) {
  EXPECT_EQ(chat_url(Api::OpenAi, "https://h"), "https://h/v1/chat/completions");
  EXPECT_EQ(chat_url(Api::OpenAi, "https://h/"), "https://h/v1/chat/completions");
  EXPECT_EQ(chat_url(Api::OpenAi, "https://h/openai/v1/"), "https://h/openai/v1/chat/completions");
  EXPECT_EQ(chat_url(Api::Anthropic, "https://h"), "https://h/v1/messages");
  EXPECT_EQ(chat_url(Api::Ollama, "http://h:1/api"), "http://h:1/api/chat");
  EXPECT_EQ(embedding_url(Api::Ollama, "http://h:1"), "http://h:1/api/embed");
  EXPECT_EQ(embedding_url(Api::OpenAi, "http://h:1/v1"), "http://h:1/v1/embeddings");
}

TEST(Request, TheKeyIsInOneHeader) {
  const auto header = [](Api api) {
    std::string found;
    for (const auto& [name, value] : request_headers(api, "KEY")) {
      if (value.find("KEY") != std::string::npos) found += name + ": " + value;
    }
    return found;
  };
  EXPECT_EQ(header(Api::OpenAi), "Authorization: Bearer KEY");
  EXPECT_EQ(header(Api::Anthropic), "x-api-key: KEY");
  EXPECT_EQ(request_headers(Api::Ollama, "").size(), 2U);
  EXPECT_FALSE(embedding_body(Api::Anthropic, {"m", {"a"}, {}}));
}

// The descriptions of the providers, where this machine has them.
std::filesystem::path wire_folder() {
  std::filesystem::path folder = std::filesystem::current_path();
  for (int i = 0; i < 6; ++i, folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "shared" / "wire")) return folder / "shared" / "wire";
  }
  return {};
}

// As much of JSON Schema as the descriptions use. Not the product's own check, which refuses
// schemas that refer to themselves, nor RapidJSON's, which loses its way in them.
class Description {
 public:
  explicit Description(const rapidjson::Value& root) : root_(root) {}

  bool fits(const rapidjson::Value& value, const rapidjson::Value& schema) const {
    if (schema.HasMember("$ref")) return fits(value, definition(schema["$ref"].GetString()));
    if (schema.HasMember("type") && !has_type(value, schema["type"])) return false;
    if (schema.HasMember("const") && schema["const"] != value) return false;
    if (schema.HasMember("enum") &&
        count(schema["enum"], [&](auto& one) { return one == value; }) == 0)
      return false;
    for (const char* any : {"anyOf", "oneOf"}) {
      if (schema.HasMember(any) &&
          count(schema[any], [&](auto& one) { return fits(value, one); }) == 0)
        return false;
    }
    if (schema.HasMember("allOf") &&
        count(schema["allOf"], [&](auto& one) { return !fits(value, one); }) > 0)
      return false;
    if (value.IsNumber() && !is_within(value.GetDouble(), schema)) return false;
    return (!value.IsObject() || object_fits(value, schema)) &&
           (!value.IsArray() || array_fits(value, schema));
  }

 private:
  const rapidjson::Value& definition(const std::string& reference) const {
    return root_["definitions"][reference.substr(reference.rfind('/') + 1).c_str()];
  }
  template <class F>
  static int count(const rapidjson::Value& array, F&& holds) {
    int found = 0;
    for (const auto& one : array.GetArray()) found += holds(one) ? 1 : 0;
    return found;
  }
  static bool has_type(const rapidjson::Value& value, const rapidjson::Value& type) {
    if (type.IsArray()) return count(type, [&](auto& one) { return has_type(value, one); }) > 0;
    const std::string name = type.GetString();
    return (name == "object" && value.IsObject()) || (name == "array" && value.IsArray()) ||
           (name == "string" && value.IsString()) || (name == "boolean" && value.IsBool()) ||
           (name == "null" && value.IsNull()) || (name == "number" && value.IsNumber()) ||
           (name == "integer" && (value.IsInt64() || value.IsUint64()));
  }
  static bool is_within(double number, const rapidjson::Value& schema) {
    return (!schema.HasMember("minimum") || number >= schema["minimum"].GetDouble()) &&
           (!schema.HasMember("maximum") || number <= schema["maximum"].GetDouble());
  }
  bool array_fits(const rapidjson::Value& value, const rapidjson::Value& schema) const {
    if (schema.HasMember("minItems") && value.Size() < schema["minItems"].GetUint()) return false;
    return !schema.HasMember("items") ||
           count(value, [&](auto& one) { return !fits(one, schema["items"]); }) == 0;
  }
  bool object_fits(const rapidjson::Value& value, const rapidjson::Value& schema) const {
    if (schema.HasMember("required") &&
        count(schema["required"], [&](auto& name) { return !value.HasMember(name); }) > 0)
      return false;
    for (const auto& member : value.GetObject()) {
      const bool is_known =
          schema.HasMember("properties") && schema["properties"].HasMember(member.name);
      if (is_known) {
        if (!fits(member.value, schema["properties"][member.name])) return false;
      } else if (schema.HasMember("additionalProperties")) {
        const auto& others = schema["additionalProperties"];
        if (others.IsBool() ? !others.GetBool() : !fits(member.value, others)) return false;
      }
    }
    return true;
  }

  const rapidjson::Value& root_;
};

class Wire : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = wire_folder();
    if (folder_.empty()) GTEST_SKIP() << "there is no folder shared/wire beside this checkout";
  }
  // Whether `body` is what the provider describes.
  testing::AssertionResult fits(const std::string& file, const std::string& root,
                                const std::string& body) {
    std::ifstream in(folder_ / file);
    std::stringstream text;
    text << in.rdbuf();
    rapidjson::Document document;
    document.Parse(text.str().c_str());
    rapidjson::Document value;
    value.Parse(body.c_str());
    if (document.HasParseError() || value.HasParseError()) {
      return testing::AssertionFailure() << "not JSON";
    }
    if (Description(document).fits(value, document["definitions"][root.c_str()])) {
      return testing::AssertionSuccess() << body;
    }
    return testing::AssertionFailure() << body;
  }
  std::filesystem::path folder_;
};

TEST_F(Wire, BodiesAreWhatTheProvidersDescribe) {
  for (const bool with_schema : {false, true}) {
    for (const bool stream : {false, true}) {
      for (const Structured structured : {Structured::Native, Structured::Tool}) {
        ChatRequest r = request(with_schema);
        r.stream = stream;
        r.structured = structured;
        EXPECT_TRUE(
            fits("openai-requests.json", "CreateChatCompletionRequest", chat_body(Api::OpenAi, r)));
        EXPECT_TRUE(
            fits("anthropic-requests.json",
                 stream ? "MessageCreateParamsStreaming" : "MessageCreateParamsNonStreaming",
                 chat_body(Api::Anthropic, r)));
        EXPECT_TRUE(fits("ollama-requests.json", "ChatRequest", chat_body(Api::Ollama, r)));
      }
    }
  }
  const EmbeddingRequest embedding{"m", {"a", "b"}, 64};
  EXPECT_TRUE(fits("openai-requests.json", "CreateEmbeddingRequest",
                   *embedding_body(Api::OpenAi, embedding)));
  EXPECT_TRUE(
      fits("ollama-requests.json", "EmbedRequest", *embedding_body(Api::Ollama, embedding)));
}

TEST_F(Wire, AWrongBodyIsNoticed) {
  EXPECT_FALSE(fits("openai-requests.json", "CreateChatCompletionRequest", R"({"model":"m"})"));
  EXPECT_FALSE(fits("openai-requests.json", "CreateEmbeddingRequest",
                    R"({"model":"m","input":"x","extra":1})"));
  EXPECT_FALSE(fits("anthropic-requests.json", "MessageCreateParamsNonStreaming",
                    R"({"model":"m","messages":[{"role":"user","content":"x"}]})"));
  EXPECT_FALSE(fits("ollama-requests.json", "ChatRequest", R"({"model":"m","messages":"x"})"));
}

}  // namespace
}  // namespace tc::llm
