#include "settings.hpp"

#include <iterator>

#include "pg/boundary.hpp"

namespace settings {
namespace {

char* cube_name = nullptr;
char* present = nullptr;
int fold_rows = 0;
int layer_rows = 0;

struct IntegerSetting {
  const char* name;
  const char* description;
  int* value;
  int initial, least, most;
};
struct TextSetting {
  const char* name;
  const char* description;
  char** value;
  const char* initial;
};

const TextSetting kTexts[] = {
    {"tellingcube.cube", "Cube that functions use when none is named.", &cube_name, "cube"},
    {"tellingcube.as_of",
     "Month (YYYY-MM) that counts as the present; empty means the last month with actuals.",
     &present, ""},
};

const IntegerSetting kIntegers[] = {
    {"tellingcube.fold_threshold",
     "Pending fact rows from which a committing writer folds them; 0 leaves folding to "
     "fold_facts().",
     &fold_rows, 20000, 0, INT_MAX},
    {"tellingcube.accumulator_rows",
     "Distinct fact rows a transaction gathers in memory before it writes them out.", &layer_rows,
     200000, 100, INT_MAX},
};

}  // namespace

std::string default_cube() { return cube_name; }
std::string as_of() { return present; }
int fold_threshold() { return fold_rows; }
int accumulator_rows() { return layer_rows; }

void init() {
  pg::call([] {
    for (const TextSetting& s : kTexts) {
      DefineCustomStringVariable(s.name, s.description, nullptr, s.value, s.initial, PGC_USERSET, 0,
                                 nullptr, nullptr, nullptr);
    }
    for (const IntegerSetting& s : kIntegers) {
      DefineCustomIntVariable(s.name, s.description, nullptr, s.value, s.initial, s.least, s.most,
                              PGC_USERSET, 0, nullptr, nullptr, nullptr);
    }
    MarkGUCPrefixReserved("tellingcube");
  });
}

}  // namespace settings
