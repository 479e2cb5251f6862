// Models as this database knows them: foreign servers of the wrapper tellingcube_llm.
#pragma once
#include <string>
#include <vector>

#include "llm/options.hpp"
#include "pg/boundary.hpp"

namespace llm {

struct Server {
  Oid id = InvalidOid;
  std::string name;
  tc::llm::ServerOptions options;
  std::string key;  // of the current role's user mapping, or PUBLIC's; "" when there is none
};

// Throws pg::Error: no such server (with the names there are), not one of ours, no USAGE, an option
// that is wrong, a key file that cannot be read.
Server open_server(const std::string& name);

// The servers to try, in order: of `asked` ("a, b"), else of the setting
// tellingcube.model_<purpose> where there is one, else of tellingcube.model. Throws pg::Error when
// none is named.
std::vector<std::string> route(const std::string& asked, const std::string& purpose);

}  // namespace llm
