#include "llm/request.hpp"

#include <algorithm>

namespace tc::llm {
namespace {

Json text_json(std::string_view text) { return Json::of(text); }

std::string_view role_name(Role role) {
  switch (role) {
    case Role::System:
      return "system";
    case Role::User:
      return "user";
    case Role::Assistant:
      break;
  }
  return "assistant";
}

Json message_json(const Message& message) {
  Json json = Json::object();
  json.add("role", text_json(role_name(message.role)));
  json.add("content", text_json(message.text));
  return json;
}

Json messages_json(const std::vector<Message>& messages, bool with_system) {
  Json array = Json::array();
  for (const Message& message : messages) {
    if (with_system || message.role != Role::System) {
      array.items.push_back(message_json(message));
    }
  }
  return array;
}

std::string system_text(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& message : messages) {
    if (message.role != Role::System) continue;
    if (!text.empty()) text += "\n\n";
    text += message.text;
  }
  return text;
}

Json openai(const ChatRequest& request) {
  Json body = Json::object();
  body.add("model", text_json(request.model));
  body.add("messages", messages_json(request.messages, true));
  body.add("max_completion_tokens", number_json(request.max_tokens));
  if (request.temperature) body.add("temperature", Json::of(*request.temperature));
  if (request.seed) body.add("seed", number_json(*request.seed));
  if (request.schema && request.structured != Structured::None) {
    Json named = Json::object();
    named.add("name", text_json(kReplyTool));
    named.add("strict", Json::of(request.strict));
    named.add("schema", *request.schema);
    Json format = Json::object();
    format.add("type", text_json("json_schema"));
    format.add("json_schema", std::move(named));
    body.add("response_format", std::move(format));
  }
  if (request.stream) {
    Json options = Json::object();
    options.add("include_usage", Json::of(true));
    body.add("stream", Json::of(true));
    body.add("stream_options", std::move(options));
  }
  return body;
}

void add_anthropic_schema(const ChatRequest& request, Json& body) {
  if (request.structured == Structured::Tool) {
    Json tool = Json::object();
    tool.add("name", text_json(kReplyTool));
    tool.add("input_schema", *request.schema);
    tool.add("strict", Json::of(request.strict));
    Json tools = Json::array();
    tools.items.push_back(std::move(tool));
    Json choice = Json::object();
    choice.add("type", text_json("tool"));
    choice.add("name", text_json(kReplyTool));
    body.add("tools", std::move(tools));
    body.add("tool_choice", std::move(choice));
    return;
  }
  Json format = Json::object();
  format.add("type", text_json("json_schema"));
  format.add("schema", *request.schema);
  Json config = Json::object();
  config.add("format", std::move(format));
  body.add("output_config", std::move(config));
}

Json anthropic(const ChatRequest& request) {
  Json body = Json::object();
  body.add("model", text_json(request.model));
  body.add("max_tokens", number_json(request.max_tokens));
  const std::string system = system_text(request.messages);
  if (!system.empty()) body.add("system", text_json(system));
  body.add("messages", messages_json(request.messages, false));
  // No temperature: it is not in the provider's description any more, and newer models refuse it.
  if (request.schema && request.structured != Structured::None) add_anthropic_schema(request, body);
  if (request.stream) body.add("stream", Json::of(true));
  return body;
}

Json ollama(const ChatRequest& request) {
  Json options = Json::object();
  options.add("num_predict", number_json(request.max_tokens));
  if (request.temperature) options.add("temperature", Json::of(*request.temperature));
  if (request.seed) options.add("seed", number_json(*request.seed));
  Json body = Json::object();
  body.add("model", text_json(request.model));
  body.add("messages", messages_json(request.messages, true));
  body.add("stream", Json::of(request.stream));  // on by default there
  if (request.schema && request.structured != Structured::None) body.add("format", *request.schema);
  body.add("options", std::move(options));
  return body;
}

// base_url may or may not end in "/" or in the path's own first part ("/v1", "/api").
std::string join_url(std::string_view base, std::string_view path) {
  while (!base.empty() && base.back() == '/') base.remove_suffix(1);
  const std::string_view first = path.substr(0, path.find('/', 1));
  if (base.size() >= first.size() && base.substr(base.size() - first.size()) == first) {
    path.remove_prefix(first.size());
  }
  return std::string(base) + std::string(path);
}

}  // namespace

std::string chat_body(Api api, const ChatRequest& request) {
  switch (api) {
    case Api::OpenAi:
      return event::to_text(openai(request));
    case Api::Anthropic:
      return event::to_text(anthropic(request));
    case Api::Ollama:
      break;
  }
  return event::to_text(ollama(request));
}

std::optional<std::string> embedding_body(Api api, const EmbeddingRequest& request) {
  if (api == Api::Anthropic) return std::nullopt;
  Json body = Json::object();
  body.add("model", text_json(request.model));
  body.add("input", text_array(request.texts));
  if (request.dimensions) body.add("dimensions", number_json(*request.dimensions));
  if (api == Api::OpenAi) body.add("encoding_format", text_json("float"));
  return event::to_text(body);
}

std::string chat_url(Api api, std::string_view base_url) {
  switch (api) {
    case Api::OpenAi:
      return join_url(base_url, "/v1/chat/completions");
    case Api::Anthropic:
      return join_url(base_url, "/v1/messages");
    case Api::Ollama:
      break;
  }
  return join_url(base_url, "/api/chat");
}

std::string embedding_url(Api api, std::string_view base_url) {
  return join_url(base_url, api == Api::Ollama ? "/api/embed" : "/v1/embeddings");
}

std::vector<std::pair<std::string, std::string>> request_headers(Api api, std::string_view key) {
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Content-Type", "application/json"}, {"Accept", "application/json, text/event-stream"}};
  if (api == Api::Anthropic) headers.emplace_back("anthropic-version", "2023-06-01");
  if (key.empty()) return headers;
  if (api == Api::Anthropic) {
    headers.emplace_back("x-api-key", key);
  } else {
    headers.emplace_back("Authorization", "Bearer " + std::string(key));
  }
  return headers;
}

bool is_sound_key(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::int64_t estimate_tokens(std::string_view text) {
  return static_cast<std::int64_t>((text.size() + 3) / 4);
}

}  // namespace tc::llm
