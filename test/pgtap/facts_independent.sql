-- Every cell of every fact, compared with a computation of its own: from the lines of demo/events.jsonl and the formulas of
-- the P&L alone, without any table, view or function of the cube.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = public;
SELECT plan(30);

-- The events as they were told, line by line, and what the calendar and the charts of accounts say of them.
CREATE TABLE line (n int GENERATED ALWAYS AS IDENTITY, json text);
\copy line (json) FROM 'demo/events.jsonl' WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')
\set companies `cat demo/companies.json`
CREATE TABLE told AS SELECT n, json::jsonb AS e FROM line;
CREATE TABLE start AS
SELECT c ->> 'name' AS company, s ->> 'name' AS scenario, (s ->> 'starts' || '-01')::date AS starts
FROM jsonb_array_elements(:'companies'::jsonb -> 'companies') c, jsonb_array_elements(c -> 'scenarios') s;
CREATE TABLE account (account text, pl_line text);
INSERT INTO account VALUES ('depreciation', 'depreciation'), ('interest', 'interest'),
  ('rent', 'opex'), ('marketing', 'opex'), ('insurance', 'opex'), ('software', 'opex'), ('freight', 'opex'), ('travel', 'opex'), ('energy', 'opex'), ('equipment', 'opex');
CREATE TABLE tax (tax_type text, pl_line text);
INSERT INTO tax VALUES ('corporate_income_tax', 'income_tax'), ('vat', 'pass_through'), ('payroll_tax', 'opex');

CREATE MATERIALIZED VIEW event AS
SELECT n, e ->> 'company' AS company, e ->> 'scenario' AS scenario, e ->> 'eventType' AS type,
       date_trunc('month', (e ->> 'date')::timestamp)::date AS month, (e ->> 'date')::date AS day, starts,
       date_trunc('month', (e ->> 'date')::timestamp)::date < starts AS is_opening, e,
       (e ->> 'amount')::numeric AS amount
FROM told JOIN start ON (e ->> 'company', e ->> 'scenario') = (company, scenario);
ANALYZE event;
CREATE VIEW span AS
SELECT company, scenario, starts, max(month) AS ends FROM event WHERE NOT is_opening GROUP BY 1, 2, 3;
CREATE VIEW scenario_month AS
SELECT company, scenario, starts, m::date AS month FROM span, generate_series(starts, ends, interval '1 month') m;

-- Sales.
CREATE MATERIALIZED VIEW want_sales AS
SELECT company, scenario, e ->> 'product' AS product, e ->> 'region' AS region, month,
       sum((e ->> 'revenue')::numeric) AS revenue, sum((e ->> 'cogs')::numeric) AS cogs,
       sum((e ->> 'revenue')::numeric) - sum((e ->> 'cogs')::numeric) AS gross_margin,
       sum((e ->> 'quantity')::numeric) AS quantity, count(*) AS transactions
FROM event WHERE type = 'sale' AND NOT is_opening GROUP BY 1, 2, 3, 4, 5;

-- Expenses: opex is what is no capex and on an account of opex.
CREATE MATERIALIZED VIEW want_expense AS
SELECT company, scenario, e ->> 'costCenter' AS cost_center, month,
       coalesce(sum(amount) FILTER (WHERE NOT (e ->> 'isCapex')::boolean AND pl_line = 'opex'), 0) AS opex,
       coalesce(sum(amount) FILTER (WHERE (e ->> 'isCapex')::boolean), 0) AS capex
FROM event LEFT JOIN account ON e ->> 'account' = account
WHERE type = 'expense' AND NOT is_opening GROUP BY 1, 2, 3, 4;

-- People: after each of their events they hold a post or none. What happens in a month follows from the posts before and after.
CREATE MATERIALIZED VIEW post AS
SELECT company, scenario, starts, e ->> 'employeeId' AS employee, month, day, n,
       CASE type WHEN 'hr_hire' THEN e ->> 'department' END AS department,
       CASE type WHEN 'hr_hire' THEN (e ->> 'monthlySalary')::numeric END AS salary,
       lag(CASE type WHEN 'hr_hire' THEN e ->> 'department' END) OVER person AS department_before
