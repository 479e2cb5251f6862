-- IBCS: actual (AC), previous year (PY), plan (PL) and forecast (FC) side by side, for variant baseline.
--
-- A stored scenario wins in the months it spans. Elsewhere: PY is the AC of a year ago, or where that is missing too
-- AC ÷ (1 + growth); PL = PY × (1 + planned growth); FC is AC up to the cut-off, then PL × (AC to date ÷ PL to date).
-- The rules hold for what is measured. Profits are derived from it, so that the columns of all scenarios add up.
-- "Spans" is meant of the scenario, not of a single member: a product that last year did not have has PY = 0. So members
-- add up to the whole in AC, PY and PL; not in a calculated FC, where each goes on at its own pace.
-- Stocks are estimated like flows: scaled alike, they still roll forward. A calculated forecast of a stock starts from
-- the actual one at the cut-off and adds the forecast flows.

CREATE OR REPLACE VIEW ibcs_scenario WITH (security_invoker = true) AS
SELECT DISTINCT ON (s.company_id, s.ibcs) s.company_id, s.ibcs, s.scenario_id, p.first_month, p.last_month
FROM dim_scenario s JOIN scenario_span p USING (company_id, scenario_id)
WHERE s.variant = 'baseline'
ORDER BY s.company_id, s.ibcs, s.created_at, s.scenario_id;

-- DISTINCT is for the planner: worked out once as it stands, this is a few rows; joined with the facts part by part, it is
-- worked out for each of their rows. Filters on the company still reach it.
CREATE OR REPLACE VIEW ibcs_source WITH (security_invoker = true) AS
SELECT DISTINCT h.company_id, d.month, s.ibcs, s.source,
       CASE s.source WHEN 'PY' THEN h.py_id WHEN 'PL' THEN h.pl_id WHEN 'FC' THEN h.fc_id ELSE h.ac_id END AS scenario_id,
       CASE s.source WHEN 'LY' THEN (d.month - interval '1 year')::date WHEN 'carried' THEN h.ac_last ELSE d.month END
         AS source_month,
       s.factor, s.divisor, s.is_paced, d.month BETWEEN y.year_start AND o.cut_off AND a.source IS NOT NULL AS is_to_date,
       o.cut_off, a.source IS NOT NULL AS has_ac, b.source IS NOT NULL AS has_py, p.source IS NOT NULL AS has_pl,
       coalesce(f.source, CASE WHEN f.is_paced THEN p.source END) IS NOT NULL AS has_fc
FROM (
  SELECT company_id, min(first_month) AS story_start, max(last_month) AS story_end,
         min(first_month) FILTER (WHERE ibcs = 'AC') AS ac_first, max(last_month) FILTER (WHERE ibcs = 'AC') AS ac_last,
         min(first_month) FILTER (WHERE ibcs = 'PY') AS py_first, max(last_month) FILTER (WHERE ibcs = 'PY') AS py_last,
         min(first_month) FILTER (WHERE ibcs = 'PL') AS pl_first, max(last_month) FILTER (WHERE ibcs = 'PL') AS pl_last,
         min(first_month) FILTER (WHERE ibcs = 'FC') AS fc_first, max(last_month) FILTER (WHERE ibcs = 'FC') AS fc_last,
         (array_agg(scenario_id) FILTER (WHERE ibcs = 'AC'))[1] AS ac_id,
         (array_agg(scenario_id) FILTER (WHERE ibcs = 'PY'))[1] AS py_id,
         (array_agg(scenario_id) FILTER (WHERE ibcs = 'PL'))[1] AS pl_id,
         (array_agg(scenario_id) FILTER (WHERE ibcs = 'FC'))[1] AS fc_id
  FROM ibcs_scenario GROUP BY company_id) h
JOIN dim_company c ON c.company_id = h.company_id
CROSS JOIN LATERAL (
  -- The present is where the actuals end, or earlier when told so; later than that there is nothing to go by.
  SELECT CASE WHEN h.ac_last IS NOT NULL THEN
    least(h.ac_last, tellingcube.as_of()) END AS cut_off) o
CROSS JOIN LATERAL (
  SELECT (o.cut_off - (extract(month FROM o.cut_off)::integer - c.fiscal_year_start + 12) % 12 * interval '1 month')::date
         AS year_start) y
JOIN dim_date d ON d.month BETWEEN h.story_start AND greatest(h.story_end, (y.year_start + interval '11 months')::date)
CROSS JOIN LATERAL (SELECT CASE WHEN d.month BETWEEN h.ac_first AND h.ac_last THEN 'AC' END AS source) a
CROSS JOIN LATERAL (
  SELECT CASE WHEN d.month BETWEEN h.py_first AND h.py_last THEN 'PY'
              WHEN d.month - interval '1 year' BETWEEN h.ac_first AND h.ac_last THEN 'LY' ELSE a.source END AS source) b
