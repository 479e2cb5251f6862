#include "simulation/engine.hpp"

#include <algorithm>

#include "simulation/document.hpp"
#include "simulation/people.hpp"
#include "simulation/plan.hpp"
#include "simulation/sales.hpp"
#include "simulation/spending.hpp"
#include "simulation/treasury.hpp"

namespace tc::simulation {
namespace {

constexpr Timestamp kSecond = 1'000'000;

Timestamp at(Date date, int seconds) { return date * kMicrosecondsPerDay + seconds * kSecond; }
Timestamp at_hour(Date date, int hour) { return at(date, hour * 3600); }

template <typename Range, typename Name>
std::vector<std::string> quoted(const Range& range, Name name) {
  std::vector<std::string> list;
  list.reserve(range.size());
  for (const auto& item : range) list.push_back(json_string(name(item)));
  return list;
}

const auto kAsIs = [](std::string_view text) { return text; };

}  // namespace

struct Engine::Parts {
  explicit Parts(Configuration configuration)
      : c(std::move(configuration)),
        plan(c),
        sales(c, plan),
        people(c, plan),
        levies(levies_of(c, people)),
        spending(c, plan, people, levies),
        treasury(c, plan, sales, people, spending, levies),
        id_key(c.id_key()),
        products(quoted(sales.products(), [](const Product& p) { return p.name; })),
        regions(quoted(c.regions, [](const Region& r) { return r.name; })),
        customers(quoted(sales.customers(), kAsIs)),
        channels(quoted(c.sector->channels, kAsIs)),
        suppliers(quoted(spending.suppliers(), kAsIs)) {}

  void tell_opening(EventWriter& writer) const {
    tell_staff(-1, writer);
    const CashMovement opening = treasury.opening();
    tell_movement(opening, -1, 0, writer);
  }

  void tell_month(int month, Batch& batch, EventWriter& writer) const {
    tell_sales(month, batch, writer);
    tell_staff(month, writer);
    for (const ExpenseDocument& d : spending.expenses(month)) {
      tell_expense(d, Stream::Expense, 10, month, writer);
    }
    for (const ExpenseDocument& d : spending.investments(month)) {
      tell_expense(d, Stream::Capex, 11, month, writer);
    }
    for (const ExpenseDocument& d : spending.depreciation(month)) {
      tell_expense(d, Stream::Depreciation, 22, month, writer);
    }
    tell_purchases(month, writer);
    tell_treasury(month, writer);
  }

