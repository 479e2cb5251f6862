#include "llm/api.hpp"

#include <array>
#include <utility>

namespace tc::llm {
namespace {

constexpr std::array<std::pair<std::string_view, Api>, 3> kApis = {
    {{"openai", Api::OpenAi}, {"anthropic", Api::Anthropic}, {"ollama", Api::Ollama}}};
constexpr std::array<std::pair<std::string_view, Structured>, 3> kStructured = {
    {{"native", Structured::Native}, {"tool", Structured::Tool}, {"none", Structured::None}}};

template <class Table>
auto find_name(const Table& table, std::string_view name)
    -> std::optional<typename Table::value_type::second_type> {
  for (const auto& [known, value] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Api> parse_api(std::string_view name) { return find_name(kApis, name); }
std::optional<Structured> parse_structured(std::string_view name) {
  return find_name(kStructured, name);
}
std::string_view api_name(Api api) { return kApis[static_cast<std::size_t>(api)].first; }

}  // namespace tc::llm