FROM event WHERE type IN ('hr_hire', 'hr_exit')
WINDOW person AS (PARTITION BY company, scenario, e ->> 'employeeId' ORDER BY day, n);
ANALYZE post;
CREATE VIEW department_month AS
SELECT d.company, d.scenario, d.department, m.month
FROM (SELECT company, scenario, department, min(month) AS first_month FROM post WHERE department IS NOT NULL GROUP BY 1, 2, 3) d
JOIN scenario_month m ON (m.company, m.scenario) = (d.company, d.scenario) AND m.month >= d.first_month;
CREATE MATERIALIZED VIEW want_hr AS
SELECT dm.company, dm.scenario, dm.department, dm.month,
       (SELECT count(*) FROM (SELECT DISTINCT ON (employee) department FROM post p
                              WHERE (p.company, p.scenario) = (dm.company, dm.scenario) AND p.month < dm.month ORDER BY employee, day DESC, n DESC) l
        WHERE l.department = dm.department) AS opening_headcount,
       (SELECT count(*) FROM post p WHERE (p.company, p.scenario, p.month, p.department) = (dm.company, dm.scenario, dm.month, dm.department)
        AND department_before IS DISTINCT FROM p.department) AS hires,
       (SELECT count(*) FROM post p WHERE (p.company, p.scenario, p.month, p.department_before) = (dm.company, dm.scenario, dm.month, dm.department)
        AND p.department IS DISTINCT FROM department_before) AS exits,
       (SELECT count(*) FROM (SELECT DISTINCT ON (employee) department FROM post p
                              WHERE (p.company, p.scenario) = (dm.company, dm.scenario) AND p.month <= dm.month ORDER BY employee, day DESC, n DESC) l
        WHERE l.department = dm.department) AS closing_headcount,
       -- On the payroll at any time in the month: who holds a post when it begins, or takes one in it. The last one held is paid.
       coalesce((SELECT sum(l.salary) FROM (
          SELECT DISTINCT ON (employee) department, salary FROM (
            SELECT employee, department, salary, day, n FROM post p WHERE (p.company, p.scenario, p.month) = (dm.company, dm.scenario, dm.month) AND department IS NOT NULL
            UNION ALL
            (SELECT employee, department, salary, day, n FROM (
               SELECT DISTINCT ON (employee) * FROM post p
               WHERE (p.company, p.scenario) = (dm.company, dm.scenario) AND p.month < dm.month ORDER BY employee, day DESC, n DESC) held
             WHERE department IS NOT NULL)) held
          ORDER BY employee, day DESC, n DESC) l
        WHERE l.department = dm.department), 0) AS payroll_cost
FROM department_month dm;

ANALYZE;
-- The P&L and cash.
CREATE MATERIALIZED VIEW want_finance AS
WITH amounts AS (
  SELECT v.company, v.scenario, v.month,
         sum((e ->> 'revenue')::numeric) AS revenue, sum((e ->> 'cogs')::numeric) AS cogs,
         sum(amount) FILTER (WHERE type = 'expense' AND NOT (e ->> 'isCapex')::boolean AND a.pl_line = 'opex') AS expense_opex,
         sum(amount) FILTER (WHERE type = 'expense' AND (e ->> 'isCapex')::boolean) AS capex,
         sum(amount) FILTER (WHERE type = 'expense' AND a.pl_line = 'depreciation') AS depreciation,
         sum(amount) FILTER (WHERE type = 'expense' AND a.pl_line = 'interest') AS interest,
         sum((e ->> 'taxAmount')::numeric) FILTER (WHERE t.pl_line = 'income_tax') AS income_tax,
         sum((e ->> 'taxAmount')::numeric) FILTER (WHERE t.pl_line = 'opex') AS tax_opex,
         sum((e ->> 'taxAmount')::numeric) FILTER (WHERE t.pl_line = 'pass_through') AS pass_through,
         sum(amount) FILTER (WHERE type = 'procurement') AS procurement,
         sum(CASE e ->> 'direction' WHEN 'in' THEN amount ELSE -amount END) FILTER (WHERE type = 'cash_movement') AS movements
  FROM event v LEFT JOIN account a ON type = 'expense' AND e ->> 'account' = a.account
  LEFT JOIN tax t ON type = 'tax_payment' AND e ->> 'taxType' = t.tax_type
  WHERE NOT is_opening GROUP BY 1, 2, 3
), payroll AS (
  SELECT company, scenario, month, sum(payroll_cost) AS payroll FROM want_hr GROUP BY 1, 2, 3
), line AS (
  SELECT company, scenario, month, coalesce(revenue, 0) AS revenue, coalesce(cogs, 0) AS cogs, coalesce(expense_opex, 0) AS expense_opex,
         coalesce(capex, 0) AS capex, coalesce(depreciation, 0) AS depreciation, coalesce(interest, 0) AS interest, coalesce(income_tax, 0) AS income_tax,
         coalesce(tax_opex, 0) AS tax_opex, coalesce(pass_through, 0) AS pass_through, coalesce(procurement, 0) AS procurement,
         coalesce(movements, 0) AS movements, coalesce(payroll, 0) AS payroll
  FROM scenario_month LEFT JOIN amounts USING (company, scenario, month) LEFT JOIN payroll USING (company, scenario, month)
), pl AS (
  SELECT *, revenue - cogs AS gross_profit, expense_opex + payroll + tax_opex AS opex FROM line
), cash AS (
  SELECT *, revenue - procurement - opex - capex - interest - income_tax - pass_through + movements AS cash_change FROM pl
)
SELECT company, scenario, month, revenue, cogs, gross_profit, opex, gross_profit - opex AS ebitda, depreciation,
       gross_profit - opex - depreciation AS ebit, interest, income_tax AS tax,
       gross_profit - opex - depreciation - interest - income_tax AS net_income, cash_change,
       -- Before the start there are nothing but hires and opening balances.
       coalesce((SELECT sum(CASE e ->> 'direction' WHEN 'in' THEN amount ELSE -amount END) FROM event v
                 WHERE (v.company, v.scenario) = (cash.company, cash.scenario) AND is_opening AND type = 'cash_movement'), 0)
       + sum(cash_change) OVER (PARTITION BY company, scenario ORDER BY month) AS closing_cash
