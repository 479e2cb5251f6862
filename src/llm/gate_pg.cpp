#include "llm/gate_pg.hpp"

#include <cstring>

#include "llm/transport_pg.hpp"
#include "pg/values.hpp"

namespace llm::gate {
namespace {

using tc::llm::Breaker;
using tc::llm::Circuit;
using tc::llm::RateLimiter;

constexpr int kMaxModels = 256;

// In shared memory: no pointers; zeroed is empty.
struct Entry {
  Oid database, server;
  Breaker breaker;
  RateLimiter limiter;
};
struct Hall {
  LWLock* lock;  // in shared memory as well, at the same address for all
  Entry entries[kMaxModels];
};

Hall* shared = nullptr;
Hall local;
int held[kMaxModels];  // places that this process has in each entry
shmem_request_hook_type next_request = nullptr;
shmem_startup_hook_type next_startup = nullptr;

Hall& hall() { return shared != nullptr ? *shared : local; }

// For a few instructions that cannot fail.
class Locked {
 public:
  explicit Locked(LWLockMode mode) {
    if (shared != nullptr) pg::call([&] { LWLockAcquire(shared->lock, mode); });
  }
  ~Locked() {
    if (shared != nullptr) LWLockRelease(shared->lock);
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
};

// The server's entry, made when it is new; the first one when the hall is full, which is harmless:
// its limits are then shared.
int find(Oid server) {
  Entry* const entries = hall().entries;
  for (int i = 0; i < kMaxModels; ++i) {
    if (entries[i].server == server && entries[i].database == MyDatabaseId) return i;
    if (entries[i].server == InvalidOid) {
      entries[i].database = MyDatabaseId;
      entries[i].server = server;
      return i;
    }
  }
  return 0;
}

void give_back(int, Datum) {
  const Locked locked(LW_EXCLUSIVE);
  for (int i = 0; i < kMaxModels; ++i) {
    for (; held[i] > 0; --held[i]) hall().entries[i].limiter.release();
  }
}

void request_memory() {
  if (next_request != nullptr) next_request();
  RequestAddinShmemSpace(sizeof(Hall));
  RequestNamedLWLockTranche("tellingcube", 1);
}

void make_memory() {
  if (next_startup != nullptr) next_startup();
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  bool found = false;
  shared = static_cast<Hall*>(ShmemInitStruct("tellingcube models", sizeof(Hall), &found));
  if (!found) {
    std::memset(static_cast<void*>(shared), 0, sizeof(Hall));
    shared->lock = &GetNamedLWLockTranche("tellingcube")->lock;
  }
  LWLockRelease(AddinShmemInitLock);
}

}  // namespace

void init() {
  if (!process_shared_preload_libraries_in_progress) return;
  next_request = shmem_request_hook;
  shmem_request_hook = request_memory;
  next_startup = shmem_startup_hook;
  shmem_startup_hook = make_memory;
}

Ticket enter(Oid server, const tc::llm::Limits& limits, std::int64_t tokens) {
  static bool is_registered = false;
  if (!is_registered) {
    pg::call([] { before_shmem_exit(give_back, 0); });
    is_registered = true;
  }
  const std::int64_t now = now_ms();
  const Locked locked(LW_EXCLUSIVE);
  const int i = find(server);
  Entry& entry = hall().entries[i];
  if (entry.breaker.state(now) == Circuit::Open) {
    return {Verdict::Open, entry.breaker.wait_ms(now)};
  }
  const std::int64_t wait = entry.limiter.acquire(limits, tokens, now);
  if (wait > 0) return {Verdict::Wait, wait};
  if (!entry.breaker.allow(now)) {
    entry.limiter.release();
    return {Verdict::Open, entry.breaker.wait_ms(now)};
  }
  ++held[i];
  return {Verdict::Go, 0};
}

void leave(Oid server, const tc::llm::Limits& limits, std::int64_t tokens, std::int64_t used,
           Result result, std::int64_t pause_ms) {
  const std::int64_t now = now_ms();
  const Locked locked(LW_EXCLUSIVE);
  const int i = find(server);
  Entry& entry = hall().entries[i];
  if (held[i] > 0) {
    --held[i];
    entry.limiter.release();
  }
  entry.limiter.settle_tokens(limits, tokens, used);
  if (pause_ms > 0) entry.limiter.pause_until(now + pause_ms);
  switch (result) {
    case Result::Answered:
      entry.breaker.succeed();
      break;
    case Result::Failed:
      entry.breaker.fail(now);
      break;
    case Result::Refused:
      entry.breaker.trip(now);
      break;
    case Result::NoVerdict:
      break;
  }
}

}  // namespace llm::gate

PG_ENTRY(llm_breaker_states) {
  using tc::llm::Circuit;
  pg::call([&] { InitMaterializedSRF(fcinfo, 0); });
  auto* const result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  const std::int64_t now = llm::now_ms();
  for (int i = 0; i < llm::gate::kMaxModels; ++i) {
    llm::gate::Entry entry{};
    {
      const llm::gate::Locked locked(LW_SHARED);
      entry = llm::gate::hall().entries[i];
    }
    if (entry.server == InvalidOid || entry.database != MyDatabaseId) continue;
    const Circuit circuit = entry.breaker.state(now);
    const char* const name = circuit == Circuit::Closed ? "closed"
                             : circuit == Circuit::Open ? "open"
                                                        : "half_open";
    pg::call([&] {
      Datum values[6] = {
          ObjectIdGetDatum(entry.server),          CStringGetTextDatum(name),
          Int32GetDatum(entry.breaker.failures()), Int64GetDatum(entry.breaker.wait_ms(now)),
          Int64GetDatum(entry.limiter.running()),  BoolGetDatum(llm::gate::shared != nullptr)};
      bool nulls[6] = {};
      tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    });
  }
  return (Datum)0;
}
