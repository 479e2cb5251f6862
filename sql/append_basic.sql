-- append_events(): JSON in, facts out. The events are flat, as a model writes them.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('basic');
SET tellingcube.cube = 'basic';
SET search_path = basic, public;
SELECT tellingcube.create_company('Alpine Bakery GmbH') AS company,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', starts => '2024-01') AS scenario \gset

-- One event of each type. What lies before the scenario's start is its opening state.
SELECT inserted, duplicates, quarantined, batch_id IS NOT NULL AS has_batch
FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventType": "cash_movement", "date": "2023-12-28", "category": "opening_balance", "amount": 1000, "direction": "in"},
  {"eventType": "hr_hire", "date": "2023-12-28", "employeeId": "E1", "department": "Bakery", "role": "Baker", "monthlySalary": 100},
  {"eventType": "sale", "month": "2024-01", "product": "Bread", "region": "Tyrol", "quantity": 10, "unitPrice": 50.5, "revenue": 505, "cogs": 200},
  {"eventType": "sale", "date": "2024-01-15", "product": "Bread", "region": "Tyrol", "quantity": 0.5, "unitPrice": 1, "revenue": 0.5, "cogs": 0.1234, "channel": "online", "customer": null},
  {"eventType": "sale", "eventTs": "2024-02-29T23:59:59.999999", "product": "Cake", "region": "Tyrol", "quantity": 1, "unitPrice": 20, "revenue": 20, "cogs": 9},
  {"eventType": "hr_hire", "month": "2024-02", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 80, "fte": 0.5},
  {"eventType": "hr_exit", "month": "2024-03", "employeeId": "E1", "exitReason": "retired"},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 30, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "equipment", "amount": 200, "isCapex": true},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Admin", "account": "depreciation", "amount": 7, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Admin", "account": "interest", "amount": 3, "isCapex": false},
  {"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 150},
  {"eventType": "tax_payment", "month": "2024-01", "taxType": "corporate_income_tax", "baseAmount": 100, "taxRate": 0.25, "taxAmount": 25},
  {"eventType": "tax_payment", "month": "2024-01", "taxType": "vat", "baseAmount": 100, "taxRate": 0.2, "taxAmount": 20},
  {"eventType": "tax_payment", "month": "2024-01", "taxType": "payroll_tax", "baseAmount": 100, "taxRate": 0.05, "taxAmount": 5},
  {"eventType": "cash_movement", "month": "2024-03", "category": "dividend", "amount": 40, "direction": "out"}]');

SELECT p.name AS product, r.name AS region, f.month, f.revenue, f.cogs, f.gross_margin, f.quantity, f.transactions
FROM fact_sales_monthly f JOIN dim_product p USING (company_id, product_id) JOIN dim_region r USING (company_id, region_id)
ORDER BY 1, 2, 3;
SELECT c.name AS cost_center, f.month, f.opex, f.capex
FROM fact_expense_monthly f JOIN dim_cost_center c USING (company_id, cost_center_id) ORDER BY 1, 2;
SELECT d.name AS department, f.month, f.opening_headcount, f.hires, f.exits, f.closing_headcount, f.payroll_cost
FROM fact_hr_monthly f JOIN dim_department d USING (company_id, department_id) ORDER BY 1, 2;
\x on
SELECT month, revenue, cogs, gross_profit, opex, ebitda, depreciation, ebit, interest, tax, net_income, cash_change, closing_cash
FROM fact_finance_monthly ORDER BY month;
\x off
SELECT count(*) FROM tellingcube.verify_facts();

-- Members appear by themselves, the usual accounts and taxes on their lines of the P&L.
SELECT account, pl_line, mapped FROM dim_account ORDER BY 1;
SELECT tax_type, pl_line, mapped FROM dim_tax_type ORDER BY 1;
SELECT product_id = tellingcube.member_id(company_id, 'product', name) AS key_from_name, name FROM dim_product ORDER BY 2;

