-- Who may do what: PUBLIC nothing that writes, a loader append, a reader read; a policy on the events binds whoever appends,
-- and nothing that somebody planted in a search_path runs with the rights of a cube's owner.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = public;
SELECT plan(73);

CREATE FUNCTION drop_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE r name;
BEGIN
  FOREACH r IN ARRAY ARRAY['tap_owner', 'tap_loader', 'tap_reader', 'tap_tenant', 'tap_stranger', 'tap_attacker'] LOOP
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('DROP OWNED BY %I CASCADE', r);
      EXECUTE format('DROP ROLE %I', r);
    END IF;
  END LOOP;
END $$;
SELECT drop_roles() \g /dev/null
CREATE ROLE tap_owner; CREATE ROLE tap_loader; CREATE ROLE tap_reader; CREATE ROLE tap_tenant; CREATE ROLE tap_stranger; CREATE ROLE tap_attacker;
SELECT format('GRANT CREATE ON DATABASE %I TO tap_owner, tap_attacker', current_database()) \gexec

SET ROLE tap_owner;
SELECT tellingcube.create_cube('shop') \g /dev/null
SET tellingcube.cube = 'shop';
SELECT tellingcube.create_company('Alpine Bakery GmbH') AS alpine, tellingcube.create_company('Northwind Outfitters') AS northwind \gset
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', starts => '2024-01') AS alpine_actual, tellingcube.create_scenario('Northwind Outfitters', starts => '2024-01') AS northwind_actual \gset
SELECT tellingcube.append_events(events => '[
  {"company": "Alpine Bakery GmbH", "scenario": "Actual", "eventType": "sale", "month": "2024-01", "product": "Bread", "region": "Tyrol", "quantity": 2, "unitPrice": 3, "revenue": 6, "cogs": 1},
  {"company": "Northwind Outfitters", "scenario": "Actual", "eventType": "sale", "month": "2024-01", "product": "Shoes", "region": "Hesse", "quantity": 2, "unitPrice": 50, "revenue": 100, "cogs": 1}]') \g /dev/null
RESET ROLE;
SELECT is((SELECT count(DISTINCT relowner::regrole) FROM pg_class WHERE relnamespace = 'shop'::regnamespace), 1::bigint, 'a cube has one owner');
SELECT is((SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'shop'::regnamespace), 'tap_owner', 'whoever made it');

-- PUBLIC: the extension's schema and its registry to look at; of a cube nothing.
SELECT ok(has_schema_privilege('tap_stranger', 'tellingcube', 'USAGE'), 'everybody may use the functions');
SELECT ok(NOT has_schema_privilege('tap_stranger', 'tellingcube', 'CREATE'), 'nobody may add to their schema');
SELECT is_empty($$SELECT c.oid::regclass, p FROM pg_class c, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
  WHERE c.relnamespace = 'tellingcube'::regnamespace AND c.relkind IN ('r', 'v', 'p') AND has_table_privilege('tap_stranger', c.oid, p)$$, 'nor write to the extension''s tables');
SELECT ok(NOT has_schema_privilege('tap_stranger', 'shop', 'USAGE'), 'a cube is its owner''s alone');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'v', 'p')
  AND has_table_privilege('tap_stranger', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')$$, 'with every table in it');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'tellingcube' WHERE p.prosecdef$$, 'no function runs with other rights than its caller''s');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind = 'v'
  AND NOT coalesce(c.reloptions, '{}') @> '{security_invoker=true}'$$, 'no view either');

SET ROLE tap_stranger;
SELECT throws_ok(format('SELECT %s', call), 'TC006', NULL, 'a stranger: ' || call) FROM unnest(ARRAY[
  $$tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]', cube => 'shop')$$, $$tellingcube.verify_facts(cube => 'shop')$$, $$tellingcube.fold_facts('shop')$$,
  $$tellingcube.rebuild_facts(cube => 'shop')$$, $$tellingcube.drop_cube('shop')$$, $$tellingcube.create_company('C', cube => 'shop')$$, $$tellingcube.create_cube('mine')$$,
  $$tellingcube.release_quarantine(cube => 'shop')$$, $$tellingcube.register_event_type('x', '{"type": "object"}')$$, $$tellingcube.project_pending(NULL, 'shop')$$]) call;
