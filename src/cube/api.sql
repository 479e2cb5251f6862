CREATE OR REPLACE FUNCTION tellingcube.uuid_v7() RETURNS uuid
  LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'uuid_v7';
COMMENT ON FUNCTION tellingcube.uuid_v7() IS 'A new time-ordered uuid (version 7).';

CREATE OR REPLACE FUNCTION tellingcube.did_you_mean(name text, candidates text[]) RETURNS text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'did_you_mean';
COMMENT ON FUNCTION tellingcube.did_you_mean(text, text[]) IS 'A question naming the candidates nearest to a name, or an empty text.';

-- In C, so that a new session has loaded the library, and with it the settings, before anybody asks for one.
CREATE OR REPLACE FUNCTION tellingcube.default_cube() RETURNS name
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'default_cube';
COMMENT ON FUNCTION tellingcube.default_cube() IS 'The cube that functions use when none is named: the setting tellingcube.cube.';
CREATE OR REPLACE FUNCTION tellingcube.as_of() RETURNS date
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'as_of';
COMMENT ON FUNCTION tellingcube.as_of() IS 'First day of the month that counts as the present by the setting tellingcube.as_of; NULL when that is empty.';

CREATE OR REPLACE VIEW tellingcube.cubes AS
SELECT n.nspname AS cube, pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS usable
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid AND c.relkind = 'p' AND c.relname = 'events'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgname = 'tellingcube_check_and_project';
COMMENT ON VIEW tellingcube.cubes IS 'The cubes of this database.';
COMMENT ON COLUMN tellingcube.cubes.cube IS 'Name of the cube: its schema.';
COMMENT ON COLUMN tellingcube.cubes.owner IS 'Role that owns its tables.';
COMMENT ON COLUMN tellingcube.cubes.usable IS 'Whether the current role may use it.';
GRANT SELECT ON tellingcube.cubes TO PUBLIC;

CREATE OR REPLACE FUNCTION tellingcube.cube_name(cube name DEFAULT NULL) RETURNS name
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cube_name';
COMMENT ON FUNCTION tellingcube.cube_name(name) IS 'The cube of that name, or the default one (tellingcube.cube); an error when there is none or it may not be used.';

-- Functions that work inside a cube pin their search_path and call this to put the cube in front. pg_temp comes last, so
-- that nobody's temporary table stands in for a cube's.
CREATE OR REPLACE FUNCTION tellingcube.enter_cube(cube name DEFAULT NULL) RETURNS name
  LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'enter_cube';
COMMENT ON FUNCTION tellingcube.enter_cube(name) IS 'Puts a cube in front of the search_path for the rest of the calling function, which must pin its own.';

CREATE OR REPLACE FUNCTION tellingcube.what_is(name name) RETURNS text
  LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'what_is';
COMMENT ON FUNCTION tellingcube.what_is(name) IS 'What a name stands for right now: cube, schema (of another kind), or NULL.';

CREATE OR REPLACE FUNCTION tellingcube.require_owner(cube name, action text) RETURNS void
  LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'require_owner';
COMMENT ON FUNCTION tellingcube.require_owner(name, text) IS 'Raises an error unless the caller may act as the owner of the cube.';

