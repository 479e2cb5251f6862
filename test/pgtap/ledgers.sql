-- The columns of the ledgers are listed in several places: the tables (stored and pending), the writer of pending rows, the
-- fold, the rebuild, the comparison with the events. Here it shows that they agree.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = public;
SELECT plan(30);
SELECT tellingcube.create_cube('books') \g /dev/null
SET tellingcube.cube = 'books';
SELECT tellingcube.create_company('Kiosk') AS company \gset
SELECT tellingcube.create_scenario('Kiosk', starts => '2024-01') AS scenario \gset

CREATE FUNCTION columns(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s%s', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' not null' ELSE '' END), ', ' ORDER BY attnum)
  FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped $$;
CREATE VIEW ledger AS
SELECT l.name, format('books.fact_%s_pending', l.name)::regclass AS pending, format('books.fact_%s', l.kept)::regclass AS kept
FROM (VALUES ('sales', 'sales_stored'), ('expense', 'expense_stored'), ('finance', 'finance_stored'), ('activity', 'activity_stored'), ('hr', 'hr_history')) l(name, kept);
SELECT set_eq($$SELECT pending::text FROM ledger UNION SELECT kept::text FROM ledger UNION VALUES ('books.fact_hr_stored')$$,
  $$SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace = 'books'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^fact_'$$, 'these are all tables of facts');
SELECT is(columns(pending), columns(kept), name || ': what is pending can be kept') FROM ledger;

-- The writer: every column gets what belongs there, no two values alike.
SELECT tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 11, "revenue": 110, "cogs": 40},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 7, "isCapex": false},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "shelf", "amount": 8, "isCapex": true},
  {"eventType": "hr_hire", "date": "2024-01-05", "employeeId": "E1", "department": "Bar", "role": "Clerk", "monthlySalary": 50, "eventId": "00000000-0000-0000-0000-0000000000a1"},
  {"eventType": "hr_exit", "date": "2024-03-06", "employeeId": "E1", "eventId": "00000000-0000-0000-0000-0000000000a2"}]') \g /dev/null
CREATE FUNCTION member(kind text, name text) RETURNS uuid LANGUAGE sql AS $$ SELECT tellingcube.member_id((SELECT company_id FROM books.dim_company), kind, name) $$;
CREATE VIEW tenant AS SELECT company_id, scenario_id FROM books.dim_scenario;
SELECT results_eq('SELECT * FROM books.fact_sales_pending',
  $$SELECT company_id, scenario_id, date '2024-01-01', member('product', 'Tea'), member('region', 'Town'), 110.0000, 40.0000, 10.0000, 1::bigint FROM tenant$$, 'sales are written column by column');
SELECT results_eq('SELECT * FROM books.fact_expense_pending ORDER BY month',
  $$SELECT company_id, scenario_id, date '2024-01-01', member('cost_center', 'Shop'), member('account', 'rent'), false, 7.0000, 1::bigint FROM tenant
    UNION ALL SELECT company_id, scenario_id, date '2024-02-01', member('cost_center', 'Shop'), member('account', 'shelf'), true, 8.0000, 1::bigint FROM tenant$$, 'so are expenses');
SELECT results_eq('SELECT * FROM books.fact_finance_pending ORDER BY line',
  $$SELECT company_id, scenario_id, v.month, v.line, v.member_id, v.amount, 1::bigint FROM tenant, (VALUES
    (date '2024-02-01', 'capex', member('account', 'shelf'), 8.0000), ('2024-01-01', 'cogs', '00000000-0000-0000-0000-000000000000', 40.0000), ('2024-01-01', 'expense', member('account', 'rent'), 7.0000),
    ('2024-01-01', 'revenue', '00000000-0000-0000-0000-000000000000', 110.0000)) v(month, line, member_id, amount)$$, 'the lines of the P&L');
SELECT results_eq('SELECT * FROM books.fact_activity_pending ORDER BY month, event_type',
  $$SELECT company_id, scenario_id, v.month, v.event_type, 1::bigint, 1::bigint FROM tenant, (VALUES (date '2024-01-01', 'expense'), ('2024-01-01', 'hr_hire'),
    ('2024-01-01', 'sale'), ('2024-02-01', 'expense'), ('2024-03-01', 'hr_exit')) v(month, event_type)$$, 'the counts of events');
