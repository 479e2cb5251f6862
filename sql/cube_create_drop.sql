-- A cube is a schema: made by create_cube(), listed in tellingcube.cubes, removed by drop_cube().
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;

SELECT FROM tellingcube.create_cube('demo');
SELECT cube, owner = current_user AS mine, usable FROM tellingcube.cubes WHERE cube = 'demo';
SELECT c.relkind, count(*) > 0 AS some
FROM pg_class c WHERE c.relnamespace = 'demo'::regnamespace GROUP BY 1 ORDER BY 1;

-- It is empty, and sound.
SELECT count(*) FROM demo.events;
SELECT count(*) FROM demo.fact_finance_monthly;
SELECT count(*) FROM tellingcube.verify_facts(cube => 'demo');
SELECT tellingcube.fold_facts(cube => 'demo');
SELECT FROM tellingcube.rebuild_facts(cube => 'demo');

-- Its tables belong to whoever made it, and to no extension.
SELECT count(*) FROM pg_depend d
WHERE d.deptype = 'e' AND d.classid = 'pg_class'::regclass
  AND d.objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'demo'::regnamespace);

-- Any name that quoting allows will do.
SELECT FROM tellingcube.create_cube('My Cube"x');
SELECT FROM tellingcube.create_cube('Bäckerei 🥐');
SELECT FROM tellingcube.create_cube('select');
SELECT FROM tellingcube.create_cube('it''s; DROP SCHEMA demo;--');
SELECT tellingcube.create_company('A', cube => cube::name) IS NOT NULL AS company,
       tellingcube.create_scenario('A', starts => '2024-01', cube => cube::name) IS NOT NULL AS scenario,
       (tellingcube.append_events('A', 'Actual',
          '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}]',
          cube => cube::name)).inserted
FROM unnest(ARRAY['My Cube"x', 'Bäckerei 🥐', 'select', 'it''s; DROP SCHEMA demo;--']) cube;
SELECT cash_change FROM "My Cube""x".fact_finance_monthly;
SELECT tellingcube.fold_facts('My Cube"x');
SELECT count(*) FROM tellingcube.verify_facts(cube => 'it''s; DROP SCHEMA demo;--');
SELECT cube FROM tellingcube.cubes ORDER BY cube COLLATE "C";
SELECT FROM tellingcube.drop_cube('My Cube"x');
SELECT FROM tellingcube.drop_cube('Bäckerei 🥐');
SELECT FROM tellingcube.drop_cube('select');
SELECT FROM tellingcube.drop_cube('it''s; DROP SCHEMA demo;--');

-- A name that is taken, or belongs to the system.
SELECT tellingcube.create_cube('demo');
\echo :SQLSTATE
CREATE SCHEMA occupied;
SELECT tellingcube.create_cube('occupied');
\echo :SQLSTATE
DROP SCHEMA occupied;
SELECT tellingcube.create_cube('pg_mine');
\echo :SQLSTATE
SELECT tellingcube.create_cube('tellingcube');
\echo :SQLSTATE
SELECT tellingcube.create_cube('public');
\echo :SQLSTATE
SELECT tellingcube.create_cube('');
\echo :SQLSTATE

-- An unknown cube: the nearest name, or how to make one. Only cubes can be dropped.
SELECT tellingcube.fold_facts('demmo');
\echo :SQLSTATE
SELECT tellingcube.append_events('A', 'Actual', '[]', cube => 'dem');
\echo :SQLSTATE
SELECT tellingcube.create_company('A', cube => 'zzz');
\echo :SQLSTATE
SELECT tellingcube.drop_cube('public');
\echo :SQLSTATE
SELECT tellingcube.drop_cube(NULL);
\echo :SQLSTATE

-- Without a name, tellingcube.cube names the cube, also for creating it.
SET tellingcube.cube = 'other';
SELECT FROM tellingcube.create_cube();
SELECT tellingcube.cube_name();
SELECT FROM tellingcube.drop_cube('other');
SELECT tellingcube.cube_name();
\echo :SQLSTATE
-- append_events() makes the default cube when it is missing; nothing stays of it when the call fails.
SELECT tellingcube.append_events('A', 'Actual', '[]');
\echo :SQLSTATE
SELECT cube FROM tellingcube.cubes;
BEGIN;
SELECT FROM tellingcube.create_cube('other');
SELECT tellingcube.create_company('A') IS NOT NULL AS company, tellingcube.create_scenario('A', starts => '2024-01') IS NOT NULL AS scenario;
ROLLBACK;
RESET tellingcube.cube;

-- Creating and dropping are ordinary transactional work.
BEGIN;
SELECT FROM tellingcube.create_cube('brief');
SELECT tellingcube.create_company('A', cube => 'brief') IS NOT NULL AS company,
       tellingcube.create_scenario('A', starts => '2024-01', cube => 'brief') IS NOT NULL AS scenario;
SELECT (tellingcube.append_events('A', 'Actual',
  '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}]', cube => 'brief')).inserted;
SELECT FROM tellingcube.drop_cube('brief');
COMMIT;
SELECT cube FROM tellingcube.cubes;
BEGIN;
SAVEPOINT before_cube;
SELECT FROM tellingcube.create_cube('brief');
SELECT tellingcube.create_company('A', cube => 'brief') IS NOT NULL AS company,
       tellingcube.create_scenario('A', starts => '2024-01', cube => 'brief') IS NOT NULL AS scenario;
SELECT (tellingcube.append_events('A', 'Actual',
  '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}]', cube => 'brief')).inserted;
ROLLBACK TO before_cube;
COMMIT;
SELECT cube FROM tellingcube.cubes;

-- A cube follows its schema's new name, also in sessions that know it already.
SELECT tellingcube.create_company('A', cube => 'demo') IS NOT NULL AS company,
       tellingcube.create_scenario('A', starts => '2024-01', cube => 'demo') IS NOT NULL AS scenario;
SELECT (tellingcube.append_events('A', 'Actual',
  '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}]', cube => 'demo')).inserted;
ALTER SCHEMA demo RENAME TO renamed;
SELECT FROM tellingcube.create_cube('demo');
SELECT (tellingcube.append_events('A', 'Actual',
  '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}]', cube => 'renamed')).inserted;
SELECT cash_change FROM renamed.fact_finance_monthly;
SELECT count(*) FROM demo.events;
SELECT count(*) FROM tellingcube.verify_facts(cube => 'renamed');
SELECT FROM tellingcube.drop_cube('demo');
ALTER SCHEMA renamed RENAME TO demo;

-- Only its owner may drop it; only those with CREATE on the database may make one.
CREATE ROLE regress_tc_guest;
REVOKE CREATE ON DATABASE :DBNAME FROM PUBLIC;
SET ROLE regress_tc_guest;
SELECT usable FROM tellingcube.cubes WHERE cube = 'demo';
SELECT tellingcube.drop_cube('demo');
\echo :SQLSTATE
SELECT tellingcube.verify_facts(cube => 'demo');
\echo :SQLSTATE
SELECT tellingcube.append_events('A', 'Actual', '[]', cube => 'demo');
\echo :SQLSTATE
\set VERBOSITY sqlstate
SELECT tellingcube.create_cube('mine');
\set VERBOSITY default
RESET ROLE;
GRANT USAGE ON SCHEMA demo TO regress_tc_guest;
SET ROLE regress_tc_guest;
SELECT tellingcube.drop_cube('demo');
\echo :SQLSTATE
RESET ROLE;
SELECT FROM tellingcube.drop_cube('demo');
SELECT cube FROM tellingcube.cubes;
DROP ROLE regress_tc_guest;