CREATE OR REPLACE FUNCTION tellingcube.create_cube(cube name DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
  wanted name := coalesce(cube, tellingcube.default_cube());
BEGIN
  IF wanted = '' OR wanted IN ('tellingcube', 'information_schema', 'public') OR wanted LIKE 'pg\_%' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'TC005',
      MESSAGE = format('a cube cannot be named "%s"', wanted),
      HINT = 'Choose a name of its own, not that of a system schema: SELECT tellingcube.create_cube(''sales'').';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('tellingcube create ' || wanted, 0));  -- two at once: the second is told
  IF tellingcube.what_is(wanted) IS NOT NULL THEN
    RAISE EXCEPTION USING
      ERRCODE = 'TC004',
      MESSAGE = format('there is a schema "%s" already', wanted),
      DETAIL = CASE WHEN tellingcube.what_is(wanted) = 'cube' THEN 'It is a cube.'
           ELSE 'It is not a cube.' END,
      HINT = CASE WHEN to_regclass(format('%I.fact_hr_history', wanted)) IS NOT NULL AND tellingcube.what_is(wanted) <> 'cube'
        THEN format('It was a cube before the extension was dropped: SELECT tellingcube.upgrade_cube(%L) makes it one again.', wanted)
        ELSE 'Choose another name, or remove a cube with tellingcube.drop_cube().' END;
  END IF;
  IF getdatabaseencoding() <> 'UTF8' THEN
    RAISE EXCEPTION USING
      ERRCODE = 'TC007',
      MESSAGE = 'a cube needs a database in UTF8',
      DETAIL = format('This one is in %s.', getdatabaseencoding()),
      HINT = 'Create a database with ENCODING ''UTF8''.';
  END IF;
  IF NOT has_database_privilege(current_database(), 'CREATE') THEN
    RAISE EXCEPTION USING
      ERRCODE = 'TC006',
      MESSAGE = format('you may not create the cube "%s"', wanted),
      DETAIL = format('Your role has no CREATE privilege on database "%s".', current_database()),
      HINT = format('Ask for GRANT CREATE ON DATABASE %I TO %I.', current_database(), current_user);
  END IF;
  EXECUTE format('CREATE SCHEMA %I', wanted);
  EXECUTE format('COMMENT ON SCHEMA %I IS %L', wanted, 'A tellingcube: business events and the facts they add up to.');
  PERFORM set_config('search_path', quote_ident(wanted) || ', pg_temp', true);
  EXECUTE tellingcube.cube_tables_sql();
  EXECUTE tellingcube.cube_views_sql();
  -- A table that was never analysed is taken to have ten pages; with hundreds of scenarios to expect, each query of the facts
  -- would be compiled (jit), which takes far longer than the query.
  EXECUTE (SELECT 'ANALYZE ' || string_agg(c.oid::regclass::text, ', ') FROM pg_class c
           WHERE c.relnamespace = quote_ident(wanted)::regnamespace AND c.relkind = 'r' AND NOT c.relispartition);
END $$;
COMMENT ON FUNCTION tellingcube.create_cube(name) IS 'Makes a cube: a schema with an event store, dimensions and facts, owned by whoever calls. Without a name, the default cube.';

CREATE OR REPLACE FUNCTION tellingcube.ensure_default_cube() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted name := tellingcube.default_cube();
BEGIN
  IF tellingcube.what_is(wanted) = 'cube' THEN RETURN; END IF;
  -- Two sessions may both find it missing; the second waits and then finds it.
  PERFORM pg_advisory_xact_lock(hashtextextended('tellingcube create ' || wanted, 0));
  IF tellingcube.what_is(wanted) IS DISTINCT FROM 'cube' THEN
    PERFORM tellingcube.create_cube(wanted);
  END IF;
END $$;
COMMENT ON FUNCTION tellingcube.ensure_default_cube() IS 'Makes the default cube when it is missing; simulate() and append_events() call it.';

