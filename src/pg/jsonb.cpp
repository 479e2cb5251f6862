#include "pg/jsonb.hpp"

#include <algorithm>

namespace pg {
namespace {

using tc::event::Field;
using tc::event::Fields;
using tc::event::Kind;
using tc::event::Value;

std::string_view container_text(const char* data, std::uint32_t offset, std::uint32_t length) {
  auto* nested = reinterpret_cast<JsonbContainer*>(
      const_cast<char*>(data + INTALIGN(offset)));  // NOLINT: the server's API takes it mutable
  return call([&] { return JsonbToCString(nullptr, nested, static_cast<int>(length)); });
}

void read_value(JEntry entry, const char* data, std::uint32_t offset, std::uint32_t length,
                bool number_text, Value& value) {
  if (JBE_ISSTRING(entry)) {
    value.kind = Kind::String;
    value.text = {data + offset, length};
  } else if (JBE_ISNUMERIC(entry)) {
    auto* numeric = reinterpret_cast<Numeric>(const_cast<char*>(data + INTALIGN(offset)));
    value.kind = Kind::Number;
    value.number = to_decimal(numeric);
    if (number_text) {
      value.text = call([&] {
        return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(numeric)));
      });
    }
  } else if (JBE_ISBOOL(entry)) {
    value.kind = Kind::Boolean;
    value.boolean = JBE_ISBOOL_TRUE(entry);
  } else if (JBE_ISCONTAINER(entry)) {
    value.text = container_text(data, offset, length);
    value.kind = value.text.starts_with('[') ? Kind::Array : Kind::Object;
  }
}

// An on-disk JSONB object: header, one JEntry for each key, then for each value, then keys' and
// values' bytes. Every JB_OFFSET_STRIDE-th JEntry holds its end offset instead of its length.
class Writer {
 public:
  explicit Writer(std::size_t pairs, std::size_t capacity)
      : bytes_(call([&] { return static_cast<char*>(palloc(capacity)); })),
        data_(bytes_ + VARHDRSZ + sizeof(std::uint32_t) + 2 * pairs * sizeof(JEntry)) {
    const auto header = static_cast<std::uint32_t>(JB_FOBJECT | pairs);
    std::memcpy(bytes_ + VARHDRSZ, &header, sizeof header);
  }

  void add(std::string_view text) { add_entry(JENTRY_ISSTRING, text, 0); }
  void add(bool value) { add_entry(value ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE, {}, 0); }
  void add_null() { add_entry(JENTRY_ISNULL, {}, 0); }
  void add(Numeric numeric) {
    const auto size = VARSIZE_ANY(reinterpret_cast<varlena*>(numeric));
    const std::uint32_t padding = INTALIGN(length_) - length_;
    add_entry(JENTRY_ISNUMERIC, {reinterpret_cast<const char*>(numeric), size}, padding);
  }

  Jsonb* finish() {
    const auto size = static_cast<std::size_t>(data_ - bytes_) + length_;
    SET_VARSIZE(bytes_, size);
    return reinterpret_cast<Jsonb*>(bytes_);
  }

 private:
  void add_entry(std::uint32_t type, std::string_view content, std::uint32_t padding) {
    std::memset(data_ + length_, 0, padding);
    if (!content.empty()) std::memcpy(data_ + length_ + padding, content.data(), content.size());
    const auto size = padding + static_cast<std::uint32_t>(content.size());
    length_ += size;
    JEntry entry = index_ % JB_OFFSET_STRIDE == 0 ? type | JENTRY_HAS_OFF | length_ : type | size;
    std::memcpy(bytes_ + VARHDRSZ + sizeof(std::uint32_t) + index_ * sizeof entry, &entry,
                sizeof entry);
    ++index_;
  }

  char* bytes_;
  char* data_;
  std::uint32_t length_ = 0;
  std::size_t index_ = 0;
};

// The numeric that numeric_in would make of the number's text, its written decimals kept; the short
// way for short ones.
Numeric to_numeric(const Value& value) {
  const std::string_view text = value.text;
  if (value.number && text.find_first_of("eE") == std::string_view::npos) {
    const auto point = text.find('.');
    const int written =
        point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
    tc::int128 digits = value.number->digits;
    const int missing = std::max(written, value.number->scale) - value.number->scale;
    if (missing <= 18 && digits < INT64_MAX && digits > -INT64_MAX) {
      for (int i = 0; i < missing; ++i) digits *= 10;
      if (digits < INT64_MAX && digits > -INT64_MAX) {
        const auto units = static_cast<int64>(digits);
        const int scale = value.number->scale + missing;
        return call([&] { return int64_div_fast_to_numeric(units, scale); });
      }
    }
  }
  const std::string copy(text);
  return call([&] {
    return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(copy.c_str()),
                                               ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
  });
}

// Fields with arrays or objects in them take the server's own, slower way.
Jsonb* write_nested(Fields fields) {
  const auto quoted = [](std::string_view s) {
    StringInfoData buffer;
    const std::string copy(s);
    call([&] {
      initStringInfo(&buffer);
      escape_json(&buffer, copy.c_str());
    });
    return std::string(buffer.data, static_cast<std::size_t>(buffer.len));
  };
  std::string json = "{";
  for (const Field& field : fields) {
    if (json.size() > 1) json += ',';
    json += quoted(field.key) + ':';
    switch (field.value.kind) {
      case Kind::Null:
        json += "null";
        break;
      case Kind::Boolean:
        json += field.value.boolean ? "true" : "false";
        break;
      case Kind::String:
        json += quoted(field.value.text);
        break;
      default:
        json += field.value.text;
        break;
    }
  }
  json += '}';
  return call(
      [&] { return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.c_str()))); });
}

}  // namespace

void read_fields(JsonbContainer* container, std::vector<Field>& fields, bool number_text) {
  const std::uint32_t count = JsonContainerSize(container);
  const char* data = reinterpret_cast<const char*>(&container->children[2 * count]);
  const std::size_t first = fields.size();
  fields.resize(first + count);
  std::uint32_t offset = 0;  // runs through the keys and then through the values
  const auto length_at = [&](std::uint32_t index) {
    const JEntry entry = container->children[index];
    return JBE_HAS_OFF(entry) ? JBE_OFFLENFLD(entry) - offset : JBE_OFFLENFLD(entry);
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t length = length_at(i);
    fields[first + i].key = {data + offset, length};
    offset += length;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t length = length_at(count + i);
    read_value(container->children[count + i], data, offset, length, number_text,
               fields[first + i].value);
    offset += length;
  }
}

Jsonb* write_jsonb(Fields fields) {
  std::size_t capacity = VARHDRSZ + sizeof(std::uint32_t);
  for (const Field& field : fields) {
    if (field.value.kind == Kind::Array || field.value.kind == Kind::Object) {
      return write_nested(fields);
    }
    // A numeric of n characters takes fewer than n + 16 bytes, padding included.
    capacity += 2 * sizeof(JEntry) + field.key.size() + field.value.text.size() + 64;
  }
  Writer writer(fields.size(), capacity);
  for (const Field& field : fields) writer.add(field.key);
  for (const Field& field : fields) {
    switch (field.value.kind) {
      case Kind::Boolean:
        writer.add(field.value.boolean);
        break;
      case Kind::String:
        writer.add(field.value.text);
        break;
      case Kind::Number:
        writer.add(to_numeric(field.value));
        break;
      default:
        writer.add_null();
        break;
    }
  }
  return writer.finish();
}

}  // namespace pg
