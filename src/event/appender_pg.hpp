// One call of append_events(): takes flat events one by one, checks them, stores the good ones, and
// counts.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

#include "event/check_pg.hpp"
#include "event/event_writer_pg.hpp"
#include "event/reader.hpp"

namespace event {

struct AppendOptions {
  std::optional<tc::Uuid> company;  // of all events; nullopt: each event says its own
  std::optional<tc::Uuid> scenario;
  std::string source = "user";
  std::optional<tc::Uuid> run_id;
  bool quarantine = false;  // keep invalid events aside instead of raising
};

struct AppendResult {
  std::int64_t inserted = 0;
  std::int64_t duplicates = 0;
  std::int64_t quarantined = 0;
  tc::Uuid batch_id;
};

class Appender {
 public:
  Appender(const cube::Cube& cube, AppendOptions options);

  // `raw` gives the event's text, asked for only when it goes into quarantine. The event's own
  // problems (event.problems) count as reasons.
  void add(const tc::event::FlatEvent& event, const std::function<std::string()>& raw);
  AppendResult finish();

 private:
  struct Target {
    tc::Uuid company;
    tc::Uuid scenario;
  };
  Target target_of(const tc::event::Envelope& envelope, tc::event::Reasons& reasons);
  bool resolve_names(const tc::event::Envelope& envelope, Target& target,
                     tc::event::Reasons& reasons);
  tc::Uuid resolve_company(std::string_view name);
  tc::Uuid resolve_scenario(const tc::Uuid& company, std::string_view name);
  bool store(const Target& target, const tc::event::Envelope& envelope,
             tc::event::Reasons& reasons);
  bool reverse(const Target& target, const tc::event::Envelope& envelope,
               tc::event::Reasons& reasons);
  bool is_duplicate(const NewEvent& event, tc::event::Reasons& reasons);
  void refuse(const Target& target, std::size_t ordinal, const tc::event::Reasons& reasons,
              const std::function<std::string()>& raw);

  const cube::Cube cube_;
  const AppendOptions options_;
  EventWriter writer_;
  AppendResult result_;
  std::map<std::string, tc::Uuid, std::less<>> companies_;
  std::map<std::pair<tc::Uuid, std::string>, tc::Uuid> scenarios_;
  struct UuidHash {
    std::size_t operator()(const tc::Uuid& uuid) const;
  };
  std::unordered_set<tc::Uuid, UuidHash>
      given_ids_;                          // event ids that the caller gave, in this call
  std::vector<tc::event::Field> payload_;  // reused from event to event
};

}  // namespace event
