-- Facts: stored rows and pending ones, added up by key. Filters on the key reach both.

CREATE OR REPLACE VIEW scenario_span WITH (security_invoker = true) AS
SELECT m.company_id, m.scenario_id, m.starts AS first_month, max(m.month) AS last_month
FROM (SELECT s.company_id, s.scenario_id, s.starts, a.month
      FROM dim_scenario s
      JOIN (SELECT company_id, scenario_id, month, entries FROM fact_activity_stored
            UNION ALL
            SELECT company_id, scenario_id, month, entries FROM fact_activity_pending) a USING (company_id, scenario_id)
      WHERE a.month >= s.starts
      GROUP BY s.company_id, s.scenario_id, s.starts, a.month
      HAVING sum(a.entries) <> 0) m
GROUP BY m.company_id, m.scenario_id, m.starts;
COMMENT ON VIEW scenario_span IS 'Months in which a scenario has facts: from its start to its last event.';
COMMENT ON COLUMN scenario_span.company_id IS 'Company.';
COMMENT ON COLUMN scenario_span.scenario_id IS 'Scenario.';
COMMENT ON COLUMN scenario_span.first_month IS 'First month: the scenario''s start.';
COMMENT ON COLUMN scenario_span.last_month IS 'Last month with an event.';

CREATE OR REPLACE VIEW fact_sales_monthly WITH (security_invoker = true) AS
SELECT f.company_id, f.scenario_id, f.product_id, f.region_id, f.month,
       sum(f.revenue) AS revenue, sum(f.cogs) AS cogs, sum(f.revenue - f.cogs) AS gross_margin,
       sum(f.quantity) AS quantity, sum(f.entries)::bigint AS transactions
FROM (SELECT company_id, scenario_id, product_id, region_id, month, revenue, cogs, quantity, entries FROM fact_sales_stored
      UNION ALL
      SELECT company_id, scenario_id, product_id, region_id, month, revenue, cogs, quantity, entries FROM fact_sales_pending) f
JOIN dim_scenario s ON s.company_id = f.company_id AND s.scenario_id = f.scenario_id AND f.month >= s.starts
GROUP BY f.company_id, f.scenario_id, f.product_id, f.region_id, f.month
HAVING sum(f.entries) <> 0;
COMMENT ON VIEW fact_sales_monthly IS 'Sales: one row for each company, scenario, product, region and month with sales.';
COMMENT ON COLUMN fact_sales_monthly.company_id IS 'Company.';
COMMENT ON COLUMN fact_sales_monthly.scenario_id IS 'Scenario; never add up several.';
COMMENT ON COLUMN fact_sales_monthly.product_id IS 'Product.';
COMMENT ON COLUMN fact_sales_monthly.region_id IS 'Sales region.';
COMMENT ON COLUMN fact_sales_monthly.month IS 'First day of the month.';
COMMENT ON COLUMN fact_sales_monthly.revenue IS 'Revenue, in the company''s currency.';
COMMENT ON COLUMN fact_sales_monthly.cogs IS 'Cost of goods sold, in the company''s currency.';
COMMENT ON COLUMN fact_sales_monthly.gross_margin IS 'Revenue − cost of goods sold, in the company''s currency.';
COMMENT ON COLUMN fact_sales_monthly.quantity IS 'Quantity sold.';
COMMENT ON COLUMN fact_sales_monthly.transactions IS 'Number of sales.';

CREATE OR REPLACE VIEW fact_expense_monthly WITH (security_invoker = true) AS
SELECT f.company_id, f.scenario_id, f.cost_center_id, f.month,
       coalesce(sum(f.amount) FILTER (WHERE NOT f.is_capex AND coalesce(a.pl_line, 'opex') = 'opex'), 0.0000) AS opex,
       coalesce(sum(f.amount) FILTER (WHERE f.is_capex), 0.0000) AS capex
FROM (SELECT company_id, scenario_id, cost_center_id, account_id, is_capex, month, amount, entries FROM fact_expense_stored
      UNION ALL
      SELECT company_id, scenario_id, cost_center_id, account_id, is_capex, month, amount, entries FROM fact_expense_pending) f
