// The embedded simulation engine: a configuration in, a company told in events out.
//
// Deterministic: the same configuration gives the same bytes on every machine, in any process, and
// whatever quarters are told in which order. Nothing here asks for the time, a locale or chance
// from outside; no figure is a floating-point number.
//
// A whole telling:
//   Engine engine(configuration);
//   Batch batch;
//   for (int quarter = 0; quarter < engine.quarters(); ++quarter) {
//     engine.generate(quarter, batch);     // batch.events by (ts, id), each with its text
//   }
//
// How it is made, from the top down: plan.hpp (what each month comes to), sales.hpp, people.hpp,
// spending.hpp (who did what), treasury.hpp (taxes, financing and cash, which follow), writer.hpp
// (the text). The constructor works out the numbers of all months, so that what one quarter owes to
// another (VAT, levies, interest, depreciation) is at hand; generate() writes.
#pragma once
#include <memory>
#include <string>

#include "simulation/configuration.hpp"
#include "simulation/writer.hpp"

namespace tc::simulation {

class Engine {
 public:
  // REQUIRES a configuration as resolve() makes them.
  explicit Engine(const Configuration& configuration);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  const Configuration& configuration() const;
  // What the company, the beats and the start were, as JSON (see document.cpp).
  std::string scenario_document() const;
  // Calendar quarters that the horizon touches.
  int quarters() const;
  // The label of a quarter, "2024-Q1", and its first and last month within the horizon.
  std::string quarter_label(int quarter) const;
  std::pair<Month, Month> quarter_months(int quarter) const;
  // The events of the quarter; of the first one, the opening state before the start, too. Replaces
  // what is in `batch`.
  void generate(int quarter, Batch& batch) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tc::simulation
