// The three protocols in which models are spoken to. What is particular to one of them stands in
// request.cpp (what is sent), reply.cpp (what comes back) and stream.cpp (what comes back bit by
// bit); nothing else asks which one it is.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace tc::llm {

enum class Api : std::uint8_t {
  OpenAi,     // chat completions, also of any compatible server
  Anthropic,  // messages
  Ollama,     // chat
};

std::optional<Api> parse_api(std::string_view name);  // "openai", "anthropic", "ollama"
std::string_view api_name(Api api);

// How a model is made to answer by a schema.
enum class Structured : std::uint8_t {
  Native,  // the strictest mechanism of the protocol
  Tool,    // a tool that the model must call (anthropic alone; elsewhere as Native)
  None,    // by the prompt alone
};
std::optional<Structured> parse_structured(std::string_view name);  // "native", "tool", "none"

}  // namespace tc::llm
