#include "llm/attempt_pg.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "event/schema.hpp"
#include "llm/gate_pg.hpp"
#include "llm/schema_adapt.hpp"
#include "pg/errors.hpp"
#include "settings.hpp"

namespace llm {
namespace {

using tc::llm::Fault;
using tc::llm::Json;
using tc::llm::Outcome;
using tc::llm::Reply;

std::string sha256(const std::string& text) {
  std::uint8_t digest[PG_SHA256_DIGEST_LENGTH];
  pg::call([&] {
    pg_cryptohash_ctx* const context = pg_cryptohash_create(PG_SHA256);
    const bool done =
        pg_cryptohash_init(context) == 0 &&
        pg_cryptohash_update(context, reinterpret_cast<const std::uint8_t*>(text.data()),
                             text.size()) == 0 &&
        pg_cryptohash_final(context, digest, sizeof digest) == 0;
    pg_cryptohash_free(context);
    if (!done) elog(ERROR, "could not compute SHA-256");
  });
  constexpr char kHex[] = "0123456789abcdef";
  std::string hex = "\\x";
  for (const std::uint8_t byte : digest) {
    hex += kHex[byte >> 4];
    hex += kHex[byte & 15];
  }
  return hex;
}

bool is_local_host(const std::string& host) {
  const std::string list = "," + settings::local_hosts() + ",";
  std::string compact;
  for (const char c : list) {
    if (c != ' ') compact += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return compact.find("," + host + ",") != std::string::npos;
}

std::string told_of(int tries, const Fault& fault) {
  std::string text = std::to_string(tries) + (tries == 1 ? " try, " : " tries, last ") + fault.code;
  if (fault.status != 0) text += " (status " + std::to_string(fault.status) + ")";
  return text;
}

struct Tried {
  Reply reply;
  std::optional<Fault> fault;
  int http_status = 0;
  std::int64_t first_byte_us = 0;
};

Tried read_response(const Server& server, const HttpResponse& response) {
  Tried tried;
  tried.http_status = response.status;
  tried.first_byte_us = response.first_byte_us;
  tried.fault = fault_of(server, response);
  if (tried.fault) return tried;
  auto decoded = tc::llm::decode_reply(server.options.api, response.body);
  if (auto* failure = std::get_if<tc::llm::Failure>(&decoded)) {
    tried.fault = std::move(failure->fault);
    tried.fault->message = tc::llm::redact(tried.fault->message, server.key);
    tried.reply = std::move(failure->partial);
  } else {
    tried.reply = std::move(std::get<Reply>(decoded));
  }
  // Whatever a server says back, a key is not kept.
  tried.reply.text = tc::llm::redact(std::move(tried.reply.text), server.key);
  if (!tried.fault && server.options.require_model && !tried.reply.model.empty() &&
      tried.reply.model != server.options.model) {
    tried.fault =
        tc::llm::make_fault(Outcome::Fail, "other_model",
                            "another model answered: " + tc::llm::presentable(tried.reply.model));
  }
  return tried;
}

}  // namespace

double random_fraction() {
  std::uint32_t bits = 0;
  pg::call([&] {
    if (!pg_strong_random(&bits, sizeof bits)) elog(ERROR, "no random numbers");
  });
  return bits / 4294967296.0;
}

Attempt make_attempt(const Question& question, const Server& server) {
  Attempt attempt;
  attempt.messages = question.messages;
  attempt.max_tokens = question.max_tokens;
  // Where the server is not told the schema, the model is.
  if (question.schema && server.options.structured == tc::llm::Structured::None) {
    attempt.messages.back().text +=
        "\n\nAnswer with one JSON object and nothing else. It must fit this JSON Schema:\n" +
        tc::event::to_text(*question.schema);
  }
  return attempt;
}

tc::llm::ChatRequest chat_request(const Question& question, const Server& server,
                                  const Attempt& attempt) {
  tc::llm::ChatRequest request;
  request.model = server.options.model;
  request.messages = attempt.messages;
  request.structured = server.options.structured;
  request.max_tokens = attempt.max_tokens;
  request.seed = question.seed;
  if (server.options.send_temperature) request.temperature = question.temperature;
  if (question.schema) {
    auto adapted = tc::llm::adapt_schema(server.options.api, *question.schema);
    request.schema = std::move(adapted.schema);
    request.strict = adapted.strict;
  }
  return request;
}

HttpRequest http_request(const Server& server, const std::string& url, std::string body) {
  HttpRequest request;
  request.url = url;
  request.body = std::move(body);
  request.headers = tc::llm::request_headers(server.options.api, server.key);
  request.limits.connect_ms = server.options.connect_timeout_ms;
  request.limits.first_byte_ms = server.options.first_byte_timeout_ms;
  request.limits.idle_ms = server.options.idle_timeout_ms;
  request.limits.max_bytes = server.options.max_response_bytes;
  request.ca_file = server.options.ca_file;
  const std::string host = tc::llm::host_of(url);
  request.may_go_loopback = tc::llm::is_loopback_host(host);
  request.may_go_inside = is_local_host(host);
  return request;
}

CallFacts call_facts(const Question& question, const HttpRequest& request,
                     std::int64_t max_tokens) {
  CallFacts facts;
  facts.purpose = question.purpose;
  facts.prompt = question.prompt;
  facts.prompt_version = question.prompt_version;
  facts.run_id = question.run_id;
  facts.company = question.company;
  facts.tokens_in = tc::llm::estimate_tokens(request.body);
  facts.tokens_out = max_tokens;
  facts.use_cache = question.use_cache && settings::llm_cache_seconds() > 0;
  const std::string schema = question.schema ? tc::event::to_text(*question.schema) : "";
  const char* role = pg::call([] { return GetUserNameFromId(GetUserId(), false); });
  std::string key = question.prompt + "\n" + std::to_string(question.prompt_version);
  for (const std::string& part : {request.url, request.body, schema, std::string(role)}) {
    key += "\n" + std::to_string(part.size()) + "\n" + part;
  }
  facts.hash = sha256(key);
  return facts;
}

std::optional<Fault> wait_for_place(const Server& server, std::int64_t tokens,
                                    std::int64_t deadline_ms) {
  while (true) {
    const gate::Ticket ticket = gate::enter(server.id, server.options.limits, tokens);
    switch (ticket.verdict) {
      case gate::Verdict::Go:
        return std::nullopt;
      case gate::Verdict::Open: {
        Fault fault = tc::llm::make_fault(Outcome::Fail, "circuit_open",
                                          "it failed too often and is left alone for a while");
        fault.wait_ms = ticket.wait_ms;
        return fault;
      }
      case gate::Verdict::Wait:
        break;
    }
    if (now_ms() + ticket.wait_ms >= deadline_ms) {
      Fault fault = tc::llm::make_fault(Outcome::Wait, "rate_limited",
                                        "the limits of this server leave no time for the call");
      fault.wait_ms = ticket.wait_ms;
      return fault;
    }
    pause_ms(ticket.wait_ms);
  }
}

Place::~Place() {
  if (!is_left_) {
    gate::leave(server_.id, server_.options.limits, tokens_, tokens_, gate::Result::NoVerdict, 0);
  }
}

void Place::answered(const tc::llm::Usage& usage) {
  is_left_ = true;
  const std::int64_t used = usage.input ? *usage.input + usage.output.value_or(0) : tokens_;
  gate::leave(server_.id, server_.options.limits, tokens_, used, gate::Result::Answered, 0);
}

void Place::failed(const Fault& fault) {
  is_left_ = true;
  // The server answered, if only to say no: that is no reason to leave it alone.
  gate::Result result = gate::Result::Answered;
  if (fault.outcome == Outcome::Retry) result = gate::Result::Failed;
  if (fault.outcome == Outcome::Wait) result = gate::Result::NoVerdict;
  if (fault.opens_circuit) result = gate::Result::Refused;
  gate::leave(server_.id, server_.options.limits, tokens_, tokens_, result,
              fault.wait_ms.value_or(0));
}

std::optional<Fault> fault_of(const Server& server, const HttpResponse& response) {
  std::optional<Fault> fault;
  if (!response.arrived()) {
    fault = tc::llm::classify_transport(response.curl_code, response.broken, response.curl_message);
    // Only here is it known that a certificate was read over: curl says 35 for both.
    if (response.curl_code == 35 && response.total_us >= server.options.connect_timeout_ms * 1000) {
      fault->outcome = Outcome::Retry;
    }
  } else if (response.status != 200) {
    fault = tc::llm::classify_status(server.options.api, response.status, response.body,
                                     response.headers, std::time(nullptr));
  }
  if (fault) fault->message = tc::llm::redact(fault->message, server.key);
  return fault;
}

Attempted attempt_call(const Question& question, const Server& server, const Attempt& attempt,
                       const Judge& judge) {
  HttpRequest request =
      http_request(server, tc::llm::chat_url(server.options.api, server.options.base_url),
                   tc::llm::chat_body(server.options.api, chat_request(question, server, attempt)));
  CallFacts facts = call_facts(question, request, attempt.max_tokens);
  facts.repair = attempt.repair;
  const std::int64_t tokens = facts.tokens_in + facts.tokens_out;
  tc::llm::RetryState retries(server.options.retry, now_ms());
  Attempted result;
  Record record(server, std::move(facts));
  result.call_id = record.id();
  if (auto kept = record.begin(retries.deadline_ms())) {
    result.reply = std::move(*kept);
    auto judged = judge(result.reply);
    result.told = "kept answer";
    if (auto* fault = std::get_if<Fault>(&judged)) result.fault = std::move(*fault);
    if (auto* json = std::get_if<Json>(&judged)) result.json = std::move(*json);
    return result;
  }
  CallEnd end;
  while (true) {
    result.fault = wait_for_place(server, tokens, retries.deadline_ms());
    if (result.fault) break;
    Tried tried;
    {
      Place place(server, tokens);
      retries.count_try();
      record.count_try();
      request.limits.total_ms = std::max<std::int64_t>(retries.deadline_ms() - now_ms(), 1);
      Exchange exchange(request);
      drive([&] { return exchange.is_done(); });
      tried = read_response(server, exchange.response());
      if (tried.fault) {
        place.failed(*tried.fault);
      } else {
        place.answered(tried.reply.usage);
      }
    }
    end.http_status = tried.http_status;
    end.first_byte_us = tried.first_byte_us;
    result.reply = std::move(tried.reply);
    result.fault = std::move(tried.fault);
    if (!result.fault) break;
    const auto wait = retries.next_wait_ms(*result.fault, now_ms(), random_fraction());
    if (!wait) break;
    pause_ms(*wait);
  }
  if (!result.fault) {
    auto judged = judge(result.reply);
    if (question.wants_json) end.valid = std::holds_alternative<Json>(judged);
    if (auto* fault = std::get_if<Fault>(&judged)) result.fault = std::move(*fault);
    if (auto* json = std::get_if<Json>(&judged)) result.json = std::move(*json);
  }
  end.tries = retries.tries();
  end.reply = result.reply;
  result.told = std::to_string(end.tries) + " tries";
  if (result.fault) {
    result.told = told_of(end.tries, *result.fault);
    end.status = "failed";
    end.error = result.fault->code + ": " + result.fault->message;
  } else {
    end.keep_seconds = question.use_cache ? settings::llm_cache_seconds() : 0;
  }
  record.end(end);
  return result;
}

}  // namespace llm
