-- Facts: stored rows and pending ones, added up by key. Filters on the key reach both.

-- The last month is looked up from the end: most scenarios' newest month decides at once.
CREATE OR REPLACE VIEW scenario_span WITH (security_invoker = true) AS
SELECT s.company_id, s.scenario_id, s.starts AS first_month, l.month AS last_month
FROM dim_scenario s
CROSS JOIN LATERAL (
  SELECT a.month
  FROM (SELECT company_id, scenario_id, month, entries FROM fact_activity_stored
        UNION ALL
        SELECT company_id, scenario_id, month, entries FROM fact_activity_pending) a
  WHERE a.company_id = s.company_id AND a.scenario_id = s.scenario_id AND a.month >= s.starts
  GROUP BY a.month
  HAVING sum(a.entries) <> 0
  ORDER BY a.month DESC
  LIMIT 1) l;
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
    SELECT d AS month, 0 AS carried, 0 AS hires, 0 AS exits, 0.0000 AS payroll_change
    FROM tellingcube.months(m.first_month, m.last_month) d
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

CREATE OR REPLACE VIEW fact_finance_monthly WITH (security_invoker = true) AS
WITH posting AS (
  -- Each amount on its line of the P&L. Before the start there is only the effect on cash and payroll.
  SELECT l.company_id, l.scenario_id, greatest(l.month, s.starts) AS month, l.month < s.starts AS is_opening,
         CASE l.line WHEN 'expense' THEN coalesce(a.pl_line, 'opex')
                     WHEN 'tax' THEN coalesce(t.pl_line, 'opex') ELSE l.line END AS line, l.amount
  FROM (SELECT company_id, scenario_id, month, line, member_id, amount FROM fact_finance_stored
        UNION ALL
        SELECT company_id, scenario_id, month, line, member_id, amount FROM fact_finance_pending
        UNION ALL
        -- Payroll as its changes, added up below: what fact_hr_monthly.payroll_cost comes to in all departments.
        SELECT company_id, scenario_id, month, 'payroll_change', NULL, payroll_change FROM fact_hr_stored
        UNION ALL
        SELECT company_id, scenario_id, month, 'payroll_change', NULL, payroll_change FROM fact_hr_pending_change) l
  JOIN dim_scenario s ON s.company_id = l.company_id AND s.scenario_id = l.scenario_id
  -- A key that is NULL costs no look-up; most lines need none.
  LEFT JOIN dim_account a ON a.company_id = l.company_id AND a.account_id = CASE WHEN l.line = 'expense' THEN l.member_id END
  LEFT JOIN dim_tax_type t ON t.company_id = l.company_id AND t.tax_type_id = CASE WHEN l.line = 'tax' THEN l.member_id END
), told AS (
  SELECT company_id, scenario_id, month,
         sum(amount) FILTER (WHERE line = 'revenue' AND NOT is_opening) AS revenue,
         sum(amount) FILTER (WHERE line = 'cogs' AND NOT is_opening) AS cogs,
         sum(amount) FILTER (WHERE line = 'opex' AND NOT is_opening) AS other_opex,
         sum(amount) FILTER (WHERE line = 'depreciation' AND NOT is_opening) AS depreciation,
         sum(amount) FILTER (WHERE line = 'interest' AND NOT is_opening) AS interest,
         sum(amount) FILTER (WHERE line = 'income_tax' AND NOT is_opening) AS tax,
         -- Payroll is taken off cash below, with the running sum.
         sum(CASE WHEN line IN ('revenue', 'cash_in') THEN amount ELSE -amount END)
           FILTER (WHERE line NOT IN ('cogs', 'depreciation', 'payroll_change') AND NOT is_opening) AS other_cash,
         sum(CASE WHEN line IN ('revenue', 'cash_in') THEN amount ELSE -amount END)
           FILTER (WHERE line NOT IN ('cogs', 'depreciation', 'payroll_change') AND is_opening) AS opening_cash,
         sum(amount) FILTER (WHERE line = 'payroll_change') AS payroll_change
  FROM posting
  GROUP BY company_id, scenario_id, month
), dense AS (  -- months without an amount are rows, too
  SELECT p.company_id, p.scenario_id, m.month,
         coalesce(t.revenue, 0.0000) AS revenue, coalesce(t.cogs, 0.0000) AS cogs, coalesce(t.other_opex, 0.0000) AS other_opex,
         coalesce(t.depreciation, 0.0000) AS depreciation, coalesce(t.interest, 0.0000) AS interest, coalesce(t.tax, 0.0000) AS tax,
         coalesce(t.other_cash, 0.0000) AS other_cash, coalesce(t.opening_cash, 0.0000) AS opening_cash,
         coalesce(sum(t.payroll_change) OVER (PARTITION BY p.company_id, p.scenario_id ORDER BY m.month), 0.0000) AS payroll
  FROM scenario_span p
  CROSS JOIN LATERAL tellingcube.months(p.first_month, p.last_month) m(month)
  LEFT JOIN told t ON t.company_id = p.company_id AND t.scenario_id = p.scenario_id AND t.month = m.month
)
SELECT company_id, scenario_id, month, revenue, cogs, revenue - cogs AS gross_profit, other_opex + payroll AS opex,
       revenue - cogs - other_opex - payroll AS ebitda, depreciation,
       revenue - cogs - other_opex - payroll - depreciation AS ebit, interest, tax,
       revenue - cogs - other_opex - payroll - depreciation - interest - tax AS net_income,
       other_cash - payroll AS cash_change,
       sum(opening_cash + other_cash - payroll) OVER (PARTITION BY company_id, scenario_id ORDER BY month) AS closing_cash
FROM dense;
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
