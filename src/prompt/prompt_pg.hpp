// Prompts for other doors: the core's functions, with errors of the server's kind (TC4xx).
#pragma once
#include <string>

#include "pg/values.hpp"
#include "prompt/prompt.hpp"

namespace prompt {

tc::prompt::Prompt read(const std::string& definition);
// `variables` is the text of a JSON object.
tc::prompt::Rendered render(const tc::prompt::Prompt& prompt, const std::string& variables);
std::string json_argument(Datum jsonb);  // its text

}  // namespace prompt
