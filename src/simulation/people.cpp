#include "simulation/people.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "simulation/random.hpp"
#include "simulation/trading_days.hpp"

namespace tc::simulation {
namespace {

// Of a few, one leaves a year; of some, at least two: whole people are large shares of them.
constexpr std::int64_t kFew = 12;
constexpr std::int64_t kSome = 33;

constexpr Cents kSalaryStep = 1000;  // salaries are whole tens

Cents whole_tens(Cents salary) {
  return std::max<Cents>(1, (salary + kSalaryStep / 2) / kSalaryStep) * kSalaryStep;
}

using Months = std::vector<std::vector<StaffEvent>>;  // [0] is the month before the start

std::size_t place_of(int month) { return static_cast<std::size_t>(month) + 1; }

// Tells the months one after the other; knows who is there.
class Staffing {
 public:
  Staffing(const Configuration& c, const Plan& plan, Months& events)
      : c_(c), plan_(plan), key_(c.key()), events_(events) {
    for (const Role& role : c.sector->roles) shares_ += role.share;
  }

  void open() {
    std::vector<Cents> salaries;
    Cents sum = 0;
    for (int i = 0; i < plan_.employees; ++i) {
      const int role = next_role();
      staff_.push_back({++last_, role, base_salary(role, last_), -12});
      sum += staff_.back().salary;
    }
    // Salaries within their ranges, then all stretched alike to what the plan can pay.
    scale_ = mul_div(plan_.payroll, kOne, std::max<Cents>(sum, 1));
    const Date first = first_day(c_.starts - 1);
    for (Employee& employee : staff_) {
      employee.salary = whole_tens(times(employee.salary, scale_));
      const std::uint64_t day = draw(key_, Stream::Hire, number(employee), -1, 1);
      add(StaffEvent::Kind::Hire, -1, first + static_cast<Date>(below(day, 26)), employee);
    }
  }

  void month(int month) {
    hire(month);
    raise(month);
    let_go(month);
  }

 private:
  struct Employee {
    int id = 0;
    int role = 0;
    Cents salary = 0;
    int since = 0;  // month
  };
  static std::uint64_t number(const Employee& employee) {
    return static_cast<std::uint64_t>(employee.id);
  }

  StaffEvent& add(StaffEvent::Kind kind, int month, Date date, const Employee& employee) {
    std::vector<StaffEvent>& list = events_[place_of(month)];
    return list.emplace_back(
        StaffEvent{kind, month, date, employee.id, employee.role, employee.salary, 0});
  }

  // Roles in their shares, as evenly as can be: the one that is furthest behind.
  int next_role() {
    const std::vector<Role>& roles = c_.sector->roles;
    given_.resize(roles.size());
    ++roles_given_;
    std::size_t best = 0;
    std::int64_t most = INT64_MIN;
    for (std::size_t i = 0; i < roles.size(); ++i) {
      const std::int64_t behind = roles[i].share * roles_given_ - given_[i] * shares_;
      if (behind > most) {
        most = behind;
        best = i;
      }
    }
    ++given_[best];
    return static_cast<int>(best);
  }

  Cents base_salary(int role, int id) const {
    const Role& range = c_.sector->roles[static_cast<std::size_t>(role)];
    const std::uint64_t chance = draw(key_, Stream::Hire, static_cast<std::uint64_t>(id), 0, 2);
    const Cents width = range.highest_salary - range.lowest_salary;
    return range.lowest_salary +
           static_cast<Cents>(below(chance, static_cast<std::uint64_t>(width)));
  }

