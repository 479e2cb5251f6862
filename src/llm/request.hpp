// The requests of the three protocols, as bytes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "llm/api.hpp"
#include "llm/json.hpp"

namespace tc::llm {

enum class Role : std::uint8_t { System, User, Assistant };

struct Message {
  Role role = Role::User;
  std::string text;
};

// The name of the tool that a model must call when Structured::Tool is asked for.
inline constexpr std::string_view kReplyTool = "reply";

struct ChatRequest {
  std::string model;
  std::vector<Message> messages;  // system messages first
  std::optional<Json> schema;     // as adapt_schema() gave it
  bool strict = true;             // of the schema
  Structured structured = Structured::Native;
  std::int64_t max_tokens = 4096;
  std::optional<Decimal> temperature;  // nullopt: the model's own; anthropic takes none
  std::optional<std::int64_t> seed;    // anthropic has none
  bool stream = false;
};

struct EmbeddingRequest {
  std::string model;
  std::vector<std::string> texts;
  std::optional<std::int64_t> dimensions;
};

// REQUIRES: at least one message of the user.
std::string chat_body(Api api, const ChatRequest& request);
// nullopt: the protocol has no embeddings.
std::optional<std::string> embedding_body(Api api, const EmbeddingRequest& request);

std::string chat_url(Api api, std::string_view base_url);
std::string embedding_url(Api api, std::string_view base_url);

// Headers of every request. The key appears here and nowhere else. "" is no key.
std::vector<std::pair<std::string, std::string>> request_headers(Api api, std::string_view key);

// Printable ASCII without spaces: anything else could end the header and begin another.
bool is_sound_key(std::string_view key);

// A rough count of tokens, for budgets and limits before the server has counted: a quarter of the
// bytes, rounded up.
std::int64_t estimate_tokens(std::string_view text);

}  // namespace tc::llm
