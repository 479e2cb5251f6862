#include "prompt/prompt.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <functional>
#include <utility>

#include "base/text.hpp"
#include "event/schema.hpp"
#include "llm/reply_schema.hpp"
#include "prompt/template.hpp"

namespace tc::prompt {
namespace {

using event::Kind;

constexpr std::int64_t kMostTokens = 1'000'000;
constexpr std::array<std::string_view, 3> kTiers = {"fast", "balanced", "advanced"};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 63 && text.front() >= 'a' && text.front() <= 'z' &&
         std::all_of(text.begin(), text.end(), fits);
}

std::int64_t whole(std::string_view key, std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw PromptError(std::string(key) + " must be a whole number, but is \"" + excerpt(text, 40) +
                      "\"");
  }
  return value;
}

Json json(std::string_view key, std::string_view text) {
  try {
    return event::parse_json(text);
  } catch (const event::SchemaError& error) {
    throw PromptError(std::string(key) + " is not usable JSON: " + error.what());
  }
}

struct FrontKey {
  std::string_view name;
  void (*set)(Prompt&, std::string_view);
};
const std::array<FrontKey, 9> kFrontKeys = {{
    {"name", [](Prompt& p, std::string_view text) { p.name = text; }},
    {"version", [](Prompt& p, std::string_view text) { p.version = whole("version", text); }},
    {"description", [](Prompt& p, std::string_view text) { p.description = text; }},
    {"purpose", [](Prompt& p, std::string_view text) { p.purpose = text; }},
    {"tier", [](Prompt& p, std::string_view text) { p.tier = text; }},
    {"temperature",
     [](Prompt& p, std::string_view text) {
       p.temperature = parse_decimal(text);
       if (!p.temperature) throw PromptError("temperature must be a number");
     }},
    {"max_tokens",
     [](Prompt& p, std::string_view text) { p.max_tokens = whole("max_tokens", text); }},
    {"variables", [](Prompt& p, std::string_view text) { p.variables = json("variables", text); }},
    {"schema", [](Prompt& p, std::string_view text) { p.schema = json("schema", text); }},
}};

void set_front_key(Prompt& prompt, std::string_view name, std::string_view value) {
  std::vector<std::string> names;
  for (const FrontKey& key : kFrontKeys) {
    if (key.name == name) return key.set(prompt, value);
    names.emplace_back(key.name);
  }
  throw PromptError("the front matter has no key \"" + excerpt(name, 40) + "\"",
                    "Known keys: " +
                        std::string("name, version, description, purpose, tier, "
                                    "temperature, max_tokens, variables, schema.") +
                        (did_you_mean(name, names).empty() ? "" : " ") + did_you_mean(name, names));
}

bool goes_on(std::string_view line) {
  return line.empty() || std::isspace(static_cast<unsigned char>(line.front())) != 0 ||
         line.front() == '}' || line.front() == ']';
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// The lines up to the closing "---".
void read_front(Prompt& prompt, std::string_view& text) {
  if (trim(take_line(text)) != "---") {
    throw PromptError("a prompt begins with front matter",
                      "Write its keys between lines of \"---\".");
  }
  std::string name;
  std::string value;
  const auto finish = [&] {
    if (!name.empty()) set_front_key(prompt, name, trim(value));
    name.clear();
    value.clear();
  };
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (trim(line) == "---") return finish();
    if (goes_on(line)) {
      value.append("\n").append(line);
      continue;
    }
    finish();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      throw PromptError("the front matter has a line without a colon: \"" + excerpt(line, 60) +
                        "\"");
    }
    name = trim(line.substr(0, colon));
    value = line.substr(colon + 1);
  }
  throw PromptError("the front matter does not end", "Close it with a line of \"---\".");
}

void read_body(Prompt& prompt, std::string_view text) {
  std::string* part = nullptr;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line == "# system") {
      part = &prompt.system;
    } else if (line == "# user") {
      part = &prompt.user;
    } else if (part != nullptr) {
      part->append(line).append("\n");
    } else if (!trim(line).empty()) {
      throw PromptError("text stands before \"# system\" and \"# user\"");
    }
  }
  prompt.system = trim(prompt.system);
  prompt.user = trim(prompt.user);
}

const Json* variable(const Prompt& prompt, std::string_view name) {
  return prompt.variables.member(name);
}
bool is_required(const Json& variable) {
  const Json* required = variable.member("required");
  return required != nullptr && required->is(Kind::Boolean) && required->boolean;
}

