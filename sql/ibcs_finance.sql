-- AC, PY, PL and FC side by side, on figures small enough to check by hand.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('ibcs');
SET tellingcube.cube = 'ibcs';
SET search_path = ibcs, public;

-- Growth of 25 % a year: a previous year nobody told is 80 % of the actual. 10 % more is planned: 88 %.
SELECT tellingcube.create_company('Kiosk', growth => 0.25, planned_growth => 0.10) AS company,
       tellingcube.create_scenario('Kiosk', 'Actual', starts => '2023-11') AS scenario \gset
SELECT inserted FROM tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "cash_movement", "month": "2023-10", "category": "opening_balance", "amount": 1000, "direction": "in"},
  {"eventType": "sale", "month": "2023-11", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "sale", "month": "2023-12", "product": "Tea", "region": "Town", "quantity": 12, "unitPrice": 10, "revenue": 120, "cogs": 60},
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 15, "unitPrice": 10, "revenue": 150, "cogs": 60},
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "expense", "month": "2023-11", "costCenter": "Shop", "account": "rent", "amount": 20, "isCapex": false},
  {"eventType": "expense", "month": "2023-12", "costCenter": "Shop", "account": "rent", "amount": 70, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 25, "isCapex": false},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "rent", "amount": 75, "isCapex": false},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "depreciation", "amount": 5, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "counter", "amount": 50, "isCapex": true}]');

-- 2023-11 to 2024-02: PY = AC / 1.25. 2024-11 and 12: PY is the AC of a year ago. PL = PY x 1.1 everywhere.
-- To date, January and February 2024: AC 250 of PL 220, so FC of 2024-11 = 110 x 250 / 220 = 125.
SELECT to_char(month, 'YYYY-MM') AS month, ac, py, pl, fc, minuend FROM ibcs_finance_monthly WHERE measure = 'revenue' ORDER BY 1;
-- Profits are derived. EBIT of 2024-11: FC 125 - 50 - 25 (opex: 22 x 100 / 88) - 0.
SELECT measure, ac, py, pl, fc FROM ibcs_finance_monthly WHERE month = '2024-11-01' ORDER BY sort;
-- Cash past the P&L is forecast as planned, here goods on stock: 40 x 1.1. The forecast of cash goes on from the cut-off.
SELECT to_char(month, 'YYYY-MM') AS month, measure, ac, py, pl, fc FROM ibcs_finance_monthly
WHERE measure IN ('cash_change', 'closing_cash') ORDER BY month, sort;

-- More is good of revenue and bad of cost; a percentage of a loss or of nothing says nothing.
SELECT to_char(month, 'YYYY-MM') AS month, measure, ac, py, delta_py, delta_py_pct, delta_py_impact,
       fc, delta_pl, delta_pl_pct, delta_pl_impact, delta_fc
FROM ibcs_finance_monthly
WHERE month IN ('2024-02-01', '2024-12-01') ORDER BY month, sort;

-- In every scenario the column adds up.
CREATE VIEW adds_up AS
SELECT f.month, s.scenario,
       (s.amount ->> 'gross_profit')::numeric = (s.amount ->> 'revenue')::numeric - (s.amount ->> 'cogs')::numeric
       AND (s.amount ->> 'ebitda')::numeric = (s.amount ->> 'gross_profit')::numeric - (s.amount ->> 'opex')::numeric
       AND (s.amount ->> 'ebit')::numeric = (s.amount ->> 'ebitda')::numeric - (s.amount ->> 'depreciation')::numeric
       AND (s.amount ->> 'net_income')::numeric
         = (s.amount ->> 'ebit')::numeric - (s.amount ->> 'interest')::numeric - (s.amount ->> 'tax')::numeric AS adds_up
FROM (SELECT company_id, month, jsonb_object_agg(measure, ac) AS ac, jsonb_object_agg(measure, py) AS py,
             jsonb_object_agg(measure, pl) AS pl, jsonb_object_agg(measure, fc) AS fc
      FROM ibcs_finance_monthly GROUP BY company_id, month) f
CROSS JOIN LATERAL (VALUES ('AC', f.ac), ('PY', f.py), ('PL', f.pl), ('FC', f.fc)) s(scenario, amount)
WHERE s.amount ->> 'revenue' IS NOT NULL;
SELECT scenario, count(*) AS months, bool_and(adds_up) AS adds_up FROM adds_up GROUP BY 1 ORDER BY 1;

-- A stored scenario wins in the months it has. Its months are those from its start to its last event.
SELECT tellingcube.create_scenario('Kiosk', 'Budget', 'PL', starts => '2024-02') AS pl,
       tellingcube.create_scenario('Kiosk', 'Memory', 'PY', starts => '2024-02') AS py,
       tellingcube.create_scenario('Kiosk', 'Outlook', 'FC', starts => '2024-12') AS fc \gset
SELECT FROM tellingcube.append_events('Kiosk', 'Budget', '[
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "Town", "quantity": 11, "unitPrice": 10, "revenue": 110, "cogs": 44},
  {"eventType": "sale", "month": "2024-04", "product": "Tea", "region": "Town", "quantity": 20, "unitPrice": 10, "revenue": 200, "cogs": 80}]');
