-- The settings, what they may be, and that none of them changes a fact.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
LOAD 'tellingcube';
SELECT name, setting, vartype, context, min_val, max_val, boot_val, category FROM pg_settings WHERE name LIKE 'tellingcube.%' AND short_desc <> '' ORDER BY name;
SET tellingcube.accumulator_rows = 10;
SET tellingcube.fold_threshold = -1;
SET tellingcube.nonsense = 1;
SET tellingcube.cube = 'settings';
SELECT FROM tellingcube.create_cube();
SET search_path = settings, public;
INSERT INTO dim_company (company_id, name) VALUES ('a0000000-0000-0000-0000-000000000000', 'Alpine Bakery GmbH');
INSERT INTO dim_scenario (company_id, scenario_id, name, starts) VALUES
  ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', 'Actual', '2024-01-01');
CREATE VIEW facts AS
SELECT (SELECT sum(revenue) FROM fact_sales_monthly) AS sales, (SELECT sum(closing_headcount) FROM fact_hr_monthly) AS people,
       (SELECT sum(opex) FROM fact_expense_monthly) AS expenses, (SELECT count(*) FROM tellingcube.verify_facts('Alpine Bakery GmbH', 'settings')) AS differences;
CREATE VIEW independent AS
SELECT sum((payload ->> 'revenue')::numeric(38,4)) AS sales, (count(*) FILTER (WHERE event_type = 'hr_hire'))::numeric AS people,
       sum((payload ->> 'amount')::numeric(38,4)) AS expenses FROM events;

-- accumulator_rows bounds what a transaction keeps in memory: beyond it rows are written early, and still belong to the
-- savepoint in which they were told. Here many members, few rows: 300 products and cost centres, 300 people.
SET tellingcube.accumulator_rows = 100;
CREATE FUNCTION tell(prefix text, plainly boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF plainly THEN
    INSERT INTO settings.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
    SELECT 'a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-01-01', e.type, '2024-01-01', e.payload
    FROM generate_series(1, 300) i, LATERAL (VALUES
      ('sale', jsonb_build_object('product', prefix || i, 'region', 'Tyrol', 'quantity', 1, 'unitPrice', i, 'revenue', i, 'cogs', 0)),
      ('expense', jsonb_build_object('costCenter', prefix || i, 'account', 'rent', 'amount', i, 'isCapex', false)),
      ('hr_hire', jsonb_build_object('employeeId', prefix || i, 'department', 'Shop', 'role', 'Clerk', 'monthlySalary', i))) e(type, payload);
  ELSE
    PERFORM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', (SELECT jsonb_agg(e || '{"month": "2024-01"}')
    FROM generate_series(1, 300) i, LATERAL (VALUES
      (jsonb_build_object('eventType', 'sale', 'product', prefix || i, 'region', 'Tyrol', 'quantity', 1, 'unitPrice', i, 'revenue', i, 'cogs', 0)),
      (jsonb_build_object('eventType', 'expense', 'costCenter', prefix || i, 'account', 'rent', 'amount', i, 'isCapex', false)),
      (jsonb_build_object('eventType', 'hr_hire', 'employeeId', prefix || i, 'department', 'Shop', 'role', 'Clerk', 'monthlySalary', i))) v(e)), cube => 'settings');
  END IF;
END $$;
BEGIN;
SELECT FROM tell('A', false);
SELECT count(*) > 0 AS written_early FROM fact_sales_pending;
SAVEPOINT a;
SELECT FROM tell('B', true);
SAVEPOINT b;
SELECT FROM tell('C', false);
ROLLBACK TO b;
SELECT FROM tell('C', true);
ROLLBACK TO a;
-- Members that were made within the savepoint are gone with it, and are made again.
SELECT count(*) FROM dim_product WHERE name LIKE 'B%' OR name LIKE 'C%';
SELECT FROM tell('B', false);
SAVEPOINT d;
SELECT FROM tell('D', true);
SELECT tellingcube.flush_facts() > 0 AS flushed;
ROLLBACK TO d;
COMMIT;
TABLE facts;
TABLE independent;
SELECT left(name, 1), count(*) FROM dim_product GROUP BY 1 ORDER BY 1;
-- plpgsql's exception blocks are savepoints, too.
DO $$
BEGIN
  FOR i IN 1 .. 10 LOOP
    BEGIN
      PERFORM settings.tell('E' || i || '-', i % 2 = 0);
      IF i % 3 = 0 THEN RAISE EXCEPTION 'undo'; END IF;
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END $$;
SELECT f.differences, (f.sales, f.people, f.expenses) = (i.*) AS agrees FROM facts f, independent i;
-- A reversal meets its event already written.
BEGIN;
SELECT FROM tell('F', true);
SELECT sum(a.inserted) FROM events e, tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(jsonb_build_object('reverses', e.event_id)), cube => 'settings') a
WHERE e.payload ->> 'product' LIKE 'F%' OR e.payload ->> 'costCenter' LIKE 'F%' OR e.payload ->> 'employeeId' LIKE 'F%';
COMMIT;
SELECT differences, (SELECT count(*) FROM fact_sales_monthly JOIN dim_product p USING (company_id, product_id) WHERE p.name LIKE 'F%') AS left_over FROM facts;
RESET tellingcube.accumulator_rows;

-- fold_threshold: how much may be pending before a commit folds it. The server counts rows approximately, so only that
-- facts stay right is sure; 0 never folds.
SET tellingcube.fold_threshold = 0;
SELECT tellingcube.fold_facts() > 0 AS folded;
SELECT FROM tell('G', true);
SELECT count(*) > 0 AS pending FROM fact_sales_pending;
SET tellingcube.fold_threshold = 1;
SELECT FROM tell('H', true);
SELECT FROM tell('I', false);
SELECT f.differences FROM facts f;
SELECT tellingcube.fold_facts() >= 0 AS folded;
SELECT f.differences FROM facts f;
SELECT count(*) FROM fact_sales_pending;

-- tellingcube.cube may name what is not there; who needs a cube says so.
SET tellingcube.cube = 'setings';
SELECT tellingcube.cube_name();
\echo :SQLSTATE
SET tellingcube.cube = '';
SELECT tellingcube.cube_name();
\echo :SQLSTATE
SELECT tellingcube.append_events('a', 'b', '[]');
\echo :SQLSTATE
RESET tellingcube.cube;
SELECT FROM tellingcube.drop_cube('settings');
