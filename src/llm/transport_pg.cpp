#include "llm/transport_pg.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>

#include "llm/options.hpp"
#include "pg/boundary.hpp"

namespace llm {
namespace {

using tc::llm::Broken;

constexpr std::size_t kMaxHeaderBytes = 65'536;
constexpr std::int64_t kLongestNapMs = 1'000;
constexpr std::size_t kMaxIdleHandles = 64;

// Signals are the server's business alone: a thread that libcurl starts inherits this mask.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
      sigdelset(&all, fault);
    }
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

class EventSet {
 public:
  explicit EventSet(const std::map<curl_socket_t, int>& sockets);
  ~EventSet() {
    if (set_ != nullptr) FreeWaitEventSet(set_);
  }
  EventSet(const EventSet&) = delete;
  EventSet& operator=(const EventSet&) = delete;
  int wait(long timeout_ms, WaitEvent* events, int most) {
    return pg::call(
        [&] { return WaitEventSetWait(set_, timeout_ms, events, most, PG_WAIT_EXTENSION); });
  }

 private:
  WaitEventSet* set_ = nullptr;
};

EventSet::EventSet(const std::map<curl_socket_t, int>& sockets) {
  const int count = static_cast<int>(sockets.size()) + 2;
  pg::call([&] {
    set_ = pg::create_wait_event_set(count);
    AddWaitEventToSet(set_, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, nullptr);
    AddWaitEventToSet(set_, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, nullptr, nullptr);
    for (const auto& [socket, what] : sockets) {
      uint32 events = 0;
      if ((what & CURL_POLL_IN) != 0) events |= WL_SOCKET_READABLE;
      if ((what & CURL_POLL_OUT) != 0) events |= WL_SOCKET_WRITEABLE;
      AddWaitEventToSet(set_, events, socket, nullptr, nullptr);
    }
  });
}

}  // namespace

struct Exchange::State {
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  HttpRequest request;
  HttpResponse response;
  char error[CURL_ERROR_SIZE] = "";
  std::int64_t started_ms = 0, heard_ms = 0;
  std::int64_t received = 0;
  std::size_t header_bytes = 0;
  bool has_headers = false;
  bool has_good_status = false;
  bool is_done = false;

  void finish(int code, Broken broken);
  void check_deadlines(std::int64_t now);
  std::int64_t next_deadline() const;
};

namespace {

// The one multi handle of this process, with its pool of connections.
class Engine {
 public:
  static Engine& get() {
    static Engine* const engine =
        new Engine;  // never destroyed: the process ends in the server's way
    return *engine;
  }
  void add(Exchange::State& state);
  void remove(Exchange::State& state);
  void turn();

 private:
  Engine();
  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long timeout_ms, void* self);
  void act(curl_socket_t socket, int events);
  void collect();
  std::int64_t nap(std::int64_t now) const;

  CURLM* multi_;
  std::map<curl_socket_t, int> sockets_;
  bool changed_ = true;
  std::unique_ptr<EventSet> events_;
  std::int64_t timer_at_ms_ = -1;
  std::vector<Exchange::State*> running_;
  std::vector<CURL*> idle_;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& state = *static_cast<Exchange::State*>(user);
  const std::size_t bytes = size * count;
  state.heard_ms = now_ms();
  state.received += static_cast<std::int64_t>(bytes);
  if (state.received > state.request.limits.max_bytes) {
    state.response.broken = Broken::TooLarge;
    return 0;
  }
  try {
    std::string& body = state.response.body;
    // A string left to itself would grow to twice what is allowed.
    if (body.capacity() < body.size() + bytes) {
      const auto most = static_cast<std::size_t>(state.request.limits.max_bytes);
      body.reserve(std::max(std::min(2 * body.capacity(), most), body.size() + bytes));
    }
    body.append(data, bytes);
  } catch (const std::exception&) {  // nothing may pass through libcurl
    state.response.broken = Broken::TooLarge;
    return 0;
  }
  return bytes;
}

