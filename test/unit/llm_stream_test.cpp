#include "llm/stream.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace tc::llm {
namespace {

struct Heard {
  std::string text, end;
};

// The stream cut into pieces of `piece` bytes.
Heard hear(Api api, std::string_view bytes, std::size_t piece) {
  ReplyStream stream(api);
  Heard heard;
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    const std::string fresh = stream.feed(bytes.substr(i, piece));
    EXPECT_TRUE(is_valid_utf8(fresh));
    heard.text += fresh;
  }
  const Decoded decoded = stream.finish();
  if (const Reply* reply = std::get_if<Reply>(&decoded)) {
    heard.end = "complete: " + reply->text;
  } else {
    heard.end = std::get<Failure>(decoded).fault.code;
  }
  return heard;
}

std::string openai(std::string_view text, std::string_view finish = "null") {
  return R"(data: {"choices":[{"delta":{"content":")" + std::string(text) +
         R"("},"finish_reason":)" + std::string(finish) + "}]}\n\n";
}

TEST(Stream, CutsDoNotMatter) {
  const std::string openai_stream = ": keep-alive\n\n" + openai("Gr\xc3\xbc\xc3\x9f") +
                                    openai("e \xf0\x9f\x8d\x9e") + openai("", "\"stop\"") +
                                    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\r\n\r\n"
                                    "data: [DONE]\n\ndata: ignored\n\n";
  const std::string anthropic_stream =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\","
      "\"usage\":{\"input_tokens\":2}}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n"
      "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
      "\"thinking\":\"hm\"}}\r\r"
      "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\","
      "\"text\":\"Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x8d\x9e\"}}\n\n"
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
      "\"usage\":{\"output_tokens\":3}}\n\n"
      "data: {\"type\":\"message_stop\"}\n\n";
  const std::string ollama_stream =
      "{\"message\":{\"content\":\"Gr\xc3\xbc\xc3\x9f\"},\"done\":false}\n"
      "{\"message\":{\"content\":\"e \xf0\x9f\x8d\x9e\"},\"done\":false}\r\n"
      "{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}";
  const std::string text = "Gr\xc3\xbc\xc3\x9f\x65 \xf0\x9f\x8d\x9e";
  for (std::size_t piece = 1; piece < 40; ++piece) {
    EXPECT_EQ(hear(Api::OpenAi, openai_stream, piece).text, text) << piece;
    EXPECT_EQ(hear(Api::OpenAi, openai_stream, piece).end, "complete: " + text) << piece;
    EXPECT_EQ(hear(Api::Anthropic, anthropic_stream, piece).text, text) << piece;
    EXPECT_EQ(hear(Api::Anthropic, anthropic_stream, piece).end, "complete: " + text) << piece;
    EXPECT_EQ(hear(Api::Ollama, ollama_stream, piece).text, text) << piece;
    EXPECT_EQ(hear(Api::Ollama, ollama_stream, piece).end, "complete: " + text) << piece;
  }
}

TEST(Stream, AnEndWithoutAReasonIsAnAccident) {
  EXPECT_EQ(hear(Api::OpenAi, openai("hi"), 7).end, "truncated");
  EXPECT_EQ(hear(Api::OpenAi, openai("hi", "\"stop\""), 7).end, "complete: hi");  // no [DONE]
  EXPECT_EQ(hear(Api::OpenAi, openai("hi", "\"length\""), 7).end, "length");
  EXPECT_EQ(hear(Api::OpenAi, openai("hi") + "data: [DONE]\n\n", 7).end, "truncated");
  EXPECT_EQ(hear(Api::Anthropic, "data: {\"type\":\"ping\"}\n\n", 7).end, "truncated");
  EXPECT_EQ(hear(Api::Ollama, "{\"message\":{\"content\":\"a\"},\"done\":false}\n", 7).end,
            "truncated");
  EXPECT_EQ(hear(Api::OpenAi, "", 7).end, "truncated");
}

TEST(Stream, ErrorsMayComeAtAnyTime) {
  EXPECT_EQ(hear(Api::OpenAi, openai("hi") + "data: {\"error\":{\"message\":\"x\"}}\n\n", 9).end,
            "provider_error");
  EXPECT_EQ(
      hear(Api::Anthropic,
           "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}"
           "\n\n",
           9)
          .end,
      "overloaded");
  EXPECT_EQ(hear(Api::Ollama, "{\"error\":\"gone\"}\n", 9).end, "provider_error");
  EXPECT_EQ(hear(Api::OpenAi, "data: {\"choices\"\n\n", 9).end, "bad_stream");
}

TEST(Stream, RefusalsAreNoText) {
  EXPECT_EQ(hear(Api::OpenAi,
                 "data: {\"choices\":[{\"delta\":{\"refusal\":\"no\"},\"finish_reason\":\"stop\"}]}"
                 "\n\ndata: [DONE]\n\n",
                 9)
                .end,
            "refusal");
}

TEST(Stream, FieldsOfEvents) {
  std::string heard;
  SseParser parser;
  parser.feed("event:a\ndata:1\ndata: 2\nid: 7\nretry: 3\n\n:x\n\nevent: b\n\ndata\n\ndata: 3",
              [&](std::string_view name, std::string_view data) {
                heard += std::string(name) + "=" + std::string(data) + ";";
                return true;
              });
  EXPECT_EQ(heard, "a=1\n2;=;");
}

TEST(Stream, ALineThatNeverEndsIsAFault) {
  ReplyStream stream(Api::OpenAi);
  const std::string piece(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 8 && !stream.is_over(); ++i) stream.feed(piece);
  EXPECT_TRUE(stream.is_over());
  EXPECT_EQ(std::get<Failure>(stream.finish()).fault.code, "bad_stream");
}

}  // namespace
}  // namespace tc::llm
