#include "llm/reply.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "llm/request.hpp"

namespace tc::llm {
namespace {

enum class Verdict : std::uint8_t { Complete, Length, Filtered, Tool, Again };

struct FinishRow {
  Api api;
  std::string_view word;
  Verdict verdict;
};
constexpr std::array<FinishRow, 17> kFinishes = {{
    {Api::OpenAi, "stop", Verdict::Complete},
    {Api::OpenAi, "length", Verdict::Length},
    {Api::OpenAi, "content_filter", Verdict::Filtered},
    {Api::OpenAi, "tool_calls", Verdict::Tool},
    {Api::OpenAi, "function_call", Verdict::Tool},
    {Api::Anthropic, "end_turn", Verdict::Complete},
    {Api::Anthropic, "stop_sequence", Verdict::Complete},
    {Api::Anthropic, "max_tokens", Verdict::Length},
    {Api::Anthropic, "model_context_window_exceeded", Verdict::Length},
    {Api::Anthropic, "tool_use", Verdict::Complete},  // the one tool there is; else no text comes
    {Api::Anthropic, "refusal", Verdict::Filtered},
    {Api::Anthropic, "pause_turn", Verdict::Again},
    {Api::Ollama, "stop", Verdict::Complete},
    {Api::Ollama, "length", Verdict::Length},
    {Api::Ollama, "tool_calls", Verdict::Tool},
    {Api::Ollama, "load", Verdict::Again},
    {Api::Ollama, "unload", Verdict::Again},
}};

Failure failure(Fault fault, Reply reply = {}) { return {std::move(fault), std::move(reply)}; }

Failure bad_envelope(std::string_view body) {
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) {
    return failure(make_fault(Outcome::Retry, "empty_reply", "the response is empty"));
  }
  if (body[start] == '<') {
    return failure(make_fault(Outcome::Retry, "html", "a web page came instead of a response"));
  }
  // Whole, but with characters that no text may hold: the model wrote them, and may not next time.
  const std::size_t end = body.find_last_not_of(" \t\r\n");
  const bool is_whole = body[start] == '{' && body[end] == '}';
  const bool has_odd_escape = body.find("\\u0000") != std::string_view::npos ||
                              body.find("\\ud") != std::string_view::npos ||
                              body.find("\\uD") != std::string_view::npos;
  if (is_whole && (has_odd_escape || !is_valid_utf8(body))) {
    return failure(make_fault(Outcome::Repair, "encoding",
                              "The answer has characters that are not valid Unicode text."));
  }
  return failure(
      make_fault(Outcome::Retry, "truncated", "the response is not JSON, or was cut off"));
}

// A text, or the text parts of an array; what is thought (reasoning, thinking) is no part of it.
std::string joined_text(const Json* content) {
  if (content == nullptr) return "";
  if (content->is(Kind::String)) return content->text;
  std::string text;
  for (const Json& part : content->items) {
    const std::string type = text_of(part.member("type"));
    if (type == "text" || type == "output_text") text += text_of(part.member("text"));
    if (type == "tool_use" && text_of(part.member("name")) == kReplyTool) {
      if (const Json* input = part.member("input")) text += event::to_text(*input);
    }
  }
  return text;
}

Decoded decode_openai(const Json& body) {
  Reply reply;
  reply.model = text_of(body.member("model"));
  reply.usage = read_usage(Api::OpenAi, &body);
  const Json* choices = body.member("choices");
  if (choices == nullptr || choices->items.empty() || !choices->items.front().is(Kind::Object)) {
    return failure(make_fault(Outcome::Retry, "no_choice", "the response holds no answer"), reply);
  }
  const Json& choice = choices->items.front();
  const Json* message = choice.member("message");
  reply.finish = text_of(choice.member("finish_reason"));
  reply.text = joined_text(member_at(message, "content"));
  return judge(Api::OpenAi, std::move(reply), text_of(member_at(message, "refusal")));
}

Decoded decode_anthropic(const Json& body) {
  Reply reply;
  reply.model = text_of(body.member("model"));
  reply.usage = read_usage(Api::Anthropic, &body);
  reply.finish = text_of(body.member("stop_reason"));
  reply.text = joined_text(body.member("content"));
  return judge(Api::Anthropic, std::move(reply), "");
}

Decoded decode_ollama(const Json& body) {
  Reply reply;
  reply.model = text_of(body.member("model"));
  reply.usage = read_usage(Api::Ollama, &body);
  reply.finish = text_of(body.member("done_reason"));
  reply.text = joined_text(member_at(body.member("message"), "content"));
  const Json* done = body.member("done");
  if (done != nullptr && done->is(Kind::Boolean) && !done->boolean) {
    return failure(make_fault(Outcome::Retry, "truncated", "the response ended in the middle"),
                   reply);
  }
  return judge(Api::Ollama, std::move(reply), "");
}

std::optional<std::int64_t> sum(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a) return std::nullopt;
  return *a + b.value_or(0);
}

}  // namespace