JOIN dim_scenario s ON s.company_id = f.company_id AND s.scenario_id = f.scenario_id AND f.month >= s.starts
LEFT JOIN dim_account a ON a.company_id = f.company_id AND a.account_id = f.account_id
GROUP BY f.company_id, f.scenario_id, f.cost_center_id, f.month
HAVING sum(f.entries) <> 0;
COMMENT ON VIEW fact_expense_monthly IS 'Expenses: one row for each company, scenario, cost centre and month with expenses. Depreciation and interest stand in fact_finance_monthly alone.';
COMMENT ON COLUMN fact_expense_monthly.company_id IS 'Company.';
COMMENT ON COLUMN fact_expense_monthly.scenario_id IS 'Scenario; never add up several.';
COMMENT ON COLUMN fact_expense_monthly.cost_center_id IS 'Cost centre.';
COMMENT ON COLUMN fact_expense_monthly.month IS 'First day of the month.';
COMMENT ON COLUMN fact_expense_monthly.opex IS 'Operating expenses without payroll and taxes, in the company''s currency.';
COMMENT ON COLUMN fact_expense_monthly.capex IS 'Capital expenditure, in the company''s currency.';

-- What the pending hires and exits change: each of their employees worked out anew with them, less the same without them.
CREATE OR REPLACE VIEW fact_hr_pending_change WITH (security_invoker = true) AS
SELECT p.company_id, p.scenario_id, c.month, c.department_id,
       sum(p.sign * c.hires)::bigint AS hires, sum(p.sign * c.exits)::bigint AS exits,
       sum(p.sign * c.payroll_change) AS payroll_change, sum(p.sign * c.entries)::bigint AS entries
FROM (
  SELECT e.sign, e.company_id, e.scenario_id, e.employee,
         array_agg(e.event_ts ORDER BY e.event_ts, e.event_id) AS event_ts,
         array_agg(e.department_id ORDER BY e.event_ts, e.event_id) AS department_id,
         array_agg(e.monthly_salary ORDER BY e.event_ts, e.event_id) AS monthly_salary
  FROM (
    SELECT v.sign, v.company_id, v.scenario_id, v.employee, v.event_ts, v.event_id, v.department_id, v.monthly_salary
    FROM (
      SELECT x.sign, h.company_id, h.scenario_id, h.employee, h.event_ts, h.event_id, h.department_id, h.monthly_salary, h.entries
      FROM (SELECT DISTINCT company_id, scenario_id, employee FROM fact_hr_pending) q
      JOIN fact_hr_history h USING (company_id, scenario_id, employee)
      CROSS JOIN (VALUES (-1), (1)) x(sign)
      UNION ALL
      SELECT 1, company_id, scenario_id, employee, event_ts, event_id, department_id, monthly_salary, entries
      FROM fact_hr_pending) v
    GROUP BY v.sign, v.company_id, v.scenario_id, v.employee, v.event_ts, v.event_id, v.department_id, v.monthly_salary
    HAVING sum(v.entries) > 0) e
  GROUP BY e.sign, e.company_id, e.scenario_id, e.employee) p
CROSS JOIN LATERAL tellingcube.employment(p.event_ts, p.department_id, p.monthly_salary) c
GROUP BY p.company_id, p.scenario_id, c.month, c.department_id;
COMMENT ON VIEW fact_hr_pending_change IS 'What pending hires and exits change in headcount and payroll: part of fact_hr_monthly.';
COMMENT ON COLUMN fact_hr_pending_change.company_id IS 'Company.';
COMMENT ON COLUMN fact_hr_pending_change.scenario_id IS 'Scenario.';
COMMENT ON COLUMN fact_hr_pending_change.month IS 'Month from which the change holds.';
COMMENT ON COLUMN fact_hr_pending_change.department_id IS 'Department.';
COMMENT ON COLUMN fact_hr_pending_change.hires IS 'Change of hires.';
COMMENT ON COLUMN fact_hr_pending_change.exits IS 'Change of exits.';
COMMENT ON COLUMN fact_hr_pending_change.payroll_change IS 'Change of the monthly payroll from that month on, in the company''s currency.';
COMMENT ON COLUMN fact_hr_pending_change.entries IS 'Change of the number of events behind it.';