SELECT results_eq('SELECT * FROM books.fact_hr_pending ORDER BY event_ts',
  $$SELECT company_id, scenario_id, 'E1', v.event_ts, v.event_id::uuid, v.department_id, v.salary, 1::bigint FROM tenant, (VALUES
    (timestamp '2024-01-05', '00000000-0000-0000-0000-0000000000a1', member('department', 'Bar'), 50.0000), ('2024-03-06', '00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-000000000000', NULL))
    v(event_ts, event_id, department_id, salary)$$, 'and people');

-- The fold: every column of every row arrives; a second time it is added.
CREATE FUNCTION rows_of(relation regclass) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$
BEGIN RETURN QUERY EXECUTE format('SELECT to_jsonb(t) FROM %s t ORDER BY to_jsonb(t)', relation); END $$;
CREATE TABLE before AS SELECT l.name, r FROM ledger l, rows_of(l.pending) r;
SELECT tellingcube.fold_facts() \g /dev/null
SELECT is_empty(format('SELECT * FROM %s', pending), name || ': nothing stays pending') FROM ledger;
SELECT set_eq(format('SELECT rows_of(%L)', kept), format('SELECT r FROM before WHERE name = %L', name), name || ': everything pending is kept, column by column') FROM ledger;
SELECT tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 1, "unitPrice": 2, "revenue": 2, "cogs": 3},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 4, "isCapex": false}]') \g /dev/null
SELECT tellingcube.fold_facts() \g /dev/null
SELECT results_eq('SELECT revenue, cogs, quantity, entries FROM books.fact_sales_stored', 'VALUES (112.0000, 43.0000, 11.0000, 2::bigint)', 'sales: all measures are added');
SELECT results_eq($$SELECT amount, entries FROM books.fact_expense_stored WHERE NOT is_capex$$, 'VALUES (11.0000, 2::bigint)', 'expenses, too');
SELECT results_eq($$SELECT amount, entries FROM books.fact_finance_stored WHERE line = 'revenue'$$, 'VALUES (112.0000, 2::bigint)', 'and lines');
SELECT results_eq($$SELECT events, entries FROM books.fact_activity_stored WHERE event_type = 'sale'$$, 'VALUES (2::bigint, 2::bigint)', 'and counts');
SELECT is_empty('SELECT * FROM tellingcube.verify_facts()', 'which is what the events say');

-- Comparing and rebuilding: each measure of each table is looked at, and made right.
CREATE FUNCTION unnoticed() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  c record;
BEGIN
  FOR c IN SELECT k.kept, a.attname FROM (SELECT kept FROM ledger UNION SELECT 'books.fact_hr_stored'::regclass) k
           JOIN pg_attribute a ON a.attrelid = k.kept AND a.attnum > 0 AND a.atttypid IN ('numeric'::regtype, 'bigint'::regtype) LOOP
    EXECUTE format('UPDATE %s SET %I = %2$I + 1', c.kept, c.attname);
    IF NOT EXISTS (SELECT FROM tellingcube.verify_facts()) THEN RETURN NEXT format('%s.%s', c.kept, c.attname); END IF;
    PERFORM tellingcube.rebuild_facts();
    IF EXISTS (SELECT FROM tellingcube.verify_facts()) THEN RETURN NEXT format('%s.%s after a rebuild', c.kept, c.attname); END IF;
  END LOOP;
END $$;
SELECT is_empty('SELECT * FROM unnoticed()', 'no measure of what is kept is tampered with unnoticed, nor beyond a rebuild');
CREATE FUNCTION unnoticed_pending() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  l record;
BEGIN
  FOR l IN SELECT * FROM ledger LOOP
    EXECUTE format('INSERT INTO %s SELECT * FROM %s LIMIT 1', l.pending, l.kept);
    IF NOT EXISTS (SELECT FROM tellingcube.verify_facts()) THEN RETURN NEXT l.pending; END IF;
    PERFORM tellingcube.rebuild_facts();
    IF EXISTS (SELECT FROM tellingcube.verify_facts()) THEN RETURN NEXT format('%s after a rebuild', l.pending); END IF;
  END LOOP;
END $$;
SELECT is_empty('SELECT * FROM unnoticed_pending()', 'nor a row that is pending');
SELECT results_eq('SELECT revenue, cogs, quantity, transactions FROM books.fact_sales_monthly', 'VALUES (112.0000, 43.0000, 11.0000, 2::bigint)', 'and sales are as before');
SELECT is_empty($$SELECT * FROM tellingcube.reconcile() WHERE status <> 'ok'$$, 'with everything else');

SELECT * FROM finish();