RESET ROLE;

-- A loader: USAGE, the names, INSERT on the events, and no more.
GRANT USAGE ON SCHEMA shop TO tap_loader;
GRANT SELECT ON shop.dim_company, shop.dim_scenario TO tap_loader;
GRANT INSERT ON shop.events TO tap_loader;
SET ROLE tap_loader;
SELECT lives_ok($$SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventId": "00000000-0000-0000-0000-000000000001", "eventType": "expense", "month": "2024-02", "costCenter": "New", "account": "new", "amount": 5, "isCapex": false}]', cube => 'shop')$$, 'a loader appends events of new members');
SELECT lives_ok($$SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "procurement", "month": "2031-01", "supplier": "s", "category": "c", "amount": 5}]', idempotency_key => 'k', cube => 'shop')$$, 'of a month without a partition, under a key');
SELECT lives_ok($$SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"reverses": "00000000-0000-0000-0000-000000000001"}]', cube => 'shop')$$, 'reverses what it cannot read');
SELECT lives_ok($$SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "zzz"}]', on_invalid => 'quarantine', cube => 'shop')$$, 'and quarantines');
SELECT throws_ok('SELECT * FROM shop.events', '42501', NULL, 'but does not read events');
SELECT throws_ok('SELECT * FROM shop.fact_finance_monthly', '42501', NULL, 'nor facts');
SELECT throws_ok('INSERT INTO shop.fact_sales_pending SELECT * FROM shop.fact_sales_pending', '42501', NULL, 'nor writes them');
SELECT throws_ok('INSERT INTO shop.dim_product SELECT * FROM shop.dim_product', '42501', NULL, 'nor members');
SELECT throws_ok('INSERT INTO shop.batch DEFAULT VALUES', '42501', NULL, 'nor batches');
SELECT throws_ok($$SELECT tellingcube.fold_facts('shop')$$, 'TC006', NULL, 'nor folds');
-- The steps of what an owner does are open to everybody, since an owner is nobody special; alone they run with the caller's rights.
SELECT throws_ok(format('SELECT tellingcube.%s', call), state, NULL, 'nor takes a step of it: ' || call) FROM (VALUES
  ($$fold_facts_as_owner('shop')$$, '42501'), ($$fold_facts_if_free('shop')$$, '42501'), ($$rebuild_facts_as_owner(NULL, 'shop')$$, '42501'),
  ($$project_pending(NULL, 'shop')$$, 'TC006'), ($$partition_events_as_owner('shop')$$, '42501'), ($$ensure_partition_as_owner('2040-01-01', 'shop')$$, '42501'),
  ($$upgrade_cube_as_owner('shop')$$, '42501'), ($$attach_partition('2040-01-01', false)$$, '42501')) v(call, state);
RESET ROLE;
SELECT is_empty($$SELECT * FROM tellingcube.verify_facts(cube => 'shop')$$, 'what the loader told is in the facts');

-- A reader: SELECT on the tables and views.
SET ROLE tap_owner;
CREATE TABLE shop.mine (company_id uuid);
SELECT lives_ok($$SELECT tellingcube.grant_reader('tap_reader', 'shop')$$, 'the owner lets a reader in');
RESET ROLE;
SELECT set_eq($$SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'v', 'p') AND NOT has_table_privilege('tap_reader', c.oid, 'SELECT')$$,
  $$SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace AND c.relispartition AND c.relkind = 'r' UNION ALL VALUES ('batch'), ('mine')$$, 'to everything of the cube but partitions and keys');
