-- The odder ways in which transactions begin, end and fail.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('odd');
SET tellingcube.cube = 'odd';
SET search_path = odd, public;
INSERT INTO dim_company (company_id, name) VALUES ('a0000000-0000-0000-0000-000000000000', 'Alpine Bakery GmbH');
INSERT INTO dim_scenario (company_id, scenario_id, name, starts) VALUES
  ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', 'Actual', '2024-01-01');
-- Powers of two, so that a sum tells which events are in it.
CREATE FUNCTION tell(amount numeric) RETURNS void LANGUAGE sql AS $$
  SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(
    jsonb_build_object('eventType', 'sale', 'month', '2024-01', 'product', 'Bread', 'region', 'Tyrol', 'quantity', 1, 'unitPrice', amount, 'revenue', amount, 'cogs', 0)), cube => 'odd')
$$;
CREATE FUNCTION tell_plainly(amount numeric) RETURNS void LANGUAGE sql AS $$
  INSERT INTO odd.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
  VALUES ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-01-01', 'sale', '2024-01-01',
          jsonb_build_object('product', 'Bread', 'region', 'Tyrol', 'quantity', 1, 'unitPrice', amount, 'revenue', amount, 'cogs', 0))
$$;
CREATE VIEW facts AS
SELECT (SELECT sum(revenue) FROM odd.fact_sales_monthly) AS told, (SELECT sum((payload ->> 'revenue')::numeric) FROM odd.events) AS independent,
       (SELECT sum(revenue) FROM odd.fact_finance_monthly) AS finance, (SELECT count(*) FROM tellingcube.verify_facts('Alpine Bakery GmbH', 'odd')) AS differences;

-- Procedures that commit and roll back on their way.
CREATE PROCEDURE in_steps() LANGUAGE plpgsql AS $$
BEGIN
  PERFORM odd.tell(1);
  COMMIT;
  PERFORM odd.tell_plainly(2);
  PERFORM tellingcube.flush_facts();
  COMMIT;
  PERFORM odd.tell(1024);
  ROLLBACK;
  PERFORM odd.tell_plainly(4);
  COMMIT AND CHAIN;
  BEGIN
    PERFORM odd.tell(1024);
    RAISE EXCEPTION 'undo';
  EXCEPTION WHEN raise_exception THEN
    PERFORM odd.tell(8);
  END;
END $$;
CALL in_steps();
TABLE facts;
-- The same while every commit folds.
SET tellingcube.fold_threshold = 1;
CALL in_steps();
TABLE facts;
ANALYZE fact_sales_pending;
CALL in_steps();
TABLE facts;
RESET tellingcube.fold_threshold;

-- COMMIT AND CHAIN, ROLLBACK AND CHAIN.
BEGIN;
SELECT FROM tell(64);
COMMIT AND CHAIN;
SELECT FROM tell_plainly(1024);
ROLLBACK AND CHAIN;
SELECT FROM tell_plainly(128);
COMMIT;
TABLE facts;

-- The isolation levels; within one transaction its own snapshot sees what it flushed.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT FROM tell(256);
SELECT tellingcube.flush_facts() > 0 AS flushed;
TABLE facts;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT FROM tell_plainly(512);
SELECT tellingcube.fold_facts() > 0 AS folded;
COMMIT;
TABLE facts;

-- Deferred constraint triggers that tell events while committing.
CREATE TABLE orders (amount numeric);
CREATE FUNCTION order_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.amount % 2 = 0 THEN PERFORM odd.tell(NEW.amount); ELSE PERFORM odd.tell_plainly(NEW.amount); END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER told AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION order_told();
BEGIN;
INSERT INTO orders VALUES (2048), (1), (4096);
SELECT told, differences FROM facts;
COMMIT;
TABLE facts;
BEGIN;
INSERT INTO orders VALUES (8192);
SET CONSTRAINTS ALL IMMEDIATE;
SELECT FROM tell(1);
ROLLBACK;
INSERT INTO orders VALUES (-1);
\echo :SQLSTATE
TABLE facts;

-- Cursors: held over the commit, their function runs while committing.
BEGIN;
DECLARE held CURSOR WITH HOLD FOR SELECT tell(amount) IS NULL AS done FROM (VALUES (8192), (16384)) v(amount);
COMMIT;
FETCH ALL FROM held;
CLOSE held;
TABLE facts;
BEGIN;
SELECT FROM tell(32768);
DECLARE held CURSOR WITH HOLD FOR SELECT told FROM facts;
COMMIT;
FETCH ALL FROM held;
CLOSE held;
TABLE facts;

SELECT FROM tell(65536);
SELECT FROM tell(131072);
TABLE facts;

-- Writing the facts may fail while committing; then nothing is left, neither of the transaction nor in memory. (The index is a
-- trick of this test: it lets one pending row of sales in.)
SELECT tellingcube.fold_facts() > 0 AS folded;
CREATE UNIQUE INDEX one_row ON fact_sales_pending (company_id);
SELECT FROM tell(1);
\set VERBOSITY sqlstate
BEGIN;
SELECT FROM tell(1000000);
SELECT FROM tell_plainly(1000000);
COMMIT;
SELECT FROM tell(1000000);
BEGIN;
SAVEPOINT a;
SELECT FROM tell(1000000);
SELECT tellingcube.flush_facts();
ROLLBACK TO a;
COMMIT;
\set VERBOSITY default
TABLE facts;
DROP INDEX one_row;
SELECT FROM tell(262144);
SELECT FROM tell_plainly(524288);
TABLE facts;
-- Read-only transactions read facts and write nothing.
BEGIN READ ONLY;
TABLE facts;
SELECT tellingcube.flush_facts();
SELECT FROM tell(1);
\echo :SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT FROM tell_plainly(1);
\echo :SQLSTATE
ROLLBACK;
BEGIN READ ONLY;
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]', idempotency_key => 'k');
\echo :SQLSTATE
ROLLBACK;
-- What was told before a transaction became read-only stays told.
BEGIN;
SELECT FROM tell(1048576);
SET TRANSACTION READ ONLY;
COMMIT;
TABLE facts;