-- Each department's changes are gathered once and then laid out month by month: a join of the changes with themselves would
-- work the pending ones out again for every department.
CREATE OR REPLACE VIEW fact_hr_monthly WITH (security_invoker = true) AS
SELECT m.company_id, m.scenario_id, m.department_id, x.month,
       (x.headcount - x.hires + x.exits)::bigint AS opening_headcount, x.hires::bigint AS hires, x.exits::bigint AS exits,
       x.headcount::bigint AS closing_headcount, x.payroll AS payroll_cost
FROM (
  -- A department's months: from its first event to the scenario's last month.
  SELECT c.company_id, c.scenario_id, c.department_id,
         greatest(min(c.month) FILTER (WHERE c.entries > 0), p.first_month) AS first_month, p.last_month,
         array_agg(c.month) AS months, array_agg(c.hires) AS hires, array_agg(c.exits) AS exits,
         array_agg(c.payroll_change) AS payroll_changes
  FROM (SELECT company_id, scenario_id, department_id, month, sum(hires) AS hires, sum(exits) AS exits,
               sum(payroll_change) AS payroll_change, sum(entries) AS entries
        FROM (SELECT company_id, scenario_id, department_id, month, hires, exits, payroll_change, entries FROM fact_hr_stored
              UNION ALL
              SELECT company_id, scenario_id, department_id, month, hires, exits, payroll_change, entries FROM fact_hr_pending_change) f
        GROUP BY company_id, scenario_id, department_id, month) c
  JOIN scenario_span p ON p.company_id = c.company_id AND p.scenario_id = c.scenario_id
  GROUP BY c.company_id, c.scenario_id, c.department_id, p.first_month, p.last_month
  HAVING bool_or(c.entries > 0)) m
CROSS JOIN LATERAL (
  SELECT s.month, sum(s.hires) AS hires, sum(s.exits) AS exits,
         sum(sum(s.carried + s.hires - s.exits)) OVER (ORDER BY s.month) AS headcount,
         sum(sum(s.payroll_change)) OVER (ORDER BY s.month) AS payroll
  FROM (
    SELECT d::date AS month, 0 AS carried, 0 AS hires, 0 AS exits, 0.0000 AS payroll_change
    FROM generate_series(m.first_month::timestamp, m.last_month::timestamp, interval '1 month') d
    UNION ALL
    -- What happened before the first month is carried into it and counts as its opening.
    SELECT greatest(u.month, m.first_month),
           CASE WHEN u.month < m.first_month THEN u.hires - u.exits ELSE 0 END,
           CASE WHEN u.month < m.first_month THEN 0 ELSE u.hires END,
           CASE WHEN u.month < m.first_month THEN 0 ELSE u.exits END, u.payroll_change
    FROM unnest(m.months, m.hires, m.exits, m.payroll_changes) u(month, hires, exits, payroll_change)
    WHERE u.month <= m.last_month) s
  GROUP BY s.month) x;
COMMENT ON VIEW fact_hr_monthly IS 'People: one row for each company, scenario, department and month, from the department''s first event to the scenario''s last month.';
COMMENT ON COLUMN fact_hr_monthly.company_id IS 'Company.';
COMMENT ON COLUMN fact_hr_monthly.scenario_id IS 'Scenario; never add up several.';
COMMENT ON COLUMN fact_hr_monthly.department_id IS 'Department.';
COMMENT ON COLUMN fact_hr_monthly.month IS 'First day of the month.';
COMMENT ON COLUMN fact_hr_monthly.opening_headcount IS 'People employed when the month begins: the closing headcount of the month before.';
COMMENT ON COLUMN fact_hr_monthly.hires IS 'People who joined the department.';
COMMENT ON COLUMN fact_hr_monthly.exits IS 'People who left the department.';
COMMENT ON COLUMN fact_hr_monthly.closing_headcount IS 'People employed when the month ends: opening + hires − exits. Over a period, that of its last month.';
COMMENT ON COLUMN fact_hr_monthly.payroll_cost IS 'Monthly salaries of all on the payroll at any time in the month, in the company''s currency.';