FROM cash;
SELECT is_empty('SELECT DISTINCT type FROM event WHERE is_opening AND type NOT IN (''hr_hire'', ''cash_movement'')', 'the opening state is hires and cash');
SELECT is_empty($$SELECT e FROM event WHERE type = 'expense' AND e ->> 'account' NOT IN (SELECT account FROM account)
                  OR type = 'tax_payment' AND e ->> 'taxType' NOT IN (SELECT tax_type FROM tax)$$, 'all accounts and taxes are mapped by hand here');

-- The cube is told the same lines.
SELECT tellingcube.create_cube('fixed') \g /dev/null
SET tellingcube.cube = 'fixed';
SELECT tellingcube.create_company(c ->> 'name', c ->> 'sector', c ->> 'country', c ->> 'currency') FROM jsonb_array_elements(:'companies'::jsonb -> 'companies') c \g /dev/null
SELECT tellingcube.create_scenario(c ->> 'name', s ->> 'name', s ->> 'ibcs', s ->> 'variant', s ->> 'starts')
FROM jsonb_array_elements(:'companies'::jsonb -> 'companies') c, jsonb_array_elements(c -> 'scenarios') s \g /dev/null
SELECT is((SELECT inserted FROM tellingcube.append_events(events => (SELECT '[' || string_agg(json, ',' ORDER BY n) || ']' FROM line))), 7064::bigint, 'all lines are stored');

CREATE VIEW have_sales AS
SELECT c.name AS company, s.name AS scenario, p.name AS product, r.name AS region, f.month, f.revenue, f.cogs, f.gross_margin, f.quantity, f.transactions
FROM fixed.fact_sales_monthly f JOIN fixed.dim_company c USING (company_id) JOIN fixed.dim_scenario s USING (company_id, scenario_id)
JOIN fixed.dim_product p USING (company_id, product_id) JOIN fixed.dim_region r USING (company_id, region_id);
CREATE VIEW have_expense AS
SELECT c.name AS company, s.name AS scenario, cc.name AS cost_center, f.month, f.opex, f.capex
FROM fixed.fact_expense_monthly f JOIN fixed.dim_company c USING (company_id) JOIN fixed.dim_scenario s USING (company_id, scenario_id)
JOIN fixed.dim_cost_center cc USING (company_id, cost_center_id);
CREATE VIEW have_hr AS
SELECT c.name AS company, s.name AS scenario, d.name AS department, f.month, f.opening_headcount, f.hires, f.exits, f.closing_headcount, f.payroll_cost
FROM fixed.fact_hr_monthly f JOIN fixed.dim_company c USING (company_id) JOIN fixed.dim_scenario s USING (company_id, scenario_id)
JOIN fixed.dim_department d USING (company_id, department_id);
CREATE VIEW have_finance AS
SELECT c.name AS company, s.name AS scenario, f.month, f.revenue, f.cogs, f.gross_profit, f.opex, f.ebitda, f.depreciation, f.ebit, f.interest, f.tax, f.net_income,
       f.cash_change, f.closing_cash
FROM fixed.fact_finance_monthly f JOIN fixed.dim_company c USING (company_id) JOIN fixed.dim_scenario s USING (company_id, scenario_id);