Fault make_fault(Outcome outcome, std::string code, std::string message) {
  Fault fault;
  fault.outcome = outcome;
  fault.code = std::move(code);
  fault.message = std::move(message);
  return fault;
}

Usage read_usage(Api api, const Json* envelope) {
  Usage usage;
  if (api == Api::Ollama) {
    usage.input = whole_of(member_at(envelope, "prompt_eval_count"));
    usage.output = whole_of(member_at(envelope, "eval_count"));
    return usage;
  }
  const Json* said = member_at(envelope, "usage");
  if (api == Api::OpenAi) {
    usage.input = whole_of(member_at(said, "prompt_tokens"));
    usage.output = whole_of(member_at(said, "completion_tokens"));
    usage.cached = whole_of(member_at(member_at(said, "prompt_tokens_details"), "cached_tokens"));
    return usage;
  }
  // Here what was read from the cache, or written to it, is not counted as input.
  usage.cached = whole_of(member_at(said, "cache_read_input_tokens"));
  const auto written = whole_of(member_at(said, "cache_creation_input_tokens"));
  usage.input = sum(sum(whole_of(member_at(said, "input_tokens")), usage.cached), written);
  usage.output = whole_of(member_at(said, "output_tokens"));
  return usage;
}

std::optional<Fault> judge_finish(Api api, std::string_view finish) {
  // Some compatible servers leave it out. What was cut off then fails as JSON.
  if (finish.empty()) return std::nullopt;
  const auto row = std::find_if(kFinishes.begin(), kFinishes.end(), [&](const FinishRow& r) {
    return r.api == api && r.word == finish;
  });
  if (row == kFinishes.end()) {
    return make_fault(Outcome::Fail, "unknown_finish",
                      "the model stopped for an unknown reason: " + presentable(finish));
  }
  switch (row->verdict) {
    case Verdict::Complete:
      return std::nullopt;
    case Verdict::Length:
      return make_fault(Outcome::Repair, "length", "the answer was cut off at max_tokens");
    case Verdict::Filtered:
      return make_fault(Outcome::Fail, api == Api::Anthropic ? "refusal" : "content_filter",
                        "the model's answer was withheld by its provider");
    case Verdict::Tool:
      return make_fault(Outcome::Repair, "tool_call",
                        "the model called a tool instead of answering");
    case Verdict::Again:
      break;
  }
  return make_fault(Outcome::Retry, "unfinished", "the model paused before it had answered");
}

Decoded judge(Api api, Reply reply, const std::string& refusal) {
  if (!refusal.empty()) {
    reply.text = refusal;
    return failure(make_fault(Outcome::Fail, "refusal", "the model refuses to answer"),
                   std::move(reply));
  }
  if (auto fault = judge_finish(api, reply.finish)) {
    return failure(std::move(*fault), std::move(reply));
  }
  if (trimmed(reply.text).empty()) {
    return failure(make_fault(Outcome::Retry, "no_text", "the answer is empty"), std::move(reply));
  }
  return reply;
}

Decoded decode_reply(Api api, std::string_view body) {
  const auto json = parse_envelope(body);
  if (!json) return bad_envelope(body);
  if (const auto error = read_error(*json)) return failure(classify_provider_error(*error));
  switch (api) {
    case Api::OpenAi:
      return decode_openai(*json);
    case Api::Anthropic:
      return decode_anthropic(*json);
    case Api::Ollama:
      break;
  }
  return decode_ollama(*json);
}

}  // namespace tc::llm