CROSS JOIN LATERAL (
  SELECT CASE WHEN d.month BETWEEN h.pl_first AND h.pl_last THEN 'PL' ELSE b.source END AS source,
         CASE WHEN d.month BETWEEN h.pl_first AND h.pl_last THEN 1 ELSE 1 + c.planned_growth END AS factor) p
CROSS JOIN LATERAL (
  SELECT CASE WHEN d.month BETWEEN h.fc_first AND h.fc_last THEN 'FC' WHEN d.month <= o.cut_off THEN a.source END AS source,
         coalesce(d.month > o.cut_off AND NOT coalesce(d.month BETWEEN h.fc_first AND h.fc_last, false), false)
           AS is_paced) f
CROSS JOIN LATERAL (VALUES
  ('AC', a.source, 1, 1, false),
  ('PY', b.source, 1, CASE b.source WHEN 'AC' THEN 1 + c.growth ELSE 1 END, false),
  ('PL', p.source, p.factor, CASE p.source WHEN 'AC' THEN 1 + c.growth ELSE 1 END, false),
  ('FC', f.source, 1, 1, false),
  ('FC', CASE WHEN f.is_paced THEN p.source END, p.factor, CASE p.source WHEN 'AC' THEN 1 + c.growth ELSE 1 END, true),
  -- Who is there when the actuals end stays, though neither plan nor last year know of the department.
  ('FC', CASE WHEN f.is_paced AND p.source IS NOT NULL THEN 'carried' END, 0, 1, true)) s(ibcs, source, factor, divisor, is_paced)
WHERE s.source IS NOT NULL;

