// One request to one server, tried until it is answered, refused, or out of time; on record from
// beginning to end.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "llm/call_pg.hpp"
#include "llm/fault.hpp"
#include "llm/gate_pg.hpp"
#include "llm/record_pg.hpp"
#include "llm/reply.hpp"
#include "llm/retry.hpp"
#include "llm/server_pg.hpp"
#include "llm/transport_pg.hpp"

namespace llm {

// What is sent: changes from repair to repair.
struct Attempt {
  std::vector<tc::llm::Message> messages;
  std::int64_t max_tokens = 0;
  int repair = 0;
};
Attempt make_attempt(const Question& question, const Server& server);

struct Attempted {
  tc::llm::Reply reply;  // also of a failure, as far as it came
  std::optional<tc::llm::Json> json;
  std::optional<tc::llm::Fault> fault;
  std::string call_id;
  std::string told;  // "3 tries, last server_error (status 503)"
};

// What a usable reply is: its object, or why it is none.
using Judge = std::function<std::variant<tc::llm::Json, tc::llm::Fault>(const tc::llm::Reply&)>;

Attempted attempt_call(const Question& question, const Server& server, const Attempt& attempt,
                       const Judge& judge);

// The parts, for who does it differently (streams, embeddings).
tc::llm::ChatRequest chat_request(const Question& question, const Server& server,
                                  const Attempt& attempt);
HttpRequest http_request(const Server& server, const std::string& url, std::string body);
CallFacts call_facts(const Question& question, const HttpRequest& request, std::int64_t max_tokens);

// Waits for a place at the server. A fault: its circuit is open, or the wait would be too long.
std::optional<tc::llm::Fault> wait_for_place(const Server& server, std::int64_t tokens,
                                             std::int64_t deadline_ms);

// A place at the server; given back whatever happens.
class Place {
 public:
  Place(const Server& server, std::int64_t tokens) : server_(server), tokens_(tokens) {}
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  void answered(const tc::llm::Usage& usage);
  void failed(const tc::llm::Fault& fault);

 private:
  const Server& server_;
  std::int64_t tokens_;
  bool is_left_ = false;
};

// A fault of the connection or of the status, nullopt when there is a body to read. Keys are gone
// from its message.
std::optional<tc::llm::Fault> fault_of(const Server& server, const HttpResponse& response);

// The error of a question that no server of its route answered.
[[noreturn]] void give_up(const Question& question, const tc::llm::Fault& fault,
                          const std::string& server, const std::string& told);

double random_fraction();  // [0, 1)

}  // namespace llm
