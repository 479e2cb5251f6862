-- drill(): the events behind a figure, and that their amounts come to it.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('drilled');
SET tellingcube.cube = 'drilled';
SET search_path = drilled, public;
SELECT tellingcube.create_company('Kiosk') AS company, tellingcube.create_company('Stall') AS other,
       tellingcube.create_scenario('Kiosk', 'Actual', starts => '2024-01') AS scenario,
       tellingcube.create_scenario('Stall', 'Actual', starts => '2024-01') AS stall,
       tellingcube.create_scenario('Kiosk', 'Plan', 'PL', starts => '2024-01') AS plan \gset
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "cash_movement", "date": "2023-12-01", "category": "opening_balance", "amount": 1000, "direction": "in"},
  {"eventType": "hr_hire", "date": "2023-11-05", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 50},
  {"eventType": "hr_hire", "date": "2024-01-05", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 60},
  {"eventType": "hr_hire", "date": "2024-02-01", "employeeId": "E2", "department": "Office", "role": "Boss", "monthlySalary": 70},
  {"eventType": "hr_exit", "date": "2024-02-20", "employeeId": "E1"},
  {"eventType": "hr_hire", "date": "2024-03-25", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 55},
  {"eventType": "sale", "date": "2024-01-02", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "sale", "date": "2024-01-03", "product": "Tea", "region": "Town", "quantity": 2, "unitPrice": 10, "revenue": 20, "cogs": 8},
  {"eventType": "sale", "date": "2024-01-04", "product": "Tea", "region": "Lake", "quantity": 1, "unitPrice": 10, "revenue": 10, "cogs": 4},
  {"eventType": "sale", "date": "2024-02-04", "product": "Cake", "region": "Town", "quantity": 3, "unitPrice": 10, "revenue": 30, "cogs": 9},
  {"eventType": "expense", "date": "2024-01-10", "costCenter": "Shop", "account": "rent", "amount": 7, "isCapex": false},
  {"eventType": "expense", "date": "2024-01-11", "costCenter": "Shop", "account": "depreciation", "amount": 5, "isCapex": false},
  {"eventType": "expense", "date": "2024-01-12", "costCenter": "Shop", "account": "interest", "amount": 3, "isCapex": false},
  {"eventType": "expense", "date": "2024-01-13", "costCenter": "Office", "account": "equipment", "amount": 30, "isCapex": true},
  {"eventType": "procurement", "date": "2024-01-14", "supplier": "Mill", "category": "goods", "amount": 45},
  {"eventType": "tax_payment", "date": "2024-01-15", "taxType": "corporate_income_tax", "baseAmount": 100, "taxRate": 0.25, "taxAmount": 25},
  {"eventType": "tax_payment", "date": "2024-01-16", "taxType": "vat", "baseAmount": 100, "taxRate": 0.2, "taxAmount": 20},
  {"eventType": "tax_payment", "date": "2024-01-17", "taxType": "payroll_tax", "baseAmount": 100, "taxRate": 0.01, "taxAmount": 1},
  {"eventType": "cash_movement", "date": "2024-03-20", "category": "dividend", "amount": 40, "direction": "out"}]');
SELECT FROM tellingcube.append_events('Kiosk', 'Plan', '[
  {"eventType": "sale", "date": "2024-01-01", "product": "Tea", "region": "Town", "quantity": 50, "unitPrice": 10, "revenue": 500, "cogs": 200}]');
SELECT FROM tellingcube.append_events('Stall', 'Actual', '[
  {"eventType": "sale", "date": "2024-01-01", "product": "Tea", "region": "Town", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0}]');
-- One sale is taken back: it and its reversal are both behind the figure, and cancel out.
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', (
  SELECT jsonb_agg(jsonb_build_object('reverses', event_id)) FROM events WHERE event_ts = '2024-01-03'));

