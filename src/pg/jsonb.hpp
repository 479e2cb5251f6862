// JSONB objects as the core's fields, and back, without a text round trip.
#pragma once
#include <vector>

#include "event/value.hpp"
#include "pg/values.hpp"

namespace pg {

// Appends the fields of a JSONB object in its own order, which is key_less. Views point into the
// object, or into the current memory context (arrays and objects as text; numbers as text when
// `number_text` asks for it). REQUIRES JsonContainerIsObject(container).
void read_fields(JsonbContainer* container, std::vector<tc::event::Field>& fields,
                 bool number_text = false);

// A JSONB object of fields that are sorted by key_less and unique; palloc'd.
Jsonb* write_jsonb(tc::event::Fields fields);

}  // namespace pg
