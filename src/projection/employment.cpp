#include "projection/employment.hpp"

#include <map>
#include <optional>
#include <utility>

namespace tc::projection {
namespace {

struct Post {
  Uuid department;
  Amount monthly_salary = 0;
};
using State = std::optional<Post>;  // absent or active

class Changes {
 public:
  EmploymentChange& at(Month month, const Uuid& department) {
    EmploymentChange& change = changes_[{month, department}];
    change.month = month;
    change.department = department;
    return change;
  }

  void pay(Month month, const State& from, const State& to) {
    if (from) at(month, from->department).payroll_change -= from->monthly_salary;
    if (to) at(month, to->department).payroll_change += to->monthly_salary;
  }

  void move(Month month, const State& from, const State& to) {
    const bool stays = from && to && from->department == to->department;
    if (from && !stays) ++at(month, from->department).exits;
    if (to && !stays) ++at(month, to->department).hires;
    if (from && !to) ++at(month, from->department).entries;
    if (to) ++at(month, to->department).entries;
  }

  std::vector<EmploymentChange> list() const {
    std::vector<EmploymentChange> list;
    for (const auto& [key, change] : changes_) {
      if (change.hires != 0 || change.exits != 0 || change.payroll_change != 0 ||
          change.entries != 0) {
        list.push_back(change);
      }
    }
    return list;
  }

 private:
  std::map<std::pair<Month, Uuid>, EmploymentChange> changes_;
};

}  // namespace

std::vector<EmploymentChange> employment_changes(std::span<const EmploymentEvent> events) {
  Changes changes;
  State state;
  for (std::size_t i = 0; i < events.size();) {
    const Month month = month_of(events[i].event_ts);
    const State before = state;
    State paid = before;  // what was last held in this month
    for (; i < events.size() && month_of(events[i].event_ts) == month; ++i) {
      const EmploymentEvent& event = events[i];
      const State next =
          event.is_hire ? State(Post{event.department, event.monthly_salary}) : State();
      changes.move(month, state, next);
      state = next;
      if (state) paid = state;
    }
    changes.pay(month, before, paid);
    changes.pay(month + 1, paid, state);
  }
  return changes.list();
}

}  // namespace tc::projection
