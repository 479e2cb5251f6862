#include "projection/contribution.hpp"

#include <utility>

namespace tc::projection {
namespace {

using event::Fields;

constexpr std::pair<std::string_view, EventKind> kKinds[] = {
    {"sale", EventKind::Sale},
    {"hr_hire", EventKind::Hire},
    {"hr_exit", EventKind::Exit},
    {"expense", EventKind::Expense},
    {"procurement", EventKind::Procurement},
    {"tax_payment", EventKind::TaxPayment},
    {"cash_movement", EventKind::CashMovement},
};

Amount amount_of(Fields payload, std::string_view key) {
  const event::Value* value = event::find(payload, key);
  if (value == nullptr || !value->number) return 0;
  return to_amount(*value->number).value_or(0);
}

std::string_view text_of(Fields payload, std::string_view key) {
  const event::Value* value = event::find(payload, key);
  return value != nullptr && value->kind == event::Kind::String ? value->text : std::string_view{};
}

bool truth_of(Fields payload, std::string_view key) {
  const event::Value* value = event::find(payload, key);
  return value != nullptr && value->boolean;
}

// Adds one event's amounts to ledger rows, all signed and of one month.
class Poster {
 public:
  Poster(const Occurrence& occurrence, MemberTable& members, Layer& layer)
      : occurrence_(occurrence), members_(members), layer_(layer) {}

  MemberId member(MemberKind kind, std::string_view name) {
    return members_.intern(occurrence_.company, kind, name);
  }

  Measures& row(Ledger ledger, Line line, MemberId member, MemberId other, bool is_capex = false) {
    Measures& row = layer_.sums[Key{occurrence_.tenant, month_of(occurrence_.event_ts), member,
                                    other, ledger, line, is_capex}];
    row.entries += occurrence_.sign;
    return row;
  }

  void finance(Line line, Amount amount, MemberId member = kNoMember) {
    row(Ledger::Finance, line, member, kNoMember).amount[0] += signed_amount(amount);
  }

  Amount signed_amount(Amount amount) const { return occurrence_.sign * amount; }

 private:
  const Occurrence& occurrence_;
  MemberTable& members_;
  Layer& layer_;
};

void post_sale(Fields payload, Poster& post) {
  const Amount revenue = amount_of(payload, "revenue");
  const Amount cogs = amount_of(payload, "cogs");
  Measures& sales = post.row(Ledger::Sales, Line::None,
                             post.member(MemberKind::Product, text_of(payload, "product")),
                             post.member(MemberKind::Region, text_of(payload, "region")));
  sales.amount[0] += post.signed_amount(revenue);
  sales.amount[1] += post.signed_amount(cogs);
  sales.amount[2] += post.signed_amount(amount_of(payload, "quantity"));
  post.finance(Line::Revenue, revenue);
  post.finance(Line::Cogs, cogs);
}

void post_expense(Fields payload, Poster& post) {
  const Amount amount = amount_of(payload, "amount");
  const bool is_capex = truth_of(payload, "isCapex");
  const MemberId account = post.member(MemberKind::Account, text_of(payload, "account"));
  const MemberId cost_center = post.member(MemberKind::CostCenter, text_of(payload, "costCenter"));
  post.row(Ledger::Expense, Line::None, cost_center, account, is_capex).amount[0] +=
      post.signed_amount(amount);
  post.finance(is_capex ? Line::Capex : Line::Expense, amount, account);
}

StaffEvent staff_event(Fields payload, const Occurrence& occurrence, bool is_hire, Poster& post) {
  StaffEvent event;
  event.tenant = occurrence.tenant;
  event.employee = text_of(payload, "employeeId");
  event.event_ts = occurrence.event_ts;
  event.event_id = occurrence.event_id;
  event.is_hire = is_hire;
  event.entries = occurrence.sign;
  // An exit leaves the department its employee is in, whatever it says: naming another makes no
  // member.
  if (is_hire) {
    event.department = post.member(MemberKind::Department, text_of(payload, "department"));
    event.monthly_salary = amount_of(payload, "monthlySalary");
  }
  return event;
}

}  // namespace

EventKind event_kind(std::string_view event_type) {
  for (const auto& [name, kind] : kKinds) {
    if (name == event_type) return kind;
  }
  return EventKind::Other;
}

void contribute(std::string_view event_type, Fields payload, const Occurrence& occurrence,
                MemberTable& members, Layer& layer) {
  Poster post(occurrence, members, layer);
  post.row(Ledger::Activity, Line::None, post.member(MemberKind::EventType, event_type), kNoMember)
      .amount[0] += 1;
  switch (event_kind(event_type)) {
    case EventKind::Sale:
      return post_sale(payload, post);
    case EventKind::Expense:
      return post_expense(payload, post);
    case EventKind::Hire:
      add(layer.staff, staff_event(payload, occurrence, true, post));
      return;
    case EventKind::Exit:
      add(layer.staff, staff_event(payload, occurrence, false, post));
      return;
    case EventKind::Procurement:
      return post.finance(Line::Procurement, amount_of(payload, "amount"));
    case EventKind::TaxPayment:
      return post.finance(Line::Tax, amount_of(payload, "taxAmount"),
                          post.member(MemberKind::TaxType, text_of(payload, "taxType")));
    case EventKind::CashMovement:
      return post.finance(text_of(payload, "direction") == "out" ? Line::CashOut : Line::CashIn,
                          amount_of(payload, "amount"));
    case EventKind::Other:
      return;
  }
}

}  // namespace tc::projection
