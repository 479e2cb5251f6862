// One question to a model, with everything that belongs to it: route, limits, budget, cache, tries,
// repairs, record. What complete(), and later simulate(), ask() and narrate(), are made of.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llm/json.hpp"
#include "llm/request.hpp"
#include "prompt/prompt.hpp"

namespace llm {

struct Question {
  std::vector<tc::llm::Message> messages;
  std::optional<tc::llm::Json> schema;  // of the answer
  bool wants_json = false;              // an object, whether or not there is a schema
  std::string purpose = "complete";
  std::string prompt;  // its name; "" for a text of the caller's
  std::int64_t prompt_version = 0;
  std::int64_t max_tokens = 4096;
  std::optional<tc::Decimal> temperature;
  std::optional<std::int64_t> seed;
  std::string route;            // servers, "a, b"; "" = by the settings
  std::string run_id, company;  // "" = none
  int max_repairs = 2;
  bool use_cache = true;
};

struct Answer {
  std::string text;
  std::optional<tc::llm::Json> json;  // checked; when wants_json
  std::string server, model, call_id;
};

// The question of a prompt: by its name, or a text (with a space in it) as it is. `variables` is
// the text of a JSON object.
Question make_question(const std::string& prompt, const std::string& variables);

// Throws pg::Error. Its SQLSTATE is that of the fault that ended the last server's tries
// (llm/fault.hpp), its detail tells all tries.
Answer ask(const Question& question);

// The vectors of texts, in their order.
std::vector<std::vector<float>> embed(const std::vector<std::string>& texts,
                                      const std::string& route);

}  // namespace llm
