#include "llm/recorder_pg.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>

#include "llm/transport_pg.hpp"
#include "pg/errors.hpp"
#include "pg/lookup.hpp"
#include "pg/spi.hpp"

extern "C" PGDLLEXPORT void tellingcube_recorder_main(Datum);

namespace llm::recorder {
namespace {

constexpr std::uint32_t kMagic = 0x74636c31;
constexpr int kSlots = 128;
constexpr std::size_t kSlotBytes = 16'384;
constexpr long kIdleMs = 2'000;
constexpr std::int64_t kStartMs = 10'000;
constexpr std::int64_t kAnswerMs = 60'000;

enum State : std::uint32_t { kFree, kTaken, kAsked, kServed };

// Shared between processes that map it at different addresses: no pointers.
struct Slot {
  std::atomic<std::uint32_t> state;
  std::atomic<std::uint32_t> is_awaited;
  std::int32_t client;   // process number, for its latch
  std::uint32_t failed;  // the answer is an error message
  dsm_handle large;      // a segment with the request when it does not fit; 0 otherwise
  std::uint32_t size;
  char bytes[kSlotBytes];
};
struct Desk {
  std::uint32_t magic;
  Oid database;
  std::int32_t clerk;
  std::atomic<std::uint32_t> is_open;
  Slot slots[kSlots];
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

dsm_segment* segment = nullptr;
Desk* desk = nullptr;

void wake(int process_number) { SetLatch(&ProcGlobal->allProcs[process_number].procLatch); }

void leave_desk() {
  desk = nullptr;
  if (segment == nullptr) return;
  dsm_segment* const left = segment;
  segment = nullptr;
  pg::call([&] { dsm_detach(left); });
}

// The handle in the table, as it is now; 0 when there is none.
dsm_handle known_handle() {
  const Oid table = pg::call(
      [] { return get_relname_relid("llm_recorder", get_namespace_oid("tellingcube", false)); });
  if (table == InvalidOid) return 0;
  dsm_handle handle = 0;
  const pg::LookupKey keys[] = {{"one", F_BOOLEQ, BoolGetDatum(true)}};
  pg::look_up(table, keys, [&](pg::FoundRow row) {
    handle = static_cast<dsm_handle>(DatumGetInt64(row["handle"]));
  });
  return handle;
}

bool enter_desk() {
  if (desk != nullptr && desk->is_open.load() == 1) return true;
  leave_desk();
  const dsm_handle handle = known_handle();
  if (handle == 0) return false;
  pg::call([&] {
    segment = dsm_attach(handle);
    if (segment != nullptr) dsm_pin_mapping(segment);
  });
  if (segment == nullptr) return false;
  auto* const found = static_cast<Desk*>(dsm_segment_address(segment));
  const bool is_ours = dsm_segment_map_length(segment) >= sizeof(Desk) && found->magic == kMagic &&
                       found->database == MyDatabaseId && found->is_open.load() == 1;
  if (!is_ours) {
    leave_desk();
    return false;
  }
  desk = found;
  return true;
}

bool start_clerk() {
  BackgroundWorker worker{};
  worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
  worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
  worker.bgw_restart_time = BGW_NEVER_RESTART;
  worker.bgw_main_arg = ObjectIdGetDatum(MyDatabaseId);
  strlcpy(worker.bgw_library_name, "tellingcube", sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, "tellingcube_recorder_main", sizeof worker.bgw_function_name);
  strlcpy(worker.bgw_name, "tellingcube recorder", sizeof worker.bgw_name);
  strlcpy(worker.bgw_type, "tellingcube recorder", sizeof worker.bgw_type);
  return pg::call([&] { return RegisterDynamicBackgroundWorker(&worker, nullptr); });
}

// Waits until there is a clerk, and starts one when there is none.
void find_clerk() {
  if (pg::call([] { return RecoveryInProgress(); })) {
    pg::fail(ERRCODE_READ_ONLY_SQL_TRANSACTION, "a model cannot be called on a standby server",
             "Its calls could not be put on record.", "Call it on the primary server.");
  }
  const std::int64_t end = now_ms() + kStartMs;
  bool is_started = false;
  for (std::int64_t next_start = 0; !enter_desk(); pause_ms(2)) {
    const std::int64_t now = now_ms();
    if (now >= next_start) {
      is_started = start_clerk() || is_started;
      next_start = now + 1'000;
    }
    if (now < end) continue;
    pg::fail(ERRCODE_INSUFFICIENT_RESOURCES, "the call cannot be put on record",
             is_started ? "The background worker \"tellingcube recorder\" does not come up."
                        : "No background worker could be started.",
             "Raise max_worker_processes; the server's log may say more. In the transaction that "
             "created the extension no model can be called.");
  }
}

Slot* take_slot() {
  for (Slot& slot : desk->slots) {
    std::uint32_t expected = kFree;
    if (!slot.state.compare_exchange_strong(expected, kTaken)) continue;
    slot.client = pg::my_process_number();
    slot.failed = 0;
    slot.large = 0;
    return &slot;
  }
  return nullptr;
}

// What a slot cannot hold, in a segment that lives as long as the asking does.
class LargeRequest {
 public:
  explicit LargeRequest(const std::string& text) {
    pg::call([&] {
      segment_ = dsm_create(text.size(), 0);
      dsm_pin_mapping(segment_);
      std::memcpy(dsm_segment_address(segment_), text.data(), text.size());
    });
  }
  ~LargeRequest() { dsm_detach(segment_); }
  LargeRequest(const LargeRequest&) = delete;
  LargeRequest& operator=(const LargeRequest&) = delete;
  dsm_handle handle() const { return dsm_segment_handle(segment_); }

