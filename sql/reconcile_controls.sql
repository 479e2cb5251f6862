-- Negative controls: each identity of reconcile() is seen to fail. Somebody tampers with a stored row (or with what a
-- view shows), the checks that notice are written down, and it is undone.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('controls');
SET tellingcube.cube = 'controls';
SET search_path = controls, public;
SELECT tellingcube.create_company('Kiosk') AS company,
       tellingcube.create_scenario('Kiosk', 'Actual', starts => '2024-01') AS scenario,
       tellingcube.create_scenario('Kiosk', 'Plan', 'PL', starts => '2024-01') AS plan \gset
SELECT a.inserted FROM unnest(ARRAY['Actual', 'Plan']) s, tellingcube.append_events('Kiosk', s, '[
  {"eventType": "cash_movement", "month": "2023-12", "category": "opening_balance", "amount": 1000, "direction": "in"},
  {"eventType": "hr_hire", "month": "2023-12", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 50},
  {"eventType": "hr_hire", "month": "2024-02", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 60},
  {"eventType": "hr_exit", "month": "2024-03", "employeeId": "E1"},
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 20, "revenue": 200, "cogs": 50},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "rent", "amount": 7, "isCapex": false},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "depreciation", "amount": 5, "isCapex": false},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "interest", "amount": 3, "isCapex": false},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "equipment", "amount": 30, "isCapex": true},
  {"eventType": "procurement", "month": "2024-02", "supplier": "Mill", "category": "goods", "amount": 45},
  {"eventType": "tax_payment", "month": "2024-02", "taxType": "corporate_income_tax", "baseAmount": 100, "taxRate": 0.25, "taxAmount": 25},
  {"eventType": "tax_payment", "month": "2024-02", "taxType": "vat", "baseAmount": 100, "taxRate": 0.2, "taxAmount": 20},
  {"eventType": "tax_payment", "month": "2024-02", "taxType": "payroll_tax", "baseAmount": 100, "taxRate": 0.01, "taxAmount": 1},
  {"eventType": "cash_movement", "month": "2024-03", "category": "dividend", "amount": 40, "direction": "out"},
  {"eventType": "hr_hire", "month": "2024-04", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 65}]'::text) a;
SELECT FROM tellingcube.fold_facts();
SELECT status, count(*) FROM tellingcube.reconcile() GROUP BY 1;

