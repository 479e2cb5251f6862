-- The registry of event types is open: types of one's own, new versions, and what makes an old payload of a new one.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('types');
SET tellingcube.cube = 'types';
SET search_path = types, public;
SELECT tellingcube.create_company('Alpine Bakery GmbH') IS NOT NULL AS company,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', starts => '2024-01') IS NOT NULL AS scenario;
CREATE FUNCTION append(event text) RETURNS bigint LANGUAGE sql AS $$
  SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[' || event || ']')
$$;
SELECT name, version, built_in, jsonb_array_length(rules) AS rules FROM tellingcube.event_type ORDER BY name;

-- The registry is the extension's, not the cube's, so what is registered here is rolled back; an error undoes one statement.
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT tellingcube.register_event_type('subscription_renewal',
  '{"type": "object", "required": ["plan", "seats", "price", "total"], "additionalProperties": false,
    "properties": {"plan": {"enum": ["basic", "pro"]}, "seats": {"type": "integer", "minimum": 1}, "price": {"type": "number", "format": "amount"},
                   "total": {"type": "number", "format": "amount"}, "until": {"type": "string", "format": "month"}}}',
  '[{"rule": "product", "field": "total", "of": ["seats", "price"]}]', description => 'A customer goes on.');
SELECT append('{"eventType": "subscription_renewal", "month": "2024-01", "plan": "pro", "seats": 3, "price": 10, "total": 30, "until": "2025-01"}');
-- It makes no fact of its own, but it is an event: its month counts.
SELECT event_type, schema_version, payload FROM events;
SELECT tellingcube.flush_facts() > 0 AS flushed;
SELECT count(*) AS months FROM fact_finance_monthly;
SELECT append('{"eventType": "subscription_renewal", "month": "2024-01", "plan": "gold", "seats": 1.5, "price": 10, "total": 31, "until": "2025"}');
\echo :SQLSTATE
SELECT append('{"eventType": "subscription_renewals", "month": "2024-01"}');
\echo :SQLSTATE

-- The next version: seats are called users, a field is new, another is gone.
SELECT tellingcube.register_event_type('subscription_renewal',
  '{"type": "object", "required": ["plan", "users", "price", "total", "currency"], "additionalProperties": false,
    "properties": {"plan": {"enum": ["basic", "pro"]}, "users": {"type": "integer", "minimum": 1}, "price": {"type": "number", "format": "amount"},
                   "total": {"type": "number", "format": "amount"}, "currency": {"type": "string"}}}',
  '[{"rule": "product", "field": "total", "of": ["users", "price"]}]',
  '[{"rename": {"seats": "users"}}, {"default": {"currency": "EUR"}}, {"drop": ["until"]}]');
SELECT append('{"eventType": "subscription_renewal", "month": "2024-02", "plan": "pro", "users": 3, "price": 10, "total": 30, "currency": "USD"}');
-- Who still tells the old way says so.
SELECT append('{"eventType": "subscription_renewal", "schemaVersion": 1, "month": "2024-03", "plan": "pro", "seats": 1, "price": 10, "total": 10}');
SELECT append('{"eventType": "subscription_renewal", "month": "2024-02", "plan": "pro", "seats": 3, "price": 10, "total": 30}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('subscription_renewal',
  '{"type": "object", "required": ["plan", "users", "price", "total", "currency"],
    "properties": {"plan": {"enum": ["basic", "pro"]}, "users": {"type": "integer", "minimum": 1}, "price": {"type": "number", "format": "amount"},
                   "total": {"type": "number", "format": "amount"}, "currency": {"type": "string"}}}',
  '[]', '[{"rename": {"seats": "users"}}, {"default": {"currency": "EUR"}}, {"drop": ["until"]}]');
-- A third version builds on the second. Stored events stay as they were told; read through the rules they are of today.
SELECT tellingcube.register_event_type('subscription_renewal', '{"type": "object"}', '[]', '[{"rename": {"users": "people", "plan": "tier"}}, {"default": {"people": 0, "note": null}}]');
SELECT schema_version, payload, tellingcube.upcast(event_type, schema_version, payload) FROM events;
SELECT tellingcube.upcast('subscription_renewal', 2, '{"users": 5, "currency": "CHF", "note": "kept"}');
SELECT tellingcube.upcast('subscription_renewal', 3, '{"users": 5}'), tellingcube.upcast('unknown', 1, '{"a": 1}');
SELECT version, description FROM tellingcube.event_type WHERE name = 'subscription_renewal' ORDER BY version;
ROLLBACK;
SELECT count(*) FROM tellingcube.event_type WHERE name = 'subscription_renewal';
-- After the rollback no session knows the type.
SELECT append('{"eventType": "subscription_renewal", "month": "2024-01", "plan": "pro", "seats": 3, "price": 10, "total": 30}');
\echo :SQLSTATE