void take_header(tc::llm::Headers& headers, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::string_view value = line.substr(colon + 1);
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = value.find_first_not_of(kSpace);
  value = first == std::string_view::npos
              ? std::string_view()
              : value.substr(first, value.find_last_not_of(kSpace) - first + 1);
  headers.emplace_back(std::move(name), value);
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& state = *static_cast<Exchange::State*>(user);
  const std::size_t bytes = size * count;
  const std::string_view line(data, bytes);
  state.header_bytes += bytes;
  if (state.header_bytes > kMaxHeaderBytes) {
    state.response.broken = Broken::HeadersTooLarge;
    return 0;
  }
  try {
    const bool is_status = line.substr(0, 5) == "HTTP/";
    // 100 Continue is not an answer, so it does not stop the clock of the first byte.
    if (is_status) state.response.headers.clear();
    state.has_headers = is_status ? line.find(" 1") == std::string_view::npos : state.has_headers;
    if (is_status) state.has_good_status = line.find(" 200") != std::string_view::npos;
    if (state.has_headers) state.heard_ms = now_ms();
    if (!is_status) take_header(state.response.headers, line);
  } catch (const std::exception&) {  // nothing may pass through libcurl
    state.response.broken = Broken::HeadersTooLarge;
    return 0;
  }
  return bytes;
}

bool is_allowed(const HttpRequest& request, const sockaddr* address) {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (address->sa_family == AF_INET) {
    bytes = reinterpret_cast<const std::uint8_t*>(
        &reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
    size = 4;
  } else if (address->sa_family == AF_INET6) {
    bytes = reinterpret_cast<const std::uint8_t*>(
        &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
    size = 16;
  }
  if (bytes == nullptr) return false;
  if (request.may_go_inside || !tc::llm::is_inside_address(bytes, size)) return true;
  return request.may_go_loopback && tc::llm::is_loopback_address(bytes, size);
}

// After the name was resolved and before anything is sent: the place where a name that stands for
// an address inside is found out.
curl_socket_t on_open(void* user, curlsocktype, curl_sockaddr* address) noexcept {
  auto& state = *static_cast<Exchange::State*>(user);
  if (!is_allowed(state.request, &address->addr)) {
    state.response.broken = Broken::ForbiddenAddress;
    return CURL_SOCKET_BAD;
  }
  state.response.broken = Broken::None;  // of a name with several addresses, another is allowed
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void add_headers(Exchange::State& state) {
  for (const auto& [name, value] : state.request.headers) {
    state.headers = curl_slist_append(state.headers, (name + ": " + value).c_str());
  }
  state.headers = curl_slist_append(state.headers, "Expect:");
}

void configure(Exchange::State& state) {
  const HttpRequest& request = state.request;
  CURL* easy = state.easy;
  const bool is_https = request.url.rfind("https://", 0) == 0;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, is_https ? "https" : "http");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, state.headers);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (is_https) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!request.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
  // Nothing of the environment, nothing of another host's choice.
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  // Giving a call up must not wait for a resolver that hangs.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.limits.connect_ms));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.limits.total_ms));
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, state.error);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &state);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &state);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &state);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &state);
}

Engine::Engine() {
  const SignalsBlocked blocked;
  unsetenv("SSLKEYLOGFILE");  // read when TLS is set up; would write session keys into a file
  curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

int Engine::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& engine = *static_cast<Engine*>(self);
  engine.changed_ = true;
  if (what == CURL_POLL_REMOVE) {
    engine.sockets_.erase(socket);
  } else {
    engine.sockets_[socket] = what;
  }
  return 0;
}

int Engine::on_timer(CURLM*, long timeout_ms, void* self) {
  static_cast<Engine*>(self)->timer_at_ms_ = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
  return 0;
}

void Engine::add(Exchange::State& state) {
  const SignalsBlocked blocked;
  if (idle_.empty()) {
    state.easy = curl_easy_init();
    if (state.easy == nullptr) throw std::bad_alloc();
  } else {
    state.easy = idle_.back();
    idle_.pop_back();
  }
  add_headers(state);
  configure(state);
  running_.push_back(&state);
  curl_multi_add_handle(multi_, state.easy);
}

void Engine::remove(Exchange::State& state) {
  const SignalsBlocked blocked;
  running_.erase(std::remove(running_.begin(), running_.end(), &state), running_.end());
  if (state.easy != nullptr) {
    curl_multi_remove_handle(multi_, state.easy);
    if (idle_.size() < kMaxIdleHandles) {
      curl_easy_reset(state.easy);
      idle_.push_back(state.easy);
    } else {
      curl_easy_cleanup(state.easy);
    }
    state.easy = nullptr;
  }
  curl_slist_free_all(state.headers);
  state.headers = nullptr;
}

