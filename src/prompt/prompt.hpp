// A prompt: a text for the system and one for the user, with what belongs to them.
//
// Written as one file: front matter between lines of three dashes, then the two texts under
// "# system" and "# user".
//
//   ---
//   name: classify
//   version: 1          (left out: the next one)
//   description: Puts a booking text into one of some categories.
//   purpose: classify
//   tier: fast
//   temperature: 0
//   max_tokens: 200
//   variables: {"text": {"required": true}, "categories": {"default": ["other"]}}
//   schema: {"type": "object", …}
//   ---
//   # system
//   You put booking texts into categories.
//   # user
//   <data>{{text}}</data>
//
// A value is one line, or goes on in lines that are indented or begin with a closing bracket.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "event/json_tree.hpp"

namespace tc::prompt {

using event::Json;

struct Prompt {
  std::string name;
  std::int64_t version = 0;  // 0: the next one
  std::string description;
  std::string purpose = "complete";  // routes and budgets go by it
  std::string tier = "balanced";     // fast, balanced, advanced
  std::optional<Decimal> temperature;
  std::int64_t max_tokens = 4096;
  Json variables = Json::object();  // name → {"required": bool, "default": …, "description": …}
  std::optional<Json> schema;       // of the reply; without one it is text
  std::string system, user;
};

struct PromptError : std::runtime_error {
  explicit PromptError(const std::string& message, std::string what_to_do = "")
      : std::runtime_error(message), hint(std::move(what_to_do)) {}
  std::string hint;
};

// Throws PromptError. check_prompt() is part of it.
Prompt read_prompt(std::string_view file);

// Everything that can be wrong with a prompt before it is used: its name, sizes, variables that the
// templates ask for but nobody declared, a schema that no reply could be checked against.
void check_prompt(const Prompt& prompt);

struct Rendered {
  std::string system, user;
};
// `given` is an object. Defaults are filled in. Throws PromptError, which lists the variables: one
// that is required is missing, or one that is given is not declared.
Rendered render_prompt(const Prompt& prompt, const Json& given);

}  // namespace tc::prompt