SELECT FROM tellingcube.append_events('Kiosk', 'Memory', '[
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "Town", "quantity": 7, "unitPrice": 10, "revenue": 70, "cogs": 28}]');
SELECT FROM tellingcube.append_events('Kiosk', 'Outlook', '[
  {"eventType": "sale", "month": "2024-12", "product": "Tea", "region": "Town", "quantity": 99, "unitPrice": 10, "revenue": 990, "cogs": 400}]');
-- What is no baseline, and whatever of the same kind was made later, is not looked at; nothing is ever summed.
SELECT tellingcube.create_scenario('Kiosk', 'Gloom', 'AC', 'recession', starts => '2023-11') AS recession,
       tellingcube.create_scenario('Kiosk', 'Again', 'AC', starts => '2023-11') AS again \gset
SELECT FROM tellingcube.append_events('Kiosk', 'Gloom', '[
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "Town", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 1}]');
SELECT FROM tellingcube.append_events('Kiosk', 'Again', '[
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "Town", "quantity": 1, "unitPrice": 2, "revenue": 2, "cogs": 1}]');
SELECT i.ibcs, s.name, i.first_month, i.last_month FROM ibcs_scenario i JOIN dim_scenario s USING (company_id, scenario_id) ORDER BY 1;
-- PL of March is told to be nothing, PY = 70 of February comes from memory. To date: AC 250 of PL 132 + 110.
SELECT to_char(month, 'YYYY-MM') AS month, ac, py, pl, fc FROM ibcs_finance_monthly WHERE measure = 'revenue' ORDER BY 1;
SELECT scenario, count(*) AS months, bool_and(adds_up) AS adds_up FROM adds_up GROUP BY 1 ORDER BY 1;

-- The present may be set earlier: then February is forecast from January, 110 x 150 / 132 = 125, though its actual is known.
SET tellingcube.as_of = '2024-01';
SELECT to_char(month, 'YYYY-MM') AS month, ac, pl, fc, minuend, delta_pl, delta_fc, delta_fc_pct, delta_fc_impact
FROM ibcs_finance_monthly WHERE measure = 'revenue' AND month >= '2024-01-01' ORDER BY 1;
SET tellingcube.as_of = '2030-01';  -- there is nothing to go by later than the actuals
SELECT sum(fc) FROM ibcs_finance_monthly WHERE measure = 'revenue' AND month >= '2024-01-01';
RESET tellingcube.as_of;
SELECT sum(fc) FROM ibcs_finance_monthly WHERE measure = 'revenue' AND month >= '2024-01-01';

-- Quarters and years: flows add up, of a stock the last month counts, and a scenario with a month missing has no figure.
SELECT quarter, measure, months, ac, py, pl, fc, minuend FROM ibcs_finance_quarterly
WHERE measure IN ('revenue', 'closing_cash') ORDER BY quarter, sort;
SELECT fiscal_year, measure, months, ac, py, pl, fc, minuend, delta_pl, delta_pl_impact FROM ibcs_finance_yearly
WHERE measure IN ('revenue', 'closing_cash') ORDER BY fiscal_year, sort;

-- A fiscal year from July: to date begins there, and its quarters are named so.
SELECT tellingcube.create_company('Ski Lift', fiscal_year_start => 7, growth => 0, planned_growth => 0) AS company,
       tellingcube.create_scenario('Ski Lift', 'Actual', starts => '2023-01') AS scenario,
       tellingcube.create_scenario('Ski Lift', 'Plan', 'PL', starts => '2023-01') AS plan \gset
SELECT FROM tellingcube.append_events('Ski Lift', 'Actual', (
  SELECT jsonb_agg(jsonb_build_object('eventType', 'sale', 'month', to_char(m, 'YYYY-MM'), 'product', 'Ticket', 'region', 'Hill',
    'quantity', 1, 'unitPrice', q, 'revenue', q, 'cogs', 0))
  FROM generate_series(timestamp '2023-01-01', '2023-12-01', '1 month') m, LATERAL (SELECT CASE WHEN m < '2023-07-01' THEN 50 ELSE 30 END) v(q)));
SELECT FROM tellingcube.append_events('Ski Lift', 'Plan', (
  SELECT jsonb_agg(jsonb_build_object('eventType', 'sale', 'month', to_char(m, 'YYYY-MM'), 'product', 'Ticket', 'region', 'Hill',
    'quantity', 1, 'unitPrice', 20, 'revenue', 20, 'cogs', 0))
  FROM generate_series(timestamp '2023-01-01', '2024-06-01', '1 month') m));
-- Since July 30 of 20 a month: half as much again as planned, up to the end of the fiscal year in June.
SELECT quarter, quarter_start, months, ac, pl, fc, minuend FROM ibcs_finance_quarterly
WHERE company = 'Ski Lift' AND measure = 'revenue' ORDER BY quarter;
SELECT fiscal_year, year_start, months, ac, pl, fc, minuend FROM ibcs_finance_yearly
WHERE company = 'Ski Lift' AND measure = 'revenue' ORDER BY 1;

SELECT FROM tellingcube.drop_cube('ibcs');
