#include "llm/options.hpp"

#include <gtest/gtest.h>

namespace tc::llm {
namespace {

std::string problem(const Options& options) {
  try {
    read_server_options(options);
    return "";
  } catch (const OptionError& error) {
    return error.what();
  }
}

TEST(Options, HaveDefaultsOfTheirProtocol) {
  EXPECT_EQ(read_server_options({{"api", "openai"}}).base_url, "https://api.openai.com");
  EXPECT_EQ(read_server_options({{"api", "anthropic"}}).base_url, "https://api.anthropic.com");
  EXPECT_EQ(read_server_options({{"api", "ollama"}}).base_url, "http://127.0.0.1:11434");
}

TEST(Options, AreRead) {
  const ServerOptions o = read_server_options({{"model", "m"},
                                               {"timeout", "1.5"},
                                               {"concurrency", "4"},
                                               {"input_price", "3.00"},
                                               {"allow_http", "on"},
                                               {"base_url", "http://models.example:8080/v1"}});
  EXPECT_EQ(o.retry.total_ms, 1500);
  EXPECT_EQ(o.limits.concurrency, 4);
  EXPECT_EQ(to_string(o.input_price), "3");
}

TEST(Options, UnknownOnesAreToldTheirNames) {
  try {
    read_server_options({{"modle", "m"}});
    FAIL();
  } catch (const OptionError& error) {
    EXPECT_STREQ(error.what(), "a model's server has no option \"modle\"");
    EXPECT_NE(error.hint.find("“model”"), std::string::npos) << error.hint;
    EXPECT_NE(error.hint.find("Valid options: api, model, base_url"), std::string::npos);
  }
  EXPECT_NE(problem({{"api_key", "k"}}), "");
  EXPECT_NE(problem({{"api", "telnet"}}), "");
  EXPECT_NE(problem({{"timeout", "0"}}), "");
  EXPECT_NE(problem({{"timeout", "99999"}}), "");
  EXPECT_NE(problem({{"concurrency", "-1"}}), "");
  EXPECT_NE(problem({{"input_price", "-1"}}), "");
  EXPECT_NE(problem({{"ca_file", "relative.pem"}}), "");
}

TEST(Options, HttpIsForThisMachineUnlessAllowed) {
  for (const char* url : {"http://localhost:1234/v1", "http://127.0.0.1", "http://127.8.9.1:1",
                          "http://[::1]:80/x", "HTTP://x", "https://models.example"}) {
    EXPECT_EQ(problem({{"base_url", url}}) == "", url[0] == 'h') << url;
  }
  for (const char* url : {"http://models.example", "http://localhost.evil.example",
                          "http://127.0.0.1.evil.example", "http://127.evil", "http://[::2]"}) {
    EXPECT_NE(problem({{"base_url", url}}), "") << url;
    EXPECT_EQ(problem({{"base_url", url}, {"allow_http", "true"}}), "") << url;
  }
  for (const char* url : {"https://u:p@h", "https://h?x=1", "https://h#f", "https://", "ftp://h",
                          "file:///etc/passwd", "https://h/a b", "https://h\\@evil"}) {
    EXPECT_NE(problem({{"base_url", url}, {"allow_http", "true"}}), "") << url;
  }
}

TEST(Options, KeysAreHeaderSafeAndNeverShown) {
  EXPECT_EQ(read_key_options({{"api_key", "sk-1"}}).api_key, "sk-1");
  for (const char* key : {"", "a b", "a\r\nX: y", "\xc3\xbc"}) {
    try {
      read_key_options({{"api_key", key}});
      FAIL() << key;
    } catch (const OptionError& error) {
      EXPECT_STREQ(error.what(), "api_key must be printable ASCII without spaces");
    }
  }
  EXPECT_THROW(read_key_options({{"api_key", "a"}, {"api_key_file", "/b"}}), OptionError);
  EXPECT_THROW(read_key_options({{"password", "a"}}), OptionError);
  EXPECT_THROW(read_key_options({{"api_key_file", "key"}}), OptionError);
}

bool inside(std::initializer_list<std::uint8_t> bytes) {
  const std::vector<std::uint8_t> copy(bytes);
  return is_inside_address(copy.data(), copy.size());
}

TEST(Options, AddressesInsideAreKnown) {
  EXPECT_TRUE(inside({127, 0, 0, 1}));
  EXPECT_TRUE(inside({169, 254, 169, 254}));
  EXPECT_TRUE(inside({10, 1, 2, 3}));
  EXPECT_TRUE(inside({172, 31, 0, 1}));
  EXPECT_FALSE(inside({172, 32, 0, 1}));
  EXPECT_TRUE(inside({192, 168, 0, 1}));
  EXPECT_TRUE(inside({0, 0, 0, 0}));
  EXPECT_TRUE(inside({100, 64, 0, 1}));
  EXPECT_FALSE(inside({100, 128, 0, 1}));
  EXPECT_FALSE(inside({8, 8, 8, 8}));
  EXPECT_TRUE(inside({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_TRUE(inside({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_TRUE(inside({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_TRUE(inside({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 169, 254, 169, 254}));
  EXPECT_TRUE(inside({0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1}));
  EXPECT_FALSE(inside({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 8, 8, 8, 8}));
  EXPECT_FALSE(inside({0x20, 0x01, 0x48, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x88}));
  EXPECT_TRUE(inside({1, 2, 3}));
}

TEST(Options, CostIsExact) {
  const ServerOptions o = read_server_options(
      {{"input_price", "3.00"}, {"output_price", "15"}, {"cached_price", "0.30"}});
  const auto cost = [&](std::optional<std::int64_t> in, std::optional<std::int64_t> out,
                        std::optional<std::int64_t> cached) {
    const auto value = cost_of(o, in, out, cached);
    return value ? to_string(*value) : "-";
  };
  EXPECT_EQ(cost(1000, 100, 0), "0.0045");
  EXPECT_EQ(cost(1000, 100, 500), "0.00315");
  EXPECT_EQ(cost(1, 0, {}), "0.000003");
  EXPECT_EQ(cost(10, {}, 1000), "0.000003");  // no more cached than there was
  EXPECT_EQ(cost({}, {}, {}), "-");
  EXPECT_EQ(cost(std::int64_t{1} << 53, std::int64_t{1} << 53, 0), "162129586585.337856");
}

}  // namespace
}  // namespace tc::llm
