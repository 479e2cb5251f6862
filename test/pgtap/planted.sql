-- A cube's owner plants functions and operators in the cube's own schema, of argument types that fit better than the server's
-- own. Whoever proves or drills its figures, a superuser perhaps, must not run them.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = public;
SELECT plan(20);
CREATE FUNCTION drop_roles() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tap_planter') THEN
    DROP OWNED BY tap_planter CASCADE;
    DROP ROLE tap_planter;
  END IF;
END $$;
SELECT drop_roles() \g /dev/null
CREATE ROLE tap_planter;
SELECT format('GRANT CREATE ON DATABASE %I TO tap_planter', current_database()) \gexec

SET ROLE tap_planter;
SELECT tellingcube.create_cube('yard') \g /dev/null
SET tellingcube.cube = 'yard';
SELECT tellingcube.create_company('Kiosk') \g /dev/null
SELECT tellingcube.create_scenario('Kiosk', starts => '2024-01') \g /dev/null
SELECT tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "cash_movement", "month": "2023-12", "category": "opening_balance", "amount": 1000, "direction": "in"},
  {"eventType": "hr_hire", "month": "2023-12", "employeeId": "E3", "department": "Shop", "role": "Clerk", "monthlySalary": 40},
  {"eventType": "hr_hire", "month": "2024-01", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 50},
  {"eventType": "hr_exit", "month": "2024-03", "employeeId": "E1"}, {"eventType": "hr_exit", "month": "2024-03", "employeeId": "E2"},
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "odds", "amount": 7, "isCapex": false},
  {"eventType": "procurement", "month": "2024-02", "supplier": "Mill", "category": "goods", "amount": 45},
  {"eventType": "tax_payment", "month": "2024-02", "taxType": "vat", "baseAmount": 100, "taxRate": 0.2, "taxAmount": 20}]') \g /dev/null
SELECT tellingcube.append_events('Kiosk', 'Actual', '[{"eventType": "zzz"}]', on_invalid => 'quarantine') \g /dev/null
SELECT tellingcube.fold_facts() \g /dev/null
SELECT tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "sale", "month": "2024-02", "product": "Cake", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40}]') \g /dev/null
-- Something to tell of: a difference is formatted, too.
UPDATE yard.fact_sales_stored SET revenue = revenue + 1;

-- Every operator over every pair of types, and every function over every such pair: each tells whom it caught.
DO $$
DECLARE
  t text;
  u text;
  f text;
  types text[] := ARRAY['text', 'name', 'uuid', 'date', 'timestamp', 'interval', 'integer', 'bigint', 'numeric', 'jsonb', 'boolean', 'oid', 'text[]', 'regclass'];
  caught text := 'RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION ''caught %%'', current_user; END $f$';
BEGIN
  FOREACH t IN ARRAY types LOOP
    FOREACH u IN ARRAY types LOOP
      EXECUTE format('CREATE FUNCTION yard.%I(%s, %s) ', t || ' ' || u, t, u) || format(caught, 'boolean');
      CONTINUE WHEN t = 'jsonb' AND u = 'jsonb';  -- would make a literal field's name JSON, and so an error
      FOREACH f IN ARRAY ARRAY['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/', '||', '->', '->>', '#>', '?', '@>', '~', '~*'] LOOP
        EXECUTE format('CREATE OPERATOR yard.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = yard.%I)', f, t, u, t || ' ' || u);
      END LOOP;
      FOREACH f IN ARRAY ARRAY['to_char', 'date_trunc', 'format', 'concat_ws', 'jsonb_build_object', 'array_to_string', 'left', 'jsonb_each_text'] LOOP
        EXECUTE format('CREATE FUNCTION yard.%I(%s, %s) ', f, t, u) || format(caught, CASE f WHEN 'date_trunc' THEN u WHEN 'jsonb_build_object' THEN 'jsonb' ELSE 'text' END);
      END LOOP;
      EXECUTE format('CREATE FUNCTION yard.generate_series(%s, %s, interval) ', t, u) || format(caught, 'SETOF timestamp');
      EXECUTE format('CREATE FUNCTION yard.format(text, %s, %s) ', t, u) || format(caught, 'text');
      EXECUTE format('CREATE FUNCTION yard.format(text, %s, text, %s) ', t, u) || format(caught, 'text');
      EXECUTE format('CREATE FUNCTION yard.jsonb_build_object(text, %s, text, %s) ', t, u) || format(caught, 'jsonb');
      EXECUTE format('CREATE FUNCTION yard.concat_ws(text, %s, %s) ', t, u) || format(caught, 'text');
      CONTINUE WHEN t = 'text';
      EXECUTE format('CREATE FUNCTION yard.format(text, text, %s, %s) ', t, u) || format(caught, 'text');
    END LOOP;
    FOREACH f IN ARRAY ARRAY['trim_scale', 'abs', 'lower', 'btrim', 'unnest', 'jsonb_typeof', 'format', 'lag'] LOOP
      EXECUTE format('CREATE FUNCTION yard.%I(%s) ', f, t) || format(caught, 'text');
    END LOOP;
  END LOOP;
  FOREACH t IN ARRAY types LOOP
    FOREACH f IN ARRAY ARRAY['array_agg', 'sum', 'min', 'max', 'count', 'jsonb_agg', 'bool_or'] LOOP
      EXECUTE format('CREATE AGGREGATE yard.%I(%s) (SFUNC = yard.%I, STYPE = boolean)', f, t, 'boolean ' || t);
    END LOOP;
  END LOOP;
