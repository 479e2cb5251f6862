-- reconcile() on a sound cube: every identity ok, and what is no mistake of the cube is told all the same.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('sound');
SET tellingcube.cube = 'sound';
SET search_path = sound, public;
SELECT * FROM tellingcube.reconcile();
SELECT tellingcube.create_company('Kiosk') AS company, tellingcube.create_company('Empty') AS empty,
       tellingcube.create_scenario('Kiosk', 'Actual', starts => '2024-01') AS scenario,
       tellingcube.create_scenario('Empty', 'Nothing', starts => '2024-01') AS nothing \gset
-- A scenario without events, an account and a tax type nobody knows, an opening state, and people in all sorts of order.
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "cash_movement", "month": "2023-12", "category": "opening_balance", "amount": 1000, "direction": "in"},
  {"eventType": "hr_hire", "date": "2023-11-05", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 50},
  {"eventType": "hr_hire", "date": "2024-01-05", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 60},
  {"eventType": "hr_hire", "date": "2024-01-06", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 60},
  {"eventType": "hr_hire", "date": "2024-02-01", "employeeId": "E2", "department": "Office", "role": "Boss", "monthlySalary": 70},
  {"eventType": "hr_exit", "date": "2024-02-20", "employeeId": "E1"},
  {"eventType": "hr_exit", "date": "2024-03-01", "employeeId": "E1"},
  {"eventType": "hr_exit", "date": "2024-03-05", "employeeId": "E2"},
  {"eventType": "hr_hire", "date": "2024-03-25", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 65},
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "bribes", "amount": 7, "isCapex": false},
  {"eventType": "expense", "month": "2024-04", "costCenter": "Shop", "account": "depreciation", "amount": 5, "isCapex": false},
  {"eventType": "expense", "month": "2024-04", "costCenter": "Shop", "account": "interest", "amount": 3, "isCapex": false},
  {"eventType": "expense", "month": "2024-04", "costCenter": "Shop", "account": "equipment", "amount": 30, "isCapex": true},
  {"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "goods", "amount": 45},
  {"eventType": "tax_payment", "month": "2024-04", "taxType": "corporate_income_tax", "baseAmount": 100, "taxRate": 0.25, "taxAmount": 25},
  {"eventType": "tax_payment", "month": "2024-04", "taxType": "vat", "baseAmount": 100, "taxRate": 0.2, "taxAmount": 20},
  {"eventType": "tax_payment", "month": "2024-04", "taxType": "window_tax", "baseAmount": 100, "taxRate": 0.01, "taxAmount": 1},
  {"eventType": "cash_movement", "month": "2024-04", "category": "dividend", "amount": 40, "direction": "out"}]');
SELECT quarantined FROM tellingcube.append_events('Kiosk', 'Actual', '[{"eventType": "sale", "month": "2024-01"}]', on_invalid => 'quarantine');

-- A month nobody told of, February to April, is there as well: people were paid.
SELECT to_char(month, 'YYYY-MM') AS month, revenue, opex, closing_cash FROM fact_finance_monthly ORDER BY 1;
SELECT check_name, scenario, status, difference, detail FROM tellingcube.reconcile('Kiosk');
SELECT company, status, count(*) FROM tellingcube.reconcile() GROUP BY 1, 2 ORDER BY 1, 2;

-- Taken back, an event is as if never told; and what a transaction tells counts at once.
BEGIN;
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', (
  SELECT jsonb_agg(jsonb_build_object('reverses', event_id)) FROM events
  WHERE event_type IN ('sale', 'hr_exit') AND event_month <= '2024-02-01'));
SELECT check_name, status, detail FROM tellingcube.reconcile() WHERE status <> 'ok' OR check_name = 'people' ORDER BY company, check_name;
COMMIT;
SELECT count(*) AS fails FROM tellingcube.reconcile() WHERE status <> 'ok';
SELECT FROM tellingcube.fold_facts();
SELECT count(*) AS fails FROM tellingcube.reconcile() WHERE status <> 'ok';

-- Mapping an account is a matter of seconds, and reconcile() follows.
UPDATE dim_account SET pl_line = 'interest', mapped = true WHERE account = 'bribes';
SELECT check_name, status, detail FROM tellingcube.reconcile('Kiosk') WHERE status <> 'ok' OR check_name ~ 'unknown' ORDER BY 1;

-- A plain INSERT cannot make partitions; what it puts into the default one counts like the rest.
INSERT INTO events (company_id, scenario_id, event_month, event_type, event_ts, payload)
VALUES (:'company', :'scenario', '2028-01-01', 'procurement', '2028-01-15', '{"supplier": "Mill", "category": "goods", "amount": 1}');
SELECT check_name, status, detail FROM tellingcube.reconcile('Kiosk') WHERE status <> 'ok' OR check_name ~ 'default' ORDER BY 1;

-- A reader may reconcile too.
CREATE ROLE regress_reconcile_reader;
GRANT USAGE ON SCHEMA sound TO regress_reconcile_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA sound TO regress_reconcile_reader;
SET ROLE regress_reconcile_reader;
SELECT status, count(*) FROM tellingcube.reconcile('kiosk') GROUP BY 1;
RESET ROLE;
DROP OWNED BY regress_reconcile_reader;
DROP ROLE regress_reconcile_reader;
SELECT * FROM tellingcube.reconcile('Kiosc');
SELECT * FROM tellingcube.reconcile(cube => 'sond');
SELECT FROM tellingcube.drop_cube('sound');
