-- Every figure is worked out twice: as the facts have it, and by plain SQL over the events (or over another fact that says
-- the same). A row tampered with, in whatever table of a fact, then shows in the checks it takes part in.
--
-- What is looked into runs with the caller's rights, so the cube stays out of the search_path: its tables are named by their
-- schema, and no function or operator that its owner put there can be chosen. Members are found by their keys, which are made
-- of the names in the events; the names in the dimensions may be changed.
CREATE OR REPLACE FUNCTION tellingcube.reconcile_company(only_company uuid, entered name)
RETURNS TABLE (check_name text, company text, scenario text, status text, difference numeric, detail text)
-- One statement of several hundred expressions: to compile them takes longer than to run it.
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
  PERFORM tellingcube.flush_facts();  -- what this transaction has told so far counts
  RETURN QUERY EXECUTE format($query$
  WITH story AS (
    SELECT c.company_id, s.scenario_id, c.name AS company, s.name AS scenario, s.starts
    FROM %1$I.dim_scenario s JOIN %1$I.dim_company c USING (company_id)
    WHERE $1 IS NULL OR s.company_id = $1
  ), told AS MATERIALIZED (  -- the events of a month
    SELECT e.company_id, e.scenario_id, e.event_month AS month, e.event_type, count(*) AS events, sum(g.sign) AS entries,
           count(*) FILTER (WHERE e.tableoid = $2) AS in_default_partition,
           sum(g.sign * (e.payload -> 'revenue')::numeric) FILTER (WHERE e.event_type = 'sale') AS revenue,
           sum(g.sign * (e.payload -> 'cogs')::numeric) FILTER (WHERE e.event_type = 'sale') AS cogs,
           sum(g.sign * (e.payload -> 'quantity')::numeric) FILTER (WHERE e.event_type = 'sale') AS quantity,
           sum(g.sign * (e.payload -> 'amount')::numeric) FILTER (WHERE g.line = 'opex') AS opex,
           sum(g.sign * (e.payload -> 'amount')::numeric) FILTER (WHERE g.line = 'depreciation') AS depreciation,
           sum(g.sign * (e.payload -> 'amount')::numeric) FILTER (WHERE g.line = 'interest') AS interest,
           sum(g.sign * (e.payload -> 'amount')::numeric) FILTER (WHERE g.line = 'capex') AS capex,
           sum(g.sign * (e.payload -> 'amount')::numeric) FILTER (WHERE e.event_type = 'procurement') AS procurement,
           sum(g.sign * (e.payload -> 'taxAmount')::numeric) FILTER (WHERE g.line = 'opex_tax') AS opex_tax,
           sum(g.sign * (e.payload -> 'taxAmount')::numeric) FILTER (WHERE g.line = 'income_tax') AS income_tax,
           sum(g.sign * (e.payload -> 'taxAmount')::numeric) FILTER (WHERE g.line = 'pass_through') AS pass_through,
           sum(g.sign * (e.payload -> 'taxAmount')::numeric) FILTER (WHERE e.event_type = 'tax_payment') AS taxes,
           sum(g.sign * (e.payload -> 'amount')::numeric * CASE e.payload ->> 'direction' WHEN 'out' THEN -1 ELSE 1 END)
             FILTER (WHERE e.event_type = 'cash_movement') AS movements
    FROM %1$I.events e
    LEFT JOIN %1$I.dim_account a ON a.company_id = e.company_id AND a.account_id = CASE e.event_type
      WHEN 'expense' THEN tellingcube.member_id(e.company_id, 'account', e.payload ->> 'account') END
    LEFT JOIN %1$I.dim_tax_type t ON t.company_id = e.company_id AND t.tax_type_id = CASE e.event_type
      WHEN 'tax_payment' THEN tellingcube.member_id(e.company_id, 'tax_type', e.payload ->> 'taxType') END
    CROSS JOIN LATERAL (
      SELECT CASE WHEN e.reverses IS NULL THEN 1 ELSE -1 END AS sign,
             CASE e.event_type
               WHEN 'expense' THEN CASE WHEN (e.payload -> 'isCapex')::boolean THEN 'capex' ELSE coalesce(a.pl_line, 'opex') END
               WHEN 'tax_payment' THEN CASE coalesce(t.pl_line, 'opex') WHEN 'opex' THEN 'opex_tax' ELSE t.pl_line END
             END AS line) g
    WHERE $1 IS NULL OR e.company_id = $1
    GROUP BY e.company_id, e.scenario_id, e.event_month, e.event_type
  ), span AS (
    SELECT s.company_id, s.scenario_id, s.starts, max(t.month) AS last_month
    FROM story s JOIN told t USING (company_id, scenario_id)
    WHERE t.month >= s.starts AND t.entries <> 0
    GROUP BY s.company_id, s.scenario_id, s.starts
  ), dense AS (
    SELECT s.company_id, s.scenario_id, m::date AS month
    FROM span s CROSS JOIN LATERAL generate_series(s.starts::timestamp, s.last_month, interval '1 month') m
  ), month_told AS (
    SELECT company_id, scenario_id, month,
           coalesce(sum(t.revenue), 0) AS revenue, coalesce(sum(t.cogs), 0) AS cogs, coalesce(sum(t.quantity), 0) AS quantity,
           coalesce(sum(t.entries) FILTER (WHERE t.event_type = 'sale'), 0) AS transactions,
           coalesce(sum(t.opex), 0) AS opex, coalesce(sum(t.capex), 0) AS capex,
           coalesce(sum(t.depreciation), 0) AS depreciation, coalesce(sum(t.interest), 0) AS interest,
           coalesce(sum(t.procurement), 0) AS procurement, coalesce(sum(t.opex_tax), 0) AS opex_tax,
           coalesce(sum(t.income_tax), 0) AS income_tax, coalesce(sum(t.pass_through), 0) AS pass_through,
           coalesce(sum(t.taxes), 0) AS taxes, coalesce(sum(t.movements), 0) AS movements
    FROM (SELECT company_id, scenario_id, month FROM told UNION SELECT company_id, scenario_id, month FROM dense) k
    LEFT JOIN told t USING (company_id, scenario_id, month)
    GROUP BY company_id, scenario_id, month
  ), opening AS (  -- payroll of the time before the start is not told, so it costs no cash
    SELECT m.company_id, m.scenario_id,
           sum(m.revenue - m.procurement - m.opex - m.capex - m.interest - m.taxes + m.movements) AS cash
    FROM month_told m JOIN story s USING (company_id, scenario_id)
    WHERE m.month < s.starts
    GROUP BY m.company_id, m.scenario_id
  ), people AS MATERIALIZED (
    SELECT * FROM %1$I.employment_history WHERE $1 IS NULL OR company_id = $1
  ), staff AS MATERIALIZED (  -- people as the events have them, from a department's first hire to the last month
    SELECT d.company_id, d.scenario_id, tellingcube.member_id(d.company_id, 'department', d.department) AS department_id,
           d.department, d.month,
           count(*) FILTER (WHERE p.joined AND p.department = d.department AND p.month = d.month) AS hires,
           count(*) FILTER (WHERE p.left_previous AND p.previous_department = d.department AND p.month = d.month) AS exits,
           count(*) FILTER (WHERE p.department = d.department AND p.month < d.month
                              AND coalesce(p.employed_until >= d.month - interval '1 month', true)) AS opening,
           coalesce(sum(p.monthly_salary) FILTER (WHERE p.department = d.department AND p.month <= d.month
                                                    AND coalesce(p.paid_until >= d.month, true)), 0) AS payroll
    FROM (SELECT f.company_id, f.scenario_id, f.department, m::date AS month
          FROM (SELECT company_id, scenario_id, department, min(month) AS first_month FROM people
                WHERE event_type = 'hr_hire' GROUP BY 1, 2, 3) f
          JOIN span s USING (company_id, scenario_id)
          CROSS JOIN LATERAL generate_series(greatest(f.first_month, s.starts)::timestamp, s.last_month, interval '1 month') m) d
    JOIN people p ON p.company_id = d.company_id AND p.scenario_id = d.scenario_id
                 AND (p.department = d.department OR p.previous_department = d.department)
    GROUP BY d.company_id, d.scenario_id, d.department, d.month
  ), hr AS (
    SELECT f.company_id, f.scenario_id, f.department_id, d.name AS department, f.month, f.opening_headcount, f.hires, f.exits,
           f.closing_headcount, f.payroll_cost,
           lag(f.closing_headcount) OVER (PARTITION BY f.company_id, f.scenario_id, f.department_id ORDER BY f.month) AS before
    FROM %1$I.fact_hr_monthly f JOIN %1$I.dim_department d USING (company_id, department_id)
    WHERE $1 IS NULL OR f.company_id = $1
  ), hr_item AS (
    SELECT v.check_name, company_id, scenario_id, month, coalesce(f.department, s.department) AS place, v.actual, v.expected
    FROM staff s FULL JOIN hr f USING (company_id, scenario_id, department_id, month)
    CROSS JOIN LATERAL (VALUES
      ('headcount opening = closing before', f.opening_headcount, coalesce(f.before, s.opening)),
      ('headcount closing = opening + hires - exits', f.closing_headcount, f.opening_headcount + s.hires - s.exits),
      ('hires = events', f.hires, s.hires), ('exits = events', f.exits, s.exits),
      ('payroll = salaries', f.payroll_cost, s.payroll),
      ('department months are dense', (f.month IS NOT NULL)::integer, (s.month IS NOT NULL)::integer)
    ) v(check_name, actual, expected)
  ), finance AS MATERIALIZED (
    SELECT f.*, lag(f.closing_cash) OVER (PARTITION BY company_id, scenario_id ORDER BY month) AS cash_before
    FROM %1$I.fact_finance_monthly f WHERE $1 IS NULL OR f.company_id = $1
  ), sales AS (
    SELECT company_id, scenario_id, month, sum(revenue) AS revenue, sum(cogs) AS cogs, sum(gross_margin) AS gross_margin,
           sum(quantity) AS quantity, sum(transactions) AS transactions
    FROM %1$I.fact_sales_monthly WHERE $1 IS NULL OR company_id = $1 GROUP BY 1, 2, 3
  ), expense AS (
    SELECT company_id, scenario_id, month, sum(opex) AS opex, sum(capex) AS capex
    FROM %1$I.fact_expense_monthly WHERE $1 IS NULL OR company_id = $1 GROUP BY 1, 2, 3
  ), payroll AS (SELECT company_id, scenario_id, month, sum(payroll_cost) AS payroll FROM hr GROUP BY 1, 2, 3
  ), salaries AS (SELECT company_id, scenario_id, month, sum(payroll) AS salaries FROM staff GROUP BY 1, 2, 3
  ), key AS (
    SELECT company_id, scenario_id, month FROM finance UNION SELECT company_id, scenario_id, month FROM sales
    UNION SELECT company_id, scenario_id, month FROM expense UNION SELECT company_id, scenario_id, month FROM payroll
    UNION SELECT company_id, scenario_id, month FROM dense
  ), item AS (
    SELECT v.check_name, k.company_id, k.scenario_id, k.month, NULL AS place, v.actual, v.expected
    FROM key k
    JOIN story y USING (company_id, scenario_id)
    LEFT JOIN span n USING (company_id, scenario_id)
    LEFT JOIN finance f USING (company_id, scenario_id, month)
    LEFT JOIN sales s USING (company_id, scenario_id, month)
    LEFT JOIN expense x USING (company_id, scenario_id, month)
    LEFT JOIN payroll p USING (company_id, scenario_id, month)
    LEFT JOIN month_told t USING (company_id, scenario_id, month)
    LEFT JOIN salaries w USING (company_id, scenario_id, month)
    LEFT JOIN opening o USING (company_id, scenario_id)
    CROSS JOIN LATERAL (
      SELECT coalesce(w.salaries, 0) + t.opex + t.opex_tax AS opex, t.taxes - t.opex_tax AS other_taxes) c
    CROSS JOIN LATERAL (
      SELECT t.revenue - t.procurement - c.opex - t.capex - t.interest - c.other_taxes + t.movements AS change) cash
    CROSS JOIN LATERAL (VALUES
      ('sales revenue = events', s.revenue, t.revenue), ('sales cogs = events', s.cogs, t.cogs),
      ('sales quantity = events', s.quantity, t.quantity), ('sales transactions = events', s.transactions, t.transactions),
      ('gross margin = revenue - cogs', s.gross_margin, t.revenue - t.cogs),
      ('expenses = events', x.opex, t.opex), ('capex = events', x.capex, t.capex),
      ('revenue = sales', f.revenue, s.revenue), ('cogs = sales', f.cogs, s.cogs),
      ('gross profit = revenue - cogs', f.gross_profit, t.revenue - t.cogs),
      ('opex = expenses + payroll + taxes', f.opex, coalesce(x.opex, 0) + coalesce(p.payroll, 0) + t.opex_tax),
      ('ebitda = gross profit - opex', f.ebitda, t.revenue - t.cogs - c.opex),
      ('depreciation = events', f.depreciation, t.depreciation),
      ('ebit = ebitda - depreciation', f.ebit, t.revenue - t.cogs - c.opex - t.depreciation),
      ('interest = events', f.interest, t.interest), ('tax = events', f.tax, t.income_tax),
      ('net income = ebit - interest - tax', f.net_income,
        t.revenue - t.cogs - c.opex - t.depreciation - t.interest - t.income_tax),
      ('taxes = tax + opex + pass-through', f.tax + (f.opex - coalesce(x.opex, 0) - coalesce(p.payroll, 0)) + t.pass_through, t.taxes),
      ('cash change = its parts', f.cash_change, cash.change),
      ('capex is in cash', f.revenue - t.procurement - f.opex - f.interest - c.other_taxes + t.movements - f.cash_change, x.capex),
      ('opening cash = events before', CASE k.month WHEN y.starts THEN f.closing_cash - f.cash_change END,
        CASE k.month WHEN y.starts THEN o.cash END),
      ('cash closing = closing before + change', f.closing_cash, coalesce(f.cash_before, o.cash, 0) + cash.change),
      ('months are dense', (f.month IS NOT NULL)::integer, (k.month BETWEEN n.starts AND n.last_month)::integer)
    ) v(check_name, actual, expected)
    UNION ALL
    SELECT * FROM hr_item
    UNION ALL
    SELECT 'events are counted', company_id, scenario_id, month, event_type, sum(actual), sum(expected)
    FROM (SELECT company_id, scenario_id, month, event_type, events AS actual, 0 AS expected
          FROM (TABLE %1$I.fact_activity_stored UNION ALL TABLE %1$I.fact_activity_pending) a
          WHERE $1 IS NULL OR company_id = $1
          UNION ALL SELECT company_id, scenario_id, month, event_type, 0, events FROM told) b
    GROUP BY company_id, scenario_id, month, event_type
  ), compared AS (
    SELECT i.check_name, i.company_id, i.scenario_id, i.month, i.place, d.actual, d.expected, d.actual <> d.expected AS differs
    FROM item i CROSS JOIN LATERAL (SELECT coalesce(i.actual, 0) AS actual, coalesce(i.expected, 0) AS expected) d
  ), result AS (
    SELECT r.check_name, y.company, y.scenario,
           CASE WHEN count(*) FILTER (WHERE d.differs) = 0 THEN 'ok' ELSE 'fail' END AS status,
           trim_scale(coalesce(sum(abs(d.actual - d.expected)), 0)) AS difference,
           (array_agg(format('%%s: %%s instead of %%s', concat_ws(' ', to_char(d.month, 'YYYY-MM'), d.place),
                             trim_scale(d.actual), trim_scale(d.expected)) ORDER BY d.month, d.place)
              FILTER (WHERE d.differs))[1]
             || coalesce(' and ' || nullif(count(*) FILTER (WHERE d.differs) - 1, 0) || ' more', '') AS detail, r.position
    FROM story y
    CROSS JOIN (SELECT c.check_name, c.position FROM tellingcube.reconcile_checks() WITH ORDINALITY c(check_name, position)) r
    LEFT JOIN compared d ON d.check_name = r.check_name AND d.company_id = y.company_id AND d.scenario_id = y.scenario_id
    GROUP BY r.check_name, r.position, y.company, y.scenario
    UNION ALL
    -- What is no mistake of the cube but ought to be known.
    SELECT l.check_name, l.company, l.scenario, 'ok', 0, l.detail, l.position
    FROM (
      SELECT 'unknown accounts counted as opex' AS check_name, c.name AS company, NULL AS scenario, 101 AS position,
             string_agg(a.account, ', ' ORDER BY a.account) AS detail
      FROM %1$I.dim_company c LEFT JOIN (  -- an account of investments alone counts as nothing else
        SELECT company_id, account FROM %1$I.dim_account a
        WHERE NOT a.mapped AND EXISTS (
          SELECT FROM (SELECT company_id, account_id, is_capex FROM %1$I.fact_expense_stored
                       UNION ALL
                       SELECT company_id, account_id, is_capex FROM %1$I.fact_expense_pending) x
          WHERE x.company_id = a.company_id AND x.account_id = a.account_id AND NOT x.is_capex)) a USING (company_id)
      WHERE $1 IS NULL OR c.company_id = $1 GROUP BY c.name
      UNION ALL
      SELECT 'unknown tax types counted as opex', c.name, NULL, 102,
             string_agg(t.tax_type, ', ' ORDER BY t.tax_type) FILTER (WHERE NOT t.mapped)
      FROM %1$I.dim_company c LEFT JOIN %1$I.dim_tax_type t USING (company_id)
      WHERE $1 IS NULL OR c.company_id = $1 GROUP BY c.name
      UNION ALL
      SELECT 'people', y.company, y.scenario, 103,
             string_agg(format('%%s %%s %%s', to_char(p.month, 'YYYY-MM'), p.employee, p.anomaly), ', '
                        ORDER BY p.event_ts, p.employee)
               FILTER (WHERE p.anomaly IS NOT NULL)
      FROM story y LEFT JOIN people p ON p.company_id = y.company_id AND p.scenario_id = y.scenario_id AND p.anomaly IS NOT NULL
      GROUP BY y.company, y.scenario
      UNION ALL
      SELECT 'events in the default partition', y.company, y.scenario, 104, nullif(sum(t.in_default_partition), 0)::text
      FROM story y LEFT JOIN told t USING (company_id, scenario_id) GROUP BY y.company, y.scenario
      UNION ALL
      SELECT 'events waiting in quarantine', y.company, y.scenario, 105, nullif(count(q.quarantine_id), 0)::text
      FROM story y
      LEFT JOIN %1$I.quarantine q ON q.company_id = y.company_id AND q.scenario_id = y.scenario_id AND q.released_at IS NULL
      GROUP BY y.company, y.scenario) l
  )
  SELECT r.check_name, r.company, r.scenario, r.status, r.difference, r.detail
  FROM result r ORDER BY r.company, r.scenario, r.position
  $query$, entered)
  USING only_company, to_regclass(format('%I.events_default', entered));
