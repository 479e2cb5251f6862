#include "prompt/template.hpp"

#include <algorithm>
#include <exception>

#include <kainjow/mustache.hpp>

#include "base/text.hpp"

namespace tc::prompt {
namespace {

using event::Kind;
using kainjow::mustache::data;

// A value that is JSON already carries this mark in front, so that it is neither quoted nor
// escaped. No text contains it: JSON's escapes for control characters never reach here unescaped.
constexpr char kIsJson = '\x01';

struct Tag {
  char kind = ' ';  // '#', '^', '/', '!', '{', '&', or ' ' for a plain name
  std::string name;
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<Tag> read_tags(std::string_view text) {
  std::vector<Tag> tags;
  std::size_t at = 0;
  while ((at = text.find("{{", at)) != std::string_view::npos) {
    at += 2;
    Tag tag;
    constexpr std::string_view kKinds = "#^/!&{";
    if (at < text.size() && kKinds.find(text[at]) != std::string_view::npos) tag.kind = text[at++];
    const std::string_view closing = tag.kind == '{' ? "}}}" : "}}";
    const std::size_t end = text.find(closing, at);
    if (end == std::string_view::npos) throw TemplateError("A tag {{ is not closed.");
    tag.name = trim(text.substr(at, end - at));
    at = end + closing.size();
    if (tag.kind == '!') continue;
    if (tag.name.empty()) throw TemplateError("A tag {{}} has no name.");
    if (tag.name.front() == '=') throw TemplateError("Delimiters cannot be changed.");
    if (tag.name.front() == '>') throw TemplateError("There are no partials.");
    if (tag.name.find_first_of("{}") != std::string::npos) {
      throw TemplateError("A name contains a brace: " + excerpt(tag.name, 40) + ".");
    }
    tags.push_back(std::move(tag));
  }
  return tags;
}

// Sections that close in another order than they opened, or nest too deeply, are refused before
// anything recurses over them.
void check_nesting(const std::vector<Tag>& tags) {
  std::vector<std::string> open;
  for (const Tag& tag : tags) {
    if (tag.kind == '#' || tag.kind == '^') {
      open.push_back(tag.name);
      if (open.size() > static_cast<std::size_t>(kMaxSections)) {
        throw TemplateError("Sections are nested deeper than " + std::to_string(kMaxSections) +
                            ".");
      }
    } else if (tag.kind == '/') {
      if (open.empty() || open.back() != tag.name) {
        throw TemplateError("{{/" + excerpt(tag.name, 40) + "}} closes no open section.");
      }
      open.pop_back();
    }
  }
  if (!open.empty()) {
    throw TemplateError("The section {{#" + excerpt(open.back(), 40) + "}} is not closed.");
  }
}

void check_template(std::string_view text) {
  if (text.size() > kMaxTemplateBytes) {
    throw TemplateError("The template is longer than " + std::to_string(kMaxTemplateBytes) +
                        " bytes.");
  }
  if (text.find(kIsJson) != std::string_view::npos || text.find('\0') != std::string_view::npos) {
    throw TemplateError("The template contains control characters.");
  }
}

// JSON, with "<" escaped as well.
std::string json_text(const Json& value) {
  std::string result;
  for (const char c : event::to_text(value)) {
    if (c == '<') {
      result += "\\u003c";
    } else {
      result += c;
    }
  }
  return result;
}

std::string quoted(const std::string& text) {
  if (!text.empty() && text.front() == kIsJson) return text.substr(1);
  return json_text(Json::of(std::string_view(text)));
}

// What a template sees of a value. Arrays and objects are sections; {{name}} of one is found under
// the name json_name(), which render() asks for instead.
std::string json_name(std::string_view name) { return std::string(name) + kIsJson; }

data data_of(const Json& value);

void add_member(data& object, const std::string& name, const Json& value) {
  object.set(name, data_of(value));
  object.set(json_name(name), data(kIsJson + json_text(value)));
}

data data_of(const Json& value) {
  switch (value.kind) {
    case Kind::Null:
      return data(data::type::bool_false);
    case Kind::Boolean:
      return data(value.boolean ? data::type::bool_true : data::type::bool_false);
    case Kind::Number:
      return data(kIsJson + to_string(value.number));
    case Kind::String: {
      std::string text = value.text;
      std::replace(text.begin(), text.end(), kIsJson, ' ');
      return data(text);
    }
    case Kind::Array: {
      data list(data::type::list);
      for (const Json& item : value.items) {
        data entry = data_of(item);
        if (item.is(Kind::Object)) entry.set(json_name("."), data(kIsJson + json_text(item)));
        list.push_back(entry);
      }
      return list;
    }
    case Kind::Object:
      break;
  }
  data object(data::type::object);
  for (const auto& [name, member] : value.members) add_member(object, name, member);
  return object;
}

// `text` with each plain {{name}} asking for the JSON of the value, but {{.}}, which has one only
// when the item is an object.
std::string asking_for_json(std::string_view text) {
  std::string result;
  std::size_t at = 0;
  for (std::size_t open = 0; (open = text.find("{{", at)) != std::string_view::npos;) {
    result += text.substr(at, open - at);
    const bool is_plain = open + 2 < text.size() &&
                          std::string_view("#^/!&{").find(text[open + 2]) == std::string_view::npos;
    const std::string_view closing = open + 2 < text.size() && text[open + 2] == '{' ? "}}}" : "}}";
    const std::size_t end = text.find(closing, open + 2);
    const std::string_view name = trim(text.substr(open + 2, end - open - 2));
    if (is_plain && name != ".") {
      result += "{{" + json_name(name) + "}}";
    } else {
      result += text.substr(open, end + closing.size() - open);
    }
    at = end + closing.size();
  }
  result += text.substr(at);
  return result;
}

}  // namespace

std::vector<std::string> names_in(std::string_view text) {
  check_template(text);
  const std::vector<Tag> tags = read_tags(text);
  check_nesting(tags);
  std::vector<std::string> names;
  int depth = 0;
  for (const Tag& tag : tags) {
    if (tag.kind == '/') {
      --depth;
      continue;
    }
    const std::string name = tag.name.substr(0, tag.name.find('.'));
    if (depth == 0 && !name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
    if (tag.kind == '#' || tag.kind == '^') ++depth;
  }
  return names;
}

std::string render(std::string_view text, const Json& variables) {
  check_template(text);
  check_nesting(read_tags(text));
  kainjow::mustache::mustache engine(asking_for_json(text));
  if (!engine.is_valid()) throw TemplateError(engine.error_message() + ".");
  engine.set_custom_escape(quoted);
  std::string result;
  // Not thrown from within the engine, which does not expect it.
  bool is_too_long = false;
  engine.render(data_of(variables), [&](const std::string& part) {
    is_too_long = is_too_long || result.size() + part.size() > kMaxRenderedBytes;
    if (!is_too_long) result += part;
  });
  if (is_too_long) {
    throw TemplateError("The rendered prompt is longer than " + std::to_string(kMaxRenderedBytes) +
                        " bytes.");
  }
  result.erase(std::remove(result.begin(), result.end(), kIsJson), result.end());
  return result;
}

}  // namespace tc::prompt
