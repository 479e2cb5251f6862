-- Facts follow transactions: whatever commits is in them, to the cent, and whatever is rolled back is not, in every way a
-- transaction can be made of parts.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('trans');
SET tellingcube.cube = 'trans';
SET search_path = trans, public;
INSERT INTO dim_company (company_id, name) VALUES ('a0000000-0000-0000-0000-000000000000', 'Alpine Bakery GmbH');
INSERT INTO dim_scenario (company_id, scenario_id, name, starts) VALUES
  ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', 'Actual', '2024-01-01');

-- Powers of two, so that a sum tells which events are in it: each call makes a sale of the amount, an expense of it and a
-- hire at that salary.
CREATE FUNCTION tell(amount numeric) RETURNS void LANGUAGE sql AS $$
  SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(
    jsonb_build_object('eventType', 'sale', 'month', '2024-01', 'product', 'Bread', 'region', 'Tyrol', 'quantity', 1, 'unitPrice', amount, 'revenue', amount, 'cogs', 0),
    jsonb_build_object('eventType', 'expense', 'month', '2024-01', 'costCenter', 'Shop', 'account', 'rent', 'amount', amount, 'isCapex', false),
    jsonb_build_object('eventType', 'hr_hire', 'month', '2024-01', 'employeeId', 'E' || amount, 'department', 'Shop', 'role', 'Clerk', 'monthlySalary', amount)), cube => 'trans')
$$;
-- The same by a plain INSERT.
CREATE FUNCTION tell_plainly(amount numeric) RETURNS void LANGUAGE sql AS $$
  INSERT INTO trans.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
  SELECT 'a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-01-01', type, '2024-01-01', payload
  FROM (VALUES
    ('sale', jsonb_build_object('product', 'Bread', 'region', 'Tyrol', 'quantity', 1, 'unitPrice', amount, 'revenue', amount, 'cogs', 0)),
    ('expense', jsonb_build_object('costCenter', 'Shop', 'account', 'rent', 'amount', amount, 'isCapex', false)),
    ('hr_hire', jsonb_build_object('employeeId', 'E' || amount, 'department', 'Shop', 'role', 'Clerk', 'monthlySalary', amount))) v(type, payload)
$$;
CREATE VIEW facts AS
SELECT (SELECT sum(revenue) FROM trans.fact_sales_monthly) AS sales, (SELECT sum(opex) FROM trans.fact_expense_monthly) AS expenses,
       (SELECT sum(payroll_cost) FROM trans.fact_hr_monthly) AS payroll, (SELECT sum(closing_headcount) FROM trans.fact_hr_monthly) AS people,
       (SELECT sum(revenue) FROM trans.fact_finance_monthly) AS revenue, (SELECT sum(opex) FROM trans.fact_finance_monthly) AS opex;
-- The same from the events alone.
CREATE VIEW independent AS
SELECT sum((payload ->> 'revenue')::numeric(38,4)) AS sales, sum((payload ->> 'amount')::numeric(38,4)) AS expenses,
       sum((payload ->> 'monthlySalary')::numeric(38,4)) AS payroll, (count(*) FILTER (WHERE event_type = 'hr_hire'))::numeric AS people,
       sum((payload ->> 'revenue')::numeric(38,4)) AS revenue,
       sum(coalesce((payload ->> 'amount')::numeric(38,4), 0) + coalesce((payload ->> 'monthlySalary')::numeric(38,4), 0)) FILTER (WHERE event_type <> 'sale') AS opex
FROM trans.events;
\set check 'SELECT f.sales, (f.*) = (i.*) AS agrees, (SELECT count(*) FROM tellingcube.verify_facts()) AS differences FROM facts f, independent i;'

-- Autocommit; a block; COPY in a block.
SELECT FROM tell(1);
:check
BEGIN;
SELECT FROM tell(2);
SELECT FROM tell_plainly(4);
COPY events (company_id, scenario_id, event_month, event_type, event_ts, payload) FROM stdin;
a0000000-0000-0000-0000-000000000000	ac000000-0000-0000-0000-000000000000	2024-01-01	sale	2024-01-02	{"product": "Cake", "region": "Tyrol", "quantity": 1, "unitPrice": 8, "revenue": 8, "cogs": 0}
a0000000-0000-0000-0000-000000000000	ac000000-0000-0000-0000-000000000000	2024-01-01	expense	2024-01-02	{"costCenter": "Office", "account": "rent", "amount": 8, "isCapex": false}
a0000000-0000-0000-0000-000000000000	ac000000-0000-0000-0000-000000000000	2024-01-01	hr_hire	2024-01-02	{"employeeId": "E8", "department": "Office", "role": "Clerk", "monthlySalary": 8}
\.
-- Until it commits, facts are as they were, even for itself; flush_facts() gives them early.
SELECT sales FROM facts;
SELECT tellingcube.flush_facts() > 0 AS flushed;
:check
SELECT tellingcube.flush_facts() AS again;
SELECT FROM tell(16);
COMMIT;
:check
BEGIN;
SELECT FROM tell(1024);
SELECT tellingcube.flush_facts() > 0 AS flushed;
SELECT FROM tell_plainly(2048);
ROLLBACK;
:check
-- An error is a rollback.
BEGIN;
SELECT FROM tell(1024);
SELECT 1 / 0;
COMMIT;
:check