  void hire(int month) {
    const PlannedMonth& plan = plan_.months[static_cast<std::size_t>(month)];
    const Date first = first_day(plan.month);
    while (static_cast<int>(staff_.size()) < plan.headcount) {
      Employee employee;
      employee.id = ++last_;
      employee.since = month;
      if (vacant_.empty()) {
        employee.role = next_role();
        employee.salary = times(base_salary(employee.role, employee.id), scale_);
        employee.salary = times(employee.salary, plan.salary_index);
      } else {  // somebody's successor, at a little less or more
        employee.role = vacant_.front().role;
        const std::int64_t chance =
            around_zero(draw(key_, Stream::Hire, number(employee), month, 3), 40);
        employee.salary = vacant_.front().salary * (1000 + chance) / 1000;
        vacant_.erase(vacant_.begin());
      }
      employee.salary = whole_tens(employee.salary);
      const std::uint64_t day = draw(key_, Stream::Hire, number(employee), month, 1);
      Date date = first + static_cast<Date>(below(day, 6));
      while (weekday_of(date) > 4 || is_holiday(*c_.country, date)) ++date;
      staff_.push_back(employee);
      add(StaffEvent::Kind::Hire, month, date, employee);
    }
  }

  void raise(int month) {
    const PlannedMonth& plan = plan_.months[static_cast<std::size_t>(month)];
    if (month < 3 || month_number(plan.month) != 4) return;
    const Ratio before = plan_.months[static_cast<std::size_t>(month - 1)].salary_index;
    for (Employee& employee : staff_) {
      if (employee.since > month - 6) continue;
      const Cents raised = whole_tens(mul_div(employee.salary, plan.salary_index, before));
      if (raised == employee.salary) continue;
      employee.salary = raised;
      add(StaffEvent::Kind::Raise, month, first_day(plan.month), employee);
    }
  }

  void let_go(int month) {
    const auto headcount = static_cast<std::int64_t>(staff_.size());
    const Ratio usual = headcount * c_.sector->attrition;
    const Ratio one = std::min(kOne, headcount * (kOne * 22 / 100));
    const Ratio most = headcount <= kSome ? std::max(usual, 2 * kOne) : usual;
    quota_ += (headcount <= kFew ? one : most) / 12;
    for (; quota_ >= kOne / 2; quota_ -= kOne) {
      std::vector<std::size_t> settled;
      for (std::size_t i = 0; i < staff_.size(); ++i) {
        if (staff_[i].since <= month - 3) settled.push_back(i);
      }
      if (settled.size() < 2) return;  // the last one stays
      const std::uint64_t chance =
          draw(key_, Stream::Exit, settled.size(), month, static_cast<std::uint64_t>(last_));
      const std::size_t who = settled[below(chance, settled.size())];
      const Employee leaver = staff_[who];
      const Date first = first_day(c_.starts + month);
      const Date day = first + 14 + static_cast<Date>(below(scramble(chance), 14));
      StaffEvent& exit =
          add(StaffEvent::Kind::Exit, month, working_day_before(*c_.country, day), leaver);
      exit.reason = static_cast<int>(below(scramble(chance + 1), 20));
      exit.reason = exit.reason < 13 ? 0 : exit.reason < 16 ? 1 : exit.reason < 19 ? 2 : 3;
      vacant_.push_back(leaver);
      staff_.erase(staff_.begin() + static_cast<std::ptrdiff_t>(who));
    }
  }

