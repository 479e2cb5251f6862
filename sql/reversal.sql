-- Events are not changed; they are reversed. {"reverses": "<event_id>"} takes one back: together they come to nothing.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('back');
SET tellingcube.cube = 'back';
SET search_path = back, public;
INSERT INTO dim_company (company_id, name) VALUES
  ('a0000000-0000-0000-0000-000000000000', 'Alpine Bakery GmbH'), ('b0000000-0000-0000-0000-000000000000', 'Northwind Outfitters');
INSERT INTO dim_scenario (company_id, scenario_id, name, starts, months) VALUES
  ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', 'Actual', '2024-01-01', 12),
  ('a0000000-0000-0000-0000-000000000000', 'a1000000-0000-0000-0000-000000000000', 'Plan', '2024-01-01', 12),
  ('b0000000-0000-0000-0000-000000000000', 'bc000000-0000-0000-0000-000000000000', 'Actual', '2024-01-01', 12);
CREATE FUNCTION take_back(event_id text, more jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
  SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(jsonb_build_object('reverses', event_id) || more))
$$;
-- Every fact, as text, so that "nothing" can be told from "zeros".
CREATE VIEW facts AS
SELECT 'sales' AS fact, month, concat_ws(' ', revenue, cogs, gross_margin, quantity, transactions) AS measures FROM fact_sales_monthly
UNION ALL SELECT 'expense', month, concat_ws(' ', opex, capex) FROM fact_expense_monthly
UNION ALL SELECT 'hr', month, concat_ws(' ', opening_headcount, hires, exits, closing_headcount, payroll_cost) FROM fact_hr_monthly
UNION ALL SELECT 'finance', month, concat_ws(' ', revenue, cogs, opex, depreciation, interest, tax, cash_change, closing_cash) FROM fact_finance_monthly
ORDER BY 1, 2, 3;