-- Both ways, and there is something to compare; nothing is lost by joining names.
CREATE FUNCTION same(fact text, at text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN NEXT is_empty(format('(TABLE want_%1$s EXCEPT ALL TABLE have_%1$s) UNION ALL (TABLE have_%1$s EXCEPT ALL TABLE want_%1$s)', fact),
                       format('%s: every cell as computed, %s', fact, at));
END $$;
SELECT cmp_ok((SELECT count(*) FROM want_sales), '>=', 1000::bigint, 'there are cells of sales to compare');
SELECT cmp_ok((SELECT count(*) FROM want_expense), '>=', 500::bigint, 'there are cells of expenses to compare');
SELECT cmp_ok((SELECT count(*) FROM want_hr), '>=', 300::bigint, 'there are cells of people to compare');
SELECT is((SELECT count(*) FROM want_finance), 120::bigint, 'there is a P&L for each month of the five scenarios');

SELECT same(fact, 'pending') FROM unnest(ARRAY['sales', 'expense', 'hr', 'finance']) fact;
SELECT is_empty('SELECT * FROM tellingcube.verify_facts()', 'verify_facts() finds nothing, pending');
SELECT cmp_ok(tellingcube.fold_facts(), '>', 0::bigint, 'folded');
SELECT same(fact, 'folded') FROM unnest(ARRAY['sales', 'expense', 'hr', 'finance']) fact;
SELECT tellingcube.rebuild_facts() \g /dev/null
SELECT same(fact, 'rebuilt') FROM unnest(ARRAY['sales', 'expense', 'hr', 'finance']) fact;
SELECT is_empty('SELECT * FROM tellingcube.verify_facts()', 'verify_facts() finds nothing, rebuilt');

-- Half pending, half folded, told by plain INSERT, backwards: the same.
SELECT tellingcube.create_cube('plain') \g /dev/null
INSERT INTO plain.dim_company SELECT * FROM fixed.dim_company;
INSERT INTO plain.dim_scenario SELECT * FROM fixed.dim_scenario;
CREATE PROCEDURE tell_plainly(from_line int, to_line int) LANGUAGE sql AS $$
  INSERT INTO plain.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
  SELECT c.company_id, s.scenario_id, v.month, v.type, v.day, e - 'company' - 'scenario' - 'eventType' - 'date'
  FROM event v JOIN plain.dim_company c ON c.name = v.company JOIN plain.dim_scenario s ON (s.company_id, s.name) = (c.company_id, v.scenario)
  WHERE n BETWEEN from_line AND to_line ORDER BY n DESC
$$;
CALL tell_plainly(3501, 7064);
SELECT cmp_ok(tellingcube.fold_facts('plain'), '>', 0::bigint, 'half of the lines are folded');
CALL tell_plainly(1, 3500);
SELECT is_empty(format('(TABLE fixed.%1$I EXCEPT ALL TABLE plain.%1$I) UNION ALL (TABLE plain.%1$I EXCEPT ALL TABLE fixed.%1$I)', fact),
                fact || ': told backwards, in halves and plainly, it is the same')
FROM unnest(ARRAY['fact_sales_monthly', 'fact_expense_monthly', 'fact_hr_monthly', 'fact_finance_monthly']) fact;

-- The comparison can fail: one line told otherwise is seen in each fact that it touches, and in no other.
CREATE FUNCTION differences(OUT sales bigint, OUT expense bigint, OUT hr bigint, OUT finance bigint) LANGUAGE sql AS $$
  REFRESH MATERIALIZED VIEW event; REFRESH MATERIALIZED VIEW post; REFRESH MATERIALIZED VIEW want_sales; REFRESH MATERIALIZED VIEW want_expense;
  REFRESH MATERIALIZED VIEW want_hr; REFRESH MATERIALIZED VIEW want_finance;
  SELECT (SELECT count(*) FROM (TABLE want_sales EXCEPT ALL TABLE have_sales) d), (SELECT count(*) FROM (TABLE want_expense EXCEPT ALL TABLE have_expense) d),
         (SELECT count(*) FROM (TABLE want_hr EXCEPT ALL TABLE have_hr) d), (SELECT count(*) FROM (TABLE want_finance EXCEPT ALL TABLE have_finance) d)
$$;
SELECT is(d::text, '(0,0,0,0)', 'worked out anew, nothing differs') FROM differences() d;
UPDATE told SET e = e || '{"revenue": 0.0001}' WHERE n = (SELECT min(n) FROM event WHERE type = 'sale' AND month = '2025-06-01' AND company = 'Alpine Bakery GmbH' AND scenario = 'Actual');
SELECT is(d::text, '(1,0,0,1)', 'another revenue in the last month: a cell of sales and one P&L differ') FROM differences() d;
UPDATE told t SET e = l.json::jsonb FROM line l WHERE l.n = t.n;
UPDATE told SET e = e || '{"monthlySalary": 1}' WHERE n = (SELECT n FROM event WHERE type = 'hr_hire' AND is_opening AND company = 'Alpine Bakery GmbH' AND scenario = 'Plan' ORDER BY n LIMIT 1);
SELECT is(d::text, '(0,0,24,24)', 'another salary before the start: all 24 months of the plan differ') FROM differences() d;

SELECT * FROM finish();
