// A simulated company, told and read back as anybody would: from the events' text.
#pragma once
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "event/json_tree.hpp"
#include "simulation/engine.hpp"
#include "simulation/resolve.hpp"

namespace tc::simulation {

// An event, kept as its line in the digest: "2024-03-15 09:41:23 TAB sale TAB {…} LF".
struct Told {
  Timestamp ts = 0;
  Uuid id;
  EventType type = EventType::Sale;
  int month = 0;  // of the horizon; -1: before it
  std::string canonical;

  bool knows(const std::string& key) const { return at(key) != std::string::npos; }
  // In hundredths; taxRate in billionths.
  Cents number(const std::string& key) const {
    const auto decimal = parse_decimal(canonical.substr(at(key), length(key)));
    if (!decimal) throw std::out_of_range(key);
    int128 digits = decimal->digits;
    for (int i = decimal->scale; i < (key == "taxRate" ? 9 : 2); ++i) digits *= 10;
    return static_cast<Cents>(digits);
  }
  std::string text(const std::string& key) const {
    return canonical.substr(at(key) + 1, length(key) - 2);
  }
  bool has(const std::string& key, const std::string& value) const {
    return knows(key) && text(key) == value;
  }
  bool is_capex() const {
    return type == EventType::Expense && canonical.find("\"isCapex\": true") != std::string::npos;
  }
  // Makes the event another one, for controls.
  void add(const std::string& key, Cents more) {
    const Decimal changed{number(key) + more, 2};
    canonical.replace(at(key), length(key), to_string(changed));
  }

 private:
  std::size_t at(const std::string& key) const {
    const std::size_t found = canonical.find('"' + key + "\": ");
    return found == std::string::npos ? found : found + key.size() + 4;
  }
  std::size_t length(const std::string& key) const {
    const std::size_t begin = at(key);
    if (begin == std::string::npos) throw std::out_of_range(key);
    const bool quoted = canonical[begin] == '"';
    const std::size_t end =
        quoted ? canonical.find('"', begin + 1) + 1 : canonical.find_first_of(",}", begin);
    return end - begin;
  }
};

using Story = std::vector<Told>;

inline Told read_event(const Batch& batch, const Event& event, Month starts) {
  Told told{event.ts, event.id, event.type, month_of(event.ts) - starts, {}};
  append_canonical(batch, event, told.canonical);
  return told;
}

inline Story tell(const Engine& engine) {
  Story story;
  Batch batch;
  for (int quarter = 0; quarter < engine.quarters(); ++quarter) {
    engine.generate(quarter, batch);
    for (const Event& event : batch.events) {
      story.push_back(read_event(batch, event, engine.configuration().starts));
    }
  }
  return story;
}

inline Request request(const std::string& sector, const std::string& size,
                       const std::string& variant = "baseline", const std::string& country = "DE",
                       int months = 36) {
  Request request;
  request.company = "Nordwind " + sector;
  request.sector = sector;
  request.size = size;
  request.variant = variant;
  request.starts = "2023-01";
  request.months = months;
  request.country = country;
  return request;
}

// Reading is slow, and tests ask for the same companies: each is read once.
inline const Story& tell(const Request& request) {
  static std::map<std::string, Story> told;
  const Engine engine(resolve(request));
  const std::string key = request.scenario + '\n' + engine.scenario_document();
  const auto found = told.find(key);
  return found != told.end() ? found->second : told.emplace(key, tell(engine)).first->second;
}

// All canonical lines; what a digest is taken of.
inline std::string lines_of(const Story& story) {
  std::string lines;
  for (const Told& told : story) lines += told.canonical;
  return lines;
}

// Sums by month of what `value` makes of each event.
template <typename Value>
std::vector<Cents> monthly(const Story& story, int months, Value value) {
  std::vector<Cents> sums(static_cast<std::size_t>(months));
  for (const Told& told : story) {
    if (told.month >= 0) sums[static_cast<std::size_t>(told.month)] += value(told);
  }
  return sums;
}

inline Cents revenue_in(const Told& told) {
  return told.type == EventType::Sale ? told.number("revenue") : 0;
}
inline Cents cogs_in(const Told& told) {
  return told.type == EventType::Sale ? told.number("cogs") : 0;
}
inline bool is_expense(const Told& told, const std::string& account) {
  return told.type == EventType::Expense && told.has("account", account);
}
inline bool is_opex(const Told& told) {
  return told.type == EventType::Expense && !told.is_capex() && !is_expense(told, "interest") &&
         !is_expense(told, "depreciation");
}

// Salaries of all who are employed at any time in the month: month + 1, from the month before the
// start on.
inline std::vector<Cents> payroll_of(const Story& story, int months) {
  std::map<std::string, Cents> salaries;
  std::vector<Cents> payroll;
  std::size_t at = 0;
  for (int month = -1; month < months; ++month) {
    Cents leaving = 0;
    for (; at < story.size() && story[at].month == month; ++at) {
      const Told& told = story[at];
      if (told.type == EventType::Hire) {
        salaries[told.text("employeeId")] = told.number("monthlySalary");
      }
      if (told.type == EventType::Exit) {
        leaving += salaries[told.text("employeeId")];
        salaries.erase(told.text("employeeId"));
      }
    }
    Cents sum = leaving;
    for (const auto& [id, salary] : salaries) sum += salary;
    payroll.push_back(sum);
  }
  return payroll;
}

// A few unlike companies for tests that want several.
inline std::vector<Request> sample() {
  return {request("Energy", "micro", "recession", "US"),
          request("Industrials", "small", "baseline", "DE"),
          request("25", "medium", "growth", "FR"),
          request("Consumer Staples", "micro", "baseline", "PL"),
          request("40", "small", "recession", "CH"),
          request("Information Technology", "small", "growth", "GB"),
          request("Utilities", "micro", "growth", "ES", 40),
          request("60", "small", "baseline", "IT", 14)};
}

}  // namespace tc::simulation