-- What a transaction has flushed it can read by its names, though nobody told of them before.
BEGIN;
SELECT FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "sale", "month": "2024-01", "product": "Pretzel", "region": "Salzburg", "quantity": 1, "unitPrice": 7, "revenue": 7, "cogs": 0}]');
SELECT tellingcube.flush_facts() > 0 AS flushed;
SELECT p.name, r.name, f.revenue FROM fact_sales_monthly f JOIN dim_product p USING (company_id, product_id) JOIN dim_region r USING (company_id, region_id) WHERE p.name = 'Pretzel';
ROLLBACK;
SELECT count(*) FROM dim_product WHERE name = 'Pretzel';

-- Savepoints: released, rolled back, rolled back after a release within, rolled back to and gone on.
BEGIN;
SELECT FROM tell(32);
SAVEPOINT a;
SELECT FROM tell(1024);
SAVEPOINT b;
SELECT FROM tell(2048);
RELEASE b;
ROLLBACK TO a;
SELECT FROM tell(64);
SAVEPOINT c;
SELECT FROM tell_plainly(128);
RELEASE c;
RELEASE a;
SAVEPOINT d;
SELECT FROM tell_plainly(1024);
ROLLBACK TO d;
SELECT FROM tell(2048);
ROLLBACK TO d;
COMMIT;
:check
SELECT sum(1 << i) AS told_so_far FROM generate_series(0, 7) i;

-- Flushing within savepoints: each of the places where it may be, each way out.
CREATE PROCEDURE flush_somewhere(before boolean, inside boolean, deeper boolean, undo_inner boolean, undo_outer boolean, INOUT kept numeric, step numeric)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM trans.tell(step);
  kept := kept + step;
  IF before THEN PERFORM tellingcube.flush_facts(); END IF;
  BEGIN
    PERFORM trans.tell_plainly(step * 2);
    IF inside THEN PERFORM tellingcube.flush_facts(); END IF;
    BEGIN
      PERFORM trans.tell(step * 4);
      IF deeper THEN PERFORM tellingcube.flush_facts(); END IF;
      IF undo_inner THEN RAISE EXCEPTION 'inner' USING ERRCODE = 'P0001'; END IF;
      kept := kept + step * 4;
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
    IF undo_outer THEN RAISE EXCEPTION 'outer' USING ERRCODE = 'P0001'; END IF;
    kept := kept + step * 2;
  EXCEPTION WHEN raise_exception THEN
    -- What plpgsql keeps in variables outlives the rollback.
    IF NOT undo_inner THEN kept := kept - step * 4; END IF;
  END;
  IF deeper AND before THEN PERFORM tellingcube.flush_facts(); END IF;
END $$;
DO $$
DECLARE
  step numeric := 0.0001;
  kept numeric := (SELECT sum((payload ->> 'revenue')::numeric) FROM trans.events);
  way record;
BEGIN
  FOR way IN SELECT * FROM (VALUES (false), (true)) a(b1), (VALUES (false), (true)) b(b2), (VALUES (false), (true)) c(b3), (VALUES (false), (true)) d(b4), (VALUES (false), (true)) e(b5) LOOP
    CALL trans.flush_somewhere(way.b1, way.b2, way.b3, way.b4, way.b5, kept, step);
    COMMIT;
    IF (SELECT sales FROM trans.facts) IS DISTINCT FROM kept OR (SELECT (f.*) <> (i.*) FROM trans.facts f, trans.independent i)
       OR EXISTS (SELECT FROM tellingcube.verify_facts()) THEN
      RAISE EXCEPTION 'facts differ after %: % instead of %', way, (SELECT sales FROM trans.facts), kept;
    END IF;
    step := step + 0.01;
  END LOOP;
END $$;
SELECT (f.*) = (i.*) AS agrees FROM facts f, independent i;
-- All at once, in one transaction.
DO $$
DECLARE
  step numeric := 1.0001;
  kept numeric := (SELECT sum((payload ->> 'revenue')::numeric) FROM trans.events);
  way record;
BEGIN
  FOR way IN SELECT * FROM (VALUES (false), (true)) a(b1), (VALUES (false), (true)) b(b2), (VALUES (false), (true)) c(b3), (VALUES (false), (true)) d(b4), (VALUES (false), (true)) e(b5) LOOP
    CALL trans.flush_somewhere(way.b1, way.b2, way.b3, way.b4, way.b5, kept, step);
    step := step + 0.01;
  END LOOP;
  PERFORM tellingcube.flush_facts();
  IF (SELECT sales FROM trans.facts) IS DISTINCT FROM kept THEN
    RAISE EXCEPTION 'facts differ: % instead of %', (SELECT sales FROM trans.facts), kept;
  END IF;
END $$;
SELECT (f.*) = (i.*) AS agrees, (SELECT count(*) FROM tellingcube.verify_facts()) AS differences FROM facts f, independent i;
-- Many savepoints, rolled back in every third place.
DO $$
BEGIN
  FOR i IN 1 .. 300 LOOP
    BEGIN
      PERFORM trans.tell_plainly(1000.5 + i);
      IF i % 7 = 0 THEN PERFORM tellingcube.flush_facts(); END IF;
      IF i % 3 = 0 THEN RAISE EXCEPTION 'undo'; END IF;
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END $$;
SELECT (f.*) = (i.*) AS agrees, (SELECT count(*) FROM tellingcube.verify_facts()) AS differences FROM facts f, independent i;

SELECT FROM tellingcube.drop_cube('trans');
