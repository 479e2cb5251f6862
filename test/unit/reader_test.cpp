#include "event/reader.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/text.hpp"

namespace tc::event {
namespace {

// Everything the reader says about a text, one line per event, its failure last.
std::string said(std::string_view json) {
  std::string lines;
  Reader reader(json);
  FlatEvent event;
  try {
    while (reader.next(event)) {
      lines += std::to_string(event.ordinal) + ":";
      for (const Field& field : event.fields) {
        lines += " " + std::string(field.key) + "=" + describe(field.value);
      }
      for (const Reason& problem : event.problems) lines += " !" + problem.rule + problem.pointer;
      lines += "\n";
    }
  } catch (const ReadError& error) {
    lines += error.rule + "@" + std::to_string(error.offset);
  }
  return lines;
}

std::string failure(std::string_view json) {
  const std::string lines = said(json);
  const auto last = lines.find_last_of('\n');
  const std::string tail = last == std::string::npos ? lines : lines.substr(last + 1);
  return tail.substr(0, tail.find('@'));
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Reader, ReadsEveryKindOfValue) {
  EXPECT_EQ(said(R"([{"s":"a","n":-1.50,"t":true,"f":false,"z":null,"a":[1, 2],"o":{"x":[]}}])"),
            "1: s=\"a\" n=-1.50 t=true f=false z=null a=[1, 2] o={\"x\":[]}\n");
}

TEST(Reader, KeepsOrderOrdinalAndText) {
  const std::string json = " [ {\"b\" : 1 ,\n\"a\":2}\t, {} ]\r\n ";
  Reader reader(json);
  FlatEvent event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.ordinal, 1U);
  EXPECT_EQ(event.raw, "{\"b\" : 1 ,\n\"a\":2}");
  ASSERT_EQ(event.fields.size(), 2U);
  EXPECT_EQ(event.fields[0].key, "b");
  EXPECT_EQ(event.fields[0].value.number, (Decimal{1, 0}));
  EXPECT_EQ(event.fields[0].key.data(), json.data() + 5);
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.ordinal, 2U);
  EXPECT_EQ(event.raw, "{}");
  EXPECT_TRUE(event.fields.empty());
  EXPECT_FALSE(reader.next(event));
  EXPECT_FALSE(reader.next(event));
}

TEST(Reader, AcceptsNoEvents) {
  EXPECT_EQ(said("[]"), "");
  EXPECT_EQ(said(" [ \n ] "), "");
}

TEST(Reader, RefusesWhatIsNotJson) {
  for (const char* json : {"",
                           " ",
                           "nonsense",
                           "[",
                           "[{",
                           "[{}",
                           "[{},",
                           "[{},]",
                           "[,]",
                           "[{} {}]",
                           "[}",
                           "{]",
                           "[{\"a\":1]",
                           "[{\"a\"}]",
                           "[{\"a\":}]",
                           "[{a:1}]",
                           "[{'a':1}]",
                           "[{\"a\":1,}]",
                           "[{\"a\":01}]",
                           "[{\"a\":1.}]",
                           "[{\"a\":.5}]",
                           "[{\"a\":+1}]",
                           "[{\"a\":1e}]",
                           "[{\"a\":NaN}]",
                           "[{\"a\":Infinity}]",
                           "[{\"a\":-Infinity}]",
                           "[{\"a\":nul}]",
                           "[{\"a\":True}]",
                           "[{\"a\":\"x}]",
                           "[{\"a\":\"\\x\"}]",
                           "[{\"a\":\"\\u12\"}]",
                           "[{\"a\":\"\n\"}]",
                           "[{\"a\":\"\t\"}]",
                           "[{}]x",
                           "[{}][]",
                           "[] []",
                           "[{}],",
                           "// c\n[]",
                           "[{}/**/]",
                           "\xEF\xBB\xBF[]",
                           "[{\"a\":1e400,}]",
                           "[{\"a\":1e400e1}]",
                           "[{\"a\":1e400 \"b\":1}]",
                           "[{\"a\":1e400 2}]",
                           "[{\"a\":01e400}]",
                           "[1e400 {}]"}) {
    EXPECT_EQ(failure(json), "json") << json;
  }
  EXPECT_EQ(failure(std::string_view("[{}]\0", 5)), "json");
  EXPECT_EQ(failure(std::string_view("[{\0}]", 5)), "json");
  EXPECT_EQ(failure(std::string_view("[{\"a\":\"\0\"}]", 10)), "json");
}