  void tell_sales(int month, Batch& batch, EventWriter& writer) const {
    const std::vector<SaleDocument>& documents = sales.documents(month);
    batch.events.reserve(batch.events.size() + documents.size() + 200);
    batch.text.reserve(batch.text.size() + documents.size() * 350 + 40'000);
    for (const SaleDocument& d : documents) {
      if (d.quantity == 0) continue;
      const auto index = [](int i) { return static_cast<std::size_t>(i); };
      writer.begin(EventType::Sale, at(d.date, d.second), d.region, Stream::Sale, 0,
                   c.starts + month, d.ordinal);
      writer.cents("cogs", d.cogs);
      writer.text("region", regions[index(d.region)]);
      writer.text("channel", channels[index(d.channel)]);
      writer.text("product", products[index(d.product)]);
      writer.cents("revenue", d.revenue);
      if (d.customer >= 0) writer.text("customer", customers[index(d.customer)]);
      writer.whole("quantity", d.quantity);
      writer.cents("unitPrice", d.price);
      writer.end();
    }
  }

  void tell_staff(int month, EventWriter& writer) const {
    for (const StaffEvent& event : people.events(month)) {
      const Role& role = c.sector->roles[static_cast<std::size_t>(event.role)];
      const std::string id = employee_id(event.employee);
      const auto employee = static_cast<std::uint64_t>(event.employee);
      const Month period = c.starts + month;
      if (event.kind == StaffEvent::Kind::Exit) {
        writer.begin(EventType::Exit, at_hour(event.date, 17), -1, Stream::Exit, employee, period,
                     0);
        writer.name("department", role.department);
        writer.name("employeeId", id);
        writer.name("exitReason", kExitReasons[static_cast<std::size_t>(event.reason)]);
      } else {
        const bool is_raise = event.kind == StaffEvent::Kind::Raise;
        writer.begin(EventType::Hire, at_hour(event.date, is_raise ? 8 : 9), -1,
                     is_raise ? Stream::Raise : Stream::Hire, employee, period, 0);
        writer.whole("fte", 1);
        writer.name("role", role.role);
        writer.name("department", role.department);
        writer.name("employeeId", id);
        writer.cents("monthlySalary", event.salary);
      }
      writer.end();
    }
  }

  void tell_expense(const ExpenseDocument& d, Stream stream, int hour, int month,
                    EventWriter& writer) const {
    writer.begin(EventType::Expense, at_hour(d.date, hour), -1, stream, 0, c.starts + month,
                 d.ordinal);
    writer.cents("amount", d.amount);
    writer.name("account", d.account);
    writer.boolean("isCapex", d.is_capex);
    writer.name("costCenter", d.cost_center);
    writer.end();
  }

  void tell_purchases(int month, EventWriter& writer) const {
    std::vector<PurchaseDocument> documents;
    spending.purchases(month, treasury.month(month).purchases, documents);
    for (const PurchaseDocument& d : documents) {
      writer.begin(EventType::Procurement, at_hour(d.date, 14), -1, Stream::Purchase, 0,
                   c.starts + month, d.ordinal);
      writer.cents("amount", d.amount);
      writer.name("category", d.category);
      writer.text("supplier", suppliers[static_cast<std::size_t>(d.supplier)]);
      writer.end();
    }
  }

  void tell_treasury(int month, EventWriter& writer) const {
    const TreasuryMonth& m = treasury.month(month);
    for (const TaxPayment& tax : m.taxes) {
      // A second payment of a kind has another rate.
      writer.begin(EventType::TaxPayment, at_hour(tax.date, 12), -1, Stream::Tax,
                   hash_text(tax.tax_type), c.starts + month, static_cast<std::uint64_t>(tax.rate));
      writer.ratio("taxRate", tax.rate);
      writer.name("taxType", tax.tax_type);
      writer.cents("taxAmount", tax.amount);
      writer.cents("baseAmount", tax.base);
      writer.end();
    }
    for (const CashMovement& movement : m.movements) tell_movement(movement, month, 0, writer);
    if (m.interest > 0) {
      const Month when = c.starts + month;
      const ExpenseDocument interest{first_day(when) + days_in_month(when) - 1, "Finance",
                                     "interest", m.interest};
      tell_expense(interest, Stream::Interest, 21, month, writer);
    }
  }

  void tell_movement(const CashMovement& m, int month, std::uint64_t ordinal,
                     EventWriter& writer) const {
    writer.begin(EventType::CashMovement, at_hour(m.date, 13), -1, Stream::Cash,
                 hash_text(m.category), c.starts + month, ordinal);
    writer.cents("amount", m.amount);
    writer.name("category", m.category);
    writer.name("direction", m.in ? "in" : "out");
    writer.end();
  }

  const Configuration c;
  const Plan plan;
  const Sales sales;
  const People people;
  const std::vector<Cents> levies;
  const Spending spending;
  const Treasury treasury;
  const std::uint64_t id_key;
  const std::vector<std::string> products, regions, customers, channels, suppliers;  // as JSON
};

Engine::Engine(const Configuration& configuration)
    : parts_(std::make_unique<Parts>(configuration)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

const Configuration& Engine::configuration() const { return parts_->c; }

std::string Engine::scenario_document() const { return document_of(parts_->c, parts_->plan); }

int Engine::quarters() const {
  const auto quarter_of = [](Month month) {
    return (year_of(month) - kFirstYear) * 4 + (month_number(month) - 1) / 3;
  };
  const Configuration& c = parts_->c;
  return quarter_of(c.starts + c.months - 1) - quarter_of(c.starts) + 1;
}

std::pair<Month, Month> Engine::quarter_months(int quarter) const {
  const Configuration& c = parts_->c;
  const Month first = c.starts - (month_number(c.starts) - 1) % 3 + quarter * 3;
  return {std::max(first, c.starts), std::min(first + 2, c.starts + c.months - 1)};
}

std::string Engine::quarter_label(int quarter) const {
  const Month month = quarter_months(quarter).first;
  return std::to_string(year_of(month)) + "-Q" + std::to_string((month_number(month) - 1) / 3 + 1);
}

void Engine::generate(int quarter, Batch& batch) const {
  batch.clear();
  EventWriter writer(batch, parts_->id_key);
  if (quarter == 0) parts_->tell_opening(writer);
  const auto [first, last] = quarter_months(quarter);
  for (Month month = first; month <= last; ++month) {
    parts_->tell_month(month - parts_->c.starts, batch, writer);
  }
  std::sort(batch.events.begin(), batch.events.end(), [](const Event& a, const Event& b) {
    return a.ts != b.ts ? a.ts < b.ts : a.id < b.id;
  });
}

}  // namespace tc::simulation