-- A cell by the names of its members, whatever their case, or by their keys; unnamed, the scenario is the actual one.
SELECT event_ts::date, event_type, payload -> 'revenue' AS revenue, amount
FROM tellingcube.drill('sales', '{"product": "tea", "region": "Town", "measure": "revenue"}', 'Kiosk', month => '2024-01');
SELECT count(*), sum(amount) FROM tellingcube.drill('fact_sales_monthly',
  (SELECT to_jsonb(f) || '{"measure": "gross_margin"}' FROM fact_sales_monthly f JOIN dim_region r USING (company_id, region_id)
   WHERE f.scenario_id = :'scenario' AND r.name = 'Lake'));
SELECT count(*), sum(amount) FROM tellingcube.drill('sales', '{"measure": "revenue"}', 'Kiosk', 'Plan', '2024-Q1');
-- Without a company: all of them.
SELECT count(*), sum(amount) FROM tellingcube.drill('sales', '{"product": "Tea", "measure": "revenue"}');
SELECT count(*), sum(amount) FROM tellingcube.drill('sales', NULL, 'Kiosk', NULL, NULL);
-- Without a measure: whatever feeds the fact.
SELECT event_ts::date, event_type, amount FROM tellingcube.drill('finance', company => 'Kiosk', month => '2024-02');
-- A measure is fed by some events only. Salaries are paid by the hire that agreed them.
SELECT event_ts::date, event_type, coalesce(payload ->> 'account', payload ->> 'taxType', payload ->> 'employeeId') AS what, amount
FROM tellingcube.drill('finance', '{"measure": "opex"}', 'Kiosk', month => '2024-01');
SELECT event_ts::date, event_type, payload ->> 'employeeId' AS employee, amount
FROM tellingcube.drill('hr', '{"department": "Shop", "measure": "payroll_cost"}', 'Kiosk', month => '2024-Q1');
-- E2 went from the shop to the office in February and E1 left; both, and nobody else, moved or were paid.
SELECT event_ts::date, event_type, payload ->> 'employeeId' AS employee FROM tellingcube.drill('hr', '{"department": "Shop"}', 'Kiosk', month => '2024-02');
SELECT event_ts::date, event_type, payload ->> 'employeeId' AS employee, amount
FROM tellingcube.drill('hr', '{"department": "Shop", "measure": "exits"}', 'Kiosk', month => '2024-02');

-- Every measure of every cell of every fact.
SELECT fact, count(*) AS figures, count(*) FILTER (WHERE told <> figure) AS wrong
FROM (
  SELECT c.fact, m.measure, (c.cell ->> m.measure)::numeric AS figure,
         (SELECT coalesce(sum(d.amount), 0) FROM tellingcube.drill(c.fact, c.cell || jsonb_build_object('measure', m.measure)) d) AS told
  FROM (SELECT 'finance' AS fact, to_jsonb(f) AS cell FROM fact_finance_monthly f
        UNION ALL SELECT 'sales', to_jsonb(f) FROM fact_sales_monthly f
        UNION ALL SELECT 'expense', to_jsonb(f) FROM fact_expense_monthly f
        UNION ALL SELECT 'hr', to_jsonb(f) FROM fact_hr_monthly f) c
  JOIN tellingcube.measure m USING (fact)) v
GROUP BY 1 ORDER BY 1;

-- What there is not is said once, with the nearest that there is.
SELECT * FROM tellingcube.drill('salse');
SELECT * FROM tellingcube.drill('sales', '{"measure": "revenu"}');
SELECT * FROM tellingcube.drill('sales', '{"product": "Teaa"}');
SELECT * FROM tellingcube.drill('sales', '{"product": "Tea"}', 'Kiosk', month => '2024-13');
SELECT * FROM tellingcube.drill('hr', '{"product": "Tea"}');
SELECT * FROM tellingcube.drill('hr', '{"department": "Shop"}', 'Stall');
SELECT * FROM tellingcube.drill('sales', '["Tea"]');
SELECT * FROM tellingcube.drill('sales', '{}', 'Kiosc');
SELECT * FROM tellingcube.drill('sales', '{}', 'Kiosk', 'Plam');
SELECT * FROM tellingcube.drill('sales', '{}', scenario => 'Plan');
\set VERBOSITY sqlstate
SELECT * FROM tellingcube.drill('sales', '{"product": "Teaa"}');
SELECT * FROM tellingcube.drill(NULL);
SELECT FROM tellingcube.drop_cube('drilled');
