-- Bad input: one clear error with an SQLSTATE of class TC, the event's place in the array, a JSON Pointer and a hint; and
-- nothing half-written, whatever the other events of the array are.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('bad');
SET tellingcube.cube = 'bad';
SELECT tellingcube.create_company('Alpine Bakery GmbH') IS NOT NULL AS company,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', starts => '2024-01', months => 12) IS NOT NULL AS scenario,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Plan', starts => '2024-01', months => 12) IS NOT NULL AS plan,
       tellingcube.create_company('Northwind Outfitters') IS NOT NULL AS other_company,
       tellingcube.create_scenario('Northwind Outfitters', 'Budget', starts => '2024-01', months => 12) IS NOT NULL AS other;

-- Appends a good event and then the given one; the latter must take the former along.
CREATE FUNCTION append(event text) RETURNS bigint LANGUAGE sql AS $$
  SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
    '[{"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 1},' || event || ']')
$$;
-- A sale with some of its fields said otherwise; fields that become null are left out.
CREATE FUNCTION sale(change text) RETURNS text LANGUAGE sql AS $$
  SELECT (jsonb_strip_nulls('{"eventType": "sale", "month": "2024-01", "product": "Bread", "region": "Tyrol",
                              "quantity": 2, "unitPrice": 3, "revenue": 6, "cogs": 1}'::jsonb || change::jsonb))::text
$$;
CREATE VIEW stored AS
SELECT (SELECT count(*) FROM bad.events) AS events, (SELECT count(*) FROM bad.quarantine) AS quarantined,
       (SELECT count(*) FROM bad.batch) AS batches,
       (SELECT count(*) FROM bad.fact_finance_pending) + (SELECT count(*) FROM bad.fact_sales_pending)
       + (SELECT count(*) FROM bad.fact_hr_pending) + (SELECT count(*) FROM bad.fact_activity_pending) AS pending,
       (SELECT count(*) FROM bad.dim_product) + (SELECT count(*) FROM bad.dim_department) AS members;

-- The whole input: not JSON, or not an array.
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', 'Sure! Here are your events: [');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "sale"');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[] []');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '{"eventType": "sale"}');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '{"eventType": "sale"}'::jsonb);
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', 'null'::json);
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '7'::jsonb);
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', NULL::jsonb);
\echo :SQLSTATE
SELECT append('"sale"');
\echo :SQLSTATE
SELECT append('null');
\echo :SQLSTATE
SELECT append(sale('{}') || ',');
\echo :SQLSTATE
TABLE stored;

-- The type: unknown, or none.
SELECT append('{"eventType": "sales", "month": "2024-01"}');
\echo :SQLSTATE
SELECT append('{"eventType": "zzz", "month": "2024-01"}');
\echo :SQLSTATE
SELECT append('{"month": "2024-01", "product": "Bread"}');
\echo :SQLSTATE
SELECT append('{"eventType": 5, "month": "2024-01"}');
\echo :SQLSTATE
SELECT append('{}');
\echo :SQLSTATE
SELECT append(sale('{"schemaVersion": 7}'));
\echo :SQLSTATE
TABLE stored;

-- Fields: missing, too many, of another type.
SELECT append(sale('{"cogs": null}'));
\echo :SQLSTATE
SELECT append(sale('{"colour": "red"}'));
\echo :SQLSTATE
SELECT append(sale('{"Revenue": 6, "revenue": null}'));
\echo :SQLSTATE
SELECT append(sale('{"quantity": "2"}'));
\echo :SQLSTATE
SELECT append(sale('{"product": ["Bread"]}'));
\echo :SQLSTATE
SELECT append(sale('{"product": ""}'));
\echo :SQLSTATE
SELECT append(sale(json_build_object('product', repeat('x', 201))::text));
\echo :SQLSTATE
SELECT append('{"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 1, "isCapex": "no"}');
\echo :SQLSTATE
SELECT append('{"eventType": "cash_movement", "month": "2024-01", "category": "loan", "amount": 1, "direction": "inn"}');
\echo :SQLSTATE
-- Everything that is wrong is told at once.
SELECT append('{"eventType": "hr_hire", "month": "2024-01", "employeeId": "E1", "department": 4, "monthlySalary": -1, "fte": 3, "a/b~c": 1}');
\echo :SQLSTATE
-- Keys of an odd kind keep the pointer sound.
SELECT append(sale('{"": 1}'));
\echo :SQLSTATE
TABLE stored;