SELECT is_empty($$SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'shop'::regnamespace AND a.grantee = 'tap_reader'::regrole AND a.privilege_type <> 'SELECT'$$, 'to read and no more');
SELECT throws_ok($$SELECT tellingcube.grant_reader('tap_raeder', 'shop')$$, 'TC005', 'there is no role "tap_raeder"', 'a role must be there');
SELECT throws_ok($$SELECT tellingcube.revoke_reader('public', 'shop')$$, 'TC005', 'there is no role "public"', 'everybody is none');
SET ROLE tap_loader;
SELECT throws_ok($$SELECT tellingcube.grant_reader('tap_loader', 'shop')$$, 'TC006', NULL, 'nobody lets himself in');
SELECT throws_ok($$SELECT tellingcube.revoke_reader('tap_reader', 'shop')$$, 'TC006', NULL, 'nor others out');
RESET ROLE;
DROP TABLE shop.mine;
SET ROLE tap_reader;
SELECT is_empty($$SELECT * FROM tellingcube.reconcile(cube => 'shop') WHERE status <> 'ok'$$, 'a reader reconciles');
SELECT is((SELECT count(*) FROM tellingcube.drill('sales', '{"measure": "revenue"}', cube => 'shop')), 2::bigint, 'drills');
SELECT throws_ok('SELECT * FROM shop.events_default', '42501', NULL, 'and reads events where their policies are, nowhere else');
SELECT is((SELECT sum(revenue) FROM shop.fact_finance_monthly), 106.0000, 'a reader reads the P&L');
SELECT is_empty($$SELECT * FROM tellingcube.verify_facts(cube => 'shop')$$, 'and verifies the facts');
SELECT throws_ok($$SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 5}]', cube => 'shop')$$, 'TC006', NULL, 'but appends nothing');
SELECT throws_ok($$INSERT INTO shop.events SELECT * FROM shop.events$$, '42501', NULL, 'not plainly either');
SELECT throws_ok($$UPDATE shop.dim_account SET pl_line = 'interest'$$, '42501', NULL, 'and maps nothing');
SELECT throws_ok($$SELECT tellingcube.rebuild_facts(cube => 'shop')$$, 'TC006', NULL, 'and rebuilds nothing');
RESET ROLE;

-- A policy: the tenant appends for its own company alone.
GRANT USAGE ON SCHEMA shop TO tap_tenant;
GRANT SELECT ON shop.dim_company, shop.dim_scenario TO tap_tenant;
GRANT SELECT, INSERT ON shop.events TO tap_tenant;
ALTER TABLE shop.events ENABLE ROW LEVEL SECURITY;
SELECT format('CREATE POLICY own_company ON shop.events TO tap_tenant USING (company_id = %1$L) WITH CHECK (company_id = %1$L)', :'alpine') \gexec
SET ROLE tap_tenant;
\set one '[{"eventType": "procurement", "month": "2024-01", "supplier": "s", "category": "c", "amount": 1}]'
SELECT lives_ok(format('SELECT tellingcube.append_events(''Alpine Bakery GmbH'', ''Actual'', %L, cube => ''shop'')', :'one'), 'a tenant appends for its company');
SELECT throws_ok(format('SELECT tellingcube.append_events(''Northwind Outfitters'', ''Actual'', %L, cube => ''shop'')', :'one'), '42501', NULL, 'not for another');
SELECT throws_ok(format('INSERT INTO shop.events (company_id, scenario_id, event_month, event_type, event_ts, payload) VALUES (%L, %L, ''2024-01-01'', ''procurement'', ''2024-01-01'', ''{"supplier": "s", "category": "c", "amount": 1}'')',
  :'northwind', :'northwind_actual'), '42501', NULL, 'not plainly either');
