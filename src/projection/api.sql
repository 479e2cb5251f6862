CREATE OR REPLACE FUNCTION tellingcube.flush_facts() RETURNS bigint
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'flush_facts';
COMMENT ON FUNCTION tellingcube.flush_facts() IS
  'Writes what this transaction''s events add to the facts now rather than at commit, so that the transaction itself reads it. Returns the rows written.';

CREATE OR REPLACE FUNCTION tellingcube.employment(event_ts timestamp[], department_id uuid[], monthly_salary numeric[])
RETURNS TABLE (month date, department_id uuid, hires bigint, exits bigint, payroll_change numeric, entries bigint)
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 3 AS 'MODULE_PATHNAME', 'employment';
COMMENT ON FUNCTION tellingcube.employment(timestamp[], uuid[], numeric[]) IS
  'Changes of headcount and payroll by one employee''s events, given in order; a NULL salary is an exit.';

CREATE OR REPLACE FUNCTION tellingcube.project_sums(company_id uuid DEFAULT NULL, cube name DEFAULT NULL)
RETURNS TABLE (ledger text, company_id uuid, scenario_id uuid, month date, member_id uuid, other_id uuid, line text,
               is_capex boolean, amount1 numeric, amount2 numeric, amount3 numeric, entries bigint)
  LANGUAGE c STABLE ROWS 10000 AS 'MODULE_PATHNAME', 'project_sums';
COMMENT ON FUNCTION tellingcube.project_sums(uuid, name) IS 'The ledgers as the stored events say they should be; what verify_facts() compares with.';

CREATE OR REPLACE FUNCTION tellingcube.project_staff(company_id uuid DEFAULT NULL, cube name DEFAULT NULL)
RETURNS TABLE (company_id uuid, scenario_id uuid, employee text, event_ts timestamp, event_id uuid, department_id uuid,
               monthly_salary numeric, entries bigint)
  LANGUAGE c STABLE ROWS 10000 AS 'MODULE_PATHNAME', 'project_staff';
COMMENT ON FUNCTION tellingcube.project_staff(uuid, name) IS 'The hires and exits as the stored events say; what verify_facts() compares with.';

CREATE OR REPLACE FUNCTION tellingcube.project_pending(company_id uuid, cube name) RETURNS bigint
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'project_pending';
COMMENT ON FUNCTION tellingcube.project_pending(uuid, name) IS 'Adds all stored events to the pending facts anew; a step of rebuild_facts(), of no use alone.';

CREATE OR REPLACE FUNCTION tellingcube.make_members() RETURNS void
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'make_members';
COMMENT ON FUNCTION tellingcube.make_members() IS 'Makes the dimension rows of members that this transaction''s events mention first, before it commits; fold_facts() calls it.';

-- One folder at a time: the key of a cube's fold lock. By the schema's OID, since a cube may be given another name meanwhile.
CREATE OR REPLACE FUNCTION tellingcube.fold_lock(cube name) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN pg_catalog.hashtextextended(
  'tellingcube fold '::text OPERATOR(pg_catalog.||) pg_catalog.quote_ident(cube::text)::regnamespace::oid::text, 0);
COMMENT ON FUNCTION tellingcube.fold_lock(name) IS 'Key of the advisory lock under which a cube''s facts are folded.';

