CREATE TABLE tellingcube.event_type (
  name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  version integer NOT NULL CHECK (version > 0),
  schema jsonb NOT NULL,
  rules jsonb NOT NULL DEFAULT '[]',
  upcast jsonb NOT NULL DEFAULT '[]',
  description text NOT NULL DEFAULT '',
  built_in boolean NOT NULL DEFAULT false,
  registered_by name NOT NULL DEFAULT current_user,
  registered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, version)
);
SELECT pg_catalog.pg_extension_config_dump('tellingcube.event_type', 'WHERE NOT built_in');
GRANT SELECT ON tellingcube.event_type TO PUBLIC;

COMMENT ON TABLE tellingcube.event_type IS 'Registry of event types: what an event of each type and version must look like. Add to it with register_event_type().';
COMMENT ON COLUMN tellingcube.event_type.name IS 'Name of the type, as events say it.';
COMMENT ON COLUMN tellingcube.event_type.version IS 'Version of the schema, from 1.';
COMMENT ON COLUMN tellingcube.event_type.schema IS 'JSON Schema of the payload.';
COMMENT ON COLUMN tellingcube.event_type.rules IS 'Business rules between fields: [{"rule": "product", "field": "revenue", "of": ["quantity", "unitPrice"]}].';
COMMENT ON COLUMN tellingcube.event_type.upcast IS 'How a payload of the version before becomes one of this version: rename, default and drop steps.';
COMMENT ON COLUMN tellingcube.event_type.description IS 'What the event tells, in a sentence.';
COMMENT ON COLUMN tellingcube.event_type.built_in IS 'True for the types that come with the extension and make facts.';
COMMENT ON COLUMN tellingcube.event_type.registered_by IS 'Role that registered the type.';
COMMENT ON COLUMN tellingcube.event_type.registered_at IS 'When it was registered.';

INSERT INTO tellingcube.event_type (name, version, built_in, description, schema, rules) VALUES
('sale', 1, true, 'Goods or services sold: revenue and cost of goods sold of one product in one region.',
 '{"type": "object", "additionalProperties": false,
   "required": ["product", "region", "quantity", "unitPrice", "revenue", "cogs"],
   "properties": {
     "product":   {"type": "string", "minLength": 1, "maxLength": 200},
     "region":    {"type": "string", "minLength": 1, "maxLength": 200},
     "quantity":  {"type": "number", "format": "amount", "minimum": 0},
     "unitPrice": {"type": "number", "format": "amount", "minimum": 0},
     "revenue":   {"type": "number", "format": "amount", "minimum": 0},
     "cogs":      {"type": "number", "format": "amount", "minimum": 0},
     "channel":   {"type": ["string", "null"], "maxLength": 200},
     "customer":  {"type": ["string", "null"], "maxLength": 200}}}',
 '[{"rule": "product", "field": "revenue", "of": ["quantity", "unitPrice"]}]'),
('hr_hire', 1, true, 'An employee starts, or goes on in another department or at another salary.',
 '{"type": "object", "additionalProperties": false,
   "required": ["employeeId", "department", "role", "monthlySalary"],
   "properties": {
     "employeeId":    {"type": "string", "minLength": 1, "maxLength": 200},
     "department":    {"type": "string", "minLength": 1, "maxLength": 200},
     "role":          {"type": "string", "minLength": 1, "maxLength": 200},
     "monthlySalary": {"type": "number", "format": "amount", "minimum": 0},
     "fte":           {"type": ["number", "null"], "format": "amount", "exclusiveMinimum": 0, "maximum": 2}}}',
 '[]'),
('hr_exit', 1, true, 'An employee leaves.',
 '{"type": "object", "additionalProperties": false,
   "required": ["employeeId"],
   "properties": {
     "employeeId": {"type": "string", "minLength": 1, "maxLength": 200},
     "department": {"type": ["string", "null"], "maxLength": 200},
     "exitReason": {"type": ["string", "null"], "maxLength": 200}}}',
 '[]'),
('expense', 1, true, 'Money spent on running the company, or invested (isCapex). Depreciation and interest are expenses on accounts so mapped.',
 '{"type": "object", "additionalProperties": false,
   "required": ["costCenter", "account", "amount", "isCapex"],
   "properties": {
     "costCenter": {"type": "string", "minLength": 1, "maxLength": 200},
     "account":    {"type": "string", "minLength": 1, "maxLength": 200},
     "amount":     {"type": "number", "format": "amount"},
     "isCapex":    {"type": "boolean"}}}',
 '[]'),
('procurement', 1, true, 'Goods and materials paid for: the cash side of cost of goods sold.',
 '{"type": "object", "additionalProperties": false,
   "required": ["supplier", "category", "amount"],
   "properties": {
     "supplier": {"type": "string", "minLength": 1, "maxLength": 200},
     "category": {"type": "string", "minLength": 1, "maxLength": 200},
     "amount":   {"type": "number", "format": "amount"}}}',
 '[]'),
('tax_payment', 1, true, 'Tax paid, or refunded when negative.',
 '{"type": "object", "additionalProperties": false,
   "required": ["taxType", "baseAmount", "taxRate", "taxAmount"],
   "properties": {
     "taxType":    {"type": "string", "minLength": 1, "maxLength": 200},
     "baseAmount": {"type": "number", "format": "amount"},
     "taxRate":    {"type": "number", "format": "rate", "minimum": 0},
     "taxAmount":  {"type": "number", "format": "amount"}}}',
 '[{"rule": "product", "field": "taxAmount", "of": ["baseAmount", "taxRate"]}]'),
('cash_movement', 1, true, 'Cash that is neither of the above: opening balance, loan, dividend, capital.',
 '{"type": "object", "additionalProperties": false,
   "required": ["category", "amount", "direction"],
   "properties": {
     "category":  {"type": "string", "minLength": 1, "maxLength": 200},
     "amount":    {"type": "number", "format": "amount", "minimum": 0},
     "direction": {"type": "string", "enum": ["in", "out"]}}}',
 '[]');

CREATE TYPE tellingcube.append_result AS (inserted bigint, duplicates bigint, quarantined bigint, batch_id uuid);
COMMENT ON TYPE tellingcube.append_result IS 'What append_events() did: events stored, found stored already, put into quarantine, and the batch''s key.';
COMMENT ON COLUMN tellingcube.append_result.inserted IS 'Events stored.';
COMMENT ON COLUMN tellingcube.append_result.duplicates IS 'Events that were stored already, by their eventId.';
COMMENT ON COLUMN tellingcube.append_result.quarantined IS 'Invalid events put into quarantine.';
COMMENT ON COLUMN tellingcube.append_result.batch_id IS 'Key of this batch; that of the first result when an idempotency key was repeated.';