CREATE FUNCTION actual() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT scenario_id FROM dim_scenario WHERE name = 'Actual' $$;
CREATE TABLE noticed (check_name text);
CREATE FUNCTION control(tamper text) RETURNS TABLE (check_name text, scenario text, difference numeric, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  seen jsonb;
BEGIN
  BEGIN
    EXECUTE tamper;
    SELECT coalesce(jsonb_agg(r), '[]') INTO seen FROM tellingcube.reconcile() r WHERE r.status <> 'ok';
    RAISE EXCEPTION USING ERRCODE = 'TC999', MESSAGE = 'undo';
  EXCEPTION WHEN SQLSTATE 'TC999' THEN NULL;
  END;
  INSERT INTO noticed SELECT f.check_name FROM jsonb_to_recordset(seen) f(check_name text);
  RETURN QUERY SELECT f.check_name, f.scenario, f.difference, f.detail
    FROM jsonb_to_recordset(seen) f(check_name text, scenario text, difference numeric, detail text);
END $$;
-- Adds 1 to what the view of a fact shows of one measure in February.
CREATE FUNCTION forge(fact text, measure text) RETURNS text LANGUAGE sql AS $$
  SELECT format('ALTER VIEW %1$I RENAME TO honest; CREATE VIEW %1$I AS SELECT %2$s FROM honest', fact,
    string_agg(CASE attname WHEN measure THEN format('%1$I + CASE month WHEN ''2024-02-01'' THEN 1 ELSE 0 END AS %1$I', attname)
                    ELSE quote_ident(attname) END, ', ' ORDER BY attnum))
  FROM pg_attribute WHERE attrelid = fact::regclass AND attnum > 0
$$;

-- Sales: both the fact and its agreement with the P&L.
SELECT * FROM control($$UPDATE fact_sales_stored SET revenue = revenue + 1 WHERE month = '2024-02-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_sales_stored SET cogs = cogs + 1 WHERE month = '2024-02-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_sales_stored SET quantity = quantity + 1 WHERE month = '2024-02-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_sales_stored SET entries = entries + 1 WHERE month = '2024-02-01' AND scenario_id = actual()$$);
SELECT * FROM control(forge('fact_sales_monthly', 'gross_margin'));
-- A row too many, pending rather than folded.
SELECT * FROM control($$INSERT INTO fact_sales_pending
  SELECT company_id, scenario_id, '2024-03-01', product_id, region_id, 9, 4, 1, 1 FROM fact_sales_stored WHERE month = '2024-02-01' AND scenario_id = actual()$$);
-- Expenses.
SELECT * FROM control($$UPDATE fact_expense_stored SET amount = amount + 1 WHERE amount = 7 AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_expense_stored SET amount = amount + 1 WHERE is_capex AND scenario_id = actual()$$);
-- The P&L, line by line.
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'revenue' AND month = '2024-02-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'cogs' AND month = '2024-02-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'expense' AND amount = 7 AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'expense' AND amount = 5 AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'expense' AND amount = 3 AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'tax' AND amount = 25 AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'tax' AND amount = 20 AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'tax' AND amount = 1 AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'capex' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'procurement' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE line = 'cash_out' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 1 WHERE month = '2023-12-01' AND scenario_id = actual()$$);
-- People.
SELECT * FROM control($$UPDATE fact_hr_stored SET hires = hires + 1 WHERE month = '2024-02-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_hr_stored SET exits = exits + 1 WHERE month = '2024-03-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_hr_stored SET payroll_change = payroll_change + 1 WHERE month = '2024-02-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_hr_stored SET hires = hires + 1 WHERE month = '2023-12-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_hr_stored SET entries = 0 WHERE scenario_id = actual()$$);
-- Time: a month, and events, that the ledger does not know of.
SELECT * FROM control($$DELETE FROM fact_activity_stored WHERE month = '2024-04-01' AND scenario_id = actual()$$);
SELECT * FROM control($$INSERT INTO fact_activity_stored SELECT company_id, scenario_id, '2024-05-01', event_type, events, entries
  FROM fact_activity_stored WHERE month = '2024-04-01' AND scenario_id = actual()$$);
SELECT * FROM control($$UPDATE fact_activity_stored SET events = events + 1 WHERE event_type = 'sale' AND month = '2024-02-01' AND scenario_id = actual()$$);
-- An event behind the ledgers' back.
SELECT * FROM control($$
  ALTER TABLE events DISABLE TRIGGER tellingcube_check_and_project;
  INSERT INTO events (company_id, scenario_id, event_month, event_type, event_ts, payload)
  SELECT company_id, scenario_id, '2024-02-01', 'procurement', '2024-02-02', '{"supplier": "Mill", "category": "goods", "amount": 2}'
  FROM dim_scenario WHERE name = 'Plan'$$);

-- What is derived of other measures cannot be tampered with in a table; so with the view, one measure at a time.
SELECT m.measure, c.check_name, c.scenario, c.difference
FROM tellingcube.measure m, control(forge('fact_finance_monthly', m.measure)) c
WHERE m.fact = 'finance' ORDER BY m.sort, 3, 2;
SELECT m.measure, c.check_name, c.scenario, c.difference
FROM tellingcube.measure m, control(forge('fact_hr_monthly', m.measure)) c
WHERE m.fact = 'hr' ORDER BY m.sort, 3, 2;

-- Every identity was seen to fail, and all is undone.
SELECT check_name AS never_seen_to_fail FROM tellingcube.reconcile_checks() check_name WHERE check_name NOT IN (SELECT n.check_name FROM noticed n);
SELECT status, count(*) FROM tellingcube.reconcile() GROUP BY 1;
SELECT count(*) AS differences FROM tellingcube.verify_facts();
SELECT FROM tellingcube.drop_cube('controls');
