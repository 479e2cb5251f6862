// Headcount and payroll of one employee, from the employee's hires and exits.
//
// The state after an event depends on that event alone: a hire makes the employee active in its
// department at its salary (a second hire is a raise or a transfer), an exit makes the employee
// absent (an exit of nobody changes nothing). So each event contributes state(event) −
// state(previous event), in (event_ts, event_id) order, whatever order the events arrived in.
//
// Headcount moves by those differences. Payroll is by month: an employee who is active at any time
// in a month is paid that month in full and once, at the department and salary last held in it.
// Hence a raise counts from its month on, an exit's month is paid, and an exit followed by a rehire
// in the same month is not paid twice.
//
// Example. Hired 2024-01-15 at 3,000 in Sales; a hire on 2024-03-10 at 3,300 in Sales; exit
// 2024-05-20.
//   2024-01  Sales  hires 1            payroll +3,000
//   2024-03  Sales                     payroll   +300
//   2024-05  Sales            exits 1
//   2024-06  Sales                     payroll −3,300
#pragma once
#include <span>
#include <vector>

#include "base/calendar.hpp"
#include "base/decimal.hpp"
#include "base/uuid.hpp"

namespace tc::projection {

struct EmploymentEvent {
  Timestamp event_ts = 0;
  bool is_hire = false;
  Uuid department;            // of a hire
  Amount monthly_salary = 0;  // of a hire
};

// A change of headcount and monthly payroll from `month` on. `entries` counts the hires and exits
// behind it.
struct EmploymentChange {
  Month month = 0;
  Uuid department;
  int hires = 0;
  int exits = 0;
  Amount payroll_change = 0;
  int entries = 0;

  friend bool operator==(const EmploymentChange&, const EmploymentChange&) = default;
};

// REQUIRES: events in (event_ts, event_id) order. The changes come by month and department, at most
// one for each pair.
std::vector<EmploymentChange> employment_changes(std::span<const EmploymentEvent> events);

}  // namespace tc::projection