SELECT is((SELECT count(DISTINCT company_id) FROM shop.events), 1::bigint, 'and sees its own events');
SELECT throws_ok($$SELECT tellingcube.append_events('Northwind Outfitters', 'Actual', '[{"eventType": "zzz"}]', on_invalid => 'quarantine', cube => 'shop')$$, NULL, NULL, 'nor does it put anything into another''s quarantine');
SELECT throws_ok($$SELECT tellingcube.append_events('Northwind Outfitters', 'Actual', '[]', idempotency_key => 'taken', cube => 'shop')$$, NULL, NULL, 'nor take another''s key');
RESET ROLE;
SELECT is((SELECT count(*) FROM shop.quarantine WHERE company_id = :'northwind') + (SELECT count(*) FROM shop.batch WHERE company_id = :'northwind'), 0::bigint, 'nothing of another company was written');
SELECT is_empty($$SELECT * FROM tellingcube.verify_facts(cube => 'shop')$$, 'the facts hold what the policy let in');
-- A reader is bound as well, in partitions too, also in those made later.
SELECT format('CREATE POLICY own_company_reader ON shop.events TO tap_reader USING (company_id = %1$L)', :'alpine') \gexec
SELECT tellingcube.ensure_partition('shop', '2034-01-01') AS made \gset
SET ROLE tap_reader;
SELECT is((SELECT count(DISTINCT company_id) FROM shop.events), 1::bigint, 'a reader sees the events that the policy shows');
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace AND c.relispartition AND c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT')$$, 'and none by their partitions');
SELECT is_empty($$SELECT * FROM tellingcube.reconcile('Alpine Bakery GmbH', 'shop') WHERE status <> 'ok'$$, 'its company is reconciled by what it sees');
RESET ROLE;
-- Out again. Whoever may do something else there keeps that.
GRANT SELECT ON shop.events_default TO tap_reader;
SELECT tellingcube.revoke_reader('tap_reader', 'shop') \g /dev/null
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'v', 'p') AND has_table_privilege('tap_reader', c.oid, 'SELECT')$$, 'revoke_reader() takes it all back');
SELECT ok(NOT has_schema_privilege('tap_reader', 'shop', 'USAGE'), 'and the way in');
SELECT tellingcube.revoke_reader('tap_tenant', 'shop') \g /dev/null
SELECT ok(has_schema_privilege('tap_tenant', 'shop', 'USAGE') AND has_table_privilege('tap_tenant', 'shop.events', 'INSERT'), 'who may append stays');
SELECT ok(NOT has_table_privilege('tap_tenant', 'shop.events', 'SELECT'), 'and reads no more');
ALTER TABLE shop.events DISABLE ROW LEVEL SECURITY;

