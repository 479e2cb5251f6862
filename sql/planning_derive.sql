-- derive_scenario(): plans, previous years and forecasts in events, beside what the IBCS views estimate.
SELECT tellingcube.create_cube('plans');
SET tellingcube.cube = 'plans';
SELECT tellingcube.create_company('Acme', growth => 0.10, planned_growth => 0.05) IS NOT NULL AS made;
SELECT tellingcube.create_scenario('Acme', starts => '2023-01', months => 18) IS NOT NULL AS made;
-- 18 months of a small company; one sale of March 2023 is taken back.
INSERT INTO plans.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
SELECT s.company_id, s.scenario_id, date_trunc('month', e.ts)::date, e.event_type, e.ts, e.payload
FROM plans.dim_scenario s CROSS JOIN LATERAL (
  SELECT 'hr_hire' AS event_type, timestamp '2022-12-01' AS ts, '{"employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 2000}'::jsonb AS payload
  UNION ALL SELECT 'cash_movement', '2022-12-31', '{"category": "opening balance", "amount": 10000, "direction": "in"}'
  UNION ALL SELECT 'hr_hire', '2023-04-15', '{"employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 2100.55}'
  UNION ALL SELECT 'hr_exit', '2024-02-20', '{"employeeId": "E1"}'
  UNION ALL
  SELECT x.event_type, m + interval '9 days', x.payload
  FROM generate_series(timestamp '2023-01-01', '2024-06-01', '1 month') m, LATERAL (VALUES
    ('sale', jsonb_build_object('product', 'Bread', 'region', 'North', 'quantity', 100 + extract(month FROM m), 'unitPrice', 49.99,
                                'revenue', (100 + extract(month FROM m)) * 49.99, 'cogs', 1234.56)),
    ('expense', '{"costCenter": "Shop", "account": "rent", "amount": 333.33, "isCapex": false}'),
    ('expense', '{"costCenter": "Shop", "account": "depreciation", "amount": 50, "isCapex": false}'),
    ('expense', '{"costCenter": "Shop", "account": "oven", "amount": 77.77, "isCapex": true}'),
    ('procurement', '{"supplier": "Mill", "category": "flour", "amount": 800}'),
    ('tax_payment', '{"taxType": "corporate_income_tax", "baseAmount": 100, "taxRate": 0.25, "taxAmount": 25}')) x(event_type, payload)) e;
SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', (SELECT jsonb_build_array(jsonb_build_object('reverses', event_id))
  FROM plans.events WHERE event_type = 'sale' AND event_month = '2023-03-01'));

CREATE TEMP TABLE estimated AS SELECT * FROM plans.ibcs_finance_monthly;
SELECT tellingcube.derive_scenario('Acme', 'PY') IS NOT NULL AS py, tellingcube.derive_scenario('acme', 'PL', growth => 0.05) IS NOT NULL AS pl;
SELECT name, ibcs, variant, to_char(starts, 'YYYY-MM') AS starts, months, method FROM plans.dim_scenario ORDER BY ibcs;
-- What is stored is what was estimated, but for the rounding of single events to the cent; payroll and headcount included.
SELECT e.measure, max(abs(s.py - e.py)) < 0.02 AS py, max(abs(s.pl - e.pl)) < 0.10 AS pl
FROM estimated e JOIN plans.ibcs_finance_monthly s USING (company_id, month, measure)
WHERE e.month BETWEEN '2024-01-01' AND '2024-06-01' GROUP BY e.measure, e.sort ORDER BY e.sort;
SELECT to_char(f.month, 'YYYY-MM') AS month, s.ibcs, f.opening_headcount, f.hires, f.exits, f.closing_headcount, f.payroll_cost
FROM plans.fact_hr_monthly f JOIN plans.dim_scenario s USING (company_id, scenario_id)
WHERE s.ibcs <> 'AC' AND f.month IN ('2024-01-01', '2024-04-01', '2025-02-01', '2025-06-01') ORDER BY s.ibcs, f.month;
-- A sale keeps its quantity; the reversed one is not told again.
SELECT event_ts, payload FROM plans.events JOIN plans.dim_scenario USING (company_id, scenario_id)
WHERE ibcs = 'PL' AND event_type = 'sale' AND event_month < '2024-05-01' ORDER BY event_ts;