END $$;
COMMENT ON FUNCTION tellingcube.reconcile_company(uuid, name) IS 'The work of reconcile().';

CREATE OR REPLACE FUNCTION tellingcube.reconcile_checks() RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 30 AS $$
  VALUES ('sales revenue = events'), ('sales cogs = events'), ('sales quantity = events'), ('sales transactions = events'),
    ('gross margin = revenue - cogs'), ('expenses = events'), ('capex = events'),
    ('headcount opening = closing before'), ('headcount closing = opening + hires - exits'), ('hires = events'),
    ('exits = events'), ('payroll = salaries'), ('department months are dense'),
    ('revenue = sales'), ('cogs = sales'), ('gross profit = revenue - cogs'), ('opex = expenses + payroll + taxes'),
    ('ebitda = gross profit - opex'), ('depreciation = events'), ('ebit = ebitda - depreciation'), ('interest = events'),
    ('tax = events'), ('net income = ebit - interest - tax'), ('taxes = tax + opex + pass-through'),
    ('cash change = its parts'), ('capex is in cash'), ('opening cash = events before'),
    ('cash closing = closing before + change'), ('months are dense'), ('events are counted')
$$;
COMMENT ON FUNCTION tellingcube.reconcile_checks() IS 'The identities that reconcile() proves, in its order.';