TEST(Reader, RefusesJsonThatIsNotAnArray) {
  for (const char* json : {"{}", "{\"events\": []}", "\"text\"", "12", "null", " true "}) {
    EXPECT_EQ(failure(json), "array") << json;
  }
}

TEST(Reader, TellsWhereItFailed) {
  EXPECT_EQ(said("[{\"a\":1},\n{\"a\":x}]"), "1: a=1\njson@15");
  Reader reader("[{},x]");
  FlatEvent event;
  EXPECT_TRUE(reader.next(event));
  for (int i = 0; i < 2; ++i) {
    try {
      reader.next(event);
      FAIL() << "must go on failing";
    } catch (const ReadError& error) {
      EXPECT_EQ(error.offset, 4U);
      EXPECT_EQ(std::string(error.what()), "Event 2: Invalid value, at byte 5, near: x].");
    }
  }
}

TEST(Reader, RefusesInvalidEncoding) {
  for (const char* json :
       {"[{\"a\":\"\xFF\"}]", "[{\"a\":\"\xC0\x80\"}]", "[{\"a\":\"\xED\xA0\x80\"}]",
        "[{\"\xC3\":1}]", "[{\"a\":[\"\x80\"]}]", "[{\"a\":\"\\ud800\"}]", "[{\"a\":\"\\udc00\"}]",
        "[{\"a\":\"\\ud800x\"}]", "[{\"a\":\"\\ud800\\ud800\"}]", "[{\"a\":{\"b\":[\"\\udfff\"]}}]",
        "[{\"\\udc00\":1}]", "[{\"a\":\"plain ascii before it, longer than eight \xFF\"}]"}) {
    EXPECT_EQ(failure(json), "encoding") << json;
  }
}

TEST(Reader, Unescapes) {
  Reader reader(
      R"([{"a\u0062":"\"\\\/\b\f\n\r\t","e":"\u00e9\u20AC\ud83d\ude00 é","q":"\"\nbc","x":"\\"}])");
  FlatEvent event;
  ASSERT_TRUE(reader.next(event));
  ASSERT_EQ(event.fields.size(), 4U);
  EXPECT_EQ(event.fields[0].key, "ab");
  EXPECT_EQ(event.fields[0].value.text, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(event.fields[1].value.text, "é€😀 é");
  EXPECT_EQ(event.fields[2].value.text, "\"\nbc");
  EXPECT_EQ(event.fields[3].value.text, "\\");
}

// A string of each length, escaped at each place: where slices and unescaped copies meet.
TEST(Reader, FindsStringsWhateverTheirLength) {
  for (std::size_t length = 0; length < 40; ++length) {
    for (std::size_t place = 0; place <= length; ++place) {
      for (const char* escape : {"", "\\\"", "\\n", "\\u0041", "é"}) {
        std::string escaped(length, '"' + 1);
        std::string expected = escaped;
        escaped.insert(place, escape);
        const std::string_view decoded = *escape != '\\'    ? escape
                                         : escape[1] == '"' ? "\""
                                         : escape[1] == 'n' ? "\n"
                                                            : "A";
        expected.insert(place, decoded);
        const std::string json = "[{\"" + escaped + "\":\"" + escaped + "\"}]";
        Reader reader(json);
        FlatEvent event;
        ASSERT_TRUE(reader.next(event));
        ASSERT_EQ(event.fields.at(0).key, expected);
        ASSERT_EQ(event.fields.at(0).value.text, expected);
      }
    }
  }
}

TEST(Reader, KeepsNumbersOfAnySize) {
  const std::string long_number = repeated("9", 400);
  EXPECT_EQ(said(R"([{"a":1e400,"b":"x","c":[1e400, 2.50],"d":-0.5e-400,"e":1.0}])"),
            "1: a=1e400 b=\"x\" c=[1e400, 2.50] d=-0.5e-400 e=1.0\n");
  const std::string json =
      "[{\"a\":1}, {\"b\" : " + long_number + " , \"c\\u0064\":\"\\\"1e400\"}, 1e999, []]";
  Reader reader(json);
  FlatEvent event;
  ASSERT_TRUE(reader.next(event));
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.fields.at(0).value.text, long_number);
  EXPECT_EQ(event.fields.at(0).value.number, std::nullopt);
  EXPECT_EQ(event.fields.at(1).key, "cd");
  EXPECT_EQ(event.fields.at(1).value.text, "\"1e400");
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.raw, "1e999");
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.raw, "[]");
  EXPECT_FALSE(reader.next(event));
}

