#include "llm/reply.hpp"

#include <gtest/gtest.h>

#include "llm/request.hpp"

namespace tc::llm {
namespace {

std::string said(const Decoded& decoded) {
  if (const Reply* reply = std::get_if<Reply>(&decoded)) return reply->text;
  const Fault& fault = std::get<Failure>(decoded).fault;
  return std::string(outcome_name(fault.outcome)) + "/" + fault.code;
}
std::string openai(std::string_view choice) {
  return said(decode_reply(Api::OpenAi, R"({"model":"m","choices":[)" + std::string(choice) +
                                            R"(],"usage":{"prompt_tokens":3}})"));
}
std::string anthropic(std::string_view content, std::string_view stop) {
  return said(decode_reply(Api::Anthropic, R"({"model":"m","content":)" + std::string(content) +
                                               R"(,"stop_reason":")" + std::string(stop) + "\"}"));
}

TEST(Reply, OpenAi) {
  EXPECT_EQ(openai(R"({"message":{"content":"hi"},"finish_reason":"stop"})"), "hi");
  EXPECT_EQ(openai(R"({"message":{"content":"hi"}})"), "hi");
  EXPECT_EQ(openai(R"({"message":{"content":[{"type":"text","text":"h"},{"type":"x","text":"-"},
                     {"type":"text","text":"i"}]},"finish_reason":"stop"})"),
            "hi");
  EXPECT_EQ(openai(R"({"message":{"content":null,"refusal":"no"},"finish_reason":"stop"})"),
            "fail/refusal");
  EXPECT_EQ(openai(R"({"message":{"content":null},"finish_reason":"stop"})"), "retry/no_text");
  EXPECT_EQ(openai(R"({"message":{"content":""},"finish_reason":"stop"})"), "retry/no_text");
  EXPECT_EQ(
      openai(R"({"message":{"reasoning_content":"hm","content":"{}"},"finish_reason":"stop"})"),
      "{}");
  EXPECT_EQ(openai("null"), "retry/no_choice");
  EXPECT_EQ(openai(""), "retry/no_choice");
  EXPECT_EQ(said(decode_reply(Api::OpenAi, "{}")), "retry/no_choice");
}

TEST(Reply, TheFinishReasonGoesBeforeTheText) {
  const auto finish = [](const std::string& word) {
    return openai(R"({"message":{"content":"{\"a\":1}"},"finish_reason":")" + word + "\"}");
  };
  EXPECT_EQ(finish("stop"), R"({"a":1})");
  EXPECT_EQ(finish("length"), "repair/length");
  EXPECT_EQ(finish("content_filter"), "fail/content_filter");
  EXPECT_EQ(finish("tool_calls"), "repair/tool_call");
  EXPECT_EQ(finish("surprise"), "fail/unknown_finish");
}

TEST(Reply, Anthropic) {
  EXPECT_EQ(
      anthropic(R"([{"type":"thinking","thinking":"hm"},{"type":"text","text":"hi"}])", "end_turn"),
      "hi");
  EXPECT_EQ(anthropic(R"([{"type":"tool_use","name":"reply","input":{"a":1}}])", "tool_use"),
            R"({"a":1})");
  EXPECT_EQ(anthropic(R"([{"type":"tool_use","name":"other","input":{"a":1}}])", "tool_use"),
            "retry/no_text");
  EXPECT_EQ(anthropic(R"([{"type":"text","text":"hi"}])", "max_tokens"), "repair/length");
  EXPECT_EQ(anthropic(R"([{"type":"text","text":"hi"}])", "refusal"), "fail/refusal");
  EXPECT_EQ(anthropic(R"([{"type":"text","text":"hi"}])", "pause_turn"), "retry/unfinished");
  EXPECT_EQ(anthropic("[]", "end_turn"), "retry/no_text");
}

TEST(Reply, Ollama) {
  const auto ollama = [](std::string_view body) { return said(decode_reply(Api::Ollama, body)); };
  EXPECT_EQ(ollama(R"({"message":{"content":"hi"},"done":true,"done_reason":"stop"})"), "hi");
  EXPECT_EQ(ollama(R"({"message":{"content":"hi"},"done":true,"done_reason":"length"})"),
            "repair/length");
  EXPECT_EQ(ollama(R"({"message":{"content":"hi"},"done":false})"), "retry/truncated");
  EXPECT_EQ(ollama(R"({"message":{"content":""},"done":true,"done_reason":"load"})"),
            "retry/unfinished");
  EXPECT_EQ(ollama(R"({"error":"model not loaded"})"), "retry/provider_error");
}

