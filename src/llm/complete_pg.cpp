// complete(), complete_text(), embed(): what SQL calls.
#include <memory>

#include "llm/attempt_pg.hpp"
#include "llm/call_pg.hpp"
#include "llm/encoding_pg.hpp"
#include "pg/errors.hpp"
#include "pg/values.hpp"
#include "prompt/prompt_pg.hpp"

namespace llm {

Question question_of(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) {
    pg::fail(pg::sqlstate::kInvalidArgument, "no prompt is named", "",
             "SELECT name, description FROM tellingcube.prompt lists the prompts.");
  }
  const auto text = [&](int n) {
    if (PG_ARGISNULL(n)) return std::string();
    return std::string(pg::call([&] { return pg::text_view(PG_GETARG_DATUM(n)); }));
  };
  const std::string variables = PG_ARGISNULL(1) ? "{}" : prompt::json_argument(PG_GETARG_DATUM(1));
  Question question = make_question(to_utf8(text(0)), to_utf8(variables));
  question.route = text(2);
  return question;
}

}  // namespace llm

PG_ENTRY(complete) {
  llm::Question question = llm::question_of(fcinfo);
  question.wants_json = true;
  const llm::Answer answer = llm::ask(question);
  const std::string text = llm::from_utf8(tc::event::to_text(*answer.json));
  return pg::call([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text.c_str())); });
}

PG_ENTRY(complete_text) {
  llm::Question question = llm::question_of(fcinfo);
  const llm::Answer answer = llm::ask(question);
  const std::string text = llm::from_utf8(answer.text);
  return pg::call([&] { return pg::text_datum(text); });
}

PG_ENTRY(embed) {
  pg::call([&] { InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC); });
  std::vector<std::string> texts;
  if (!PG_ARGISNULL(0)) {
    Datum* values = nullptr;
    bool* nulls = nullptr;
    int count = 0;
    pg::call([&] {
      pg::deconstruct_array_of(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, &values, &nulls, &count);
    });
    for (int i = 0; i < count; ++i) {
      if (nulls[i]) {
        pg::fail(pg::sqlstate::kInvalidArgument, "one of the texts is NULL", "",
                 "Leave it out, or give an empty text.");
      }
      texts.push_back(
          llm::to_utf8(std::string(pg::call([&] { return pg::text_view(values[i]); }))));
    }
  }
  const std::string route =
      PG_ARGISNULL(1) ? ""
                      : std::string(pg::call([&] { return pg::text_view(PG_GETARG_DATUM(1)); }));
  const auto vectors = llm::embed(texts, route);
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  for (const std::vector<float>& vector : vectors) {
    pg::call([&] {
      auto* const items = static_cast<Datum*>(palloc(sizeof(Datum) * vector.size()));
      for (std::size_t i = 0; i < vector.size(); ++i) items[i] = Float4GetDatum(vector[i]);
      ArrayType* const array = construct_array(items, static_cast<int>(vector.size()), FLOAT4OID,
                                               sizeof(float4), true, TYPALIGN_INT);
      Datum value = PointerGetDatum(array);
      bool is_null = false;
      tuplestore_putvalues(result->setResult, result->setDesc, &value, &is_null);
      pfree(items);
      pfree(array);
    });
  }
  return (Datum)0;
}