CREATE OR REPLACE FUNCTION tellingcube.reconcile(company text DEFAULT NULL, cube name DEFAULT NULL)
RETURNS TABLE (check_name text, company text, scenario text, status text, difference numeric, detail text)
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.check_name, r.company, r.scenario, r.status, r.difference, r.detail
  FROM tellingcube.reconcile_company(CASE WHEN $1 IS NOT NULL THEN tellingcube.company_id($1, $2) END,
                                     tellingcube.cube_name($2)) r
$$;
COMMENT ON FUNCTION tellingcube.reconcile(text, name) IS
  'Proves that the figures of a company (or of all) add up and agree with the events and with each other: a row for each check and scenario, status ok or fail, the first difference in detail. Further rows name what ought to be known: unknown accounts and tax types, doubtful hires and exits, events in the default partition or in quarantine.';

-- What feeds a measure: lines of events with their signs. An expense's or tax's line is that of its account or tax type.
CREATE OR REPLACE VIEW tellingcube.measure_line AS
SELECT l.fact, l.measure, l.line, l.sign
FROM (VALUES
  ('sales', 'revenue', 'revenue', 1), ('sales', 'cogs', 'cogs', 1), ('sales', 'gross_margin', 'revenue', 1),
  ('sales', 'gross_margin', 'cogs', -1), ('sales', 'quantity', 'quantity', 1), ('sales', 'transactions', 'transactions', 1),
  ('expense', 'opex', 'opex', 1), ('expense', 'capex', 'capex', 1),
  ('hr', 'opening_headcount', 'opening', 1), ('hr', 'hires', 'hires', 1), ('hr', 'exits', 'exits', 1),
  ('hr', 'closing_headcount', 'closing', 1), ('hr', 'payroll_cost', 'payroll', 1),
  ('finance', 'revenue', 'revenue', 1), ('finance', 'cogs', 'cogs', 1),
  ('finance', 'gross_profit', 'revenue', 1), ('finance', 'gross_profit', 'cogs', -1),
  ('finance', 'opex', 'opex', 1), ('finance', 'opex', 'payroll', 1), ('finance', 'opex', 'opex_tax', 1),
  ('finance', 'ebitda', 'revenue', 1), ('finance', 'ebitda', 'cogs', -1), ('finance', 'ebitda', 'opex', -1),
  ('finance', 'ebitda', 'payroll', -1), ('finance', 'ebitda', 'opex_tax', -1),
  ('finance', 'depreciation', 'depreciation', 1),
  ('finance', 'ebit', 'revenue', 1), ('finance', 'ebit', 'cogs', -1), ('finance', 'ebit', 'opex', -1),
  ('finance', 'ebit', 'payroll', -1), ('finance', 'ebit', 'opex_tax', -1), ('finance', 'ebit', 'depreciation', -1),
  ('finance', 'interest', 'interest', 1), ('finance', 'tax', 'income_tax', 1),
  ('finance', 'net_income', 'revenue', 1), ('finance', 'net_income', 'cogs', -1), ('finance', 'net_income', 'opex', -1),
  ('finance', 'net_income', 'payroll', -1), ('finance', 'net_income', 'opex_tax', -1),
  ('finance', 'net_income', 'depreciation', -1), ('finance', 'net_income', 'interest', -1),
  ('finance', 'net_income', 'income_tax', -1),
  ('finance', 'cash_change', 'revenue', 1), ('finance', 'cash_change', 'procurement', -1),
  ('finance', 'cash_change', 'opex', -1), ('finance', 'cash_change', 'payroll', -1), ('finance', 'cash_change', 'opex_tax', -1),
  ('finance', 'cash_change', 'capex', -1), ('finance', 'cash_change', 'interest', -1),
  ('finance', 'cash_change', 'income_tax', -1), ('finance', 'cash_change', 'pass_through', -1),
  ('finance', 'cash_change', 'cash_in', 1), ('finance', 'cash_change', 'cash_out', -1),
  ('finance', 'closing_cash', 'revenue', 1), ('finance', 'closing_cash', 'procurement', -1),
  ('finance', 'closing_cash', 'opex', -1), ('finance', 'closing_cash', 'payroll', -1), ('finance', 'closing_cash', 'opex_tax', -1),
  ('finance', 'closing_cash', 'capex', -1), ('finance', 'closing_cash', 'interest', -1),
  ('finance', 'closing_cash', 'income_tax', -1), ('finance', 'closing_cash', 'pass_through', -1),
  ('finance', 'closing_cash', 'cash_in', 1), ('finance', 'closing_cash', 'cash_out', -1)
) l(fact, measure, line, sign);
GRANT SELECT ON tellingcube.measure_line TO PUBLIC;
COMMENT ON VIEW tellingcube.measure_line IS 'Which lines of events feed which measure, and with which sign; what drill() follows.';
COMMENT ON COLUMN tellingcube.measure_line.fact IS 'Fact: finance, sales, expense, hr.';
COMMENT ON COLUMN tellingcube.measure_line.measure IS 'Measure of the fact.';
COMMENT ON COLUMN tellingcube.measure_line.line IS 'Line: what an event tells an amount of.';
COMMENT ON COLUMN tellingcube.measure_line.sign IS '1 where it adds, -1 where it takes away.';