-- Two steps, as for headcount: everything is added up once by month, then each scenario is laid out month by month.
CREATE OR REPLACE VIEW fact_finance_monthly WITH (security_invoker = true) AS
SELECT m.company_id, m.scenario_id, x.month, x.revenue, x.cogs, x.revenue - x.cogs AS gross_profit,
       x.opex + x.payroll AS opex, x.revenue - x.cogs - x.opex - x.payroll AS ebitda, x.depreciation,
       x.revenue - x.cogs - x.opex - x.payroll - x.depreciation AS ebit, x.interest, x.tax,
       x.revenue - x.cogs - x.opex - x.payroll - x.depreciation - x.interest - x.tax AS net_income,
       x.cash_change - x.payroll AS cash_change,
       sum(x.cash_effect - x.payroll) OVER (PARTITION BY m.company_id, m.scenario_id ORDER BY x.month) AS closing_cash
FROM (
  SELECT t.company_id, t.scenario_id, t.starts,
         max(t.month) FILTER (WHERE t.entries <> 0 AND t.month >= t.starts) AS last_month,
         array_agg(t.month) AS months, array_agg(t.revenue) AS revenue, array_agg(t.cogs) AS cogs,
         array_agg(t.opex) AS opex, array_agg(t.depreciation) AS depreciation, array_agg(t.interest) AS interest,
         array_agg(t.tax) AS tax, array_agg(t.cash) AS cash, array_agg(t.payroll_change) AS payroll_change
  FROM (
    -- Each amount on its line of the P&L and with its effect on cash.
    SELECT l.company_id, l.scenario_id, s.starts, l.month, sum(l.entries) AS entries,
           sum(l.amount) FILTER (WHERE p.line = 'revenue') AS revenue,
           sum(l.amount) FILTER (WHERE p.line = 'cogs') AS cogs,
           sum(l.amount) FILTER (WHERE p.line = 'opex') AS opex,
           sum(l.amount) FILTER (WHERE p.line = 'depreciation') AS depreciation,
           sum(l.amount) FILTER (WHERE p.line = 'interest') AS interest,
           sum(l.amount) FILTER (WHERE p.line = 'income_tax') AS tax,
           sum(l.amount) FILTER (WHERE p.line = 'payroll_change') AS payroll_change,
           coalesce(sum(l.amount) FILTER (WHERE p.line IN ('revenue', 'cash_in')), 0.0000)
             - coalesce(sum(l.amount) FILTER (WHERE p.line IN ('procurement', 'opex', 'capex', 'interest', 'income_tax',
                                                               'pass_through', 'cash_out')), 0.0000) AS cash
    FROM (
      SELECT company_id, scenario_id, month, line, member_id, amount, 0::bigint AS entries FROM fact_finance_stored
      UNION ALL
      SELECT company_id, scenario_id, month, line, member_id, amount, 0 FROM fact_finance_pending
      UNION ALL
      -- Payroll as its changes, added up below: what fact_hr_monthly.payroll_cost comes to in all departments.
      SELECT company_id, scenario_id, month, 'payroll_change', NULL, payroll_change, 0 FROM fact_hr_stored
      UNION ALL
      SELECT company_id, scenario_id, month, 'payroll_change', NULL, payroll_change, 0 FROM fact_hr_pending_change
      UNION ALL
      SELECT company_id, scenario_id, month, 'activity', NULL, 0.0000, entries FROM fact_activity_stored
      UNION ALL
      SELECT company_id, scenario_id, month, 'activity', NULL, 0.0000, entries FROM fact_activity_pending) l
    JOIN dim_scenario s ON s.company_id = l.company_id AND s.scenario_id = l.scenario_id
    LEFT JOIN dim_account a ON a.company_id = l.company_id AND a.account_id = l.member_id AND l.line = 'expense'
    LEFT JOIN dim_tax_type t ON t.company_id = l.company_id AND t.tax_type_id = l.member_id AND l.line = 'tax'
    CROSS JOIN LATERAL (SELECT CASE l.line WHEN 'expense' THEN coalesce(a.pl_line, 'opex')
                                           WHEN 'tax' THEN coalesce(t.pl_line, 'opex') ELSE l.line END AS line) p
    GROUP BY l.company_id, l.scenario_id, s.starts, l.month) t
  GROUP BY t.company_id, t.scenario_id, t.starts) m
