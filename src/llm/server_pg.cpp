#include "llm/server_pg.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "llm/request.hpp"
#include "pg/errors.hpp"
#include "pg/spi.hpp"
#include "settings.hpp"

namespace llm {
namespace {

constexpr std::size_t kMaxKeyBytes = 8'192;

tc::llm::Options read_list(List* list) {
  tc::llm::Options options;
  ListCell* cell = nullptr;
  foreach (cell, list) {
    auto* const option = static_cast<DefElem*>(lfirst(cell));
    const char* value = pg::call([&] { return defGetString(option); });
    options.emplace_back(option->defname, value);
  }
  return options;
}

[[noreturn]] void refuse(const std::string& what, const tc::llm::OptionError& error) {
  pg::fail(pg::sqlstate::kInvalidArgument, what + error.what(), "", error.hint);
}

std::string read_key_file(const std::string& path) {
  char bytes[kMaxKeyBytes];
  std::size_t size = 0;
  const bool opened = pg::call([&] {
    FILE* const file = AllocateFile(path.c_str(), "r");
    if (file == nullptr) return false;
    size = fread(bytes, 1, sizeof bytes, file);
    FreeFile(file);
    return true;
  });
  std::string key(bytes, opened ? size : 0);
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r')) key.pop_back();
  if (key.empty() || key.size() >= kMaxKeyBytes || !tc::llm::is_sound_key(key)) {
    pg::fail(pg::sqlstate::kInvalidArgument, "the file of the API key cannot be used",
             opened ? "It does not hold one line of printable ASCII."
                    : "The server's process cannot read it.",
             "It is the option api_key_file of the user mapping.");
  }
  return key;
}

// The role's own mapping, or PUBLIC's; one with no mapping asks without a key.
std::string find_key(Oid server) {
  List* list = NIL;
  pg::call([&] {
    for (const Oid user : {GetUserId(), InvalidOid}) {
      HeapTuple tuple =
          SearchSysCache2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(user), ObjectIdGetDatum(server));
      if (!HeapTupleIsValid(tuple)) continue;
      bool is_null = false;
      const Datum options =
          SysCacheGetAttr(USERMAPPINGUSERSERVER, tuple, Anum_pg_user_mapping_umoptions, &is_null);
      if (!is_null) list = untransformRelOptions(options);
      ReleaseSysCache(tuple);
      return;
    }
  });
  const tc::llm::KeyOptions options = tc::llm::read_key_options(read_list(list));
  if (!options.api_key_file.empty()) return read_key_file(options.api_key_file);
  return options.api_key;
}

// Names of our servers that the current role may use.
std::vector<std::string> usable_servers() {
  pg::Spi spi;
  spi.run(
      "SELECT s.srvname FROM pg_catalog.pg_foreign_server s "
      "JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw "
      "WHERE w.fdwname = 'tellingcube_llm' AND "
      "pg_catalog.has_server_privilege(s.oid, 'USAGE') ORDER BY 1",
      {}, true);
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < spi.rows(); ++i) names.push_back(spi.text(i, 0));
  return names;
}

std::string usable_hint(const std::string& wanted) {
  const std::vector<std::string> names = usable_servers();
  if (names.empty()) {
    return "There is none yet. CREATE SERVER … FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (api "
           "'openai', model '…') makes one; GRANT USAGE ON FOREIGN SERVER … lets a role use it.";
  }
  const std::string guess = tc::did_you_mean(wanted, names);
  std::string hint = guess + (guess.empty() ? "" : " ") + "Models you may use: ";
  for (const std::string& name : names) hint += (&name == &names.front() ? "" : ", ") + name;
  return hint + ".";
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while (at <= list.size()) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    std::string name = list.substr(at, end - at);
    name.erase(0, name.find_first_not_of(" \t\n"));
    name.erase(name.find_last_not_of(" \t\n") + 1);
    if (!name.empty()) names.push_back(name);
    at = end + 1;
  }
  return names;
}

bool is_ours(Oid wrapper) {
  return pg::call(
      [&] { return strcmp(GetForeignDataWrapper(wrapper)->fdwname, "tellingcube_llm") == 0; });
}

}  // namespace

Server open_server(const std::string& name) {
  const ForeignServer* found = pg::call([&] { return GetForeignServerByName(name.c_str(), true); });
  if (found == nullptr || !is_ours(found->fdwid)) {
    pg::fail(pg::sqlstate::kUnknownModel, "there is no model \"" + tc::excerpt(name, 60) + "\"",
             found == nullptr ? "" : "There is a server of that name, but of another wrapper.",
             usable_hint(name));
  }
  if (!pg::call([&] { return pg::has_server_usage(found->serverid); })) {
    pg::fail(pg::sqlstate::kNotAllowed, "you may not use the model \"" + name + "\"", "",
             "Ask its owner for GRANT USAGE ON FOREIGN SERVER " + pg::quote_name(name) + ".");
  }
  Server server;
  server.id = found->serverid;
  server.name = name;
  try {
    server.options = tc::llm::read_server_options(read_list(found->options));
    server.key = find_key(server.id);
  } catch (const tc::llm::OptionError& error) {
    refuse("the model \"" + name + "\" cannot be used: ", error);
  }
  return server;
}

std::vector<std::string> route(const std::string& asked, const std::string& purpose) {
  std::vector<std::string> names = split(asked);
  if (names.empty()) names = split(settings::model_for(purpose));
  if (names.empty()) names = split(settings::model());
  if (names.empty()) {
    pg::fail(pg::sqlstate::kUnknownModel, "no model is named", "",
             "Name one (model => '…'), or choose one with SET tellingcube.model = '…'. " +
                 usable_hint(""));
  }
  return names;
}

}  // namespace llm

PG_ENTRY(llm_options) {
  List* const list = pg::call([&] { return untransformRelOptions(PG_GETARG_DATUM(0)); });
  const Oid catalog = PG_GETARG_OID(1);
  const tc::llm::Options options = llm::read_list(list);
  try {
    if (catalog == ForeignServerRelationId) {
      const tc::llm::ServerOptions read = tc::llm::read_server_options(options);
      if (read.model.empty()) {
        throw tc::llm::OptionError("a model's server needs the option \"model\"",
                                   "It is the name by which the server knows the model.");
      }
    } else if (catalog == UserMappingRelationId) {
      const tc::llm::KeyOptions keys = tc::llm::read_key_options(options);
      if (!keys.api_key_file.empty() && !pg::call([] { return superuser(); })) {
        pg::fail(pg::sqlstate::kNotAllowed, "only a superuser may set api_key_file",
                 "It makes the server read a file.", "Use api_key.");
      }
    } else if (!options.empty()) {
      throw tc::llm::OptionError("tellingcube_llm has no options of this kind",
                                 "Options belong to a server or to a user mapping.");
    }
  } catch (const tc::llm::OptionError& error) {
    pg::fail(pg::sqlstate::kInvalidArgument, error.what(), "", error.hint);
  }
  return (Datum)0;
}
