// Models speak UTF-8; a database may not.
#pragma once
#include <string>

#include "pg/boundary.hpp"

namespace llm {

inline std::string to_utf8(std::string text) {
  if (pg::call([] { return GetDatabaseEncoding(); }) == PG_UTF8) return text;
  return pg::call(
      [&] { return pg_server_to_any(text.c_str(), static_cast<int>(text.size()), PG_UTF8); });
}

// A character that the database cannot hold is an error (22P05), never another character.
inline std::string from_utf8(std::string text) {
  if (pg::call([] { return GetDatabaseEncoding(); }) == PG_UTF8) return text;
  return pg::call(
      [&] { return pg_any_to_server(text.c_str(), static_cast<int>(text.size()), PG_UTF8); });
}

}  // namespace llm