TEST(Reader, ReportsElementsThatAreNotObjects) {
  EXPECT_EQ(said(R"([1, "x", null, [{"a":1}], {"a":1}])"),
            "1: !not_object\n2: !not_object\n3: !not_object\n4: !not_object\n5: a=1\n");
}

TEST(Reader, ReportsDuplicateKeysAtAnyDepth) {
  EXPECT_EQ(said(R"([{"a":1,"b":2,"a":3}, {"c":1}])"), "1: a=1 b=2 !duplicate_key/a\n2: c=1\n");
  EXPECT_EQ(said(R"([{"a":1,"\u0061":2}])"), "1: a=1 !duplicate_key/a\n");
  EXPECT_EQ(said(R"([{"o":{"x":[0,{"k~/":1,"k~/":2}]}}])"),
            "1: o={\"x\":[0,{\"k~/\":1,\"k~/\":2}]} !duplicate_key/o/x/1/k~0~1\n");
  EXPECT_EQ(said(R"([{"a":{"x":1},"b":{"x":1},"x":[{"x":1},{"x":2}]}])"),
            "1: a={\"x\":1} b={\"x\":1} x=[{\"x\":1},{\"x\":2}]\n");
  std::string many = "[{";
  for (int i = 0; i < 100; ++i)
    many += "\"k" + std::to_string(i % 60) + "\":" + std::to_string(i) + ",";
  many.back() = '}';
  Reader reader(many += "]");
  FlatEvent event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.problems.size(), 40U);
  ASSERT_EQ(event.fields.size(), 60U);
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_EQ(event.fields[i].value.text, std::to_string(i));
  }
}

TEST(Reader, ReportsTheNulCharacter) {
  EXPECT_EQ(said(R"([{"a":"x\u0000y"}, {"b":["\u0000"]}, {"c":1}])"),
            "1: a=\"\" !nul_character/a\n2: b=[\"\\u0000\"] !nul_character/b/0\n3: c=1\n");
  EXPECT_EQ(said(R"([{"a\u0000":1}])"), "1: =1 !nul_character\n");
  EXPECT_EQ(said(R"([{"o":{"a\u0000":1}}])"), "1: o={\"a\\u0000\":1} !nul_character/o\n");
}

TEST(Reader, BoundsDepthWithoutRecursion) {
  const auto nested = [](std::size_t depth) {
    return "[{\"a\":" + repeated("[", depth) + repeated("]", depth) + "}]";
  };
  EXPECT_EQ(failure(nested(63)), "");
  EXPECT_EQ(failure(nested(64)), "depth");
  EXPECT_EQ(failure(nested(10'000)), "depth");
  EXPECT_EQ(failure(repeated("[", 10'000)), "depth");
  EXPECT_EQ(failure(repeated("[{\"a\":", 10'000)), "depth");
  EXPECT_EQ(failure(repeated("{\"a\":", 1'000'000)), "json");
  EXPECT_EQ(failure(repeated("{\"a\":", 10'000) + "1" + repeated("}", 10'000)), "array");
}

TEST(Reader, ReportsAnEventThatIsTooLargeAndGoesOn) {
  const std::string two_megabytes(2 * kMaxEventBytes, 'x');
  for (const std::string& large :
       {"{\"a\":\"" + two_megabytes + "\"}", "{\"" + two_megabytes + "\":1}",
        "{\"a\":[" + repeated("{\"k\":\"v\\n\"},", 200'000) + "1]}",
        "{" + repeated("\"k\":1,", 400'000) + "\"z\":1e400}"}) {
    EXPECT_EQ(said("[{\"b\":1}," + large + ",{\"b\":2}]"), "1: b=1\n2: !too_large\n3: b=2\n");
  }
  const std::string fits(kMaxEventBytes - 8, 'x');
  const std::string json = "[{\"a\":\"" + fits + "\"}]";
  Reader reader(json);
  FlatEvent event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.raw.size(), kMaxEventBytes);
  EXPECT_TRUE(event.problems.empty());
  EXPECT_EQ(event.fields.at(0).value.text, fits);
}

TEST(Reader, NeedsMemoryForOneEventOnly) {
  const std::string json =
      "[" + repeated(R"({"eventType":"sale\u0021","month":"2024-01","amount":12.34},)", 400'000) +
      "{}]";
  const auto peak_kilobytes = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto before = peak_kilobytes();
  Reader reader(json);
  FlatEvent event;
  std::size_t count = 0;
  while (reader.next(event)) ++count;
  EXPECT_EQ(count, 400'001U);
  EXPECT_LT(peak_kilobytes() - before, 4096);
}

}  // namespace
}  // namespace tc::event
