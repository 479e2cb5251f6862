-- Two-phase commit: what is prepared is in the facts when it commits, and only then. Servers without it end here.
SELECT current_setting('max_prepared_transactions')::int = 0 AS cannot_prepare \gset
\if :cannot_prepare
\quit
\endif
SET client_min_messages = warning;
SELECT FROM tellingcube.create_cube('twice');
SET tellingcube.cube = 'twice';
SET search_path = twice, public;
SELECT tellingcube.create_company('Alpine Bakery GmbH') IS NOT NULL AS company,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', starts => '2024-01') IS NOT NULL AS scenario;
-- Powers of two, so that a sum tells which events are in it.
CREATE FUNCTION tell(amount int) RETURNS bigint LANGUAGE sql AS $$
  SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(
    jsonb_build_object('eventType', 'sale', 'month', '2024-01', 'product', 'Bread', 'region', 'Tyrol', 'quantity', 1, 'unitPrice', amount, 'revenue', amount, 'cogs', 0),
    jsonb_build_object('eventType', 'hr_hire', 'month', '2024-01', 'employeeId', 'E' || amount, 'department', 'Shop', 'role', 'Clerk', 'monthlySalary', amount)), cube => 'twice')
$$;
CREATE VIEW facts AS
SELECT (SELECT sum(revenue) FROM fact_sales_monthly) AS revenue, (SELECT sum(payroll_cost) FROM fact_hr_monthly) AS payroll,
       (SELECT sum((payload ->> 'revenue')::numeric) FROM events) AS independent,
       (SELECT count(*) FROM tellingcube.verify_facts('Alpine Bakery GmbH', 'twice')) AS differences;

-- Who tells of a new product, region or department waits for others that have just done so; here they are known.
SELECT tell(128);
BEGIN;
SELECT tell(1);
SAVEPOINT a;
SELECT tell(2);
ROLLBACK TO a;
PREPARE TRANSACTION 'regress_tc_1';
TABLE facts;
-- Others go on; what is rolled back in the end has never been.
BEGIN;
SELECT tell(4);
SELECT tellingcube.flush_facts() > 0 AS flushed;
SELECT tell(8);
PREPARE TRANSACTION 'regress_tc_2';
SELECT tell(16);
SELECT tellingcube.fold_facts() > 0 AS folded;
TABLE facts;
ROLLBACK PREPARED 'regress_tc_2';
COMMIT PREPARED 'regress_tc_1';
TABLE facts;
SELECT tellingcube.fold_facts() > 0 AS folded;
TABLE facts;
-- The session that prepared starts afresh.
SELECT tell(32);
TABLE facts;
-- Preparing may fail, too; then nothing is left.
CREATE UNIQUE INDEX one_row ON fact_sales_pending (company_id);
\set VERBOSITY sqlstate
BEGIN;
SELECT tell(64);
PREPARE TRANSACTION 'regress_tc_3';
\set VERBOSITY default
DROP INDEX one_row;
SELECT gid FROM pg_prepared_xacts WHERE gid LIKE 'regress_tc%';
TABLE facts;

SELECT FROM tellingcube.drop_cube('twice');
