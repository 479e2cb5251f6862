-- What the extension and a cube are made of: who owns what, what says what it is, what a planner and a BI tool may rely on.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = public;
SELECT plan(45);
SELECT tellingcube.create_cube('made') \g /dev/null
SET tellingcube.cube = 'made';
SELECT tellingcube.create_company('A') \g /dev/null
SELECT tellingcube.create_scenario('A', starts => '2024-01', months => 3) \g /dev/null

CREATE VIEW ours AS
SELECT p.oid, p.oid::regprocedure::text AS name, p.proname, l.lanname, p.provolatile, p.proparallel, p.prosecdef, p.proconfig, p.prosrc
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'tellingcube';
SELECT cmp_ok((SELECT count(*) FROM ours), '>', 30::bigint, 'there are functions to look at');

-- Membership: the extension's own things are, a cube's are not.
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  WHERE c.relnamespace = 'made'::regnamespace$$, 'no relation of a cube belongs to the extension');
SELECT is_empty($$SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid AND d.deptype = 'e'
  WHERE c.relnamespace = 'made'::regnamespace$$, 'no trigger either');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'tellingcube'::regnamespace AND p.oid NOT IN (SELECT oid FROM ours)$$, 'all functions of the schema tellingcube are members');
SELECT is((SELECT array_agg(c::regclass::text) FROM pg_extension, unnest(extconfig) c WHERE extname = 'tellingcube'), ARRAY['tellingcube.event_type', 'tellingcube.prompt', 'tellingcube.prompt_choice', 'tellingcube.llm_call', 'tellingcube.llm_budget'], 'a dump keeps what users register');
SELECT throws_ok('DROP EXTENSION tellingcube', '2BP01', NULL, 'the extension does not go while there is a cube');
SELECT throws_ok('DROP SCHEMA tellingcube', '2BP01', NULL, 'nor does its schema');
SELECT throws_ok('DROP FUNCTION tellingcube.events_after_insert()', '2BP01', NULL, 'nor what a cube hangs on');

-- What the planner may assume.
SELECT is((SELECT array_agg(DISTINCT provolatile) FROM ours WHERE proname = f), ARRAY['v'::"char"], f || ' is volatile')
FROM unnest(ARRAY['append_events', 'create_cube', 'drop_cube', 'create_company', 'create_scenario', 'register_event_type', 'repair_event', 'release_quarantine',
                  'flush_facts', 'fold_facts', 'rebuild_facts', 'uuid_v7']) f;
SELECT is_empty($$SELECT name FROM ours WHERE provolatile <> 'v' AND prosrc ~* '\m(insert|update|delete|lock table|advisory|create (table|schema))\M' AND proname NOT IN ('cube_tables_sql', 'cube_views_sql')$$,
                'no function that writes says otherwise');
SELECT is_empty($$SELECT name FROM ours WHERE proparallel = 's' AND provolatile = 'v' AND proname <> 'uuid_v7'$$, 'volatile functions stay with the leader');
SELECT is_empty($$SELECT name FROM ours WHERE proparallel = 's' AND prosrc ~* '\m(enter_cube|set_config|raise exception using)\M'$$, 'so do those that set the path');
SELECT is_empty($$SELECT name FROM ours WHERE provolatile = 'i' AND prosrc ~* '\m(from|join)\s+(%[0-9$]*I\.|tellingcube\.)?(dim_|fact_|events|event_type)|\m(current_setting|now)\(' AND lanname <> 'c' AND proname NOT IN ('cube_tables_sql', 'cube_views_sql', 'reconcile_checks')$$,
                'immutable functions read no table');
SELECT is((SELECT array_agg(proname ORDER BY proname) FROM ours WHERE proname IN ('member_id', 'first_month', 'last_month', 'did_you_mean', 'employment') AND provolatile = 'i' AND proparallel = 's'),
          ARRAY['did_you_mean', 'employment', 'first_month', 'last_month', 'member_id']::name[], 'pure functions are immutable and parallel safe');
