// Brings a schema to one form: what draft 4, 6, 7 and 2020-12 write differently is written one way,
// references are replaced by what they refer to, what only describes is left out.
//
// Throws SchemaError for keywords with a senseless value, and for those whose meaning nothing here
// could enforce (if, contains, …): a constraint is never ignored in silence. Unknown words are.
#pragma once
#include "event/json_tree.hpp"

namespace tc::event {

// In the result every schema is an object, and
//  - "type" is an array, "const" an "enum" of one;
//  - "exclusiveMinimum" and "exclusiveMaximum" are numbers;
//  - true is {} and false is {"not": {}}, but for additionalProperties and additionalItems;
//  - there is no "$ref", and "format" has one of the product's own names.
Json normalise_schema(const Json& schema);

// The same schema as RapidJSON understands it (draft 4; formats are lost).
Json schema_for_rapidjson(const Json& normal);

}  // namespace tc::event