void Engine::act(curl_socket_t socket, int events) {
  const SignalsBlocked blocked;
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
}

void Engine::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* user = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    auto& state = *reinterpret_cast<Exchange::State*>(user);
    state.finish(message->data.result, state.response.broken);
  }
}

std::int64_t Engine::nap(std::int64_t now) const {
  std::int64_t until = now + kLongestNapMs;
  if (timer_at_ms_ >= 0) until = std::min(until, timer_at_ms_);
  for (const Exchange::State* state : running_) {
    if (!state->is_done) until = std::min(until, state->next_deadline());
  }
  return std::max<std::int64_t>(until - now, 0);
}

// One round: waits for something to happen, and lets libcurl and the server see to it.
void Engine::turn() {
  constexpr int kMostEvents = 64;
  WaitEvent events[kMostEvents];
  if (changed_ || !events_) {
    changed_ = false;
    events_.reset();
    events_ = std::make_unique<EventSet>(sockets_);
  }
  const int count = events_->wait(static_cast<long>(nap(now_ms())), events, kMostEvents);
  for (int i = 0; i < count; ++i) {
    if ((events[i].events & WL_LATCH_SET) != 0) {
      pg::call([] { ResetLatch(MyLatch); });
      continue;
    }
    int what = 0;
    if ((events[i].events & WL_SOCKET_READABLE) != 0) what |= CURL_CSELECT_IN;
    if ((events[i].events & WL_SOCKET_WRITEABLE) != 0) what |= CURL_CSELECT_OUT;
    if (sockets_.count(events[i].fd) != 0) act(events[i].fd, what);
  }
  pg::check_for_interrupts();
  if (timer_at_ms_ >= 0 && now_ms() >= timer_at_ms_) {
    timer_at_ms_ = -1;
    act(CURL_SOCKET_TIMEOUT, 0);
  }
  collect();
  const std::int64_t now = now_ms();
  for (Exchange::State* state : running_) state->check_deadlines(now);
}

}  // namespace

void Exchange::State::finish(int code, Broken broken) {
  if (is_done) return;
  is_done = true;
  response.curl_code = code;
  response.broken = broken;
  response.curl_message = error;
  long status = 0;
  curl_off_t first = 0;
  curl_off_t total = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &total);
  response.status = static_cast<int>(status);
  response.first_byte_us = first;
  response.total_us = total;
}

std::int64_t Exchange::State::next_deadline() const {
  const std::int64_t heard =
      has_headers ? heard_ms + request.limits.idle_ms : started_ms + request.limits.first_byte_ms;
  return std::min(heard, started_ms + request.limits.total_ms);
}

void Exchange::State::check_deadlines(std::int64_t now) {
  if (!is_done && now >= next_deadline()) finish(CURLE_OPERATION_TIMEDOUT, Broken::Timeout);
}

Exchange::Exchange(const HttpRequest& request) : state_(std::make_unique<State>()) {
  state_->request = request;
  state_->started_ms = now_ms();
  state_->heard_ms = state_->started_ms;
  Engine::get().add(*state_);
}
Exchange::~Exchange() { Engine::get().remove(*state_); }
bool Exchange::is_done() const { return state_->is_done; }
bool Exchange::has_good_status() const { return state_->has_good_status; }
HttpResponse& Exchange::response() { return state_->response; }

void drive(const std::function<bool()>& enough) {
  while (!enough()) Engine::get().turn();
}

void drive_all(std::span<const std::unique_ptr<Exchange>> exchanges) {
  drive([&] {
    return std::all_of(exchanges.begin(), exchanges.end(),
                       [](const auto& exchange) { return exchange->is_done(); });
  });
}

void pause_ms(std::int64_t ms) {
  const std::int64_t end = now_ms() + ms;
  while (true) {
    pg::check_for_interrupts();
    const std::int64_t left = end - now_ms();
    if (left <= 0) return;
    pg::call([&] {
      const int events = WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH;
      WaitLatch(MyLatch, events, static_cast<long>(left), PG_WAIT_EXTENSION);
      ResetLatch(MyLatch);
    });
  }
}

std::int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace llm