-- An attacker plants operators, functions and tables where others might look, and lets the cube work for it.
GRANT USAGE ON SCHEMA shop TO tap_attacker;
GRANT SELECT ON shop.dim_company, shop.dim_scenario TO tap_attacker;
GRANT INSERT ON shop.events TO tap_attacker;
SET ROLE tap_attacker;
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
CREATE TABLE evil.caught (who name, what text);
GRANT INSERT ON evil.caught TO PUBLIC;
CREATE FUNCTION evil.caught(what text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO evil.caught VALUES (current_user, what); RETURN true; END $$;
-- Operators over each type that is compared or joined on the way.
DO $$
DECLARE
  t text;
  o text;
BEGIN
  FOREACH t IN ARRAY ARRAY['text', 'name', 'uuid', 'date', 'integer', 'bigint', 'numeric', 'jsonb', 'oid', 'bytea', 'boolean', 'timestamp'] LOOP
    FOREACH o IN ARRAY ARRAY['=', '<>', '<', '>=', '+', '-', '||', '@>'] LOOP
      EXECUTE format('CREATE FUNCTION evil.op_%1$s_%2$s(a %1$s, b %1$s) RETURNS %3$s LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.caught(%4$L); RETURN %5$s; END $f$',
        t, md5(o), CASE WHEN o IN ('+', '-', '||') THEN t ELSE 'boolean' END, t || ' ' || o, CASE WHEN o IN ('+', '-', '||') THEN 'a' ELSE 'true' END);
      EXECUTE format('CREATE OPERATOR evil.%2$s (LEFTARG = %1$s, RIGHTARG = %1$s, FUNCTION = evil.op_%1$s_%3$s)', t, o, md5(o));
    END LOOP;
  END LOOP;
END $$;
CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('lower'); RETURN $1; END $$;
CREATE FUNCTION evil.btrim(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('btrim'); RETURN $1; END $$;
CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('format'); RETURN 'SELECT 1'; END $$;
CREATE FUNCTION evil.quote_ident(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('quote_ident'); RETURN 'evil'; END $$;
CREATE FUNCTION evil.to_char(timestamp, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('to_char'); RETURN ''; END $$;
CREATE FUNCTION evil.date_trunc(text, timestamp) RETURNS timestamp LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('date_trunc'); RETURN $2; END $$;
CREATE FUNCTION evil.jsonb_array_elements(jsonb) RETURNS SETOF jsonb LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('jsonb_array_elements'); END $$;
CREATE FUNCTION evil.hashtextextended(text, bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('hashtextextended'); RETURN 0; END $$;
CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('current_setting'); RETURN 'evil'; END $$;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.caught('now'); RETURN '2000-01-01'; END $$;
CREATE AGGREGATE evil.sum(numeric) (SFUNC = evil.op_numeric_26b17225b626fb9238849fd60eabdf60, STYPE = numeric);
CREATE TABLE evil.dim_company AS SELECT * FROM shop.dim_company;
CREATE TABLE evil.events (a int);
RESET ROLE;
-- It works: who walks into it is caught.
SET ROLE tap_attacker;
SET search_path = evil, pg_catalog;
SELECT 'a'::text = 'b'::text AS lured \gset
SELECT pg_catalog.count(*) AS caught FROM evil.caught \gset
TRUNCATE evil.caught;
-- The attacker itself, and the owner with the trap in its path.
CREATE TEMP TABLE events (LIKE evil.events);
CREATE TEMP TABLE dim_scenario AS SELECT * FROM shop.dim_scenario;
SELECT tellingcube.append_events('alpine bakery gmbh', ' actual', '[{"eventId": "00000000-0000-0000-0000-0000000000e1", "eventType": "sale", "month": "2032-01", "product": "Evil", "region": "R", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0},
  {"eventType": "hr_hire", "month": "2024-03", "employeeId": "X", "department": "Evil", "role": "r", "monthlySalary": 1}]', idempotency_key => 'evil', cube => 'shop') \g /dev/null
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"reverses": "00000000-0000-0000-0000-0000000000e1"}, {"eventType": "zzz"}]', on_invalid => 'quarantine', cube => 'shop') \g /dev/null
INSERT INTO shop.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
VALUES (:'alpine', :'alpine_actual', '2024-01-01', 'procurement', '2024-01-01', '{"supplier": "s", "category": "c", "amount": 1}');
SET tellingcube.fold_threshold = 1;
INSERT INTO shop.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
VALUES (:'alpine', :'alpine_actual', '2024-01-01', 'procurement', '2024-01-01', '{"supplier": "s", "category": "c", "amount": 1}');
RESET tellingcube.fold_threshold;
RESET ROLE;
SET ROLE tap_owner;
SELECT tellingcube.fold_facts('shop') \g /dev/null
SELECT tellingcube.rebuild_facts('Alpine Bakery GmbH', 'shop') \g /dev/null
SELECT * FROM tellingcube.verify_facts(cube => 'shop') \g /dev/null
SELECT tellingcube.create_company('Third', cube => 'shop') \g /dev/null
SELECT tellingcube.create_scenario('third', 'Plan', 'PL', starts => '2024-01', cube => 'shop') \g /dev/null
SELECT tellingcube.append_events('third', 'plan', '[{"eventType": "procurement", "month": "2033-05", "supplier": "s", "category": "c", "amount": 1}]', cube => 'shop') \g /dev/null
SELECT tellingcube.repair_event(quarantine_id, '{"eventType": "procurement", "month": "2024-05", "supplier": "s", "category": "c", "amount": 1}', 'shop') FROM shop.quarantine \g /dev/null
SELECT * FROM tellingcube.release_quarantine(cube => 'shop') \g /dev/null
SELECT pg_catalog.count(*) FROM shop.fact_finance_monthly \g /dev/null
SELECT pg_catalog.count(*) FROM shop.fact_hr_monthly \g /dev/null
RESET ROLE;
SET search_path = public;
SELECT ok(:'lured', 'the trap is set');
SELECT cmp_ok(:caught, '>', 0, 'and catches');
SELECT is_empty('SELECT who, what, count(*) FROM evil.caught GROUP BY 1, 2', 'nothing planted was run, by whomever');
SELECT is_empty($$SELECT * FROM tellingcube.verify_facts(cube => 'shop')$$, 'and the facts are right');

DROP SCHEMA evil CASCADE;
DROP SCHEMA shop CASCADE;
SELECT drop_roles() \g /dev/null
SELECT * FROM finish();
