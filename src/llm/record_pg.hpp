// One call's row in llm_call, from before it is made until it is over, whatever happens to it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "llm/json.hpp"
#include "llm/reply.hpp"
#include "llm/server_pg.hpp"

namespace llm {

// What the row says of the call before it is made.
struct CallFacts {
  std::string purpose, prompt, run_id, company, hash;  // hash: "\x…", SHA-256
  std::int64_t prompt_version = 0;
  int repair = 0;
  std::int64_t tokens_in = 0, tokens_out = 0;  // estimates, for budgets
  bool use_cache = false;
};

// How it went.
struct CallEnd {
  std::string status = "succeeded", error;
  int http_status = 0, tries = 0;
  std::optional<bool> valid;
  tc::llm::Reply reply;
  std::int64_t first_byte_us = 0;
  std::int64_t keep_seconds = 0;  // in the cache
};

class Record {
 public:
  Record(const Server& server, CallFacts facts);
  ~Record();  // a call that did not end was cancelled
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  // Asks for permission, and waits while the same is being asked by somebody else, until
  // `deadline_ms`. An answer from the cache, or nullopt: go. Throws pg::Error (TC401) when a budget
  // is used up; warnings of budgets become notices.
  std::optional<tc::llm::Reply> begin(std::int64_t deadline_ms);
  void end(const CallEnd& end);
  void count_try() { ++tries_; }
  const std::string& id() const { return id_; }

 private:
  friend void cancel_open_records();
  std::string cancelled() const;

  const Server& server_;
  CallFacts facts_;
  std::string id_;
  std::int64_t started_ms_;
  int tries_ = 0;
  bool is_open_ = false;
};

}  // namespace llm