CREATE OR REPLACE FUNCTION tellingcube.fold_facts_as_owner(cube name) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
  entered name := tellingcube.enter_cube(cube);
  folded bigint := 0;
  n bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(tellingcube.fold_lock(entered));
  PERFORM tellingcube.make_members();
  -- Each statement moves what its snapshot shows, wholly: nothing is counted twice and nothing lost in between. Rows are
  -- taken in key order.
  WITH moved AS (DELETE FROM fact_sales_pending RETURNING *),
  added AS (
    INSERT INTO fact_sales_stored AS s (company_id, scenario_id, month, product_id, region_id, revenue, cogs, quantity, entries)
    SELECT company_id, scenario_id, month, product_id, region_id, sum(revenue), sum(cogs), sum(quantity), sum(entries)
    FROM moved GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (company_id, scenario_id, month, product_id, region_id) DO UPDATE
    SET revenue = s.revenue + EXCLUDED.revenue, cogs = s.cogs + EXCLUDED.cogs,
        quantity = s.quantity + EXCLUDED.quantity, entries = s.entries + EXCLUDED.entries)
  SELECT count(*) INTO n FROM moved;
  folded := folded + n;
  WITH moved AS (DELETE FROM fact_expense_pending RETURNING *),
  added AS (
    INSERT INTO fact_expense_stored AS s (company_id, scenario_id, month, cost_center_id, account_id, is_capex, amount, entries)
    SELECT company_id, scenario_id, month, cost_center_id, account_id, is_capex, sum(amount), sum(entries)
    FROM moved GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (company_id, scenario_id, month, cost_center_id, account_id, is_capex) DO UPDATE
    SET amount = s.amount + EXCLUDED.amount, entries = s.entries + EXCLUDED.entries)
  SELECT count(*) INTO n FROM moved;
  folded := folded + n;
  WITH moved AS (DELETE FROM fact_finance_pending RETURNING *),
  added AS (
    INSERT INTO fact_finance_stored AS s (company_id, scenario_id, month, line, member_id, amount, entries)
    SELECT company_id, scenario_id, month, line, member_id, sum(amount), sum(entries)
    FROM moved GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (company_id, scenario_id, month, line, member_id) DO UPDATE
    SET amount = s.amount + EXCLUDED.amount, entries = s.entries + EXCLUDED.entries)
  SELECT count(*) INTO n FROM moved;
  folded := folded + n;
  WITH moved AS (DELETE FROM fact_activity_pending RETURNING *),
  added AS (
    INSERT INTO fact_activity_stored AS s (company_id, scenario_id, month, event_type, events, entries)
    SELECT company_id, scenario_id, month, event_type, sum(events), sum(entries)
    FROM moved GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (company_id, scenario_id, month, event_type) DO UPDATE
    SET events = s.events + EXCLUDED.events, entries = s.entries + EXCLUDED.entries)
  SELECT count(*) INTO n FROM moved;
  folded := folded + n;
  WITH change AS MATERIALIZED (SELECT * FROM fact_hr_pending_change),
  moved AS (DELETE FROM fact_hr_pending RETURNING *),
  remembered AS (
    INSERT INTO fact_hr_history AS h (company_id, scenario_id, employee, event_ts, event_id, department_id, monthly_salary, entries)
    SELECT company_id, scenario_id, employee, event_ts, event_id, department_id, monthly_salary, sum(entries)
    FROM moved GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (company_id, scenario_id, employee, event_ts, event_id) DO UPDATE
    SET entries = h.entries + EXCLUDED.entries),
  added AS (
    INSERT INTO fact_hr_stored AS s (company_id, scenario_id, month, department_id, hires, exits, payroll_change, entries)
    SELECT company_id, scenario_id, month, department_id, hires, exits, payroll_change, entries
    FROM change WHERE (hires, exits, payroll_change, entries) <> (0, 0, 0, 0) ORDER BY 1, 2, 3, 4
    ON CONFLICT (company_id, scenario_id, month, department_id) DO UPDATE
    SET hires = s.hires + EXCLUDED.hires, exits = s.exits + EXCLUDED.exits,
        payroll_change = s.payroll_change + EXCLUDED.payroll_change, entries = s.entries + EXCLUDED.entries)
  SELECT count(*) INTO n FROM moved;
  RETURN folded + n;
END $$;
COMMENT ON FUNCTION tellingcube.fold_facts_as_owner(name) IS 'fold_facts() once it runs as the cube''s owner.';
-- Maintenance runs as the cube's owner, as the server's own does: nothing that an owner puts into a cube's schema can run
-- with the rights of a more powerful role that maintains it.
CREATE OR REPLACE FUNCTION tellingcube.fold_facts(cube name DEFAULT NULL) RETURNS bigint
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'fold_facts';
COMMENT ON FUNCTION tellingcube.fold_facts(name) IS
  'Housekeeping: adds pending fact rows to the stored ones and returns how many. Facts read the same before and after, only faster.';

CREATE OR REPLACE FUNCTION tellingcube.fold_facts_if_free(cube name) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
BEGIN
  IF pg_try_advisory_xact_lock(tellingcube.fold_lock(cube)) THEN
    RETURN tellingcube.fold_facts_as_owner(cube);
  END IF;
  RETURN 0;
END $$;
COMMENT ON FUNCTION tellingcube.fold_facts_if_free(name) IS 'fold_facts(), unless somebody else is folding.';

