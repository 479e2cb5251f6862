#include "llm/call_pg.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "event/schema.hpp"
#include "llm/attempt_pg.hpp"
#include "llm/extract.hpp"
#include "llm/reply_schema.hpp"
#include "llm/schema_adapt.hpp"
#include "pg/errors.hpp"
#include "pg/spi.hpp"
#include "prompt/prompt_pg.hpp"
#include "prompt/template.hpp"

namespace llm {
namespace {

using tc::llm::Fault;
using tc::llm::Json;
using tc::llm::Outcome;
using tc::llm::Reply;

constexpr std::size_t kMostSentBack = 32'768;
constexpr std::int64_t kMostTokens = 1'000'000;

// The answer's object; a fault when the text holds none, or one that does not fit.
std::variant<Json, Fault> read_object(const Question& question, const std::string& text) {
  auto taken = tc::llm::extract_json(text);
  if (const auto* none = std::get_if<tc::llm::NoJson>(&taken)) {
    if (tc::llm::looks_like_refusal(text)) {
      return tc::llm::make_fault(Outcome::Fail, "refusal", "the model refuses to answer");
    }
    return tc::llm::make_fault(Outcome::Repair, "json", none->reason);
  }
  Json reply = std::move(std::get<Json>(taken));
  if (!question.schema) return reply;
  tc::llm::drop_added_nulls(*question.schema, reply);
  const auto reasons = tc::llm::ReplySchema(*question.schema).check(reply);
  if (reasons.empty()) return reply;
  std::string list;
  for (const auto& reason : reasons) {
    if (!list.empty()) list += "\n";
    list += (reason.pointer.empty() ? "/" : reason.pointer) + ": " + reason.message;
  }
  return tc::llm::make_fault(Outcome::Repair, "schema", list);
}

// The conversation goes on: what the model said, and why it cannot be used.
void send_back(Attempt& attempt, const std::string& said, const Fault& fault) {
  if (fault.code == "length") {
    attempt.max_tokens = std::min(attempt.max_tokens * 2, kMostTokens);
    return;
  }
  if (!said.empty()) {
    attempt.messages.push_back({tc::llm::Role::Assistant, tc::excerpt(said, kMostSentBack)});
  }
  attempt.messages.push_back(
      {tc::llm::Role::User, "Your answer cannot be used:\n" + fault.message +
                                "\nAnswer again with the whole corrected JSON object and nothing "
                                "else."});
}

struct ServerResult {
  std::optional<Answer> answer;
  Fault fault;
  std::string told;  // of this server, for the detail
};

ServerResult ask_server(const Question& question, const Server& server) {
  ServerResult result;
  Attempt attempt = make_attempt(question, server);
  int lengthened = 0;
  for (int repair = 0;; ++repair) {
    attempt.repair = repair;
    Attempted done = attempt_call(question, server, attempt, [&](const Reply& reply) {
      return question.wants_json ? read_object(question, reply.text)
                                 : std::variant<Json, Fault>(Json());
    });
    result.told += (result.told.empty() ? "" : "; ") + done.told;
    if (!done.fault) {
      Answer answer;
      answer.text = std::move(done.reply.text);
      if (question.wants_json) answer.json = std::move(done.json);
      answer.server = server.name;
      answer.model = done.reply.model;
      answer.call_id = done.call_id;
      result.answer = std::move(answer);
      return result;
    }
    result.fault = *done.fault;
    const bool may_lengthen = done.fault->code == "length" && lengthened++ == 0;
    const bool may_repair = done.fault->outcome == Outcome::Repair && question.wants_json &&
                            done.fault->code != "length" && repair < question.max_repairs;
    if (!may_lengthen && !may_repair) return result;
    send_back(attempt, done.reply.text, *done.fault);
  }
}

int sqlstate_code(std::string_view text) {
  return MAKE_SQLSTATE(text[0], text[1], text[2], text[3], text[4]);
}

struct HintRow {
  std::string_view code, hint;
};
constexpr HintRow kHints[] = {
    {"bad_key",
     "Look at the api_key of the user mapping: ALTER USER MAPPING … OPTIONS (SET api_key '…')."},
    {"forbidden", "Look at what the API key may do."},
    {"no_credit", "Look at the account's credit with the provider."},
    {"not_found", "Look at the options model and base_url of the server."},
    {"certificate", "Look at base_url; for a private authority, set the option ca_file."},
    {"tls", "Look at base_url: its port may not speak TLS."},
    {"forbidden_address",
     "A superuser may allow hosts inside the network with the setting tellingcube.local_hosts."},
    {"redirect", "Set base_url to where the server really is."},
    {"circuit_open",
     "It is left alone for a while because it failed; see tellingcube.llm_breaker. Another model "
     "after it in the route would have been asked."},
    {"too_large", "Raise max_response_bytes, or ask for less."},
    {"length", "Raise max_tokens of the prompt, or ask for less."},
    {"context_length", "Send less, or use a model with a larger context."},
    {"refusal", "Reword the prompt, or use another model."},
    {"content_filter", "Reword the prompt, or use another model."},
    {"json", "Another model, or a prompt that is clearer about its JSON, may do better."},
    {"schema", "Another model, or a prompt that is clearer about its JSON, may do better."},
    {"rate_limited", "Try later, or set requests_per_minute and tokens_per_minute of the server."},
};

std::string hint_of(const Fault& fault) {
  for (const HintRow& row : kHints) {
    if (row.code == fault.code) return std::string(row.hint);
  }
  const bool is_transient = fault.outcome == Outcome::Retry || fault.outcome == Outcome::Wait;
  return is_transient ? "Try later; timeouts and tries are options of the server." : "";
}

}  // namespace

void give_up(const Question& question, const Fault& fault, const std::string& server,
             const std::string& told) {
  std::string message = "the model \"" + server + "\" gave no usable answer: ";
  const bool is_list = fault.message.find('\n') != std::string::npos;
  message += is_list ? "it does not fit its schema" : fault.message;
  std::string detail = "For " + question.purpose + ": " + told + ".";
  if (fault.wait_ms) {
    detail += " The server asks to wait " + std::to_string((*fault.wait_ms + 999) / 1000) + " s.";
  }
  if (is_list) detail += "\n" + fault.message;
  const int sqlstate = fault.code == "circuit_open" ? pg::sqlstate::kCircuitOpen
                                                    : sqlstate_code(tc::llm::sqlstate_of(fault));
  pg::fail(sqlstate, message, detail, hint_of(fault));
}

namespace {

Question question_of_text(const std::string& text, const std::string& variables) {
  Question question;
  try {
    const Json given = tc::event::parse_json(variables);
    question.messages = {{tc::llm::Role::User, tc::prompt::render(text, given)}};
  } catch (const tc::prompt::TemplateError& error) {
    pg::fail(pg::sqlstate::kInvalidPrompt, std::string("the text is no template: ") + error.what());
  } catch (const tc::event::SchemaError& error) {
    pg::fail(pg::sqlstate::kInvalidPrompt, "the variables cannot be used", error.what());
  }
  return question;
}

}  // namespace

Question make_question(const std::string& prompt, const std::string& variables) {
  if (prompt.find_first_of(" \n\t") != std::string::npos) {
    return question_of_text(prompt, variables);
  }
  std::string definition;
  std::int64_t version = 0;
  {
    pg::Spi spi;
    spi.run_saved("SELECT p.definition, p.version::bigint FROM tellingcube.chosen_prompt($1) p",
                  pg::Parameters().text(prompt), true);
    definition = spi.text(0, 0);
    version = spi.integer(0, 1);
  }
  const tc::prompt::Prompt found = ::prompt::read(definition);
  const tc::prompt::Rendered text = ::prompt::render(found, variables);
  Question question;
  if (!text.system.empty()) question.messages.push_back({tc::llm::Role::System, text.system});
  question.messages.push_back({tc::llm::Role::User, text.user});
  question.schema = found.schema;
  question.purpose = found.purpose;
  question.prompt = found.name;
  question.prompt_version = version;
  question.max_tokens = found.max_tokens;
  question.temperature = found.temperature;
  return question;
}

Answer ask(const Question& question) {
  const std::vector<std::string> names = route(question.route, question.purpose);
  std::string told;
  for (std::size_t i = 0;; ++i) {
    const Server server = open_server(names[i]);
    ServerResult result = ask_server(question, server);
    if (result.answer) return std::move(*result.answer);
    told += (told.empty() ? "" : "; ") + server.name + ": " + result.told;
    if (i + 1 == names.size()) give_up(question, result.fault, server.name, told);
  }
}

}  // namespace llm
