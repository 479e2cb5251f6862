// Embeddings: texts in batches, all under way at once.
#include <algorithm>

#include "llm/attempt_pg.hpp"
#include "llm/call_pg.hpp"
#include "pg/errors.hpp"

namespace llm {
namespace {

using tc::llm::Fault;

constexpr std::size_t kBatchTexts = 64;

struct Batch {
  std::size_t first = 0, count = 0;
  HttpRequest request;
  std::int64_t tokens = 0;
  std::unique_ptr<Record> record;
  std::unique_ptr<Place> place;
  std::unique_ptr<Exchange> exchange;
  std::optional<tc::llm::RetryState> retries;
  tc::llm::Embeddings found;
  std::optional<Fault> fault;
  std::int64_t not_before_ms = 0;
  bool is_over = false;
};

Batch make_batch(const Server& server, const Question& question,
                 const std::vector<std::string>& texts, std::size_t first) {
  Batch batch;
  batch.first = first;
  batch.count = std::min(kBatchTexts, texts.size() - first);
  tc::llm::EmbeddingRequest asked;
  asked.model = server.options.model;
  asked.texts.assign(texts.begin() + static_cast<std::ptrdiff_t>(first),
                     texts.begin() + static_cast<std::ptrdiff_t>(first + batch.count));
  const auto body = tc::llm::embedding_body(server.options.api, asked);
  if (!body) {
    pg::fail(pg::sqlstate::kUnsupported, "the model \"" + server.name + "\" makes no embeddings",
             "Its protocol has none.", "Use a server with api openai or ollama.");
  }
  batch.request = http_request(
      server, tc::llm::embedding_url(server.options.api, server.options.base_url), *body);
  CallFacts facts = call_facts(question, batch.request, 0);
  facts.use_cache = false;
  batch.tokens = facts.tokens_in;
  batch.record = std::make_unique<Record>(server, std::move(facts));
  batch.retries.emplace(server.options.retry, now_ms());
  batch.record->begin(0);
  return batch;
}

void end_batch(Batch& batch, const HttpResponse* response) {
  batch.is_over = true;
  CallEnd end;
  end.tries = batch.retries->tries();
  if (response != nullptr) {
    end.http_status = response->status;
    end.first_byte_us = response->first_byte_us;
  }
  end.reply.model = batch.found.model;
  end.reply.usage = batch.found.usage;
  if (batch.fault) {
    end.status = "failed";
    end.error = batch.fault->code + ": " + batch.fault->message;
  }
  batch.record->end(end);
}

// Sends a batch whose time has come, as far as there are places.
void start_if_due(const Server& server, Batch& batch) {
  if (batch.is_over || batch.exchange || now_ms() < batch.not_before_ms) return;
  const gate::Ticket ticket = gate::enter(server.id, server.options.limits, batch.tokens);
  if (ticket.verdict == gate::Verdict::Wait &&
      now_ms() + ticket.wait_ms < batch.retries->deadline_ms()) {
    batch.not_before_ms = now_ms() + ticket.wait_ms;
    return;
  }
  if (ticket.verdict != gate::Verdict::Go) {
    const bool is_open = ticket.verdict == gate::Verdict::Open;
    batch.fault =
        tc::llm::make_fault(is_open ? tc::llm::Outcome::Fail : tc::llm::Outcome::Wait,
                            is_open ? "circuit_open" : "rate_limited",
                            is_open ? "it failed too often and is left alone for a while"
                                    : "the limits of this server leave no time for the call");
    return end_batch(batch, nullptr);
  }
  batch.place = std::make_unique<Place>(server, batch.tokens);
  batch.retries->count_try();
  batch.record->count_try();
  batch.request.limits.total_ms =
      std::max<std::int64_t>(batch.retries->deadline_ms() - now_ms(), 1);
  batch.exchange = std::make_unique<Exchange>(batch.request);
}

void collect_if_done(const Server& server, Batch& batch) {
  if (!batch.exchange || !batch.exchange->is_done()) return;
  const HttpResponse& response = batch.exchange->response();
  batch.fault = fault_of(server, response);
  if (!batch.fault) {
    auto decoded = tc::llm::decode_embeddings(server.options.api, response.body, batch.count);
    if (auto* fault = std::get_if<Fault>(&decoded)) batch.fault = std::move(*fault);
    if (auto* found = std::get_if<tc::llm::Embeddings>(&decoded)) batch.found = std::move(*found);
  }
  if (batch.fault) {
    batch.place->failed(*batch.fault);
  } else {
    batch.place->answered(batch.found.usage);
  }
  batch.place.reset();
  const auto wait = batch.fault
                        ? batch.retries->next_wait_ms(*batch.fault, now_ms(), random_fraction())
                        : std::nullopt;
  if (wait) {
    batch.not_before_ms = now_ms() + *wait;
  } else {
    end_batch(batch, &response);
  }
  batch.exchange.reset();
}

}  // namespace

std::vector<std::vector<float>> embed(const std::vector<std::string>& texts,
                                      const std::string& asked_route) {
  constexpr std::int64_t kPollMs = 10;
  const Server server = open_server(route(asked_route, "embed").front());
  Question question;
  question.purpose = "embed";
  std::vector<Batch> batches;
  for (std::size_t i = 0; i < texts.size(); i += kBatchTexts) {
    batches.push_back(make_batch(server, question, texts, i));
  }
  const auto is_any = [&](auto holds) {
    return std::any_of(batches.begin(), batches.end(), holds);
  };
  while (is_any([](const Batch& batch) { return !batch.is_over; })) {
    for (Batch& batch : batches) start_if_due(server, batch);
    if (is_any([](const Batch& batch) { return batch.exchange != nullptr; })) {
      drive([&] {
        return is_any([](const Batch& b) { return b.exchange && b.exchange->is_done(); }) ||
               is_any([](const Batch& b) {
                 return !b.is_over && !b.exchange && now_ms() >= b.not_before_ms;
               });
      });
    } else {
      pause_ms(kPollMs);
    }
    for (Batch& batch : batches) collect_if_done(server, batch);
  }
  std::vector<std::vector<float>> vectors;
  for (Batch& batch : batches) {
    if (batch.fault) give_up(question, *batch.fault, server.name, "embedding");
    std::move(batch.found.vectors.begin(), batch.found.vectors.end(), std::back_inserter(vectors));
  }
  return vectors;
}

}  // namespace llm
