#include "base/text.hpp"

#include <gtest/gtest.h>

namespace tc {
namespace {

TEST(Utf8, AcceptsEveryCharacterOnce) {
  for (char32_t c = 1; c <= 0x10FFFF; ++c) {
    std::string text;
    const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
    if (c < 0x80) {
      text += static_cast<char>(c);
    } else if (c < 0x800) {
      text += static_cast<char>(0xC0 | (c >> 6));
      tail(0);
    } else if (c < 0x10000) {
      text += static_cast<char>(0xE0 | (c >> 12));
      tail(6);
      tail(0);
    } else {
      text += static_cast<char>(0xF0 | (c >> 18));
      tail(12);
      tail(6);
      tail(0);
    }
    const bool is_surrogate = c >= 0xD800 && c <= 0xDFFF;
    ASSERT_EQ(is_valid_utf8(text), !is_surrogate) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(utf8_length(text), is_surrogate ? 0 : text.size());
  }
}

TEST(Utf8, RefusesWhatOnlyLooksLikeIt) {
  for (const char* text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xFF", "\xFE", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "a\xC3z", "\xE2\x28\xA1"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << text;
  }
  EXPECT_FALSE(is_valid_utf8(std::string(40, 'a') + "\xC3"));
  EXPECT_FALSE(is_valid_utf8(std::string(40, 'a') + "\xFF" + std::string(40, 'a')));
  EXPECT_TRUE(is_valid_utf8(std::string("a\0b", 3)));
  EXPECT_TRUE(is_valid_utf8(""));
}

TEST(Text, CountsCharacters) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("Zürich €😀"), 9U);
}

TEST(Text, ExcerptNeverCutsACharacter) {
  EXPECT_EQ(excerpt("short", 5), "short");
  EXPECT_EQ(excerpt("too long", 6), "too…");
  const std::string text = "äöü😀äöü";
  for (std::size_t bytes = 0; bytes <= text.size(); ++bytes) {
    const std::string cut = excerpt(text, bytes);
    EXPECT_LE(cut.size(), bytes);
    EXPECT_TRUE(is_valid_utf8(cut));
  }
}

const std::vector<std::string> kFields = {"product", "region", "quantity", "unitPrice",
                                          "revenue", "cogs",   "channel",  "customer"};

std::string first_near(std::string_view name, const std::vector<std::string>& among = kFields) {
  const auto names = nearest(name, among);
  return names.empty() ? "" : names.front();
}

TEST(Nearest, FindsTypingMistakes) {
  EXPECT_EQ(first_near("revnue"), "revenue");
  EXPECT_EQ(first_near("REVENUE"), "revenue");
  EXPECT_EQ(first_near("reveneu"), "revenue");  // two letters swapped
  EXPECT_EQ(first_near("prodcut"), "product");
  EXPECT_EQ(first_near("unit_price"), "unitPrice");
  EXPECT_EQ(first_near("Unit price"), "unitPrice");
  EXPECT_EQ(first_near("quantitiy"), "quantity");
  EXPECT_EQ(first_near("cog"), "cogs");
  EXPECT_EQ(first_near("chanel"), "channel");
}

TEST(Nearest, FoldsLatinLetters) {
  const std::vector<std::string> cities = {"Zürich", "Malmö", "Łódź", "Curaçao"};
  EXPECT_EQ(first_near("zurich", cities), "Zürich");
  EXPECT_EQ(first_near("MALMO", cities), "Malmö");
  EXPECT_EQ(first_near("lodz", cities), "Łódź");
  EXPECT_EQ(first_near("Curacao", cities), "Curaçao");
}

TEST(Nearest, FindsPrefixesAndWords) {
  EXPECT_EQ(first_near("quant"), "quantity");
  EXPECT_EQ(first_near("net_revenue"), "revenue");
  EXPECT_EQ(first_near("customerName"), "customer");
}

TEST(Nearest, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(first_near("xyzzy"), "");
  EXPECT_EQ(first_near(""), "");
  EXPECT_EQ(first_near("_-_"), "");
  EXPECT_EQ(first_near("a", {"b"}), "");
  EXPECT_EQ(first_near("abc", {}), "");
}

TEST(Nearest, RanksByEditsAndKeepsTheOrderOfTies) {
  const std::vector<std::string> names = {"opex2", "capex", "opex1", "opex"};
  EXPECT_EQ(nearest("opex", names), (std::vector<std::string>{"opex", "opex2", "opex1"}));
  EXPECT_EQ(nearest("opex", names, 1).size(), 1U);
  EXPECT_TRUE(nearest("opex", names, 0).empty());
}

TEST(Nearest, IsBoundedForLongAndInvalidText) {
  const std::vector<std::string> names = {std::string(100'000, 'a'), "\xFF\xFE", "plain"};
  EXPECT_EQ(first_near(std::string(100'000, 'a'), names), names[0]);
  EXPECT_EQ(first_near("\xFF\xFE", names), "\xFF\xFE");
}

TEST(DidYouMean, AsksOneQuestion) {
  EXPECT_EQ(did_you_mean("revnue", kFields), "Did you mean “revenue”?");
  EXPECT_EQ(did_you_mean("xyzzy", kFields), "");
  const std::vector<std::string> names = {"opex", "sales", "opex2", "opexes"};
  EXPECT_EQ(did_you_mean("opex1", names), "Did you mean “opex”, “opex2” or “opexes”?");
}

}  // namespace
}  // namespace tc
