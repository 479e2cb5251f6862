// Who works at the company: hires, raises and exits, and the payroll they come to.
//
// The opening staff is hired in the month before the start. Then, month by month: whoever is
// missing to the planned headcount is hired in its first days (so a vacancy lasts until the next
// month); in April everybody who has been there for half a year gets a raise, told as a hire of the
// same employee at the new salary; and leavers go in its second half. How many leave is a quota
// that builds up with headcount: the sector's attrition a year; of a dozen people or fewer it is
// one a year, so that small companies lose people as regularly as large ones.
//
// Example: 6 employees, attrition 12 %. Not 0.72 of a person but one leaves a year, 17 %: the quota
// grows by 1/12 a month.
//
// Beats on headcount come last. They hire people of their own, who stay; or lay off those hired
// last, who get no raise any more and, where one of them would have left later, are replaced in
// that by whoever has been there longest. Everybody else's events are what they were.
#pragma once
#include <string>
#include <vector>

#include "simulation/plan.hpp"

namespace tc::simulation {

struct StaffEvent {
  enum class Kind { Hire, Raise, Exit };
  Kind kind = Kind::Hire;
  int month = 0;  // of the horizon; -1: before it
  Date date = 0;
  int employee = 0;  // from 1; beats' from kFirstOfBeats
  int role = 0;      // index into Sector::roles
  Cents salary = 0;  // a month; of hires and raises
  int reason = 0;    // index into kExitReasons
};

inline constexpr int kFirstOfBeats = 1'000'000;
inline constexpr std::array<std::string_view, 4> kExitReasons = {"resignation", "retirement",
                                                                 "end of contract", "dismissal"};
inline constexpr int kLaidOff = 3;

class People {
 public:
  People(const Configuration& configuration, const Plan& plan);

  const std::vector<StaffEvent>& events(int month) const {  // month -1 … months - 1
    return events_[place(month)];
  }
  // Salaries of all who are employed at any time in the month.
  Cents payroll(int month) const { return payroll_[place(month)]; }

 private:
  static std::size_t place(int month) { return static_cast<std::size_t>(month) + 1; }
  void sum_up(int months);
  std::vector<std::vector<StaffEvent>> events_;
  std::vector<Cents> payroll_;
};

std::string employee_id(int employee);

}  // namespace tc::simulation