CREATE OR REPLACE FUNCTION tellingcube.upgrade_cube_as_owner(cube name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
  PERFORM set_config('search_path', quote_ident(cube) || ', pg_temp', true);
  EXECUTE tellingcube.cube_views_sql();
END $$;
COMMENT ON FUNCTION tellingcube.upgrade_cube_as_owner(name) IS 'upgrade_cube() once it runs as the cube''s owner.';
CREATE OR REPLACE FUNCTION tellingcube.upgrade_cube(cube name DEFAULT NULL) RETURNS void
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'upgrade_cube';
COMMENT ON FUNCTION tellingcube.upgrade_cube(name) IS
  'Brings a cube''s views, triggers and defaults to the installed version: after ALTER EXTENSION … UPDATE, or after the extension was dropped with CASCADE and made again.';

CREATE OR REPLACE FUNCTION tellingcube.drop_cube(cube name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
  wanted name;
BEGIN
  IF cube IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'no cube is named',
      HINT = 'Say which one to drop, also if it is the default one: SELECT tellingcube.drop_cube(''cube'').';
  END IF;
  wanted := tellingcube.cube_name(cube);
  PERFORM tellingcube.require_owner(wanted, 'drop');
  EXECUTE format('DROP SCHEMA %I CASCADE', wanted);
END $$;
COMMENT ON FUNCTION tellingcube.drop_cube(name) IS 'Removes a cube with everything in it: events, facts, dimensions. There is no way back.';

-- What a reader reads: the cube's own tables and views, without the partitions and the idempotency keys.
CREATE OR REPLACE FUNCTION tellingcube.readable_relations(cube name) RETURNS SETOF regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.oid::regclass FROM pg_class c
  WHERE c.relnamespace = quote_ident(cube)::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    AND (c.relname ~ '^(dim|fact|ibcs)_'
         OR c.relname IN ('events', 'events_current', 'events_cloudevents', 'event_lag', 'employment_history', 'scenario_span',
                          'quarantine', 'cube_catalog'))
  ORDER BY c.relname
$$;
COMMENT ON FUNCTION tellingcube.readable_relations(name) IS 'The tables and views of a cube that grant_reader() grants: all but partitions, idempotency keys, and what others put there.';

CREATE OR REPLACE FUNCTION tellingcube.require_role(role name) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('there is no role "%s"', role),
      HINT = coalesce(nullif(tellingcube.did_you_mean(role, ARRAY(SELECT r.rolname::text FROM pg_roles r)), ''),
                      'Make it with CREATE ROLE.');
  END IF;
END $$;
COMMENT ON FUNCTION tellingcube.require_role(name) IS 'Raises that there is no role of that name, with the nearest ones.';

-- Partitions are left out on purpose: PostgreSQL asks the policies of the table that is named, so who may read a partition
-- reads it whole, whatever the policies of events.
CREATE OR REPLACE FUNCTION tellingcube.grant_reader(role name, cube name DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted name := tellingcube.cube_name(cube);
  relation regclass;
BEGIN
  PERFORM tellingcube.require_owner(wanted, 'grant rights on');
  PERFORM tellingcube.require_role(role);
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', wanted, role);
  FOR relation IN SELECT tellingcube.readable_relations(wanted) LOOP
    EXECUTE format('GRANT SELECT ON %s TO %I', relation, role);
  END LOOP;
END $$;
COMMENT ON FUNCTION tellingcube.grant_reader(name, name) IS
  'Lets a role read a cube: facts, dimensions and events, and so verify, reconcile and drill. Row security holds, since partitions are not granted. Only the owner may.';

CREATE OR REPLACE FUNCTION tellingcube.revoke_reader(role name, cube name DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted name := tellingcube.cube_name(cube);
  relation regclass;
BEGIN
  PERFORM tellingcube.require_owner(wanted, 'take rights back on');
  PERFORM tellingcube.require_role(role);
  FOR relation IN SELECT c.oid FROM pg_class c
                  WHERE c.relnamespace = quote_ident(wanted)::regnamespace AND c.relkind IN ('r', 'p', 'v') LOOP
    EXECUTE format('REVOKE SELECT ON %s FROM %I', relation, role);
  END LOOP;
  -- Who may append or do anything else there still has to get in.
  IF NOT EXISTS (SELECT FROM pg_class c, aclexplode(c.relacl) a
                 WHERE c.relnamespace = quote_ident(wanted)::regnamespace
                   AND a.grantee = (SELECT r.oid FROM pg_roles r WHERE r.rolname = role)) THEN
    EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %I', wanted, role);
  END IF;
END $$;
COMMENT ON FUNCTION tellingcube.revoke_reader(name, name) IS
  'Takes back what grant_reader() gave, and SELECT on anything else in the cube, partitions included. A right to append stays. Only the owner may.';
