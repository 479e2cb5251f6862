// stream(): what a model says, row by row, as it comes.
//
// The call lives in the function's own memory context from its first row to its last; whoever stops
// reading (LIMIT, an error, a closed cursor) gives it up with that context, and the record says so.
#include <algorithm>
#include <memory>
#include <utility>

#include "llm/attempt_pg.hpp"
#include "llm/call_pg.hpp"
#include "llm/encoding_pg.hpp"
#include "llm/stream.hpp"
#include "pg/values.hpp"

namespace llm {

Question question_of(FunctionCallInfo fcinfo);  // complete_pg.cpp

namespace {

using tc::llm::Fault;

class Stream {
 public:
  explicit Stream(Question question)
      : question_(std::move(question)),
        server_(open_server(route(question_.route, question_.purpose).front())),
        retries_(server_.options.retry, now_ms()) {
    Attempt attempt = make_attempt(question_, server_);
    tc::llm::ChatRequest chat = chat_request(question_, server_, attempt);
    chat.stream = true;
    request_ =
        http_request(server_, tc::llm::chat_url(server_.options.api, server_.options.base_url),
                     tc::llm::chat_body(server_.options.api, chat));
    CallFacts facts = call_facts(question_, request_, attempt.max_tokens);
    facts.use_cache = false;
    tokens_ = facts.tokens_in + facts.tokens_out;
    record_ = std::make_unique<Record>(server_, std::move(facts));
    record_->begin(0);
  }

  // The next piece; "" at the end. Before the first piece a failed try is repeated, afterwards not:
  // what was given out cannot be taken back.
  std::string next() {
    while (true) {
      if (!exchange_) start();
      std::string piece;
      drive([&] {
        take(piece);
        return !piece.empty() || exchange_->is_done() || reader_->is_over();
      });
      if (!piece.empty()) {
        has_given_ = true;
        return piece;
      }
      const auto fault = finish();
      if (!fault) return "";
      const auto wait =
          has_given_ ? std::nullopt : retries_.next_wait_ms(*fault, now_ms(), random_fraction());
      if (!wait) fail(*fault);
      exchange_.reset();
      pause_ms(*wait);
    }
  }

 private:
  void start() {
    if (const auto fault = wait_for_place(server_, tokens_, retries_.deadline_ms())) fail(*fault);
    place_ = std::make_unique<Place>(server_, tokens_);
    retries_.count_try();
    record_->count_try();
    request_.limits.total_ms = std::max<std::int64_t>(retries_.deadline_ms() - now_ms(), 1);
    reader_ = std::make_unique<tc::llm::ReplyStream>(server_.options.api);
    exchange_ = std::make_unique<Exchange>(request_);
  }

  void take(std::string& piece) {
    HttpResponse& response = exchange_->response();
    if (response.body.empty() || !exchange_->has_good_status()) return;
    piece += reader_->feed(std::exchange(response.body, {}));
  }

  // The connection is closed, or the stream is over: what is wrong with what came.
  std::optional<Fault> read_end() {
    if (exchange_->is_done() && !reader_->is_over()) {
      if (auto broken = fault_of(server_, exchange_->response())) return broken;
    }
    auto decoded = reader_->finish();
    if (auto* failure = std::get_if<tc::llm::Failure>(&decoded)) return failure->fault;
    end_.reply = std::move(std::get<tc::llm::Reply>(decoded));
    return std::nullopt;
  }

  std::optional<Fault> finish() {
    const std::optional<Fault> fault = read_end();
    if (exchange_->is_done()) {
      end_.http_status = exchange_->response().status;
      end_.first_byte_us = exchange_->response().first_byte_us;
    }
    if (fault) {
      place_->failed(*fault);
      place_.reset();
      return fault;
    }
    place_->answered(end_.reply.usage);
    place_.reset();
    end_.tries = retries_.tries();
    end_.reply.text = tc::llm::redact(std::move(end_.reply.text), server_.key);
    record_->end(end_);
    return std::nullopt;
  }

  [[noreturn]] void fail(const Fault& fault) {
    end_.tries = retries_.tries();
    end_.status = "failed";
    end_.error = fault.code + ": " + fault.message;
    end_.reply = {};
    record_->end(end_);
    give_up(question_, fault, server_.name,
            server_.name + ": " + std::to_string(end_.tries) + " tries, last " + fault.code);
  }

  Question question_;
  Server server_;
  tc::llm::RetryState retries_;
  HttpRequest request_;
  std::int64_t tokens_ = 0;
  std::unique_ptr<Record> record_;
  std::unique_ptr<Place> place_;
  std::unique_ptr<tc::llm::ReplyStream> reader_;
  std::unique_ptr<Exchange> exchange_;
  CallEnd end_;
  bool has_given_ = false;
};

// On the heap, for the server's memory is aligned for 8 bytes only.
using OwnedStream = std::unique_ptr<Stream>;

}  // namespace
}  // namespace llm

PG_ENTRY(stream_reply) {
  FuncCallContext* context = nullptr;
  if (SRF_IS_FIRSTCALL()) {
    context = pg::call([&] { return SRF_FIRSTCALL_INIT(); });
    llm::Question question = llm::question_of(fcinfo);
    context->user_fctx = pg::own<llm::OwnedStream>(
        context->multi_call_memory_ctx, std::make_unique<llm::Stream>(std::move(question)));
  }
  context = pg::call([&] { return SRF_PERCALL_SETUP(); });
  const std::string piece =
      llm::from_utf8((*static_cast<llm::OwnedStream*>(context->user_fctx))->next());
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  if (piece.empty()) {
    pg::call([&] { end_MultiFuncCall(fcinfo, context); });
    result->isDone = ExprEndResult;
    fcinfo->isnull = true;
    return (Datum)0;
  }
  context->call_cntr++;
  result->isDone = ExprMultipleResult;
  return pg::call([&] { return pg::text_datum(piece); });
}