  const Configuration& c_;
  const Plan& plan_;
  const std::uint64_t key_;
  Months& events_;
  std::vector<Employee> staff_;
  std::vector<Employee> vacant_;  // posts
  std::vector<std::int64_t> given_;
  std::int64_t roles_given_ = 0;
  std::int64_t shares_ = 0;
  Ratio scale_ = kOne;
  Ratio quota_ = 0;
  int last_ = 0;  // id
};

// Employees by the end of `month`, with their last event, latest hired last.
std::vector<StaffEvent> employed_after(const Months& events, int month) {
  std::map<int, StaffEvent> staff;
  for (int m = -1; m <= month; ++m) {
    for (const StaffEvent& event : events[place_of(m)]) {
      if (event.kind == StaffEvent::Kind::Exit) {
        staff.erase(event.employee);
      } else {
        staff[event.employee] = event;
      }
    }
  }
  std::vector<StaffEvent> list;
  list.reserve(staff.size());
  for (const auto& [id, event] : staff) list.push_back(event);
  return list;
}

void add_staff(const Beat& beat, int month, int count, int first_id, Months& events) {
  const std::vector<StaffEvent> staff = employed_after(events, month);
  for (int i = 0; i < count; ++i) {
    StaffEvent hire =
        staff[static_cast<std::size_t>(i) % staff.size()];  // as somebody who is there
    hire.kind = StaffEvent::Kind::Hire;
    hire.month = month;
    hire.date = first_day(beat.month) + 9;
    hire.employee = first_id + i;
    events[place_of(month)].push_back(hire);
  }
}

// Goes on without the people who are gone: they get no raise any more, and where one of them would
// have left later, the longest employed leaves instead.
void go_on_without(std::set<int> gone, int month, Months& events) {
  std::map<int, StaffEvent> staff;
  for (const StaffEvent& event : employed_after(events, month)) staff[event.employee] = event;
  for (std::size_t m = place_of(month) + 1; m < events.size(); ++m) {
    std::vector<StaffEvent> kept;
    for (StaffEvent event : events[m]) {
      if (event.kind != StaffEvent::Kind::Exit) {
        if (gone.count(event.employee) == 0) kept.push_back(staff[event.employee] = event);
        continue;
      }
      if (gone.count(event.employee) != 0) {
        if (staff.size() < 2) continue;
        gone.insert(event.employee = staff.begin()->first);
        event.role = staff.begin()->second.role;
      }
      staff.erase(event.employee);
      kept.push_back(event);
    }
    events[m] = std::move(kept);
  }
}

void lay_off(const Beat& beat, int month, int count, Months& events) {
  std::vector<StaffEvent> staff = employed_after(events, month);
  count = std::min(count, static_cast<int>(staff.size()) - 1);
  std::set<int> gone;
  for (int i = 0; i < count; ++i) {
    StaffEvent exit = staff[staff.size() - 1 - static_cast<std::size_t>(i)];
    exit.kind = StaffEvent::Kind::Exit;
    exit.month = month;
    exit.date = first_day(beat.month) + days_in_month(beat.month) - 1;
    exit.reason = kLaidOff;
    gone.insert(exit.employee);
    events[place_of(month)].push_back(exit);
  }
  go_on_without(std::move(gone), month, events);
}

void apply_beats(const Configuration& c, Months& events) {
  int first_id = kFirstOfBeats;
  for (const Beat& beat : c.beats) {
    first_id += 200'000;  // more than one beat can hire
    if (beat.measure != Measure::Headcount) continue;
    const int month = beat.month - c.starts;
    const auto staff = static_cast<std::int64_t>(employed_after(events, month).size());
    const auto count = static_cast<int>(times(staff, beat.change > 0 ? beat.change : -beat.change));
    if (beat.change > 0) add_staff(beat, month, std::max(count, 1), first_id, events);
    if (beat.change < 0) lay_off(beat, month, std::max(count, 1), events);
  }
}

}  // namespace

People::People(const Configuration& c, const Plan& plan)
    : events_(static_cast<std::size_t>(c.months) + 1) {
  Staffing staffing(c, plan, events_);
  staffing.open();
  for (int month = 0; month < c.months; ++month) staffing.month(month);
  apply_beats(c, events_);
  sum_up(c.months);
}

void People::sum_up(int months) {
  std::map<int, Cents> salaries;
  Cents payroll = 0;
  for (int month = -1; month < months; ++month) {
    Cents leaving = 0;
    for (const StaffEvent& event : events(month)) {
      Cents& salary = salaries[event.employee];
      if (event.kind == StaffEvent::Kind::Exit) {
        leaving += salary;
        salary = 0;
      } else {
        payroll += event.salary - salary;
        salary = event.salary;
      }
    }
    payroll_.push_back(payroll);
    payroll -= leaving;
  }
}

std::string employee_id(int employee) {
  const bool of_beat = employee >= kFirstOfBeats;
  std::string digits = std::to_string(of_beat ? employee - kFirstOfBeats : employee);
  const std::size_t width = of_beat ? 6 : 4;
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return (of_beat ? "X" : "E") + digits;
}

}  // namespace tc::simulation