std::string list_variables(const Prompt& prompt) {
  if (prompt.variables.members.empty()) return "The prompt has no variables.";
  std::string text = "Variables: ";
  for (const auto& [name, spec] : prompt.variables.members) {
    if (&spec != &prompt.variables.members.front().value) text += ", ";
    text += name + (is_required(spec) ? " (required)" : "");
  }
  return text + ".";
}

void check_variables(const Prompt& prompt) {
  if (!prompt.variables.is(Kind::Object)) throw PromptError("variables must be a JSON object");
  for (const auto& [name, spec] : prompt.variables.members) {
    if (!spec.is(Kind::Object))
      throw PromptError("the variable \"" + name + "\" must be an object");
    for (const auto& [key, value] : spec.members) {
      if (key != "required" && key != "default" && key != "description") {
        throw PromptError(
            "the variable \"" + name + "\" has an unknown key \"" + excerpt(key, 40) + "\"",
            "A variable has required, default, description.");
      }
    }
  }
  for (const std::string* text : {&prompt.system, &prompt.user}) {
    try {
      for (const std::string& name : names_in(*text)) {
        if (variable(prompt, name) == nullptr) {
          throw PromptError("the template asks for \"" + excerpt(name, 60) +
                                "\", which is not among its variables",
                            list_variables(prompt));
        }
      }
    } catch (const TemplateError& error) {
      throw PromptError(std::string("the template cannot be used: ") + error.what());
    }
  }
}

}  // namespace

Prompt read_prompt(std::string_view file) {
  Prompt prompt;
  read_front(prompt, file);
  read_body(prompt, file);
  check_prompt(prompt);
  return prompt;
}

void check_prompt(const Prompt& prompt) {
  if (!is_name(prompt.name)) {
    throw PromptError("\"" + excerpt(prompt.name, 60) + "\" is not a name for a prompt",
                      "Use lower case letters, digits, _ and -, beginning with a letter.");
  }
  if (!is_name(prompt.purpose)) throw PromptError("the purpose must be a lower case word");
  if (prompt.version < 0 || prompt.version > 1'000'000) {
    throw PromptError("the version must be at most 1000000, and not negative");
  }
  if (std::find(kTiers.begin(), kTiers.end(), prompt.tier) == kTiers.end()) {
    throw PromptError("the tier must be fast, balanced or advanced");
  }
  if (prompt.max_tokens < 1 || prompt.max_tokens > kMostTokens) {
    throw PromptError("max_tokens must be between 1 and " + std::to_string(kMostTokens));
  }
  if (prompt.temperature &&
      (prompt.temperature->digits < 0 || compare(*prompt.temperature, {2, 0}) > 0)) {
    throw PromptError("the temperature must be between 0 and 2");
  }
  if (prompt.user.empty()) throw PromptError("the prompt has no text for the user");
  check_variables(prompt);
  if (!prompt.schema) return;
  try {
    const llm::ReplySchema compiled(*prompt.schema);
  } catch (const event::SchemaError& error) {
    throw PromptError(std::string("the schema of the reply cannot be used: ") + error.what() +
                      (error.pointer.empty() ? "" : " (at " + error.pointer + ")"));
  }
}

Rendered render_prompt(const Prompt& prompt, const Json& given) {
  if (!given.is(Kind::Object)) {
    throw PromptError("variables must be a JSON object", list_variables(prompt));
  }
  for (const auto& [name, value] : given.members) {
    if (variable(prompt, name) == nullptr) {
      throw PromptError(
          "the prompt \"" + prompt.name + "\" has no variable \"" + excerpt(name, 60) + "\"",
          list_variables(prompt));
    }
  }
  Json all = Json::object();
  std::string missing;
  for (const auto& [name, spec] : prompt.variables.members) {
    if (const Json* value = given.member(name)) {
      all.add(name, *value);
    } else if (const Json* preset = spec.member("default")) {
      all.add(name, *preset);
    } else if (is_required(spec)) {
      missing += (missing.empty() ? "" : ", ") + name;
    }
  }
  if (!missing.empty()) {
    throw PromptError("the prompt \"" + prompt.name + "\" needs " + missing,
                      list_variables(prompt));
  }
  try {
    return {render(prompt.system, all), render(prompt.user, all)};
  } catch (const TemplateError& error) {
    throw PromptError(std::string("the prompt cannot be rendered: ") + error.what());
  }
}

}  // namespace tc::prompt
