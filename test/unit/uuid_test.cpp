#include "base/uuid.hpp"

#include <gtest/gtest.h>

namespace tc {
namespace {

TEST(Uuid, ReadsBothCasesAndWritesLower) {
  const auto uuid = parse_uuid("0189F7EA-ae2c-7809-8aeb-b819cf5e9e7f");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(to_string(*uuid), "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f");
  EXPECT_EQ(uuid->bytes[0], 0x01);
  EXPECT_EQ(uuid->bytes[15], 0x7f);
}

TEST(Uuid, OrdersAsItsTextDoes) {
  EXPECT_LT(*parse_uuid("00000000-0000-0000-0000-0000000000ff"),
            *parse_uuid("00000000-0000-0000-0000-000000000100"));
}

TEST(Uuid, RefusesEverythingElse) {
  for (const char* text :
       {"", "0189f7eaae2c78098aebb819cf5e9e7f", "{0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f}",
        "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7", "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7ff",
        "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7g", "0189f7ea_ae2c-7809-8aeb-b819cf5e9e7f",
        "0189f7eaa-e2c-7809-8aeb-b819cf5e9e7f", "-189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace tc
