// Memory for one row after the other: everything allocated while it lives is given back every so
// many rows, and at its end.
#pragma once
#include "pg/boundary.hpp"

namespace pg {

class Scratch {
 public:
  explicit Scratch(const char* name)
      : context_(call([&] {
          return AllocSetContextCreateInternal(CurrentMemoryContext, name, ALLOCSET_DEFAULT_SIZES);
        })),
        outer_(MemoryContextSwitchTo(context_)) {}
  ~Scratch() {
    MemoryContextSwitchTo(outer_);
    MemoryContextDelete(context_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // After each row. What the row took may be gone afterwards.
  void tick() {
    if (++rows_ % kRows == 0) MemoryContextReset(context_);
  }

 private:
  static constexpr std::size_t kRows = 256;
  MemoryContext context_;
  MemoryContext outer_;
  std::size_t rows_ = 0;
};

}  // namespace pg