-- A fact that stays, and one event of each type beside it.
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventId": "00000000-0000-0000-0000-000000000000", "eventType": "sale", "month": "2024-03", "product": "Bread", "region": "Tyrol", "quantity": 2, "unitPrice": 3, "revenue": 6, "cogs": 1}]');
CREATE TABLE before AS TABLE facts;
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventId": "00000000-0000-0000-0000-000000000001", "eventType": "sale", "date": "2024-01-15", "product": "Cake", "region": "Tyrol", "quantity": 0.3333, "unitPrice": 3, "revenue": 0.9999, "cogs": 0.0001},
  {"eventId": "00000000-0000-0000-0000-000000000002", "eventType": "hr_hire", "month": "2024-01", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 80},
  {"eventId": "00000000-0000-0000-0000-000000000003", "eventType": "hr_exit", "month": "2024-02", "employeeId": "E1"},
  {"eventId": "00000000-0000-0000-0000-000000000004", "eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "rent", "amount": 7, "isCapex": false},
  {"eventId": "00000000-0000-0000-0000-000000000005", "eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "machines", "amount": 8, "isCapex": true},
  {"eventId": "00000000-0000-0000-0000-000000000006", "eventType": "procurement", "month": "2024-02", "supplier": "Mill", "category": "flour", "amount": 9},
  {"eventId": "00000000-0000-0000-0000-000000000007", "eventType": "tax_payment", "month": "2024-02", "taxType": "vat", "baseAmount": 10, "taxRate": 0.2, "taxAmount": 2},
  {"eventId": "00000000-0000-0000-0000-000000000008", "eventType": "cash_movement", "month": "2024-12", "category": "loan", "amount": 11, "direction": "in"}]');
TABLE facts;
SELECT tellingcube.fold_facts() > 0 AS folded;

-- Event + reversal = nothing, in every fact, before and after folding, and rebuilt.
SELECT event_type, take_back(event_id::text) FROM events WHERE event_month <> '2024-03-01' ORDER BY event_id;
(TABLE facts EXCEPT ALL TABLE before) UNION ALL (TABLE before EXCEPT ALL TABLE facts);
SELECT count(*) FROM tellingcube.verify_facts();
SELECT tellingcube.fold_facts() > 0 AS folded;
(TABLE facts EXCEPT ALL TABLE before) UNION ALL (TABLE before EXCEPT ALL TABLE facts);
SELECT FROM tellingcube.rebuild_facts();
(TABLE facts EXCEPT ALL TABLE before) UNION ALL (TABLE before EXCEPT ALL TABLE facts);
SELECT count(*) FROM tellingcube.verify_facts();
-- The reversal repeats what it reverses, time and all.
SELECT e.event_type, r.event_ts = e.event_ts AS same_time, r.payload = e.payload AS same_payload, r.event_id <> e.event_id AS own_key
FROM events e JOIN events r ON r.reverses = e.event_id ORDER BY e.event_id;

-- Once only.
SELECT take_back('00000000-0000-0000-0000-000000000001');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"reverses": "00000000-0000-0000-0000-000000000000"}, {"reverses": "00000000-0000-0000-0000-000000000000"}]');
\echo :SQLSTATE
-- A plain INSERT is held to the same, a second reversal by a unique index already.
CREATE FUNCTION insert_reversal(of_event uuid, change jsonb DEFAULT '{}', scenario uuid DEFAULT NULL, at timestamp DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  INSERT INTO back.events (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload, reverses)
  SELECT company_id, coalesce(scenario, scenario_id), date_trunc('month', coalesce(at, event_ts)), '99999999-0000-0000-0000-000000000000', event_type,
         coalesce(at, event_ts), payload || change, event_id
  FROM back.events WHERE event_id = of_event
$$;
\set VERBOSITY sqlstate
SELECT insert_reversal('00000000-0000-0000-0000-000000000001');
\set VERBOSITY default
SELECT insert_reversal('00000000-0000-0000-0000-000000000000', '{"cogs": 2}');
\echo :SQLSTATE
SELECT insert_reversal('00000000-0000-0000-0000-000000000000', at => '2024-03-02');
\echo :SQLSTATE
SELECT insert_reversal('00000000-0000-0000-0000-000000000000', at => '2024-04-01');
\echo :SQLSTATE
SELECT insert_reversal('00000000-0000-0000-0000-000000000000', scenario => 'a1000000-0000-0000-0000-000000000000');
\echo :SQLSTATE
INSERT INTO events (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload, reverses)
SELECT 'b0000000-0000-0000-0000-000000000000', 'bc000000-0000-0000-0000-000000000000', event_month, '99999999-0000-0000-0000-000000000000', event_type, event_ts, payload, event_id
FROM events WHERE event_id = '00000000-0000-0000-0000-000000000000';
\echo :SQLSTATE
-- Nothing may reverse itself.
INSERT INTO events (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload, reverses)
VALUES ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-01-01', '99999999-0000-0000-0000-000000000000', 'procurement', '2024-01-01',
        '{"supplier": "Mill", "category": "flour", "amount": 1}', '99999999-0000-0000-0000-000000000000');
\echo :SQLSTATE
BEGIN;
SELECT insert_reversal('00000000-0000-0000-0000-000000000000');
SELECT tellingcube.flush_facts() > 0 AS flushed;
TABLE facts;
SELECT count(*) FROM tellingcube.verify_facts();
ROLLBACK;
(TABLE facts EXCEPT ALL TABLE before) UNION ALL (TABLE before EXCEPT ALL TABLE facts);

-- A reversal is not reversed: the event is told anew.

\set VERBOSITY sqlstate
SELECT take_back(event_id::text) FROM events WHERE reverses = '00000000-0000-0000-0000-000000000001';
SELECT insert_reversal(event_id) FROM events WHERE reverses = '00000000-0000-0000-0000-000000000001';
\set VERBOSITY default
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventType": "sale", "date": "2024-01-15", "product": "Cake", "region": "Tyrol", "quantity": 0.3333, "unitPrice": 3, "revenue": 0.9999, "cogs": 0.0001}]');
SELECT * FROM facts WHERE fact = 'sales';