-- Numbers: not one, too large, too long, too fine, negative.
SELECT append(replace(sale('{}'), '"cogs": 1', '"cogs": NaN'));
\echo :SQLSTATE
SELECT append(replace(sale('{}'), '"cogs": 1', '"cogs": Infinity'));
\echo :SQLSTATE
SELECT append(sale('{"cogs": "NaN"}'));
\echo :SQLSTATE
SELECT append(replace(sale('{}'), '"cogs": 1', '"cogs": 1e400'));
\echo :SQLSTATE
SELECT append(replace(sale('{}'), '"cogs": 1', '"cogs": 1e-400'));
\echo :SQLSTATE
SELECT append(replace(sale('{}'), '"cogs": 1', '"cogs": 01'));
\echo :SQLSTATE
SELECT append(sale('{"cogs": 123456789012345678901234567890}'));
\echo :SQLSTATE
SELECT append(sale('{"cogs": 10000000000000000}'));
\echo :SQLSTATE
SELECT append(sale('{"cogs": 0.00001}'));
\echo :SQLSTATE
SELECT append(sale('{"quantity": -2, "revenue": 6}'));
\echo :SQLSTATE
SELECT append('{"eventType": "tax_payment", "month": "2024-01", "taxType": "vat", "baseAmount": 1, "taxRate": 0.123456789, "taxAmount": 0.12}');
\echo :SQLSTATE
-- The same numbers by way of jsonb.
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(sale('{"cogs": 1e400}')::jsonb));
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(sale('{"cogs": 1e-400}')::jsonb));
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(sale('{"cogs": 0.00001}')::jsonb));
\echo :SQLSTATE
-- The largest and the finest amounts are welcome, and so are trailing zeros and exponents.
BEGIN;
SELECT append(sale('{"cogs": 9999999999999999.9999}')) + append(sale('{"cogs": 0.0001}')) + append(sale('{"cogs": 1.50000000}'))
       + append(replace(sale('{}'), '"cogs": 1', '"cogs": 1.5E+2')) + append(replace(sale('{}'), '"cogs": 1', '"cogs": -0')) AS inserted;
SELECT tellingcube.flush_facts() > 0 AS flushed;
SELECT cogs FROM bad.fact_sales_monthly;
ROLLBACK;
TABLE stored;

-- Business rules, to the cent.
SELECT append(sale('{"revenue": 6.01}'));
\echo :SQLSTATE
SELECT append(sale('{"revenue": 60}'));
\echo :SQLSTATE
SELECT append('{"eventType": "tax_payment", "month": "2024-01", "taxType": "vat", "baseAmount": 100, "taxRate": 0.19, "taxAmount": 20}');
\echo :SQLSTATE
BEGIN;
SELECT append(sale('{"quantity": 3, "unitPrice": 0.333, "revenue": 1.00}')) AS rounded_is_fine;
ROLLBACK;

-- Time: no month, not a month, not a day, outside the scenario's horizon, at odds with itself.
SELECT append(sale('{"month": null}'));
\echo :SQLSTATE
SELECT append(sale('{"month": "2024-13"}'));
\echo :SQLSTATE
SELECT append(sale('{"month": "January"}'));
\echo :SQLSTATE
SELECT append(sale('{"month": 202401}'));
\echo :SQLSTATE
SELECT append(sale('{"month": null, "date": "2024-02-30"}'));
\echo :SQLSTATE
SELECT append(sale('{"month": null, "eventTs": "yesterday"}'));
\echo :SQLSTATE
SELECT append(sale('{"month": null, "eventTs": "infinity"}'));
\echo :SQLSTATE
SELECT append(sale('{"month": "2024-01", "date": "2024-02-01"}'));
\echo :SQLSTATE
SELECT append(sale('{"month": "2025-01"}'));
\echo :SQLSTATE
SELECT append(sale('{"month": "0001-01"}'));
\echo :SQLSTATE
SELECT append(sale('{"month": "9999-12"}'));
\echo :SQLSTATE
TABLE stored;