CROSS JOIN LATERAL (
  SELECT r.month, sum(r.revenue) AS revenue, sum(r.cogs) AS cogs, sum(r.opex) AS opex, sum(r.depreciation) AS depreciation,
         sum(r.interest) AS interest, sum(r.tax) AS tax, sum(r.cash_change) AS cash_change, sum(r.cash_effect) AS cash_effect,
         sum(sum(r.payroll_change)) OVER (ORDER BY r.month) AS payroll
  FROM (
    SELECT d::date AS month, 0.0000 AS revenue, 0.0000 AS cogs, 0.0000 AS opex, 0.0000 AS depreciation, 0.0000 AS interest,
           0.0000 AS tax, 0.0000 AS cash_change, 0.0000 AS cash_effect, 0.0000 AS payroll_change
    FROM generate_series(m.starts::timestamp, m.last_month::timestamp, interval '1 month') d
    UNION ALL
    SELECT u.month, u.revenue, u.cogs, u.opex, u.depreciation, u.interest, u.tax, u.cash, u.cash, u.payroll_change
    FROM unnest(m.months, m.revenue, m.cogs, m.opex, m.depreciation, m.interest, m.tax, m.cash, m.payroll_change)
         u(month, revenue, cogs, opex, depreciation, interest, tax, cash, payroll_change)
    WHERE u.month BETWEEN m.starts AND m.last_month
    UNION ALL
    -- Before the start there is only the effect on cash and payroll, carried into the first month.
    SELECT m.starts, 0, 0, 0, 0, 0, 0, 0, u.cash, u.payroll_change
    FROM unnest(m.months, m.cash, m.payroll_change) u(month, cash, payroll_change)
    WHERE u.month < m.starts) r
  GROUP BY r.month) x
WHERE m.last_month IS NOT NULL;
COMMENT ON VIEW fact_finance_monthly IS 'The P&L and cash: one row for each company, scenario and month, from the scenario''s start to its last month.';
COMMENT ON COLUMN fact_finance_monthly.company_id IS 'Company.';
COMMENT ON COLUMN fact_finance_monthly.scenario_id IS 'Scenario; never add up several.';
COMMENT ON COLUMN fact_finance_monthly.month IS 'First day of the month.';
COMMENT ON COLUMN fact_finance_monthly.revenue IS 'Revenue, in the company''s currency.';
COMMENT ON COLUMN fact_finance_monthly.cogs IS 'Cost of goods sold, in the company''s currency.';
COMMENT ON COLUMN fact_finance_monthly.gross_profit IS 'Revenue − cost of goods sold.';
COMMENT ON COLUMN fact_finance_monthly.opex IS 'Operating expenses + payroll + taxes that are operating cost (payroll levies, property tax).';
COMMENT ON COLUMN fact_finance_monthly.ebitda IS 'Gross profit − opex.';
COMMENT ON COLUMN fact_finance_monthly.depreciation IS 'Expenses on accounts mapped to depreciation; no cash.';
COMMENT ON COLUMN fact_finance_monthly.ebit IS 'EBITDA − depreciation: the operating profit.';
COMMENT ON COLUMN fact_finance_monthly.interest IS 'Expenses on accounts mapped to interest.';
COMMENT ON COLUMN fact_finance_monthly.tax IS 'Income taxes paid.';
COMMENT ON COLUMN fact_finance_monthly.net_income IS 'EBIT − interest − tax.';
COMMENT ON COLUMN fact_finance_monthly.cash_change IS 'Revenue − procurement − opex − capex − interest − taxes outside opex ± cash movements.';
COMMENT ON COLUMN fact_finance_monthly.closing_cash IS 'Cash at the month''s end: opening cash + all cash changes so far. Over a period, that of its last month.';