TEST(Reply, WhatIsNoEnvelope) {
  EXPECT_EQ(said(decode_reply(Api::OpenAi, "")), "retry/empty_reply");
  EXPECT_EQ(said(decode_reply(Api::OpenAi, " <html>")), "retry/html");
  EXPECT_EQ(said(decode_reply(Api::OpenAi, R"({"choices":[{"mess)")), "retry/truncated");
  EXPECT_EQ(said(decode_reply(Api::OpenAi, std::string("{\0\"\0", 4))), "retry/truncated");
  EXPECT_EQ(said(decode_reply(Api::OpenAi, R"({"error":{"code":"insufficient_quota"}})")),
            "fail/no_credit");
  EXPECT_EQ(said(decode_reply(Api::OpenAi, "\xef\xbb\xbf{\"choices\":[]}")), "retry/no_choice");
}

TEST(Reply, UsageCountsCachedTokensAsInputEverywhere) {
  const auto usage = [](Api api, std::string_view text) {
    const auto json = parse_envelope(text);
    const Usage u = read_usage(api, &*json);
    const auto shown = [](std::optional<std::int64_t> n) { return n ? std::to_string(*n) : "-"; };
    return shown(u.input) + " " + shown(u.cached) + " " + shown(u.output);
  };
  EXPECT_EQ(usage(Api::OpenAi, R"({"usage":{"prompt_tokens":10,"completion_tokens":5,
                                "prompt_tokens_details":{"cached_tokens":4}}})"),
            "10 4 5");
  EXPECT_EQ(usage(Api::Anthropic, R"({"usage":{"input_tokens":6,"cache_read_input_tokens":4,
                                   "cache_creation_input_tokens":2,"output_tokens":5}})"),
            "12 4 5");
  EXPECT_EQ(usage(Api::Ollama, R"({"prompt_eval_count":10,"eval_count":5})"), "10 - 5");
  EXPECT_EQ(usage(Api::OpenAi, "{}"), "- - -");
  EXPECT_EQ(usage(Api::OpenAi, R"({"usage":{"prompt_tokens":-1,
                                "completion_tokens":9223372036854775808}})"),
            "- - -");
}

TEST(Reply, Embeddings) {
  const auto shown = [](Api api, std::string_view body, std::size_t count) -> std::string {
    const auto result = decode_embeddings(api, body, count);
    if (const Fault* fault = std::get_if<Fault>(&result)) return fault->message;
    std::string text;
    for (const auto& vector : std::get<Embeddings>(result).vectors) {
      for (const float x : vector) text += std::to_string(x).substr(0, 4) + " ";
      text += "| ";
    }
    return text;
  };
  EXPECT_EQ(shown(Api::OpenAi, R"({"data":[{"index":1,"embedding":[3,4e0]},
                                {"embedding":[1,-2],"index":0}],"model":"m"})",
                  2),
            "1.00 -2.0 | 3.00 4.00 | ");
  EXPECT_EQ(shown(Api::Ollama, R"({"embeddings":[[1e-50,1]],"model":"[m]"})", 1), "0.00 1.00 | ");
  EXPECT_EQ(shown(Api::Ollama, R"({"embeddings":[[1,2],[1]]})", 2),
            "the response's vectors differ in size");
  EXPECT_EQ(shown(Api::Ollama, R"({"embeddings":[[1,2]]})", 2),
            "the response holds 1 vectors for 2 texts");
  EXPECT_EQ(shown(Api::Ollama, R"({"embeddings":[[1e39]]})", 1),
            "the response holds numbers that are too large");
  EXPECT_EQ(shown(Api::OpenAi, R"({"data":[{"index":0,"embedding":[1]},
                                {"index":0,"embedding":[1]}]})",
                  2),
            "the response does not say which vector belongs to which text");
  EXPECT_EQ(shown(Api::Ollama, R"({"embeddings":[["a"]]})", 1),
            "the response holds no vectors of numbers");
  EXPECT_EQ(shown(Api::Ollama, R"({"embeddings":[[1)", 1),
            "the response is not JSON, or was cut off");
}

}  // namespace
}  // namespace tc::llm
