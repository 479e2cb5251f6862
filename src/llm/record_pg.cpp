#include "llm/record_pg.hpp"

#include <algorithm>
#include <vector>

#include "base/uuid.hpp"
#include "llm/recorder_pg.hpp"
#include "llm/transport_pg.hpp"
#include "pg/errors.hpp"
#include "pg/values.hpp"

namespace llm {
namespace {

using tc::llm::Json;
using tc::llm::Kind;
using tc::llm::number_json;

constexpr std::int64_t kAskAgainMs = 20;
constexpr std::size_t kMaxResponseBytes = std::size_t{4} << 20;  // more is not kept on record

std::vector<Record*> open_records;

Json text_json(std::string_view text) { return Json::of(text); }

Json decimal_json(std::optional<tc::Decimal> number) { return number ? Json::of(*number) : Json(); }
Json count_json(std::optional<std::int64_t> count) { return count ? number_json(*count) : Json(); }
Json text_or_null(const std::string& text) { return text.empty() ? Json() : text_json(text); }

Json ms_json(std::int64_t us) {
  tc::Decimal ms;
  ms.digits = us;
  ms.scale = 3;
  while (ms.scale > 0 && ms.digits % 10 == 0) {
    ms.digits /= 10;
    --ms.scale;
  }
  return Json::of(ms);
}

std::string role_name() {
  return pg::call([] { return GetUserNameFromId(GetUserId(), false); });
}

// Never into the database: no NUL, no more than is sensible, valid UTF-8 as it comes from JSON.
std::string storable(const std::string& text) {
  std::string copy = text.size() > kMaxResponseBytes ? "" : text;
  copy.erase(std::remove(copy.begin(), copy.end(), '\0'), copy.end());
  return copy;
}

[[noreturn]] void refuse(const Json& budget) {
  const auto number = [&](const char* name) {
    const Json* value = budget.member(name);
    return value != nullptr && value->is(Kind::Number) ? to_string(value->number) : "";
  };
  std::string detail = "Used or reserved: " + number("used_usd") + " USD";
  if (!number("usd").empty()) detail += " of " + number("usd");
  detail += ", " + number("used_tokens") + " tokens";
  if (!number("tokens").empty()) detail += " of " + number("tokens");
  pg::fail(pg::sqlstate::kOverBudget,
           "the budget for " + tc::llm::text_of(budget.member("scope")) + " per " +
               tc::llm::text_of(budget.member("period")) + " does not allow this call",
           detail + ". What a call may cost at most is reserved before it is made.",
           "Wait for the next period, or have the budget raised with tellingcube.set_budget().");
}

}  // namespace

void cancel_open_records() {
  for (Record* const record : open_records) recorder::tell(record->cancelled());
  open_records.clear();
}

namespace {

// A session that is terminated does not unwind: the server leaves the process from within.
void at_exit(int, Datum) { cancel_open_records(); }

}  // namespace

Record::Record(const Server& server, CallFacts facts)
    : server_(server),
      facts_(std::move(facts)),
      id_(tc::to_string(pg::uuid_v7())),
      started_ms_(now_ms()) {
  static bool is_registered = false;
  if (is_registered) return;
  pg::call([] { before_shmem_exit(at_exit, 0); });
  is_registered = true;
}

Record::~Record() {
  if (!is_open_) return;
  open_records.erase(std::remove(open_records.begin(), open_records.end(), this),
                     open_records.end());
  recorder::tell(cancelled());
}

std::string Record::cancelled() const {
  Json end = Json::object();
  end.add("action", text_json("end"));
  end.add("call_id", text_json(id_));
  end.add("status", text_json("cancelled"));
  end.add("tries", number_json(tries_));
  end.add("total_ms", number_json(now_ms() - started_ms_));
  // Should the end be recorded before the beginning was.
  end.add("role", text_json(role_name()));
  end.add("server", text_json(server_.name));
  end.add("model", text_json(server_.options.model));
  end.add("purpose", text_json(facts_.purpose));
  end.add("repair", number_json(facts_.repair));
  end.add("request_hash", text_json(facts_.hash));
  end.add("pid", number_json(MyProcPid));
  return tc::event::to_text(end);
}

std::optional<tc::llm::Reply> Record::begin(std::int64_t deadline_ms) {
  const auto cost = tc::llm::cost_of(server_.options, facts_.tokens_in, facts_.tokens_out, {});
  Json request = Json::object();
  request.add("action", text_json("begin"));
  request.add("call_id", text_json(id_));
  request.add("role", text_json(role_name()));
  request.add("server", text_json(server_.name));
  request.add("model", text_json(server_.options.model));
  request.add("purpose", text_json(facts_.purpose));
  request.add("prompt", text_or_null(facts_.prompt));
  request.add("prompt_version",
              facts_.prompt_version > 0 ? number_json(facts_.prompt_version) : Json());
  request.add("run_id", text_or_null(facts_.run_id));
  request.add("company", text_or_null(facts_.company));
  request.add("repair", number_json(facts_.repair));
  request.add("request_hash", text_json(facts_.hash));
  request.add("reserved_tokens", number_json(facts_.tokens_in + facts_.tokens_out));
  request.add("reserved_cost", decimal_json(cost));
  request.add("use_cache", Json::of(facts_.use_cache));
  request.add("pid", number_json(MyProcPid));
  const std::string text = tc::event::to_text(request);
  is_open_ = true;
  open_records.push_back(this);
  while (true) {
    const Json answer = tc::event::parse_json(recorder::ask(text));
    if (const Json* budget = answer.member("refused")) {
      is_open_ = false;
      open_records.erase(std::remove(open_records.begin(), open_records.end(), this),
                         open_records.end());
      refuse(*budget);
    }
    if (const Json* warnings = answer.member("warnings")) {
      for (const Json& warning : warnings->items) pg::notice(warning.text);
    }
    if (const Json* kept = answer.member("text")) {
      is_open_ = false;
      open_records.erase(std::remove(open_records.begin(), open_records.end(), this),
                         open_records.end());
      tc::llm::Reply reply;
      reply.text = kept->text;
      reply.model = tc::llm::text_of(answer.member("model"));
      return reply;
    }
    if (answer.member("wait") == nullptr || now_ms() >= deadline_ms) return std::nullopt;
    pause_ms(kAskAgainMs);
  }
}

void Record::end(const CallEnd& end) {
  const tc::llm::Usage& usage = end.reply.usage;
  Json request = Json::object();
  request.add("action", text_json("end"));
  request.add("call_id", text_json(id_));
  request.add("status", text_json(end.status));
  request.add("error", text_or_null(end.error));
  request.add("http_status", end.http_status > 0 ? number_json(end.http_status) : Json());
  request.add("tries", number_json(end.tries));
  request.add("valid", end.valid ? Json::of(*end.valid) : Json());
  request.add("answered_by", text_or_null(end.reply.model));
  request.add("tokens_in", count_json(usage.input));
  request.add("tokens_out", count_json(usage.output));
  request.add("tokens_cached", count_json(usage.cached));
  request.add("cost", decimal_json(tc::llm::cost_of(server_.options, usage.input, usage.output,
                                                    usage.cached)));
  request.add("first_byte_ms", end.first_byte_us > 0 ? ms_json(end.first_byte_us) : Json());
  request.add("total_ms", number_json(now_ms() - started_ms_));
  request.add("response", text_or_null(storable(end.reply.text)));
  request.add("keep_seconds", number_json(end.reply.text.empty() ? 0 : end.keep_seconds));
  recorder::ask(tc::event::to_text(request));
  is_open_ = false;
  open_records.erase(std::remove(open_records.begin(), open_records.end(), this),
                     open_records.end());
}

}  // namespace llm
