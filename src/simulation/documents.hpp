// The simulation's data files as they were when this was built: JSON texts of src/simulation/data.
#pragma once
#include <string_view>

namespace tc::simulation {

// What is typical of each GICS sector, by its code. Percentages are of revenue, salaries and
// revenue per employee in thousands of EUR a year; "sources" says where each figure comes from.
std::string_view sectors_json();
// What holds in each country, by its ISO code: taxes with the months they are valid from, holidays,
// names.
std::string_view countries_json();
// What words about an event mean for the figures.
std::string_view beats_json();

}  // namespace tc::simulation