-- Size, depth, keys and characters.
SELECT append(sale(json_build_object('customer', repeat('x', 10 * 1024 * 1024))::text));
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(sale(json_build_object('customer', repeat('x', 10 * 1024 * 1024))::text)::jsonb));
\echo :SQLSTATE
SELECT append('{"eventType": "sale", "month": "2024-01", "product": ' || repeat('[', 10000) || repeat(']', 10000) || '}');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', repeat('[', 10000) || repeat(']', 10000));
\echo :SQLSTATE
SELECT append('{"eventType": "sale", "month": "2024-01", "product": ' || repeat('{"a":', 10000) || '1' || repeat('}', 10000) || '}');
\echo :SQLSTATE
SELECT append('{"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 1, "amount": 2}');
\echo :SQLSTATE
SELECT append('{"eventType": "procurement", "month": "2024-01", "month": "2024-02", "supplier": "Mill", "category": "flour", "amount": 1}');
\echo :SQLSTATE
SELECT append('{"eventType": "procurement", "month": "2024-01", "supplier": "Mi\u0000ll", "category": "flour", "amount": 1}');
\echo :SQLSTATE
SELECT append('{"eventType": "procurement", "month": "2024-01", "supplier\u0000": "Mill", "supplier": "Mill", "category": "flour", "amount": 1}');
\echo :SQLSTATE
SELECT append('{"eventType": "procurement", "month": "2024-01", "supplier": "\ud800", "category": "flour", "amount": 1}');
\echo :SQLSTATE
SELECT append('{"eventType": "procurement", "month": "2024-01", "supplier": "\udc00", "category": "flour", "amount": 1}');
\echo :SQLSTATE
SELECT append('{"eventType": "procurement", "month": "2024-01", "supplier": "a", "category": "flour", "amount": 1,}');
\echo :SQLSTATE
-- Invalid UTF-8 does not pass the server: neither as bytes, nor from a client that says it has no encoding.
SELECT append(convert_from('\x7b2261223a2280227d', 'UTF8'));
\echo :SQLSTATE
SET client_encoding = 'SQL_ASCII';
SELECT append(E'{"eventType": "procurement", "month": "2024-01", "supplier": "\x80", "category": "flour", "amount": 1}');
\echo :SQLSTATE
RESET client_encoding;
TABLE stored;

-- Where it should go: no such cube, company or scenario, none at all, or another than the call says.
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]', cube => 'badd');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpin Bakery', 'Actual', '[]');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actuals', '[]');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Budget', '[]');
\echo :SQLSTATE
SELECT tellingcube.append_events(NULL, 'Actual', '[]');
\echo :SQLSTATE
SELECT tellingcube.append_events(NULL, NULL, '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}]');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', NULL, '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}]');
\echo :SQLSTATE
SELECT append(sale('{"company": "Northwind Outfitters"}'));
\echo :SQLSTATE
SELECT append(sale('{"scenario": "Plan"}'));
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]', on_invalid => 'ignore');
\echo :SQLSTATE
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]', on_invalid => NULL);
TABLE stored;

-- Who may: the schema, the events, the names.
CREATE ROLE regress_tc_writer;
GRANT USAGE ON SCHEMA public TO regress_tc_writer;
SET ROLE regress_tc_writer;
SELECT append(sale('{}'));
\echo :SQLSTATE
RESET ROLE;
GRANT USAGE ON SCHEMA bad TO regress_tc_writer;
SET ROLE regress_tc_writer;
SELECT append(sale('{}'));
\echo :SQLSTATE
RESET ROLE;
GRANT INSERT ON bad.events TO regress_tc_writer;
SET ROLE regress_tc_writer;
SELECT append(sale('{}'));
\echo :SQLSTATE
RESET ROLE;
TABLE stored;

-- A check without storing anything: the reasons, or NULL.
SELECT tellingcube.check_event('sale', '{"product": "Bread", "region": "Tyrol", "quantity": 2, "unitPrice": 3, "revenue": 6, "cogs": 1}') IS NULL AS fine;
SELECT jsonb_pretty(tellingcube.check_event('sale', '{"product": "Bread", "quantity": 2, "unitPrice": 3, "revenue": 7, "cogs": "1"}'));
SELECT tellingcube.check_event('sail', '{}') -> 0 ->> 'message' AS reason;
SELECT tellingcube.check_event('sale', '[]') -> 0 ->> 'message' AS reason;
SELECT tellingcube.check_event('sale', '{}', 9) -> 0 ->> 'message' AS reason;

-- Not errors: nothing to append, an exit of nobody, somebody hired twice.
SELECT inserted, duplicates, quarantined FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]');
SELECT inserted, duplicates, quarantined FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventType": "hr_exit", "month": "2024-01", "employeeId": "nobody"},
  {"eventType": "hr_hire", "month": "2024-01", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 5},
  {"eventType": "hr_hire", "month": "2024-01", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 5}]');
SELECT month, hires, exits, closing_headcount, payroll_cost FROM bad.fact_hr_monthly;
SELECT count(*) FROM tellingcube.verify_facts();

SELECT FROM tellingcube.drop_cube('bad');
DROP FUNCTION append, sale;
REVOKE USAGE ON SCHEMA public FROM regress_tc_writer;
DROP ROLE regress_tc_writer;
