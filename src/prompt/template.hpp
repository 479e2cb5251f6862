// Prompt templates: Mustache, with values as JSON.
//
// {{name}} gives a value as JSON: a text in quotes with its special characters escaped (also "<",
// so that no text can close a tag that marks it as data), a number as written, an array or an
// object as a whole. {{{name}}} and {{&name}} give a text as it is, and are for what the
// application itself says, not for data. Sections {{#name}} … {{/name}} and {{^name}} … {{/name}},
// comments and dotted names are Mustache's. Partials and changed delimiters are not there.
//
// Example: with {"question": "Who said \"<b>\"?", "rows": [{"n": 1}, {"n": 2}]}
//   Answer {{question}}.{{#rows}} Row {{n}}.{{/rows}} All: {{rows}}
// is
//   Answer "Who said \"\u003cb>\"?". Row 1. Row 2. All: [{"n":1},{"n":2}]
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "event/json_tree.hpp"

namespace tc::prompt {

using event::Json;

inline constexpr std::size_t kMaxTemplateBytes = std::size_t{256} * 1024;
inline constexpr std::size_t kMaxRenderedBytes = std::size_t{4} << 20;
inline constexpr int kMaxSections = 16;  // inside one another

struct TemplateError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The names that a template asks for outside sections, each once, in their order; those inside may
// belong to the section's items. Throws TemplateError: not a template, or one with partials,
// changed delimiters, sections deeper than kMaxSections.
std::vector<std::string> names_in(std::string_view text);

// REQUIRES: variables is an object. Throws TemplateError as names_in() does, and when the result is
// longer than kMaxRenderedBytes. A name that is not there is nothing.
std::string render(std::string_view text, const Json& variables);

}  // namespace tc::prompt