CREATE OR REPLACE VIEW ibcs_finance_monthly WITH (security_invoker = true) AS
WITH told AS (
  SELECT x.company_id, x.month, x.ibcs, x.is_paced, x.is_to_date, x.cut_off,
         tellingcube.ibcs_amount(f.revenue, x.factor, x.divisor) AS revenue,
         tellingcube.ibcs_amount(f.cogs, x.factor, x.divisor) AS cogs,
         tellingcube.ibcs_amount(f.opex, x.factor, x.divisor) AS opex,
         tellingcube.ibcs_amount(f.depreciation, x.factor, x.divisor) AS depreciation,
         tellingcube.ibcs_amount(f.interest, x.factor, x.divisor) AS interest,
         tellingcube.ibcs_amount(f.tax, x.factor, x.divisor) AS tax,
         -- What moves cash past the P&L: stocks of goods, investment, VAT, loans.
         tellingcube.ibcs_amount(f.cash_change - (f.revenue - f.cogs - f.opex - f.interest - f.tax), x.factor, x.divisor)
           AS other_cash,
         tellingcube.ibcs_amount(f.closing_cash, x.factor, x.divisor) AS closing_cash
  FROM fact_finance_monthly f
  JOIN ibcs_source x ON x.company_id = f.company_id AND x.scenario_id = f.scenario_id AND x.source_month = f.month
  WHERE x.source <> 'carried'
), paced AS (
  -- Payments past the P&L, each of its own kind, have no pace: they are forecast as planned.
  SELECT company_id, month, ibcs, is_paced, cut_off, other_cash, closing_cash,
         tellingcube.ibcs_pace(is_paced, revenue, sum(revenue) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(revenue) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS revenue,
         tellingcube.ibcs_pace(is_paced, cogs, sum(cogs) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(cogs) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS cogs,
         tellingcube.ibcs_pace(is_paced, opex, sum(opex) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(opex) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS opex,
         tellingcube.ibcs_pace(is_paced, depreciation, sum(depreciation) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(depreciation) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS depreciation,
         tellingcube.ibcs_pace(is_paced, interest, sum(interest) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(interest) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS interest,
         tellingcube.ibcs_pace(is_paced, tax, sum(tax) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(tax) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS tax
  FROM told
  WINDOW whole AS (PARTITION BY company_id)
), derived AS (
  SELECT company_id, month, ibcs, is_paced, cut_off, closing_cash, revenue, cogs, opex, depreciation, interest, tax,
         revenue - cogs AS gross_profit, revenue - cogs - opex AS ebitda, revenue - cogs - opex - depreciation AS ebit,
         revenue - cogs - opex - depreciation - interest - tax AS net_income,
         revenue - cogs - opex - interest - tax + other_cash AS cash_change
  FROM paced
), scenario AS (
  SELECT company_id, month, ibcs,
         ARRAY[revenue, cogs, gross_profit, opex, ebitda, depreciation, ebit, interest, tax, net_income, cash_change,
               CASE WHEN is_paced THEN min(closing_cash) FILTER (WHERE ibcs = 'AC' AND month = cut_off) OVER whole
                         + sum(cash_change) FILTER (WHERE ibcs = 'FC' AND month > cut_off) OVER so_far
                    ELSE closing_cash END] AS amounts  -- in the order of tellingcube.measure
  FROM derived
  WINDOW whole AS (PARTITION BY company_id), so_far AS (PARTITION BY company_id ORDER BY month)
), compared AS (  -- one row each, so that max() only puts them side by side
  SELECT company_id, month, max(amounts) FILTER (WHERE ibcs = 'AC') AS ac, max(amounts) FILTER (WHERE ibcs = 'PY') AS py,
         max(amounts) FILTER (WHERE ibcs = 'PL') AS pl, max(amounts) FILTER (WHERE ibcs = 'FC') AS fc
  FROM scenario
  GROUP BY company_id, month
)
SELECT q.company_id, c.name AS company, q.month, m.measure, m.label,
       CASE m.unit WHEN 'currency' THEN c.currency ELSE m.unit END AS unit, m.sort, v.ac, v.py, v.pl, v.fc,
       CASE WHEN v.ac IS NOT NULL THEN 'AC' WHEN v.fc IS NOT NULL THEN 'FC' END AS minuend,
       d.py AS delta_py, tellingcube.delta_percent(d.py, v.py, m.signed) AS delta_py_pct,
       tellingcube.delta_impact(d.py, m.polarity) AS delta_py_impact,
       d.pl AS delta_pl, tellingcube.delta_percent(d.pl, v.pl, m.signed) AS delta_pl_pct,
       tellingcube.delta_impact(d.pl, m.polarity) AS delta_pl_impact,
       d.fc AS delta_fc, tellingcube.delta_percent(d.fc, v.fc, m.signed) AS delta_fc_pct,
       tellingcube.delta_impact(d.fc, m.polarity) AS delta_fc_impact
FROM compared q
JOIN dim_company c ON c.company_id = q.company_id
CROSS JOIN LATERAL unnest(q.ac, q.py, q.pl, q.fc) WITH ORDINALITY v(ac, py, pl, fc, sort)
LEFT JOIN tellingcube.measure m ON m.fact = 'finance' AND m.sort = v.sort
CROSS JOIN LATERAL (SELECT coalesce(v.ac, v.fc) - v.py AS py, coalesce(v.ac, v.fc) - v.pl AS pl, v.ac - v.fc AS fc) d;

CREATE OR REPLACE VIEW ibcs_sales_monthly WITH (security_invoker = true) AS
WITH told AS (
  SELECT x.company_id, f.product_id, f.region_id, x.month, x.ibcs, x.is_paced, x.is_to_date,
         x.has_ac, x.has_py, x.has_pl, x.has_fc,
         tellingcube.ibcs_amount(f.revenue, x.factor, x.divisor) AS revenue,
         tellingcube.ibcs_amount(f.cogs, x.factor, x.divisor) AS cogs,
         tellingcube.ibcs_amount(f.quantity, x.factor, x.divisor) AS quantity,
         tellingcube.ibcs_amount(f.transactions, x.factor, x.divisor) AS transactions
  FROM fact_sales_monthly f
  JOIN ibcs_source x ON x.company_id = f.company_id AND x.scenario_id = f.scenario_id AND x.source_month = f.month
  WHERE x.source <> 'carried'
), paced AS (
  SELECT company_id, product_id, region_id, month, ibcs, has_ac, has_py, has_pl, has_fc,
         tellingcube.ibcs_pace(is_paced, revenue, sum(revenue) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(revenue) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS revenue,
         tellingcube.ibcs_pace(is_paced, cogs, sum(cogs) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(cogs) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS cogs,
         tellingcube.ibcs_pace(is_paced, quantity, sum(quantity) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(quantity) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS quantity,
         tellingcube.ibcs_pace(is_paced, transactions, sum(transactions) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(transactions) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS transactions
  FROM told
  WINDOW whole AS (PARTITION BY company_id, product_id, region_id)
), scenario AS (
  SELECT company_id, product_id, region_id, month, ibcs, has_ac, has_py, has_pl, has_fc,
         ARRAY[revenue, cogs, revenue - cogs, quantity, transactions] AS amounts  -- in the order of tellingcube.measure
  FROM paced
), compared AS (
  SELECT company_id, product_id, region_id, month, has_ac, has_py, has_pl, has_fc,
         max(amounts) FILTER (WHERE ibcs = 'AC') AS ac, max(amounts) FILTER (WHERE ibcs = 'PY') AS py,
         max(amounts) FILTER (WHERE ibcs = 'PL') AS pl, max(amounts) FILTER (WHERE ibcs = 'FC') AS fc
  FROM scenario
  GROUP BY company_id, product_id, region_id, month, has_ac, has_py, has_pl, has_fc
)
SELECT q.company_id, c.name AS company, q.product_id, p.name AS product, q.region_id, r.name AS region, q.month,
       m.measure, m.label, CASE m.unit WHEN 'currency' THEN c.currency ELSE m.unit END AS unit, m.sort, w.ac, w.py, w.pl, w.fc,
       CASE WHEN w.ac IS NOT NULL THEN 'AC' WHEN w.fc IS NOT NULL THEN 'FC' END AS minuend,
       d.py AS delta_py, tellingcube.delta_percent(d.py, w.py, m.signed) AS delta_py_pct,
       tellingcube.delta_impact(d.py, m.polarity) AS delta_py_impact,
       d.pl AS delta_pl, tellingcube.delta_percent(d.pl, w.pl, m.signed) AS delta_pl_pct,
       tellingcube.delta_impact(d.pl, m.polarity) AS delta_pl_impact,
       d.fc AS delta_fc, tellingcube.delta_percent(d.fc, w.fc, m.signed) AS delta_fc_pct,
       tellingcube.delta_impact(d.fc, m.polarity) AS delta_fc_impact
FROM compared q
JOIN dim_company c ON c.company_id = q.company_id
LEFT JOIN dim_product p ON p.company_id = q.company_id AND p.product_id = q.product_id
LEFT JOIN dim_region r ON r.company_id = q.company_id AND r.region_id = q.region_id
CROSS JOIN LATERAL unnest(q.ac, q.py, q.pl, q.fc) WITH ORDINALITY v(ac, py, pl, fc, sort)
CROSS JOIN LATERAL (
  SELECT CASE WHEN q.has_ac THEN coalesce(v.ac, 0.0000) END AS ac, CASE WHEN q.has_py THEN coalesce(v.py, 0.0000) END AS py,
         CASE WHEN q.has_pl THEN coalesce(v.pl, 0.0000) END AS pl, CASE WHEN q.has_fc THEN coalesce(v.fc, 0.0000) END AS fc) w
LEFT JOIN tellingcube.measure m ON m.fact = 'sales' AND m.sort = v.sort
CROSS JOIN LATERAL (SELECT coalesce(w.ac, w.fc) - w.py AS py, coalesce(w.ac, w.fc) - w.pl AS pl, w.ac - w.fc AS fc) d;

CREATE OR REPLACE VIEW ibcs_expense_monthly WITH (security_invoker = true) AS
WITH told AS (
  SELECT x.company_id, f.cost_center_id, x.month, x.ibcs, x.is_paced, x.is_to_date, x.has_ac, x.has_py, x.has_pl, x.has_fc,
         tellingcube.ibcs_amount(f.opex, x.factor, x.divisor) AS opex,
         tellingcube.ibcs_amount(f.capex, x.factor, x.divisor) AS capex
  FROM fact_expense_monthly f
  JOIN ibcs_source x ON x.company_id = f.company_id AND x.scenario_id = f.scenario_id AND x.source_month = f.month
  WHERE x.source <> 'carried'
), paced AS (
  SELECT company_id, cost_center_id, month, ibcs, has_ac, has_py, has_pl, has_fc,
         tellingcube.ibcs_pace(is_paced, opex, sum(opex) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(opex) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS opex,
         tellingcube.ibcs_pace(is_paced, capex, sum(capex) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(capex) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS capex
  FROM told
  WINDOW whole AS (PARTITION BY company_id, cost_center_id)
), scenario AS (
  SELECT company_id, cost_center_id, month, ibcs, has_ac, has_py, has_pl, has_fc,
         ARRAY[opex, capex] AS amounts  -- in the order of tellingcube.measure
  FROM paced
), compared AS (
  SELECT company_id, cost_center_id, month, has_ac, has_py, has_pl, has_fc,
         max(amounts) FILTER (WHERE ibcs = 'AC') AS ac, max(amounts) FILTER (WHERE ibcs = 'PY') AS py,
         max(amounts) FILTER (WHERE ibcs = 'PL') AS pl, max(amounts) FILTER (WHERE ibcs = 'FC') AS fc
  FROM scenario
  GROUP BY company_id, cost_center_id, month, has_ac, has_py, has_pl, has_fc
)
SELECT q.company_id, c.name AS company, q.cost_center_id, k.name AS cost_center, q.month,
       m.measure, m.label, CASE m.unit WHEN 'currency' THEN c.currency ELSE m.unit END AS unit, m.sort, w.ac, w.py, w.pl, w.fc,
       CASE WHEN w.ac IS NOT NULL THEN 'AC' WHEN w.fc IS NOT NULL THEN 'FC' END AS minuend,
       d.py AS delta_py, tellingcube.delta_percent(d.py, w.py, m.signed) AS delta_py_pct,
       tellingcube.delta_impact(d.py, m.polarity) AS delta_py_impact,
       d.pl AS delta_pl, tellingcube.delta_percent(d.pl, w.pl, m.signed) AS delta_pl_pct,
       tellingcube.delta_impact(d.pl, m.polarity) AS delta_pl_impact,
       d.fc AS delta_fc, tellingcube.delta_percent(d.fc, w.fc, m.signed) AS delta_fc_pct,
       tellingcube.delta_impact(d.fc, m.polarity) AS delta_fc_impact
FROM compared q
JOIN dim_company c ON c.company_id = q.company_id
LEFT JOIN dim_cost_center k ON k.company_id = q.company_id AND k.cost_center_id = q.cost_center_id
CROSS JOIN LATERAL unnest(q.ac, q.py, q.pl, q.fc) WITH ORDINALITY v(ac, py, pl, fc, sort)
CROSS JOIN LATERAL (
  SELECT CASE WHEN q.has_ac THEN coalesce(v.ac, 0.0000) END AS ac, CASE WHEN q.has_py THEN coalesce(v.py, 0.0000) END AS py,
         CASE WHEN q.has_pl THEN coalesce(v.pl, 0.0000) END AS pl, CASE WHEN q.has_fc THEN coalesce(v.fc, 0.0000) END AS fc) w
LEFT JOIN tellingcube.measure m ON m.fact = 'expense' AND m.sort = v.sort
CROSS JOIN LATERAL (SELECT coalesce(w.ac, w.fc) - w.py AS py, coalesce(w.ac, w.fc) - w.pl AS pl, w.ac - w.fc AS fc) d;

-- People of an estimate come in fractions: it has no persons in it.
CREATE OR REPLACE VIEW ibcs_hr_monthly WITH (security_invoker = true) AS
WITH told AS (
  SELECT x.company_id, f.department_id, x.month, x.ibcs, x.is_paced, x.is_to_date, x.cut_off,
         x.has_ac, x.has_py, x.has_pl, x.has_fc,
         sum(tellingcube.ibcs_amount(f.opening_headcount, x.factor, x.divisor)) AS opening_headcount,
         sum(tellingcube.ibcs_amount(f.hires, x.factor, x.divisor)) AS hires,
         sum(tellingcube.ibcs_amount(f.exits, x.factor, x.divisor)) AS exits,
         sum(tellingcube.ibcs_amount(f.payroll_cost, x.factor, x.divisor)) AS payroll_cost
  FROM fact_hr_monthly f
  JOIN ibcs_source x ON x.company_id = f.company_id AND x.scenario_id = f.scenario_id AND x.source_month = f.month
  GROUP BY x.company_id, f.department_id, x.month, x.ibcs, x.is_paced, x.is_to_date, x.cut_off,
           x.has_ac, x.has_py, x.has_pl, x.has_fc
), paced AS (
  SELECT company_id, department_id, month, ibcs, is_paced, cut_off, has_ac, has_py, has_pl, has_fc, opening_headcount,
         tellingcube.ibcs_pace(is_paced, hires, sum(hires) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(hires) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS hires,
         tellingcube.ibcs_pace(is_paced, exits, sum(exits) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(exits) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS exits,
         tellingcube.ibcs_pace(is_paced, payroll_cost, sum(payroll_cost) FILTER (WHERE ibcs = 'AC' AND is_to_date) OVER whole,
                               sum(payroll_cost) FILTER (WHERE ibcs = 'PL' AND is_to_date) OVER whole) AS payroll_cost
  FROM told
  WINDOW whole AS (PARTITION BY company_id, department_id)
), rolled AS (
  SELECT company_id, department_id, month, ibcs, has_ac, has_py, has_pl, has_fc, hires, exits, payroll_cost,
         CASE WHEN is_paced THEN
           coalesce(min(opening_headcount + hires - exits) FILTER (WHERE ibcs = 'AC' AND month = cut_off) OVER whole, 0)
           + sum(hires - exits) FILTER (WHERE ibcs = 'FC' AND month > cut_off) OVER so_far - (hires - exits)
         ELSE opening_headcount END AS opening_headcount
  FROM paced
  WINDOW whole AS (PARTITION BY company_id, department_id), so_far AS (PARTITION BY company_id, department_id ORDER BY month)
), scenario AS (
  SELECT company_id, department_id, month, ibcs, has_ac, has_py, has_pl, has_fc,
         ARRAY[opening_headcount, hires, exits, opening_headcount + hires - exits, payroll_cost]
           AS amounts  -- in the order of tellingcube.measure
  FROM rolled
), compared AS (
  SELECT company_id, department_id, month, has_ac, has_py, has_pl, has_fc,
         max(amounts) FILTER (WHERE ibcs = 'AC') AS ac, max(amounts) FILTER (WHERE ibcs = 'PY') AS py,
         max(amounts) FILTER (WHERE ibcs = 'PL') AS pl, max(amounts) FILTER (WHERE ibcs = 'FC') AS fc
  FROM scenario
  GROUP BY company_id, department_id, month, has_ac, has_py, has_pl, has_fc
)
SELECT q.company_id, c.name AS company, q.department_id, k.name AS department, q.month,
       m.measure, m.label, CASE m.unit WHEN 'currency' THEN c.currency ELSE m.unit END AS unit, m.sort, w.ac, w.py, w.pl, w.fc,
       CASE WHEN w.ac IS NOT NULL THEN 'AC' WHEN w.fc IS NOT NULL THEN 'FC' END AS minuend,
       d.py AS delta_py, tellingcube.delta_percent(d.py, w.py, m.signed) AS delta_py_pct,
       tellingcube.delta_impact(d.py, m.polarity) AS delta_py_impact,
       d.pl AS delta_pl, tellingcube.delta_percent(d.pl, w.pl, m.signed) AS delta_pl_pct,
       tellingcube.delta_impact(d.pl, m.polarity) AS delta_pl_impact,
       d.fc AS delta_fc, tellingcube.delta_percent(d.fc, w.fc, m.signed) AS delta_fc_pct,
       tellingcube.delta_impact(d.fc, m.polarity) AS delta_fc_impact
FROM compared q
JOIN dim_company c ON c.company_id = q.company_id
LEFT JOIN dim_department k ON k.company_id = q.company_id AND k.department_id = q.department_id
CROSS JOIN LATERAL unnest(q.ac, q.py, q.pl, q.fc) WITH ORDINALITY v(ac, py, pl, fc, sort)
CROSS JOIN LATERAL (
  SELECT CASE WHEN q.has_ac THEN coalesce(v.ac, 0.0000) END AS ac, CASE WHEN q.has_py THEN coalesce(v.py, 0.0000) END AS py,
         CASE WHEN q.has_pl THEN coalesce(v.pl, 0.0000) END AS pl, CASE WHEN q.has_fc THEN coalesce(v.fc, 0.0000) END AS fc) w
LEFT JOIN tellingcube.measure m ON m.fact = 'hr' AND m.sort = v.sort
CROSS JOIN LATERAL (SELECT coalesce(w.ac, w.fc) - w.py AS py, coalesce(w.ac, w.fc) - w.pl AS pl, w.ac - w.fc AS fc) d;

-- Over a period flows add up and of a stock the last month counts. A scenario that lacks a month of the period has no
-- figure for it: nine months are not to be compared with twelve. Then the forecast, actuals included, stands in.
CREATE OR REPLACE VIEW ibcs_finance_quarterly WITH (security_invoker = true) AS
SELECT v.company_id, v.company, v.quarter, v.quarter_start, v.months, v.measure, v.label, v.unit, v.sort,
       v.ac, v.py, v.pl, v.fc,
       CASE WHEN v.ac IS NOT NULL THEN 'AC' WHEN v.fc IS NOT NULL THEN 'FC' END AS minuend,
       d.py AS delta_py, tellingcube.delta_percent(d.py, v.py, v.signed) AS delta_py_pct,
       tellingcube.delta_impact(d.py, v.polarity) AS delta_py_impact,
       d.pl AS delta_pl, tellingcube.delta_percent(d.pl, v.pl, v.signed) AS delta_pl_pct,
       tellingcube.delta_impact(d.pl, v.polarity) AS delta_pl_impact,
       d.fc AS delta_fc, tellingcube.delta_percent(d.fc, v.fc, v.signed) AS delta_fc_pct,
       tellingcube.delta_impact(d.fc, v.polarity) AS delta_fc_impact
FROM (
  SELECT i.company_id, i.company, q.quarter, min(i.month) AS quarter_start, count(*)::integer AS months,
         i.measure, i.label, i.unit, i.sort, m.signed, m.polarity,
         tellingcube.over_period(array_agg(i.ac ORDER BY i.month), m.additivity) AS ac,
         tellingcube.over_period(array_agg(i.py ORDER BY i.month), m.additivity) AS py,
         tellingcube.over_period(array_agg(i.pl ORDER BY i.month), m.additivity) AS pl,
         tellingcube.over_period(array_agg(i.fc ORDER BY i.month), m.additivity) AS fc
  FROM ibcs_finance_monthly i
  LEFT JOIN tellingcube.measure m ON m.fact = 'finance' AND m.sort = i.sort
  JOIN dim_company c ON c.company_id = i.company_id
  JOIN dim_company_date f ON f.company_id = i.company_id AND f.month = i.month
  CROSS JOIN LATERAL (
    SELECT CASE c.fiscal_year_start WHEN 1 THEN f.fiscal_year || '-Q' || f.fiscal_quarter
                ELSE f.fiscal_quarter_label END AS quarter) q
  GROUP BY i.company_id, i.company, q.quarter, i.measure, i.label, i.unit, i.sort, m.signed, m.polarity, m.additivity) v
CROSS JOIN LATERAL (SELECT coalesce(v.ac, v.fc) - v.py AS py, coalesce(v.ac, v.fc) - v.pl AS pl, v.ac - v.fc AS fc) d;

CREATE OR REPLACE VIEW ibcs_finance_yearly WITH (security_invoker = true) AS
SELECT v.company_id, v.company, v.fiscal_year, v.year_start, v.months, v.measure, v.label, v.unit, v.sort,
       v.ac, v.py, v.pl, v.fc,
       CASE WHEN v.ac IS NOT NULL THEN 'AC' WHEN v.fc IS NOT NULL THEN 'FC' END AS minuend,
       d.py AS delta_py, tellingcube.delta_percent(d.py, v.py, v.signed) AS delta_py_pct,
       tellingcube.delta_impact(d.py, v.polarity) AS delta_py_impact,
       d.pl AS delta_pl, tellingcube.delta_percent(d.pl, v.pl, v.signed) AS delta_pl_pct,
       tellingcube.delta_impact(d.pl, v.polarity) AS delta_pl_impact,
       d.fc AS delta_fc, tellingcube.delta_percent(d.fc, v.fc, v.signed) AS delta_fc_pct,
       tellingcube.delta_impact(d.fc, v.polarity) AS delta_fc_impact
FROM (
  SELECT i.company_id, i.company, f.fiscal_year, min(i.month) AS year_start, count(*)::integer AS months,
         i.measure, i.label, i.unit, i.sort, m.signed, m.polarity,
         tellingcube.over_period(array_agg(i.ac ORDER BY i.month), m.additivity) AS ac,
         tellingcube.over_period(array_agg(i.py ORDER BY i.month), m.additivity) AS py,
         tellingcube.over_period(array_agg(i.pl ORDER BY i.month), m.additivity) AS pl,
         tellingcube.over_period(array_agg(i.fc ORDER BY i.month), m.additivity) AS fc
  FROM ibcs_finance_monthly i
  LEFT JOIN tellingcube.measure m ON m.fact = 'finance' AND m.sort = i.sort
  JOIN dim_company_date f ON f.company_id = i.company_id AND f.month = i.month
  GROUP BY i.company_id, i.company, f.fiscal_year, i.measure, i.label, i.unit, i.sort, m.signed, m.polarity, m.additivity) v
CROSS JOIN LATERAL (SELECT coalesce(v.ac, v.fc) - v.py AS py, coalesce(v.ac, v.fc) - v.pl AS pl, v.ac - v.fc AS fc) d;

COMMENT ON VIEW ibcs_scenario IS 'The scenario that stands for AC, PY, PL and FC of each company: variant baseline, the first created that has events.';
COMMENT ON VIEW ibcs_source IS 'Where the IBCS views take each scenario of each month from, and how it is scaled.';
COMMENT ON VIEW ibcs_finance_monthly IS 'The P&L and cash with AC, PY, PL and FC side by side: one row for each company, month and measure.';
COMMENT ON VIEW ibcs_sales_monthly IS 'Sales with AC, PY, PL and FC side by side: one row for each company, product, region, month and measure.';
COMMENT ON VIEW ibcs_expense_monthly IS 'Expenses with AC, PY, PL and FC side by side: one row for each company, cost centre, month and measure.';
COMMENT ON VIEW ibcs_hr_monthly IS 'People with AC, PY, PL and FC side by side: one row for each company, department, month and measure.';
COMMENT ON VIEW ibcs_finance_quarterly IS 'ibcs_finance_monthly by fiscal quarter: one row for each company, quarter and measure.';
COMMENT ON VIEW ibcs_finance_yearly IS 'ibcs_finance_monthly by fiscal year: one row for each company, year and measure.';

-- Columns of the same name mean the same in all IBCS views.
DO $comments$
DECLARE
  col record;
BEGIN
  FOR col IN
    SELECT c.relname, a.attname, m.meaning
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    JOIN (VALUES
      ('company_id', 'Company.'), ('company', 'Name of the company.'), ('month', 'First day of the month.'),
      ('product_id', 'Product.'), ('product', 'Name of the product.'), ('region_id', 'Sales region.'),
      ('region', 'Name of the sales region.'), ('cost_center_id', 'Cost centre.'), ('cost_center', 'Name of the cost centre.'),
      ('department_id', 'Department.'), ('department', 'Name of the department.'),
      ('quarter', 'Fiscal quarter: 2024-Q1; 2024-FQ1 where the fiscal year does not start in January.'),
      ('quarter_start', 'First month of the quarter that there is.'), ('fiscal_year', 'Fiscal year, named after the calendar year in which it ends.'),
      ('year_start', 'First month of the fiscal year that there is.'), ('months', 'Months of the period that there are.'),
      ('measure', 'Measure: a column of the fact.'), ('label', 'Name of the measure for people.'),
      ('unit', 'Unit: the company''s currency, persons or count.'), ('sort', 'Order of the measure within the fact.'),
      ('ac', 'Actual; NULL where there is none.'),
      ('py', 'Previous year: stored, else the actual of a year ago, else AC ÷ (1 + growth).'),
      ('pl', 'Plan: stored, else PY × (1 + planned growth).'),
      ('fc', 'Forecast: stored, else AC up to the cut-off and then PL × (AC to date ÷ PL to date); a stock goes on from the cut-off''s.'),
      ('minuend', 'What is compared: AC, or FC where there is no actual.'),
      ('delta_py', 'AC (else FC) − PY.'), ('delta_pl', 'AC (else FC) − PL.'), ('delta_fc', 'AC − FC; NULL where there is no actual.'),
      ('delta_py_pct', 'delta_py as a percent number of PY, to two decimals; NULL (N/A) where PY is 0, or negative for a profit or cash.'),
      ('delta_pl_pct', 'delta_pl as a percent number of PL, to two decimals; NULL (N/A) where PL is 0, or negative for a profit or cash.'),
      ('delta_fc_pct', 'delta_fc as a percent number of FC, to two decimals; NULL (N/A) where FC is 0, or negative for a profit or cash.'),
      ('delta_py_impact', 'Whether delta_py is good, bad or neutral for the company.'),
      ('delta_pl_impact', 'Whether delta_pl is good, bad or neutral for the company.'),
      ('delta_fc_impact', 'Whether delta_fc is good, bad or neutral for the company.'),
      ('ibcs', 'IBCS scenario: AC, PY, PL or FC.'), ('scenario_id', 'Scenario whose events are taken.'),
      ('first_month', 'First month of the scenario.'), ('last_month', 'Last month of the scenario.'),
      ('source', 'What is taken: AC, PY, PL, FC as stored; LY, the actual of a year ago; carried, who was there when the actuals end.'),
      ('source_month', 'Month of that scenario that is taken.'), ('factor', 'What its amounts are multiplied by.'),
      ('divisor', 'What its amounts are divided by.'), ('is_paced', 'Whether they are then multiplied by AC to date ÷ PL to date.'),
      ('is_to_date', 'Whether the month counts in "to date": of the cut-off''s fiscal year, up to the cut-off.'),
      ('cut_off', 'Last month of actuals that the forecast knows: the last there is, or tellingcube.as_of.'),
      ('has_ac', 'Whether there is an AC of the month.'), ('has_py', 'Whether there is a PY of the month.'),
      ('has_pl', 'Whether there is a PL of the month.'), ('has_fc', 'Whether there is an FC of the month.')
    ) m(name, meaning) ON m.name = a.attname
    WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'v' AND c.relname ~ '^ibcs_'
  LOOP
    EXECUTE format('COMMENT ON COLUMN %I.%I IS %L', col.relname, col.attname, col.meaning);
  END LOOP;
END $comments$;