-- Neither an empty search_path nor one with traps in it changes what is meant.
SET search_path = '';
SELECT FROM odd.tell(2097152);
SELECT FROM odd.tell_plainly(4194304);
TABLE odd.facts;
SELECT tellingcube.fold_facts('odd') > 0 AS folded;
CREATE TEMP TABLE events (LIKE odd.events);
CREATE TEMP TABLE dim_company (LIKE odd.dim_company);
CREATE TEMP TABLE fact_sales_pending (LIKE odd.fact_sales_pending);
SET search_path = pg_temp, odd;
SELECT FROM odd.tell(8388608);
SELECT tellingcube.fold_facts('odd') > 0 AS folded;
SELECT FROM tellingcube.rebuild_facts(cube => 'odd');
SELECT * FROM odd.facts;
DROP TABLE pg_temp.events, pg_temp.dim_company, pg_temp.fact_sales_pending;
SET search_path = odd, public;

-- A role that may only insert events cannot touch facts, yet they are right.
CREATE ROLE regress_tc_teller;
GRANT USAGE ON SCHEMA odd TO regress_tc_teller;
GRANT SELECT ON dim_company, dim_scenario TO regress_tc_teller;
GRANT INSERT ON events TO regress_tc_teller;
SET ROLE regress_tc_teller;
SELECT FROM tell(16777216);
SELECT FROM tell_plainly(33554432);
BEGIN;
SELECT FROM tell(67108864);
SELECT tellingcube.flush_facts() > 0 AS flushed;
SAVEPOINT a;
SELECT FROM tell(1);
ROLLBACK TO a;
COMMIT;
SET tellingcube.fold_threshold = 1;
SELECT FROM tell(134217728);
RESET tellingcube.fold_threshold;
\set VERBOSITY terse
SELECT * FROM fact_sales_monthly;
INSERT INTO fact_sales_pending SELECT * FROM fact_sales_pending;
SELECT tellingcube.fold_facts();
SELECT current_user, current_setting('search_path');
\set VERBOSITY default
RESET ROLE;
TABLE facts;

-- Cancelled on the way: nothing is left.
SET statement_timeout = '30ms';
INSERT INTO events (company_id, scenario_id, event_month, event_type, event_ts, payload)
SELECT 'a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-01-01', 'sale', '2024-01-01',
       '{"product": "Bread", "region": "Tyrol", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0}' FROM generate_series(1, 10000000);
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  '[' || repeat('{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1},', 1000000) || '{}]');
SET statement_timeout = 0;
TABLE facts;

-- Calls within calls: in a trigger, in a subquery, for each row, in a function of another function's transaction.
CREATE FUNCTION tell_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM odd.tell(NEW.amount); RETURN NEW; END $$;
DROP TRIGGER told ON orders;
CREATE TRIGGER tell_more BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION tell_more();
INSERT INTO orders VALUES (268435456);
SELECT count(*) FROM (SELECT tell(536870912)) s;
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  (SELECT jsonb_build_array(jsonb_build_object('eventType', 'procurement', 'month', '2024-01', 'supplier', coalesce(tell(1073741824)::text, '') || 's', 'category', 'c', 'amount', 1))))
  IS NOT NULL AS nested;
-- A trigger on the events themselves that tells another one.
CREATE FUNCTION echo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.payload ->> 'product' = 'Bread' THEN
    PERFORM tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
      '[{"eventType": "sale", "month": "2024-01", "product": "Bag", "region": "Tyrol", "quantity": 1, "unitPrice": 0.5, "revenue": 0.5, "cogs": 0}]', cube => 'odd');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER echo AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION echo();
SELECT FROM tell(2147483648);
DROP TRIGGER echo ON events;
TABLE facts;

-- Housekeeping within a transaction, and within savepoints that are rolled back; errors in between leave nothing.
BEGIN;
SELECT FROM tell(1);
SELECT FROM tellingcube.rebuild_facts();
SELECT FROM tell_plainly(1);
SELECT tellingcube.fold_facts() > 0 AS folded;
COMMIT;
BEGIN;
SELECT FROM tell(1);
SAVEPOINT a;
SELECT FROM tellingcube.rebuild_facts();
SELECT FROM tell(1000);
ROLLBACK TO a;
SELECT tellingcube.fold_facts() > 0 AS folded;
SELECT FROM tell(1000);
ROLLBACK TO a;
TRUNCATE fact_sales_pending;
ROLLBACK TO a;
SELECT FROM tell(1);
COMMIT;
TABLE facts;
DO $$
BEGIN
  FOR i IN 1 .. 20 LOOP
    BEGIN
      PERFORM tell(1000);
      PERFORM tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
        '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}, {"eventType": "sale"}]');
    EXCEPTION WHEN SQLSTATE 'TC102' THEN NULL;
    END;
    PERFORM tell(1);
  END LOOP;
END $$;
TABLE facts;

SELECT FROM tellingcube.drop_cube('odd');
DROP ROLE regress_tc_teller;
