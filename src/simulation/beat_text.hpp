// What the words of a beat mean for the figures.
//
// A change that is stated counts as stated, also inside the text ("+15 %", "fell by 8 percent");
// else the lexicon's word for it (data/beats.json). The longest phrase found wins.
//
// Example: "Strike at the main plant" → revenue −15 % by the lexicon's word "strike". "Sales up 15
// % after the launch" → revenue +15 %, by the text.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "simulation/configuration.hpp"

namespace tc::simulation {

// Fills what of beat.measure and beat.change was not given, and says where it came from. False when
// the text says nothing of either.
bool understand(Beat& beat, std::optional<Measure> measure, std::optional<Ratio> change);

std::optional<Measure> measure_named(std::string_view name);
// "15 %", "+15%", "-8.5 percent" somewhere in the text, as a share. Its sign is the one written, or
// by words such as "fell"; `is_signed` says whether there was any.
std::optional<Ratio> percent_in(std::string_view text, bool& is_signed);
// Lower case for ASCII and Latin-1 letters.
std::string folded(std::string_view text);

}  // namespace tc::simulation