-- Schemas beyond the usual shapes are checked as strictly.
BEGIN;
SELECT tellingcube.register_event_type('shipment',
  '{"type": "object", "required": ["code", "to"],
    "properties": {"code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"},
                   "to": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}]},
                   "parts": {"type": "array", "minItems": 1, "items": {"type": "number", "minimum": 0}}}}');
SELECT append('{"eventType": "shipment", "month": "2024-01", "code": "AT1", "to": "Vienna"},
               {"eventType": "shipment", "month": "2024-01", "code": "AT2", "to": {"city": "Graz", "zip": 8010}, "parts": [1, 2.5], "note": [{"deep": {}}]}');
SELECT payload FROM events ORDER BY payload::text;
SELECT append('{"eventType": "shipment", "month": "2024-01", "code": "at1", "to": "Vienna"}');
\echo :SQLSTATE
SELECT append('{"eventType": "shipment", "month": "2024-01", "code": "AT1", "to": {"town": "Graz"}}');
\echo :SQLSTATE
SELECT append('{"eventType": "shipment", "month": "2024-01", "code": "AT1", "to": "Graz", "parts": [1, -2]}');
\echo :SQLSTATE
SELECT jsonb_array_length(tellingcube.check_event('shipment', '{"code": "x", "to": 7, "parts": []}')) > 0 AS refused;
ROLLBACK;

-- Built-in types may be told in a new version, too, as long as it keeps what facts are made of.
BEGIN;
SELECT tellingcube.register_event_type('procurement',
  '{"type": "object", "required": ["supplier", "category", "amount", "invoice"],
    "properties": {"supplier": {"type": "string"}, "category": {"type": "string"}, "amount": {"type": "number", "format": "amount"}, "invoice": {"type": "string"}}}',
  upcast => '[{"default": {"invoice": "none"}}]');
SELECT append('{"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 5, "invoice": "7"},
               {"eventType": "procurement", "schemaVersion": 1, "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 6}');
SELECT tellingcube.flush_facts() > 0 AS flushed;
SELECT cash_change FROM fact_finance_monthly;
SELECT count(*) FROM tellingcube.verify_facts();
ROLLBACK;
BEGIN;
SELECT tellingcube.register_event_type('sale', '{"type": "object", "required": ["product", "region", "revenue"]}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('sale', '{"type": "object"}');
\echo :SQLSTATE
-- Nor may their measures become something that is no amount.
SELECT tellingcube.register_event_type('procurement',
  '{"type": "object", "required": ["supplier", "category", "amount"], "properties": {"amount": {"type": "string"}}}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('procurement', '{"type": "object", "required": ["supplier", "category", "amount"]}');
\echo :SQLSTATE

-- What cannot be used is refused when it is registered, not when it is needed.
SELECT tellingcube.register_event_type('Shipment', '{"type": "object"}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('', '{"type": "object"}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type(NULL, '{"type": "object"}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', NULL);
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '[]');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "array"}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "objekt"}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object", "properties": {"a": {"type": "string", "pattern": "(("}}}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object", "properties": {"a": {"$ref": "http://example.com/x.json"}}}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object", "properties": {"a": {"type": "number", "minimum": "0"}}}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object", "required": "a"}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object"}', '{"rule": "product"}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object"}', '[{"rule": "sum", "field": "a", "of": ["b", "c"]}]');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object"}', '[{"rule": "product", "field": "a", "of": ["b"]}]');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object"}', upcast => '{"rename": {"a": "b"}}');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object"}', upcast => '[{"rename": {"a": 1}}]');
\echo :SQLSTATE
SELECT tellingcube.register_event_type('shipment', '{"type": "object"}', upcast => '[{"delete": ["a"]}]');
\echo :SQLSTATE
SELECT count(*) FROM tellingcube.event_type WHERE name = 'shipment';

ROLLBACK;
-- Everybody may look; registering is for those who may insert into the registry.
CREATE ROLE regress_tc_clerk;
SET ROLE regress_tc_clerk;
SELECT count(*) > 0 AS visible FROM tellingcube.event_type;
SELECT tellingcube.register_event_type('shipment', '{"type": "object"}');
\echo :SQLSTATE
RESET ROLE;
DROP ROLE regress_tc_clerk;

SELECT FROM tellingcube.drop_cube('types');
