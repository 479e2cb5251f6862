// Arbitrary bytes as a template, behind a NUL as its variables, and as a prompt's file: nothing is
// rendered that is too long, and a text never becomes a template.
#include <cstdint>
#include <cstdlib>

#include "event/schema.hpp"
#include "prompt/prompt.hpp"
#include "prompt/template.hpp"

namespace {

using namespace tc::prompt;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::string_view text, const Json& variables) {
  try {
    const std::string result = render(text, variables);
    require(result.size() <= kMaxRenderedBytes);
    require(result == render(text, variables));
    require(result.find('\x01') == std::string::npos);
    names_in(text);
  } catch (const TemplateError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view text = all.substr(0, all.find('\0'));
  check(text, tc::event::parse_json(
                  R"({"a":"{{b}}","b":[1,{"c":"<x>"}],"d":{"e":null,"a":[[true]]},"n":1.5})"));
  if (text.size() < all.size()) {
    try {
      const Json variables = tc::event::parse_json(all.substr(text.size() + 1));
      if (variables.is(tc::event::Kind::Object)) check(text, variables);
    } catch (const tc::event::SchemaError&) {
    }
  }
  try {
    const Prompt prompt = read_prompt(all);
    render_prompt(prompt, Json::object());
  } catch (const PromptError&) {
  }
  return 0;
}