-- What cannot be reversed: what is not there, or elsewhere, or said wrongly.
SELECT take_back('00000000-0000-0000-0000-0000000000ff');
\echo :SQLSTATE
SELECT take_back('seven');
\echo :SQLSTATE
SELECT take_back('00000000-0000-0000-0000-000000000000', '{"month": "2024-04"}');
\echo :SQLSTATE
SELECT take_back('00000000-0000-0000-0000-000000000000', '{"eventType": "expense"}');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Plan', '[{"reverses": "00000000-0000-0000-0000-000000000000"}]');
\echo :SQLSTATE
SELECT tellingcube.append_events('Northwind Outfitters', 'Actual', '[{"reverses": "00000000-0000-0000-0000-000000000000"}]');
\echo :SQLSTATE
-- Fields beside it must be those of the event.
SELECT take_back('00000000-0000-0000-0000-000000000000', '{"revenue": 5}');
\echo :SQLSTATE

-- A retried reversal that has a key of its own is a duplicate.
SELECT inserted, duplicates FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventId": "00000000-0000-0000-0000-0000000000aa", "reverses": "00000000-0000-0000-0000-000000000000", "month": "2024-03"}]');
SELECT inserted, duplicates FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventId": "00000000-0000-0000-0000-0000000000aa", "reverses": "00000000-0000-0000-0000-000000000000", "month": "2024-03"}]');

-- An event and its reversal in one batch; and of people, whose state depends on what is left.
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventId": "00000000-0000-0000-0000-0000000000b1", "eventType": "hr_hire", "date": "2024-05-01", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 50},
  {"eventId": "00000000-0000-0000-0000-0000000000b2", "eventType": "hr_hire", "date": "2024-06-01", "employeeId": "E2", "department": "Bakery", "role": "Baker", "monthlySalary": 70},
  {"eventId": "00000000-0000-0000-0000-0000000000b3", "eventType": "hr_exit", "date": "2024-07-10", "employeeId": "E2"},
  {"eventId": "00000000-0000-0000-0000-0000000000b4", "eventType": "cash_movement", "date": "2024-08-10", "category": "x", "amount": 1, "direction": "in"},
  {"reverses": "00000000-0000-0000-0000-0000000000b2"}]');
SELECT month, hires, exits, closing_headcount, payroll_cost, d.name FROM fact_hr_monthly JOIN dim_department d USING (company_id, department_id) ORDER BY month, name;
SELECT take_back('00000000-0000-0000-0000-0000000000b3');
SELECT month, hires, exits, closing_headcount, payroll_cost, d.name FROM fact_hr_monthly JOIN dim_department d USING (company_id, department_id) ORDER BY month, name;
SELECT take_back('00000000-0000-0000-0000-0000000000b1');
SELECT count(*) FROM fact_hr_monthly;
SELECT count(*) FROM tellingcube.verify_facts();
SELECT tellingcube.fold_facts() > 0 AS folded, (SELECT count(*) FROM fact_hr_monthly) AS people;
SELECT count(*) FROM tellingcube.verify_facts();

-- Reversal and repetition, within savepoints.
BEGIN;
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventId": "00000000-0000-0000-0000-0000000000c1", "eventType": "cash_movement", "date": "2024-08-10", "category": "x", "amount": 1000, "direction": "in"}]');
SAVEPOINT a;
SELECT take_back('00000000-0000-0000-0000-0000000000c1');
ROLLBACK TO a;
SELECT take_back('00000000-0000-0000-0000-0000000000c1');
RELEASE a;
COMMIT;
SELECT cash_change FROM fact_finance_monthly WHERE month = '2024-08-01';
SELECT count(*) FROM tellingcube.verify_facts();

SELECT FROM tellingcube.drop_cube('back');
