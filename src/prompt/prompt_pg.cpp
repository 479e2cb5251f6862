// Prompts between SQL and the core.
#include "prompt/prompt_pg.hpp"

#include "event/schema.hpp"
#include "pg/errors.hpp"
#include "prompt/prompt.hpp"

namespace prompt {
namespace {

[[noreturn]] void refuse(const tc::prompt::PromptError& error) {
  pg::fail(pg::sqlstate::kInvalidPrompt, error.what(), "", error.hint);
}

}  // namespace

tc::prompt::Prompt read(const std::string& definition) {
  try {
    return tc::prompt::read_prompt(definition);
  } catch (const tc::prompt::PromptError& error) {
    refuse(error);
  }
}

tc::prompt::Rendered render(const tc::prompt::Prompt& prompt, const std::string& variables) {
  try {
    return tc::prompt::render_prompt(prompt, tc::event::parse_json(variables));
  } catch (const tc::prompt::PromptError& error) {
    refuse(error);
  } catch (const tc::event::SchemaError& error) {
    pg::fail(pg::sqlstate::kInvalidPrompt, "the variables cannot be used", error.what());
  }
}

std::string json_argument(Datum jsonb) {
  const char* text = pg::call([&] {
    Jsonb* const value = DatumGetJsonbP(jsonb);
    return JsonbToCString(nullptr, &value->root, static_cast<int>(VARSIZE(value)));
  });
  return text;
}

namespace {

std::string text_argument(FunctionCallInfo fcinfo, int n) {
  return std::string(pg::call([&] { return pg::text_view(PG_GETARG_DATUM(n)); }));
}

void start_rows(FunctionCallInfo fcinfo) {
  pg::call([&] { InitMaterializedSRF(fcinfo, 0); });
}

void put_row(FunctionCallInfo fcinfo, Datum* values, bool* nulls) {
  pg::call([&] {
    auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
  });
}

}  // namespace
}  // namespace prompt

PG_ENTRY(read_prompt) {
  const tc::prompt::Prompt found = prompt::read(prompt::text_argument(fcinfo, 0));
  prompt::start_rows(fcinfo);
  Datum values[5];
  bool nulls[5] = {};
  pg::call([&] {
    values[0] = pg::text_datum(found.name);
    values[1] = Int32GetDatum(static_cast<int32>(found.version));
    values[2] = pg::text_datum(found.description);
    values[3] = pg::text_datum(found.purpose);
    values[4] = pg::text_datum(found.tier);
  });
  prompt::put_row(fcinfo, values, nulls);
  return (Datum)0;
}

PG_ENTRY(render_definition) {
  const tc::prompt::Prompt found = prompt::read(prompt::text_argument(fcinfo, 0));
  const auto text = prompt::render(found, prompt::json_argument(PG_GETARG_DATUM(1)));
  prompt::start_rows(fcinfo);
  const std::pair<const char*, const std::string*> messages[] = {{"system", &text.system},
                                                                 {"user", &text.user}};
  for (const auto& message : messages) {
    if (message.second->empty()) continue;
    Datum values[2];
    bool nulls[2] = {};
    pg::call([&] {
      values[0] = pg::text_datum(message.first);
      values[1] = pg::text_datum(*message.second);
    });
    prompt::put_row(fcinfo, values, nulls);
  }
  return (Datum)0;
}