-- What was said is stored as it was said, the envelope apart.
SELECT event_type, event_month, event_ts, source, schema_version, reverses, payload
FROM events WHERE event_type IN ('sale', 'hr_hire') ORDER BY event_ts, payload::text;

-- Each event lies in its month's partition.
SELECT tableoid::regclass AS partition, count(*) FROM events GROUP BY 1 ORDER BY 1;

-- text, json and jsonb come to the same; an empty array is an honest answer.
SELECT (tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]'::text)).inserted,
       (tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]'::json)).inserted,
       (tellingcube.append_events('Alpine Bakery GmbH', 'Actual', ' [ ] '::jsonb)).inserted;
\set sale '[{"eventType": "sale", "month": "2024-05", "product": "Pie", "region": "Tyrol", "quantity": 3, "unitPrice": 3.33, "revenue": 9.99, "cogs": 1e0, "customer": "Zo\\u00eb \\"Q\\""}]'
SELECT (tellingcube.append_events(:'company', :'scenario', :'sale'::text)).inserted,
       (tellingcube.append_events('alpine bakery gmbh', 'actual', :'sale'::json)).inserted,
       (tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'sale'::jsonb)).inserted;
SELECT count(*) AS events, count(DISTINCT payload::text) AS payloads, min(payload::text) FROM events WHERE event_month = '2024-05-01';
SELECT revenue, cogs, quantity, transactions FROM fact_sales_monthly WHERE month = '2024-05-01';

-- The array may come from a query, the call may stand in one, and it may be called often.
SELECT sum(a.inserted)
FROM generate_series(1, 12) m,
     tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
       (SELECT jsonb_agg(jsonb_build_object('eventType', 'procurement', 'month', '2024-' || to_char(m, 'FM00'),
                                            'supplier', 's' || i, 'category', 'c', 'amount', i + 0.25))
        FROM generate_series(1, m) i)) a;
SELECT sum((payload ->> 'amount')::numeric) FROM events WHERE event_type = 'procurement' AND payload ->> 'category' = 'c';
SELECT count(*) FROM tellingcube.verify_facts();

-- Events may say where they belong, and who says so.
SELECT inserted FROM tellingcube.append_events(events => '[
  {"company": "Alpine Bakery GmbH", "scenario": "Actual", "source": "till 7", "eventType": "procurement", "month": "2024-06", "supplier": "t", "category": "d", "amount": 5},
  {"company": "alpine bakery gmbh", "scenario": "ACTUAL", "eventType": "procurement", "month": "2024-06", "supplier": "u", "category": "d", "amount": 5}]',
  source => 'import');
SELECT payload ->> 'supplier' AS supplier, source FROM events WHERE payload ->> 'category' = 'd' ORDER BY 1;
SELECT (tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  '[{"scenario": "Actual", "eventType": "procurement", "month": "2024-06", "supplier": "v", "category": "d", "amount": 5}]')).inserted;

-- Months far ahead get a partition of their own, too.
SELECT (tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  '[{"eventType": "procurement", "month": "2033-12", "supplier": "v", "category": "d", "amount": 5}]')).inserted;
SELECT tableoid::regclass FROM events WHERE event_month = '2033-12-01';
SELECT count(*) AS months, min(month), max(month) FROM fact_finance_monthly;

-- Folding and rebuilding change no fact.
CREATE TEMP TABLE before AS SELECT * FROM fact_finance_monthly;
SELECT tellingcube.fold_facts() > 0 AS folded, tellingcube.fold_facts() AS nothing_left;
SELECT count(*) FROM (TABLE before EXCEPT TABLE fact_finance_monthly) d;
SELECT FROM tellingcube.rebuild_facts('Alpine Bakery GmbH');
SELECT count(*) FROM (TABLE before EXCEPT TABLE fact_finance_monthly) d;
SELECT count(*) FROM tellingcube.verify_facts('Alpine Bakery GmbH');

SELECT FROM tellingcube.drop_cube('basic');