 private:
  dsm_segment* segment_ = nullptr;
};

void hand_in(Slot& slot, bool is_awaited) {
  slot.is_awaited.store(is_awaited ? 1 : 0);
  slot.state.store(kAsked);
  wake(desk->clerk);
}

// Leaves a slot behind when its owner is cancelled: what was asked is served all the same, and
// whoever comes last frees the slot.
class Waiting {
 public:
  explicit Waiting(Slot& slot) : slot_(slot) {}
  ~Waiting() {
    if (is_over) return;
    slot_.is_awaited.store(0);
    std::uint32_t expected = kServed;
    slot_.state.compare_exchange_strong(expected, kFree);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  bool is_over = false;

 private:
  Slot& slot_;
};

// True: served. False: the clerk went away before.
bool await(Slot& slot) {
  Waiting waiting(slot);
  const std::int64_t end = now_ms() + kAnswerMs;
  while (slot.state.load() != kServed) {
    waiting.is_over = desk->is_open.load() != 1 || now_ms() > end;
    if (waiting.is_over) return false;
    pg::call([] {
      const int events = WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH;
      WaitLatch(MyLatch, events, 100, PG_WAIT_EXTENSION);
      ResetLatch(MyLatch);
    });
    pg::check_for_interrupts();
  }
  waiting.is_over = true;
  return true;
}

std::string answer_in(Slot& slot) {
  std::string answer(slot.bytes, slot.size);
  const bool failed = slot.failed != 0;
  slot.state.store(kFree);
  if (failed) {
    pg::fail(ERRCODE_INTERNAL_ERROR, "the call cannot be put on record", answer,
             "The server's log says more.");
  }
  return answer;
}

std::string request_in(const Slot& slot) {
  if (slot.large == 0) return {slot.bytes, slot.size};
  dsm_segment* const from = pg::call([&] { return dsm_attach(slot.large); });
  if (from == nullptr) return "{}";
  std::string text(static_cast<const char*>(dsm_segment_address(from)), slot.size);
  pg::call([&] { dsm_detach(from); });
  return text;
}

// Runs `body` in a transaction; the message of the error that ended it, "" when it was committed.
template <class F>
std::string in_transaction(F&& body) {
  try {
    pg::call([] {
      SetCurrentStatementStartTimestamp();
      StartTransactionCommand();
      PushActiveSnapshot(GetTransactionSnapshot());
    });
    body();
    pg::call([] {
      PopActiveSnapshot();
      CommitTransactionCommand();
    });
    return "";
  } catch (const pg::Error& error) {
    pg::call([] { AbortCurrentTransaction(); });
    return error.report().message;
  }
}

void serve(Slot& slot) {
  std::string answer;
  const std::string request = request_in(slot);
  const std::string failure = in_transaction([&] {
    pg::Spi spi;
    spi.run_saved("SELECT tellingcube.llm_record($1::jsonb)", pg::Parameters().text(request));
    answer = spi.text(0, 0);
  });
  if (!failure.empty()) pg::log("a model's call could not be put on record", failure);
  slot.failed = failure.empty() ? 0 : 1;
  const std::string& text = failure.empty() ? answer : failure;
  slot.size = static_cast<std::uint32_t>(std::min(text.size(), kSlotBytes));
  std::memcpy(slot.bytes, text.data(), slot.size);
  const int client = slot.client;
  slot.state.store(kServed);
  if (slot.is_awaited.load() != 0) {
    wake(client);
    return;
  }
  std::uint32_t expected = kServed;
  slot.state.compare_exchange_strong(expected, kFree);
}

bool serve_all() {
  bool did_something = false;
  for (Slot& slot : desk->slots) {
    if (slot.state.load() != kAsked) continue;
    serve(slot);
    did_something = true;
  }
  return did_something;
}

// Only one clerk at a time: a lock of its session says so.
bool open_desk() {
  bool is_only = false;
  in_transaction([&] {
    pg::Spi spi;
    spi.run(
        "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('tellingcube "
        "recorder', 0))");
    is_only = DatumGetBool(spi.value(0, 0));
  });
  if (!is_only) return false;
  pg::call([] {
    segment = dsm_create(sizeof(Desk), 0);
    dsm_pin_mapping(segment);
  });
  desk = new (dsm_segment_address(segment)) Desk{};
  desk->magic = kMagic;
  desk->database = MyDatabaseId;
  desk->clerk = pg::my_process_number();
  desk->is_open.store(1);
  const std::string failure = in_transaction([] {
    pg::Spi spi;
    const auto handle = static_cast<std::int64_t>(dsm_segment_handle(segment));
    spi.run("SELECT tellingcube.llm_open_desk($1)", pg::Parameters().integer(handle));
  });
  return failure.empty();
}

void close_desk(int, Datum) {
  if (desk != nullptr) desk->is_open.store(0);
}

void work() {
  if (!open_desk()) return;
  while (true) {
    if (serve_all()) continue;
    const int events = pg::call([] {
      pgstat_report_stat(false);
      const int what = WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH;
      const int happened = WaitLatch(MyLatch, what, kIdleMs, PG_WAIT_EXTENSION);
      ResetLatch(MyLatch);
      return happened;
    });
    pg::check_for_interrupts();
    if ((events & WL_TIMEOUT) != 0 && (events & WL_LATCH_SET) == 0) break;
  }
  // Who hands something in after this finds the desk closed, and asks again elsewhere.
  desk->is_open.store(0);
  serve_all();
}

}  // namespace

std::string ask(const std::string& request) {
  std::unique_ptr<LargeRequest> large;
  if (request.size() > kSlotBytes) large = std::make_unique<LargeRequest>(request);
  for (int tries = 0; tries < 5; ++tries) {
    find_clerk();
    Slot* slot = take_slot();
    for (; slot == nullptr && desk->is_open.load() == 1; slot = take_slot()) pause_ms(5);
    if (slot == nullptr) continue;
    slot->size = static_cast<std::uint32_t>(request.size());
    if (large) {
      slot->large = large->handle();
    } else {
      std::memcpy(slot->bytes, request.data(), request.size());
    }
    hand_in(*slot, true);
    if (await(*slot)) return answer_in(*slot);
    leave_desk();
  }
  pg::fail(ERRCODE_INTERNAL_ERROR, "the call cannot be put on record",
           "The background worker \"tellingcube recorder\" went away.", "Try again.");
}

bool tell(const std::string& request) noexcept {
  if (request.size() > kSlotBytes || desk == nullptr || desk->is_open.load() != 1) return false;
  Slot* const slot = take_slot();
  if (slot == nullptr) return false;
  slot->size = static_cast<std::uint32_t>(request.size());
  std::memcpy(slot->bytes, request.data(), request.size());
  hand_in(*slot, false);
  return true;
}

}  // namespace llm::recorder

void tellingcube_recorder_main(Datum database) {
  pqsignal(SIGTERM, die);
  BackgroundWorkerUnblockSignals();
  BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
  pgstat_report_appname("tellingcube recorder");
  // A lost row after a crash of the machine is a fraction of a second's spending; waiting for the
  // disk twice would be most of a call's overhead.
  SetConfigOption("synchronous_commit", "off", PGC_USERSET, PGC_S_OVERRIDE);
  before_shmem_exit(llm::recorder::close_desk, 0);
  pg::entry([] { llm::recorder::work(); });
}
