// A schema as a model's server takes it.
//
// Strict modes want every property required and additionalProperties false; each server refuses, or
// silently ignores, other keywords. So: what is optional becomes required and may be null, what the
// server does not know is left out, and our own check of the reply (ReplySchema) does the rest. A
// null that stands for "left out" is taken out again by drop_added_nulls().
#pragma once
#include "llm/api.hpp"
#include "llm/json.hpp"

namespace tc::llm {

struct AdaptedSchema {
  Json schema;
  bool strict = true;  // false: some object allows any property, so no strict mode can hold it
};

// Throws event::SchemaError when the schema is not one that a reply can be checked against.
AdaptedSchema adapt_schema(Api api, const Json& schema);

// Takes members out of `reply` that are null, optional by `schema`, and not allowed to be null.
// `schema` is the original one.
void drop_added_nulls(const Json& schema, Json& reply);

}  // namespace tc::llm