CREATE OR REPLACE FUNCTION tellingcube.refuse_name(what text, name text, candidates text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('there is no %s "%s"', what, left(name, 100)),
    HINT = coalesce(nullif(tellingcube.did_you_mean(name, candidates), ''),
                    'There are: ' || nullif(array_to_string(candidates[:20], ', '), '') || '.', 'There is none yet.');
END $$;
COMMENT ON FUNCTION tellingcube.refuse_name(text, text, text[]) IS 'Raises that a name is unknown, with the nearest ones.';

CREATE OR REPLACE FUNCTION tellingcube.member_ids(kind text, member text, company_id uuid, cube name) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found uuid[];
  names text[];
BEGIN
  EXECUTE format($query$
    WITH m AS (
      SELECT name, %1$I AS id,
             CASE WHEN name = $2 THEN 1 WHEN %1$I::text = lower($2) THEN 2
                  WHEN %1$I = tellingcube.member_id(company_id, $3, $2) THEN 3  -- as the events write it
                  WHEN lower(name) = lower(btrim($2)) THEN 4 END AS rank
      FROM %2$I.%3$I WHERE $1 IS NULL OR company_id = $1
    ), best AS (SELECT rank, name FROM m WHERE rank IS NOT NULL ORDER BY rank, name LIMIT 1)
    SELECT (SELECT array_agg(DISTINCT name ORDER BY name) FROM m), (SELECT array_agg(id) FROM m JOIN best USING (rank, name))
    $query$, kind || '_id', tellingcube.cube_name(cube), 'dim_' || kind)
  INTO names, found USING company_id, member, kind;
  IF found IS NULL THEN
    PERFORM tellingcube.refuse_name(replace(kind, '_', ' '), member, names);
  END IF;
  RETURN found;
END $$;
COMMENT ON FUNCTION tellingcube.member_ids(text, text, uuid, name) IS
  'Keys of the members (kind product, region, department, cost_center) of a name, one in each company that has it, or of a key as text; an error with the nearest names when there is none.';

CREATE OR REPLACE FUNCTION tellingcube.drill(
  fact text, key jsonb DEFAULT '{}', company text DEFAULT NULL, scenario text DEFAULT NULL, month text DEFAULT NULL,
  cube name DEFAULT NULL)
RETURNS TABLE (event_id uuid, event_ts timestamp, event_type text, source text, payload jsonb, amount numeric)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  entered name := tellingcube.cube_name(drill.cube);
  fact_name text := regexp_replace(regexp_replace(lower(btrim(drill.fact)), '^fact_', ''), '_monthly$', '');
  kinds text[];  -- the members that the fact has
  members jsonb := '{}';  -- those asked for: an array of keys for each kind
  asked record;
  wanted text;  -- measure
  one_company uuid;
  one_scenario uuid;
  period text := drill.month;
  first date;
  last date;
BEGIN
  IF NOT EXISTS (SELECT FROM tellingcube.measure m WHERE m.fact = fact_name) THEN
    PERFORM tellingcube.refuse_name('fact', drill.fact, ARRAY['finance', 'sales', 'expense', 'hr']);
  END IF;
  kinds := CASE fact_name WHEN 'sales' THEN ARRAY['product', 'region'] WHEN 'expense' THEN ARRAY['cost_center']
                          WHEN 'hr' THEN ARRAY['department'] ELSE '{}' END;
  IF drill.key IS NOT NULL AND jsonb_typeof(drill.key) <> 'object' THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'the key of a cell is a JSON object',
      HINT =
        'SELECT * FROM tellingcube.drill(''sales'', ''{"product": "Croissant", "measure": "revenue"}'', month => ''2024-03'').';
  END IF;
  one_company := tellingcube.company_id(
    coalesce(drill.company, drill.key ->> 'company_id', drill.key ->> 'company'), entered)
    WHERE coalesce(drill.company, drill.key ->> 'company_id', drill.key ->> 'company') IS NOT NULL;
  FOR asked IN SELECT k.name, k.value FROM jsonb_each_text(drill.key) k(name, value) WHERE k.value IS NOT NULL LOOP
    IF asked.name = 'measure' THEN
      wanted := lower(btrim(asked.value));
      IF NOT EXISTS (SELECT FROM tellingcube.measure m WHERE m.fact = fact_name AND m.measure = wanted) THEN
        PERFORM tellingcube.refuse_name(format('measure of %s', fact_name), asked.value,
          ARRAY(SELECT m.measure FROM tellingcube.measure m WHERE m.fact = fact_name ORDER BY m.sort));
      END IF;
    ELSIF regexp_replace(asked.name, '_id$', '') = ANY (kinds) THEN
      members := members || jsonb_build_object(regexp_replace(asked.name, '_id$', ''),
        tellingcube.member_ids(regexp_replace(asked.name, '_id$', ''), asked.value, one_company, entered));
    ELSIF asked.name = 'month' THEN
      period := coalesce(period, asked.value);
    ELSIF asked.name NOT IN ('company', 'company_id', 'scenario', 'scenario_id')
          -- A whole row of the fact may serve as the key.
          AND NOT EXISTS (SELECT FROM tellingcube.measure m WHERE m.fact = fact_name AND m.measure = asked.name) THEN
      PERFORM tellingcube.refuse_name(format('key of %s', fact_name), asked.name,
        kinds || ARRAY['measure', 'company', 'scenario', 'month']);
    END IF;
  END LOOP;
  IF coalesce(drill.scenario, drill.key ->> 'scenario_id', drill.key ->> 'scenario') IS NOT NULL THEN
    IF one_company IS NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'a scenario is given without its company',
        HINT = 'Name the company too: every company has scenarios of its own.';
    END IF;
    one_scenario := tellingcube.scenario_id(one_company::text,
      coalesce(drill.scenario, drill.key ->> 'scenario_id', drill.key ->> 'scenario'), entered);
  END IF;
  first := coalesce(tellingcube.first_month(period), '-infinity');
  last := coalesce(tellingcube.last_month(period), 'infinity');
  -- $1 company, $2 scenario, $3 fact, $4 measure, $5 members, $6 and $7 first and last month
  RETURN QUERY EXECUTE format($query$
  WITH scope AS (
    SELECT p.company_id, p.scenario_id, p.first_month AS starts, greatest(p.first_month, $6) AS first_month,
           least(p.last_month, $7) AS last_month
    FROM %1$I.scenario_span p
    WHERE ($1 IS NULL OR p.company_id = $1)
      AND CASE WHEN $2 IS NOT NULL THEN p.scenario_id = $2
               ELSE EXISTS (SELECT FROM %1$I.ibcs_scenario i  -- unnamed, it is the actual one
                            WHERE i.company_id = p.company_id AND i.scenario_id = p.scenario_id AND i.ibcs = 'AC') END
  ), line AS MATERIALIZED (
    SELECT l.line, CASE WHEN $4 IS NULL THEN 0 ELSE l.sign END AS sign
    FROM tellingcube.measure_line l
    WHERE l.fact = $3 AND CASE WHEN $4 IS NULL THEN l.line NOT IN ('opening', 'closing') ELSE l.measure = $4 END
    GROUP BY 1, 2
  ), fed AS (
    SELECT e.event_id, e.event_ts, e.event_type, e.source, e.payload, a.amount
    FROM scope s
    JOIN %1$I.events e ON e.company_id = s.company_id AND e.scenario_id = s.scenario_id
     AND e.event_month <= s.last_month AND (e.event_month >= s.first_month OR $4 = 'closing_cash')
    LEFT JOIN %1$I.dim_account c ON c.company_id = e.company_id AND c.account_id = CASE e.event_type
      WHEN 'expense' THEN tellingcube.member_id(e.company_id, 'account', e.payload ->> 'account') END
    LEFT JOIN %1$I.dim_tax_type t ON t.company_id = e.company_id AND t.tax_type_id = CASE e.event_type
      WHEN 'tax_payment' THEN tellingcube.member_id(e.company_id, 'tax_type', e.payload ->> 'taxType') END
    CROSS JOIN LATERAL (
      SELECT sum(line.sign * v.amount) * CASE WHEN e.reverses IS NULL THEN 1 ELSE -1 END AS amount, count(*) AS lines
      FROM (SELECT 'revenue', (e.payload -> 'revenue')::numeric WHERE e.event_type = 'sale'
            UNION ALL SELECT 'cogs', (e.payload -> 'cogs')::numeric WHERE e.event_type = 'sale'
            UNION ALL SELECT 'quantity', (e.payload -> 'quantity')::numeric WHERE e.event_type = 'sale'
            UNION ALL SELECT 'transactions', 1 WHERE e.event_type = 'sale'
            UNION ALL SELECT CASE WHEN (e.payload -> 'isCapex')::boolean THEN 'capex' ELSE coalesce(c.pl_line, 'opex') END,
                             (e.payload -> 'amount')::numeric WHERE e.event_type = 'expense'
            UNION ALL SELECT 'procurement', (e.payload -> 'amount')::numeric WHERE e.event_type = 'procurement'
            UNION ALL SELECT CASE coalesce(t.pl_line, 'opex') WHEN 'opex' THEN 'opex_tax' ELSE t.pl_line END,
                             (e.payload -> 'taxAmount')::numeric WHERE e.event_type = 'tax_payment'
            UNION ALL SELECT 'cash_' || (e.payload ->> 'direction'), (e.payload -> 'amount')::numeric
                      WHERE e.event_type = 'cash_movement') v(line, amount)
      JOIN line ON line.line = v.line) a
    WHERE $3 <> 'hr' AND a.lines > 0
      AND e.event_month BETWEEN CASE $4 WHEN 'closing_cash' THEN '-infinity' ELSE $6 END AND $7
      AND ($5 -> 'product' IS NULL OR $5 -> 'product' ? tellingcube.member_id(e.company_id, 'product', e.payload ->> 'product')::text)
      AND ($5 -> 'region' IS NULL OR $5 -> 'region' ? tellingcube.member_id(e.company_id, 'region', e.payload ->> 'region')::text)
      AND ($5 -> 'cost_center' IS NULL
           OR $5 -> 'cost_center' ? tellingcube.member_id(e.company_id, 'cost_center', e.payload ->> 'costCenter')::text)
    UNION ALL
    -- A salary is paid by the hire that agreed it, in every month until the next.
    SELECT e.event_id, e.event_ts, e.event_type, e.source, e.payload, a.amount
    FROM scope s
    JOIN %1$I.employment_history h ON h.company_id = s.company_id AND h.scenario_id = s.scenario_id AND h.month <= s.last_month
    CROSS JOIN LATERAL (
      SELECT greatest(h.month, CASE $4 WHEN 'closing_cash' THEN s.starts ELSE s.first_month END) AS first_paid,
             least(coalesce(h.paid_until, s.last_month), s.last_month) AS last_paid) paid
    CROSS JOIN LATERAL (
      SELECT sum(line.sign * v.amount) AS amount, count(*) AS lines
      FROM (SELECT 'payroll', h.department, h.monthly_salary
                     * (12 * (extract(year FROM paid.last_paid) - extract(year FROM paid.first_paid))
                        + extract(month FROM paid.last_paid) - extract(month FROM paid.first_paid) + 1)
            WHERE h.department IS NOT NULL AND paid.first_paid <= paid.last_paid
            UNION ALL SELECT 'hires', h.department, 1 WHERE h.joined AND h.month >= s.first_month
            UNION ALL SELECT 'exits', h.previous_department, 1 WHERE h.left_previous AND h.month >= s.first_month
            UNION ALL SELECT 'opening', h.department, 1
                      WHERE h.department IS NOT NULL AND h.month < s.first_month
                        AND coalesce(h.employed_until >= s.first_month - interval '1 month', true)
            UNION ALL SELECT 'closing', h.department, 1
                      WHERE h.department IS NOT NULL AND coalesce(h.employed_until >= s.last_month, true)
           ) v(line, department, amount)
      JOIN line ON line.line = v.line
      WHERE $5 -> 'department' IS NULL
         OR $5 -> 'department' ? tellingcube.member_id(h.company_id, 'department', v.department)::text) a
    JOIN %1$I.events e ON e.company_id = h.company_id AND e.event_month = h.month AND e.event_id = h.event_id
    WHERE $3 IN ('hr', 'finance') AND s.first_month <= s.last_month AND a.lines > 0
      AND ($1 IS NULL OR h.company_id = $1)
  )
  SELECT f.event_id, f.event_ts, f.event_type, f.source, f.payload, CASE WHEN $4 IS NOT NULL THEN f.amount END
  FROM fed f
  ORDER BY f.event_ts, f.event_id
  $query$, entered)
  USING one_company, one_scenario, fact_name, wanted, members, first, last;
END $$;
COMMENT ON FUNCTION tellingcube.drill(text, jsonb, text, text, text, name) IS
  'The events behind a figure. fact: finance, sales, expense, hr. key: members by name or id, and the measure: {"product": "Croissant", "region": "Vienna", "measure": "revenue"}. month: 2024-03, 2024-Q1, 2024. Without a scenario it is the actual one. With a measure, amount is what each event adds to it, and the amounts come to the figure.';