SELECT is_empty($$SELECT name FROM ours WHERE prosecdef$$, 'no function runs with other rights than its caller''s');
SELECT is_empty($$SELECT name FROM ours WHERE prosrc ~ 'enter_cube' AND lanname <> 'c' AND NOT coalesce(proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']$$, 'every function that enters a cube pins its search_path');
SELECT is_empty($$SELECT name FROM ours o JOIN pg_proc p USING (oid) WHERE p.proargnames IS NOT NULL AND 'cube' = ANY (p.proargnames)
  AND array_position(p.proargnames, 'cube') <> p.pronargs AND p.proname NOT IN ('ensure_partition', 'require_owner')$$, 'the cube is the last argument');
SELECT is_empty($$SELECT name FROM ours o JOIN pg_proc p USING (oid) WHERE p.prorettype = 'record'::regtype AND p.proargmodes IS NULL$$, 'no function returns a bare record');

-- What people and tools read: a comment on everything, base types, real keys, months as dates.
SELECT is_empty($$SELECT name FROM ours WHERE coalesce(obj_description(oid, 'pg_proc'), '') = ''$$, 'every function says what it does');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace IN ('made'::regnamespace, 'tellingcube'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm')
  AND coalesce(obj_description(c.oid, 'pg_class'), '') = ''$$, 'every table and view says what its rows are');
SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace IN ('made'::regnamespace, 'tellingcube'::regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND coalesce(col_description(c.oid, a.attnum), '') = ''$$, 'every column what it means');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'made'::regnamespace AND c.relkind IN ('m', 'f')$$, 'facts are plain tables and views');
SELECT is_empty($$SELECT c.oid::regclass, a.attname, t.typname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid
  WHERE c.relnamespace = 'made'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND t.typtype <> 'b'$$, 'of base types');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'month' AND NOT a.attisdropped
  WHERE c.relnamespace = 'made'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.atttypid <> 'date'::regtype$$, 'months are dates');
SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace = 'made'::regnamespace AND c.relname ~ '^fact_.*_monthly$' AND a.attname ~ '(revenue|cogs|margin|profit|opex|capex|ebit|depreciation|interest|tax|income|cash|payroll_cost|quantity)'
  AND a.atttypid <> 'numeric'::regtype$$, 'amounts are numeric, everywhere');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'made'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname !~ '_pending$'
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')$$, 'every table has a primary key, but those that writers only append to');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'made'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT IN ('dim_date')
  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'company_id' AND a.attnotnull)$$, 'everything but the calendar carries its company');
SELECT is_empty($$SELECT k.conrelid::regclass FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = 'made'::regnamespace AND k.contype = 'p' AND c.relname <> 'dim_date'
  AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = k.conrelid AND attname = 'company_id' AND attnum = ANY (k.conkey))$$, 'in its key');
SELECT results_eq($$SELECT k.conrelid::regclass::text, k.confrelid::regclass::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  WHERE c.relnamespace = 'made'::regnamespace AND k.contype = 'f' AND c.relname ~ '^fact_(sales|expense|hr)_stored$' AND k.conparentid = 0 ORDER BY 1, 2$$,
  $$VALUES ('made.fact_expense_stored', 'made.dim_account'), ('made.fact_expense_stored', 'made.dim_cost_center'), ('made.fact_expense_stored', 'made.dim_scenario'),
           ('made.fact_hr_stored', 'made.dim_department'), ('made.fact_hr_stored', 'made.dim_scenario'),
           ('made.fact_sales_stored', 'made.dim_product'), ('made.fact_sales_stored', 'made.dim_region'), ('made.fact_sales_stored', 'made.dim_scenario')$$, 'facts refer to their dimensions');

-- Who folds keeps other folders out, also of a cube that is renamed meanwhile.
SELECT tellingcube.create_cube('other') \g /dev/null
SELECT tellingcube.fold_lock('made') AS lock, tellingcube.fold_lock('other') AS other_lock \gset
ALTER SCHEMA made RENAME TO "Made Anew";
SELECT is(tellingcube.fold_lock('Made Anew'), :'lock', 'a renamed cube keeps its fold lock');
ALTER SCHEMA "Made Anew" RENAME TO made;
SELECT isnt(:'lock'::bigint, :'other_lock', 'another cube has another');
SELECT tellingcube.drop_cube('other') \g /dev/null

-- Without a cube the extension goes, and leaves nothing.
SELECT tellingcube.drop_cube('made') \g /dev/null
DROP VIEW ours;
SELECT lives_ok('DROP EXTENSION tellingcube', 'without a cube the extension goes');
SELECT is_empty($$SELECT oid::regclass FROM pg_class WHERE relnamespace = 'tellingcube'::regnamespace UNION ALL SELECT oid FROM pg_proc WHERE pronamespace = 'tellingcube'::regnamespace
  UNION ALL SELECT oid FROM pg_type WHERE typnamespace = 'tellingcube'::regnamespace$$, 'and leaves its schema empty');
SELECT lives_ok('CREATE EXTENSION tellingcube', 'and comes again');

SELECT * FROM finish();
