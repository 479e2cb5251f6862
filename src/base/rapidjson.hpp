// RapidJSON as this product uses it. Every file that wants RapidJSON includes this header first, so
// that all of them agree on what an assertion does.
//
// RapidJSON is the 1.1.0 of the distributions. An assertion there means "misused" or "malformed",
// and must not abort a database server: it throws. For that to be safe nothing may be noexcept.
#pragma once
#include <stdexcept>

namespace tc {

struct RapidJsonAssertion : std::logic_error {
  using std::logic_error::logic_error;
};

}  // namespace tc

#ifdef RAPIDJSON_ASSERT
#error "include base/rapidjson.hpp before any header of RapidJSON"
#endif
#define RAPIDJSON_ASSERT(condition)                             \
  do {                                                          \
    if (!(condition)) throw tc::RapidJsonAssertion(#condition); \
  } while (false)
#define RAPIDJSON_HAS_CXX11_NOEXCEPT 0

#include <rapidjson/rapidjson.h>