END $$;
RESET ROLE;

-- The traps work on whoever has the cube in front.
CREATE FUNCTION what_it_says(statement text) RETURNS text LANGUAGE plpgsql SET search_path = yard AS $$
BEGIN
  EXECUTE statement;
  RETURN 'nothing';
EXCEPTION WHEN raise_exception THEN
  RETURN SQLERRM;
END $$;
SELECT is(what_it_says($$SELECT 12 * 1.5$$), 'caught ' || current_user, 'an operator that fits better is chosen');
SELECT is(what_it_says($$SELECT to_char(date '2024-01-01', 'YYYY')$$), 'caught ' || current_user, 'so is a function');
SELECT is(what_it_says($$SELECT array_agg(name) FROM dim_company$$), 'caught ' || current_user, 'and an aggregate');

-- Not on whoever calls ours.
SELECT ok(current_setting('is_superuser')::boolean, 'a superuser calls');
SELECT results_eq($$SELECT fact, measure, difference FROM tellingcube.verify_facts(cube => 'yard')$$, $$VALUES ('fact_sales_monthly', 'revenue', 1.0000)$$, 'verify_facts() finds what is wrong and runs nothing planted');
SELECT results_eq($$SELECT fact, measure, difference FROM tellingcube.verify_facts('Kiosk', 'yard')$$, $$VALUES ('fact_sales_monthly', 'revenue', 1.0000)$$, 'for one company, too');
SELECT results_eq($$SELECT check_name, detail FROM tellingcube.reconcile(cube => 'yard') WHERE status <> 'ok' ORDER BY 1$$,
  $$VALUES ('gross margin = revenue - cogs', '2024-01: 61 instead of 60'), ('revenue = sales', '2024-01: 100 instead of 101'), ('sales revenue = events', '2024-01: 101 instead of 100')$$, 'nor does reconcile()');
SELECT results_eq($$SELECT check_name, detail FROM tellingcube.reconcile('Kiosk', 'yard') WHERE status = 'ok' AND detail IS NOT NULL ORDER BY 1$$,
  $$VALUES ('events waiting in quarantine', '1'), ('people', '2024-03 E2 exit without hire'), ('unknown accounts counted as opex', 'odds')$$, 'with what ought to be known');
SELECT is_empty($$SELECT m.fact, m.measure FROM tellingcube.measure m
  LEFT JOIN tellingcube.drill(m.fact, jsonb_build_object('measure', m.measure), 'Kiosk', cube => 'yard') d ON true
  WHERE m.measure NOT IN ('depreciation', 'interest', 'tax', 'capex') GROUP BY 1, 2 HAVING count(d.event_id) = 0$$, 'nor drill() into any measure');
SELECT is((SELECT count(*) FROM tellingcube.drill('sales', '{"product": "tea", "region": "Town"}', cube => 'yard', month => '2024-Q1')), 1::bigint, 'of members, too');
SELECT is((SELECT count(*) FROM tellingcube.drill('hr', '{"department": "Shop"}', 'Kiosk', 'Actual', '2024', 'yard')), 3::bigint, 'and departments');
SELECT throws_ok($$SELECT tellingcube.drill('sales', '{"product": "tae"}', cube => 'yard')$$, 'TC005', 'there is no product "tae"', 'and of members that are not there');

-- Nor on whoever makes companies, scenarios and partitions, or releases what is quarantined; and all of it is the owner's.
SELECT lives_ok($$SELECT tellingcube.create_company('Stall', country => 'AT', cube => 'yard')$$, 'create_company()');
SELECT throws_ok($$SELECT tellingcube.create_company('Stall', cube => 'yard')$$, 'TC004', NULL, 'twice');
SELECT lives_ok($$SELECT tellingcube.create_scenario('Stall', starts => '2035-01', months => 3, cube => 'yard')$$, 'create_scenario()');
SELECT throws_ok($$SELECT tellingcube.create_scenario('Stall', starts => '2149-01', cube => 'yard')$$, 'TC005', NULL, 'beyond the calendar');
SELECT ok(tellingcube.ensure_partition('yard', '2036-05-05'), 'ensure_partition()');
SELECT results_eq($$SELECT * FROM tellingcube.release_quarantine(cube => 'yard')$$, 'VALUES (0::bigint, 1::bigint)', 'release_quarantine()');
SELECT throws_ok(format('SELECT tellingcube.repair_event(%L, ''{}'', ''yard'')', tellingcube.uuid_v7()), 'TC110', NULL, 'repair_event()');
SELECT is_empty($$SELECT oid::regclass FROM pg_class WHERE relnamespace = 'yard'::regnamespace AND relowner <> 'tap_planter'::regrole$$, 'what a superuser makes there is its owner''s');

DROP SCHEMA yard CASCADE;
SELECT drop_roles() \g /dev/null
SELECT * FROM finish();