CREATE OR REPLACE FUNCTION tellingcube.rebuild_facts_as_owner(company text, cube name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
  entered name := tellingcube.enter_cube(cube);
  one uuid := CASE WHEN company IS NOT NULL THEN tellingcube.company_id(company, entered) END;
  projected bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(tellingcube.fold_lock(entered));
  PERFORM tellingcube.flush_facts();
  -- One statement, one snapshot: what it removes is what its events made. Writers go on appending beside it.
  WITH s1 AS (DELETE FROM fact_sales_stored WHERE one IS NULL OR company_id = one),
       s2 AS (DELETE FROM fact_sales_pending WHERE one IS NULL OR company_id = one),
       e1 AS (DELETE FROM fact_expense_stored WHERE one IS NULL OR company_id = one),
       e2 AS (DELETE FROM fact_expense_pending WHERE one IS NULL OR company_id = one),
       f1 AS (DELETE FROM fact_finance_stored WHERE one IS NULL OR company_id = one),
       f2 AS (DELETE FROM fact_finance_pending WHERE one IS NULL OR company_id = one),
       a1 AS (DELETE FROM fact_activity_stored WHERE one IS NULL OR company_id = one),
       a2 AS (DELETE FROM fact_activity_pending WHERE one IS NULL OR company_id = one),
       h1 AS (DELETE FROM fact_hr_stored WHERE one IS NULL OR company_id = one),
       h2 AS (DELETE FROM fact_hr_history WHERE one IS NULL OR company_id = one),
       h3 AS (DELETE FROM fact_hr_pending WHERE one IS NULL OR company_id = one)
  SELECT tellingcube.project_pending(one, entered) INTO projected;
  PERFORM tellingcube.fold_facts_as_owner(entered);
END $$;
COMMENT ON FUNCTION tellingcube.rebuild_facts_as_owner(text, name) IS 'rebuild_facts() once it runs as the cube''s owner.';
CREATE OR REPLACE FUNCTION tellingcube.rebuild_facts(company text DEFAULT NULL, cube name DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'rebuild_facts';
COMMENT ON FUNCTION tellingcube.rebuild_facts(text, name) IS
  'Makes the facts of a company (or of all) anew from its events, beside live writers.';

CREATE OR REPLACE FUNCTION tellingcube.verify_facts(company text DEFAULT NULL, cube name DEFAULT NULL)
RETURNS TABLE (fact text, company_id uuid, scenario_id uuid, month date, key jsonb, measure text,
               stored numeric, expected numeric, difference numeric)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET row_security = off AS $$
DECLARE
  entered name := tellingcube.cube_name(cube);
  one uuid := CASE WHEN company IS NOT NULL THEN tellingcube.company_id(company, entered) END;
BEGIN
  PERFORM tellingcube.flush_facts();  -- this transaction's own events, too
  -- It runs with the caller's rights, so the cube, where its owner may put functions and operators, is not in the search_path.
  RETURN QUERY EXECUTE format($query$
  WITH actual AS (
    SELECT 'fact_sales_monthly' AS fact, company_id, scenario_id, month,
           jsonb_build_object('product_id', product_id, 'region_id', region_id) AS key,
           ARRAY['revenue', 'cogs', 'quantity', 'transactions'] AS names, ARRAY[revenue, cogs, quantity, entries] AS amounts
    FROM (TABLE %1$I.fact_sales_stored UNION ALL TABLE %1$I.fact_sales_pending) f
    UNION ALL
    SELECT 'fact_expense_monthly', company_id, scenario_id, month,
           jsonb_build_object('cost_center_id', cost_center_id, 'account_id', account_id, 'is_capex', is_capex),
           ARRAY['amount', 'entries'], ARRAY[amount, entries]
    FROM (TABLE %1$I.fact_expense_stored UNION ALL TABLE %1$I.fact_expense_pending) f
    UNION ALL
    SELECT 'fact_finance_monthly', company_id, scenario_id, month,
           jsonb_build_object('line', line, 'member_id', member_id), ARRAY['amount', 'entries'], ARRAY[amount, entries]
    FROM (TABLE %1$I.fact_finance_stored UNION ALL TABLE %1$I.fact_finance_pending) f
    UNION ALL
    SELECT 'activity', company_id, scenario_id, month,
           jsonb_build_object('event_type', event_type), ARRAY['events', 'entries'], ARRAY[events, entries]
    FROM (TABLE %1$I.fact_activity_stored UNION ALL TABLE %1$I.fact_activity_pending) f
    UNION ALL
    SELECT 'fact_hr_monthly', company_id, scenario_id, date_trunc('month', event_ts)::date,
           jsonb_build_object('employee', employee, 'event_id', event_id), ARRAY['events', 'monthly_salary'],
           ARRAY[entries, monthly_salary * entries]
    FROM (TABLE %1$I.fact_hr_history UNION ALL TABLE %1$I.fact_hr_pending) f
    UNION ALL
    SELECT 'fact_hr_monthly', company_id, scenario_id, month,
           jsonb_build_object('department_id', department_id), ARRAY['hires', 'exits', 'payroll_change', 'entries'],
           ARRAY[hires, exits, payroll_change, entries]
    FROM %1$I.fact_hr_stored
  ), staff AS MATERIALIZED (
    SELECT * FROM tellingcube.project_staff($1, $2)
  ), wanted AS (
    SELECT CASE ledger WHEN 'activity' THEN ledger ELSE 'fact_' || ledger || '_monthly' END AS fact,
           company_id, scenario_id, month,
           CASE ledger WHEN 'sales' THEN jsonb_build_object('product_id', member_id, 'region_id', other_id)
                WHEN 'expense' THEN jsonb_build_object('cost_center_id', member_id, 'account_id', other_id, 'is_capex', is_capex)
                WHEN 'finance' THEN jsonb_build_object('line', line, 'member_id', member_id)
                ELSE jsonb_build_object('event_type', line) END AS key,
           CASE ledger WHEN 'sales' THEN ARRAY['revenue', 'cogs', 'quantity', 'transactions']
                WHEN 'activity' THEN ARRAY['events', 'entries'] ELSE ARRAY['amount', 'entries'] END AS names,
           CASE ledger WHEN 'sales' THEN ARRAY[amount1, amount2, amount3, entries] ELSE ARRAY[amount1, entries] END AS amounts
    FROM tellingcube.project_sums($1, $2)
    UNION ALL
    SELECT 'fact_hr_monthly', company_id, scenario_id, date_trunc('month', event_ts)::date,
           jsonb_build_object('employee', employee, 'event_id', event_id), ARRAY['events', 'monthly_salary'],
           ARRAY[entries, monthly_salary * entries]
    FROM staff
    UNION ALL
    -- What is stored must be what the folded history comes to.
    SELECT 'fact_hr_monthly', e.company_id, e.scenario_id, c.month, jsonb_build_object('department_id', c.department_id),
           ARRAY['hires', 'exits', 'payroll_change', 'entries'], ARRAY[c.hires, c.exits, c.payroll_change, c.entries]
    FROM (SELECT company_id, scenario_id, employee,
                 array_agg(event_ts ORDER BY event_ts, event_id) AS event_ts,
                 array_agg(department_id ORDER BY event_ts, event_id) AS department_id,
                 array_agg(monthly_salary ORDER BY event_ts, event_id) AS monthly_salary
          FROM %1$I.fact_hr_history WHERE entries > 0 GROUP BY 1, 2, 3) e
    CROSS JOIN LATERAL tellingcube.employment(e.event_ts, e.department_id, e.monthly_salary) c
  ), compared AS (
    SELECT fact, company_id, scenario_id, month, key, m.name, m.amount AS stored, 0 AS expected
    FROM actual, unnest(names, amounts) m(name, amount)
    UNION ALL
    SELECT fact, company_id, scenario_id, month, key, m.name, 0, m.amount
    FROM wanted, unnest(names, amounts) m(name, amount)
  )
  SELECT c.fact, c.company_id, c.scenario_id, c.month, c.key, c.name, coalesce(sum(c.stored), 0), coalesce(sum(c.expected), 0),
         coalesce(sum(c.stored), 0) - coalesce(sum(c.expected), 0)
  FROM compared c
  WHERE $1 IS NULL OR c.company_id = $1
  GROUP BY c.fact, c.company_id, c.scenario_id, c.month, c.key, c.name
  HAVING coalesce(sum(c.stored), 0) <> coalesce(sum(c.expected), 0)
  UNION ALL
  SELECT 'dim_' || k.kind, k.company_id, NULL, NULL, jsonb_build_object('member_id', k.member_id), 'member', 0, 1, -1
  FROM (SELECT 'product' AS kind, company_id, product_id AS member_id FROM %1$I.fact_sales_pending
        UNION SELECT 'region', company_id, region_id FROM %1$I.fact_sales_pending
        UNION SELECT 'cost_center', company_id, cost_center_id FROM %1$I.fact_expense_pending
        UNION SELECT 'account', company_id, account_id FROM %1$I.fact_expense_pending
        UNION SELECT 'tax_type', company_id, member_id FROM %1$I.fact_finance_pending WHERE line = 'tax'
        UNION SELECT 'tax_type', company_id, member_id FROM %1$I.fact_finance_stored WHERE line = 'tax'
        UNION SELECT 'department', company_id, department_id FROM %1$I.fact_hr_pending WHERE monthly_salary IS NOT NULL
        EXCEPT
        (SELECT 'product', company_id, product_id FROM %1$I.dim_product
         UNION ALL SELECT 'region', company_id, region_id FROM %1$I.dim_region
         UNION ALL SELECT 'cost_center', company_id, cost_center_id FROM %1$I.dim_cost_center
         UNION ALL SELECT 'account', company_id, account_id FROM %1$I.dim_account
         UNION ALL SELECT 'tax_type', company_id, tax_type_id FROM %1$I.dim_tax_type
         UNION ALL SELECT 'department', company_id, department_id FROM %1$I.dim_department)) k
  WHERE $1 IS NULL OR k.company_id = $1
  ORDER BY 1, 2, 3, 4, 5, 6
  $query$, entered)
  USING one, entered;
END $$;
COMMENT ON FUNCTION tellingcube.verify_facts(text, name) IS
  'Compares the facts of a company (or of all) with a full recomputation from its events, key by key. Returns the differences: none on a sound cube.';