-- A forecast: the actuals up to the cut-off, then the plan at the pace of the year so far.
SELECT tellingcube.derive_scenario('Acme', 'FC', name => 'Second guess') IS NOT NULL AS fc;
SELECT to_char(f.month, 'YYYY-MM') AS month, f.revenue, f.cogs, f.depreciation, f.tax, f.closing_cash, f.revenue - e.fc AS beside_estimate
FROM plans.fact_finance_monthly f JOIN plans.dim_scenario s USING (company_id, scenario_id)
LEFT JOIN estimated e ON e.month = f.month AND e.measure = 'revenue'
WHERE s.name = 'Second guess' ORDER BY f.month;
SELECT * FROM tellingcube.reconcile() WHERE status <> 'ok';
SELECT * FROM tellingcube.verify_facts();

-- Without a year before, the same months ÷ (1 + growth).
SELECT tellingcube.create_company('Young', growth => 0.25) IS NOT NULL AS made;
SELECT tellingcube.create_scenario('Young', starts => '2024-01', months => 2) IS NOT NULL AS made;
SELECT inserted FROM tellingcube.append_events('Young', 'Actual', '[{"eventType": "sale", "month": "2024-02", "product": "A", "region": "B", "quantity": 5, "unitPrice": 10, "revenue": 50, "cogs": 20}]');
SELECT tellingcube.derive_scenario('Young', 'PY', starts => '2024-01', months => 2) IS NOT NULL AS py;
SELECT to_char(month, 'YYYY-MM') AS month, revenue, cogs FROM plans.fact_finance_monthly JOIN plans.dim_scenario s USING (company_id, scenario_id) WHERE s.ibcs = 'PY' AND company_id = tellingcube.company_id('Young') ORDER BY 1;

-- Generated, where the actuals were.
SELECT count(*) FROM tellingcube.simulate('Sim', 'Energy', 'micro', starts => '2023-01', months => 15, narrative => '[{"month": "2023-06", "event": "Strike"}]');
SELECT count(tellingcube.derive_scenario('Sim', k, 'generated')) FROM unnest(ARRAY['PL', 'FC', 'PY']) k;
SELECT name, ibcs, to_char(starts, 'YYYY-MM') AS starts, months, method, jsonb_array_length(document -> 'narrative') AS beats
FROM plans.dim_scenario WHERE company_id = tellingcube.company_id('Sim') ORDER BY ibcs;
SELECT count(*) AS months, count(*) FILTER (WHERE fc = ac) AS as_told, count(*) FILTER (WHERE pl = ac) AS as_planned,
       bool_and(abs(pl / ac - 1) < 0.1) FILTER (WHERE month <> '2023-06-01') AS plan_is_near, max(pl / ac) FILTER (WHERE month = '2023-06-01') > 1.1 AS strike_was_not_planned,
       sum(py) < sum(ac) AS began_lower
FROM plans.ibcs_finance_monthly WHERE company = 'Sim' AND measure = 'revenue' AND ac IS NOT NULL;

-- Refused.
\set SHOW_CONTEXT never
SELECT tellingcube.derive_scenario('Acme', 'PL');
SELECT tellingcube.derive_scenario('Acme', 'AC');
SELECT tellingcube.derive_scenario('Acme', NULL);
SELECT tellingcube.derive_scenario('Nobody', 'PL');
SELECT tellingcube.derive_scenario('Young', 'PL', 'guessed');
SELECT tellingcube.derive_scenario('Young', 'PL', 'generated');
SELECT tellingcube.derive_scenario('Young', 'PL', growth => -1);
SELECT tellingcube.derive_scenario('Young', 'PL', months => 0);
SELECT tellingcube.derive_scenario('Young', 'PL', starts => '2030-01', months => 3);
SELECT tellingcube.derive_scenario('Sim', 'PL', 'generated', growth => 0.1);
SELECT tellingcube.create_company('Known', 'Energy', 'AT') IS NOT NULL AS made;
SELECT count(*) FROM tellingcube.simulate('Known', size => 'micro', starts => '2024-01', months => 3);
SELECT tellingcube.derive_scenario('Known', 'FC', 'generated', starts => '2024-03');
SELECT tellingcube.create_company('Silent') IS NOT NULL AS made;
SELECT tellingcube.derive_scenario('Silent', 'PL');

RESET tellingcube.cube;
SELECT tellingcube.drop_cube('plans');
