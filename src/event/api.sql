CREATE OR REPLACE FUNCTION tellingcube.event_type_changed() RETURNS trigger
  LANGUAGE c AS 'MODULE_PATHNAME', 'event_type_changed';
COMMENT ON FUNCTION tellingcube.event_type_changed() IS 'Trigger of the registry: tells every session that the event types changed.';
CREATE OR REPLACE TRIGGER event_type_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON tellingcube.event_type
  FOR EACH STATEMENT EXECUTE FUNCTION tellingcube.event_type_changed();

CREATE OR REPLACE FUNCTION tellingcube.events_after_insert() RETURNS trigger
  LANGUAGE c AS 'MODULE_PATHNAME', 'events_after_insert';
COMMENT ON FUNCTION tellingcube.events_after_insert() IS 'Trigger of a cube''s events: checks each new event and gathers what it adds to the facts.';

CREATE OR REPLACE FUNCTION tellingcube.events_refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'TC106',
    MESSAGE = pg_catalog.format('events are append-only: %s is refused', TG_OP),
    DETAIL = 'What happened is not rewritten; it is corrected by another event.',
    HINT = 'Append a reversal: SELECT tellingcube.append_events(company, scenario, ''[{"reverses": "<event_id>"}]''). '
    'A whole cube is removed with tellingcube.drop_cube().';
END $$;
COMMENT ON FUNCTION tellingcube.events_refuse_change() IS 'Trigger of a cube''s events: refuses UPDATE, DELETE and TRUNCATE.';

CREATE OR REPLACE FUNCTION tellingcube.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'TC106', MESSAGE = format('%s cannot be truncated', TG_TABLE_NAME),
    DETAIL = 'Events and facts refer to it.',
    HINT = 'A whole cube is removed with tellingcube.drop_cube().';
END $$;
COMMENT ON FUNCTION tellingcube.refuse_truncate() IS 'Trigger of a cube''s companies and scenarios: refuses TRUNCATE, which foreign keys do not see.';

CREATE OR REPLACE FUNCTION tellingcube.wait_for_writers() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- What writers have not committed yet no foreign key can see; so they are waited for.
  EXECUTE format('LOCK TABLE ONLY %I.events IN SHARE MODE', TG_TABLE_SCHEMA);
  RETURN NULL;
END $$;
COMMENT ON FUNCTION tellingcube.wait_for_writers() IS 'Trigger of a cube''s companies and scenarios: before one is deleted, waits for transactions that may be writing to it.';

CREATE OR REPLACE FUNCTION tellingcube.append_events(
  company text DEFAULT NULL, scenario text DEFAULT NULL, events text DEFAULT NULL, source text DEFAULT 'user',
  idempotency_key text DEFAULT NULL, on_invalid text DEFAULT 'error', run_id uuid DEFAULT NULL, cube name DEFAULT NULL)
RETURNS tellingcube.append_result LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'append_events_text';
COMMENT ON FUNCTION tellingcube.append_events(text, text, text, text, text, text, uuid, name) IS
  'Appends a JSON array of events, given as text: checked, stored and added to the facts in one transaction, all or nothing (or invalid ones into quarantine).';

CREATE OR REPLACE FUNCTION tellingcube.append_events(
  company text, scenario text, events jsonb, source text DEFAULT 'user',
  idempotency_key text DEFAULT NULL, on_invalid text DEFAULT 'error', run_id uuid DEFAULT NULL, cube name DEFAULT NULL)
RETURNS tellingcube.append_result LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'append_events_jsonb';
COMMENT ON FUNCTION tellingcube.append_events(text, text, jsonb, text, text, text, uuid, name) IS
  'Appends a JSON array of events, given as jsonb. (jsonb has already dropped duplicate keys; give text to have them noticed.)';

CREATE OR REPLACE FUNCTION tellingcube.append_events(
  company text, scenario text, events json, source text DEFAULT 'user',
  idempotency_key text DEFAULT NULL, on_invalid text DEFAULT 'error', run_id uuid DEFAULT NULL, cube name DEFAULT NULL)
RETURNS tellingcube.append_result LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'append_events_text';
COMMENT ON FUNCTION tellingcube.append_events(text, text, json, text, text, text, uuid, name) IS
  'Appends a JSON array of events, given as json.';

CREATE OR REPLACE FUNCTION tellingcube.check_event(event_type text, payload jsonb, version integer DEFAULT NULL) RETURNS jsonb
  LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'check_event';
COMMENT ON FUNCTION tellingcube.check_event(text, jsonb, integer) IS
  'Why a payload would be refused: an array of pointer, rule, message; NULL when it is fine. Stores nothing.';

CREATE OR REPLACE FUNCTION tellingcube.check_event_schema(schema jsonb, rules jsonb) RETURNS void
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'check_event_schema';
COMMENT ON FUNCTION tellingcube.check_event_schema(jsonb, jsonb) IS 'Raises what is wrong with an event type''s schema or rules.';

-- REQUIRES: a cube in front of the search_path, and the default partition locked; its events of the month, if it may have
-- some, are moved.
CREATE OR REPLACE FUNCTION tellingcube.attach_partition(month date, move boolean) RETURNS void
LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
  partition text := 'events_' || pg_catalog.to_char(month, 'YYYY_MM');
BEGIN
  EXECUTE pg_catalog.format('CREATE TABLE %I (LIKE events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS)', partition);
  IF move THEN  -- it is no change of events, so nothing is checked or projected again
    ALTER TABLE events_default DISABLE TRIGGER tellingcube_append_only;
    EXECUTE pg_catalog.format('WITH moved AS (DELETE FROM events_default WHERE event_month = %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                   month, partition);
    ALTER TABLE events_default ENABLE TRIGGER tellingcube_append_only;
  END IF;
  EXECUTE pg_catalog.format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                 partition, month, (month + interval '1 month')::date);
  EXECUTE pg_catalog.format('CREATE TRIGGER tellingcube_no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT '
                 'EXECUTE FUNCTION tellingcube.events_refuse_change()', partition);
  EXECUTE pg_catalog.format('COMMENT ON TABLE %I IS %L', partition, 'Events of ' || pg_catalog.to_char(month, 'YYYY-MM') || '.');
END $$;
COMMENT ON FUNCTION tellingcube.attach_partition(date, boolean) IS 'A step of ensure_partition() and partition_events(), of no use alone.';

CREATE OR REPLACE FUNCTION tellingcube.ensure_partition_as_owner(month date, cube name) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  first date := pg_catalog.date_trunc('month', month);
  partition text := 'events_' || pg_catalog.to_char(first, 'YYYY_MM');
BEGIN
  PERFORM tellingcube.enter_cube(cube);
  IF pg_catalog.to_regclass(partition) IS NOT NULL THEN RETURN true; END IF;
  IF EXISTS (SELECT FROM events_default e WHERE e.event_month = first) THEN RETURN false; END IF;
  BEGIN
    -- ATTACH needs this lock; nobody is made to wait for it, the default partition serves as well. Looking again under it, and
    -- failing when things have changed, gives the lock back at once.
    LOCK TABLE events_default IN ACCESS EXCLUSIVE MODE NOWAIT;
    IF pg_catalog.to_regclass(partition) IS NOT NULL
       OR EXISTS (SELECT FROM events_default e WHERE e.event_month = first) THEN
      RAISE lock_not_available;
    END IF;
    PERFORM tellingcube.attach_partition(first, move => false);
  EXCEPTION WHEN lock_not_available THEN
    RETURN pg_catalog.to_regclass(partition) IS NOT NULL;
  END;
  RETURN true;
END $$;
COMMENT ON FUNCTION tellingcube.ensure_partition_as_owner(date, name) IS 'ensure_partition() once it runs as the cube''s owner.';
CREATE OR REPLACE FUNCTION tellingcube.ensure_partition(cube name, month date) RETURNS boolean
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'ensure_partition';
COMMENT ON FUNCTION tellingcube.ensure_partition(name, date) IS
  'Makes the events'' partition of a month unless it is there, somebody is using the default partition, or that one has such events already. True when there is one afterwards.';

CREATE OR REPLACE FUNCTION tellingcube.partition_events_as_owner(cube name) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entered name := tellingcube.enter_cube(cube);
  month date;
  moved integer := 0;
BEGIN
  LOCK TABLE events_default IN ACCESS EXCLUSIVE MODE;
  -- The months of scenarios; what lies before them (people hired long ago) is little and stays together.
  FOR month IN
    SELECT DISTINCT e.event_month FROM events_default e
    WHERE e.event_month >= (SELECT min(s.starts) FROM dim_scenario s) ORDER BY 1
  LOOP
    PERFORM tellingcube.attach_partition(month, move => true);
    moved := moved + 1;
  END LOOP;
  RETURN moved;
END $$;
COMMENT ON FUNCTION tellingcube.partition_events_as_owner(name) IS 'partition_events() once it runs as the cube''s owner.';
CREATE OR REPLACE FUNCTION tellingcube.partition_events(cube name DEFAULT NULL) RETURNS integer
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'partition_events';
COMMENT ON FUNCTION tellingcube.partition_events(name) IS
  'Moves events of the default partition into partitions of their own, by month, and returns how many were made. Writers and readers of the cube wait meanwhile.';

CREATE OR REPLACE FUNCTION tellingcube.register_event_type(
  name text, schema jsonb, rules jsonb DEFAULT '[]', upcast jsonb DEFAULT '[]', description text DEFAULT '')
RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  latest tellingcube.event_type;
  missing text;
  step jsonb;
BEGIN
  IF register_event_type.name IS NULL OR register_event_type.name !~ '^[a-z][a-z0-9_]{0,62}$' THEN
    RAISE EXCEPTION USING ERRCODE = 'TC109',
      MESSAGE = format('"%s" cannot name an event type', left(register_event_type.name, 80)),
      HINT = 'Use lower-case letters, digits and underscores, a letter first: subscription_renewal.';
  END IF;
  IF register_event_type.schema IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC109', MESSAGE = format('event type "%s" needs a schema', register_event_type.name),
      HINT = 'Give the JSON Schema of its payload: {"type": "object", "required": ["plan"], "properties": {"plan": {"type": "string"}}}.';
  END IF;
  IF NOT has_table_privilege('tellingcube.event_type', 'INSERT') THEN
    RAISE EXCEPTION USING ERRCODE = 'TC006', MESSAGE = 'you may not register event types',
      DETAIL = 'Your role has no INSERT privilege on tellingcube.event_type.',
      HINT = format('Ask the extension''s owner for GRANT INSERT ON tellingcube.event_type TO %I.', current_user);
  END IF;
  PERFORM tellingcube.check_event_schema(register_event_type.schema, coalesce(register_event_type.rules, '[]'));
  PERFORM tellingcube.check_upcast(coalesce(register_event_type.upcast, '[]'));
  -- Versions are numbered one after the other.
  PERFORM pg_advisory_xact_lock(hashtextextended('tellingcube event type ' || register_event_type.name, 0));
  SELECT * INTO latest FROM tellingcube.event_type t
  WHERE t.name = register_event_type.name ORDER BY t.version DESC LIMIT 1;
  -- Facts are made of a built-in type's required fields, so every version must keep them as they are.
  SELECT string_agg(f, ', ') INTO missing
  FROM tellingcube.event_type t, jsonb_array_elements_text(t.schema -> 'required') f
  WHERE t.name = register_event_type.name AND t.version = 1 AND t.built_in
    AND NOT coalesce(register_event_type.schema -> 'required' ? f
                     AND register_event_type.schema #> ARRAY['properties', f, 'type'] = t.schema #> ARRAY['properties', f, 'type']
                     AND register_event_type.schema #> ARRAY['properties', f, 'format']
                         IS NOT DISTINCT FROM t.schema #> ARRAY['properties', f, 'format'], false);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC109',
      MESSAGE = format('a new version of "%s" must keep the fields that facts are made of', register_event_type.name),
      DETAIL = format('Required in every version, with the type and format of version 1: %s.', missing),
      HINT = 'Add fields beside them, or register a type of another name.';
  END IF;
  INSERT INTO tellingcube.event_type (name, version, schema, rules, upcast, description)
  VALUES (register_event_type.name, coalesce(latest.version, 0) + 1, register_event_type.schema,
          coalesce(register_event_type.rules, '[]'), coalesce(register_event_type.upcast, '[]'),
          coalesce(nullif(register_event_type.description, ''), latest.description, ''));
  RETURN coalesce(latest.version, 0) + 1;
END $$;
COMMENT ON FUNCTION tellingcube.register_event_type(text, jsonb, jsonb, jsonb, text) IS
  'Registers an event type, or the next version of one, and returns the version. upcast says how a payload of the version before becomes one of this: [{"rename": {"old": "new"}}, {"default": {"field": value}}, {"drop": ["field"]}].';

CREATE OR REPLACE FUNCTION tellingcube.check_upcast(steps jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  step jsonb;
  ok boolean := jsonb_typeof(steps) = 'array';
BEGIN
  IF ok THEN
    FOR step IN SELECT jsonb_array_elements(steps) LOOP
      ok := ok AND jsonb_typeof(step) = 'object' AND (SELECT count(*) FROM jsonb_object_keys(step)) = 1
        AND CASE (SELECT k FROM jsonb_object_keys(step) k LIMIT 1)
              WHEN 'rename' THEN jsonb_typeof(step -> 'rename') = 'object'
                AND NOT EXISTS (SELECT FROM jsonb_each(step -> 'rename') r WHERE jsonb_typeof(r.value) <> 'string')
              WHEN 'default' THEN jsonb_typeof(step -> 'default') = 'object'
              WHEN 'drop' THEN jsonb_typeof(step -> 'drop') = 'array'
                AND NOT EXISTS (SELECT FROM jsonb_array_elements(step -> 'drop') d WHERE jsonb_typeof(d) <> 'string')
              ELSE false END;
    END LOOP;
  END IF;
  IF ok IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'TC109', MESSAGE = 'the upcast rules cannot be used',
      DETAIL = format('Found %s.', left(steps::text, 200)),
      HINT = 'They are an array of steps: [{"rename": {"old": "new"}}, {"default": {"field": 0}}, {"drop": ["field"]}].';
  END IF;
END $$;
COMMENT ON FUNCTION tellingcube.check_upcast(jsonb) IS 'Raises what is wrong with upcast rules.';

CREATE OR REPLACE FUNCTION tellingcube.upcast(event_type text, schema_version integer, payload jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  step jsonb;
  field record;
  newest jsonb := payload;
BEGIN
  FOR step IN
    SELECT s.step FROM tellingcube.event_type t, jsonb_array_elements(t.upcast) WITH ORDINALITY s(step, position)
    WHERE t.name = event_type AND t.version > schema_version
    ORDER BY t.version, s.position
  LOOP
    FOR field IN SELECT * FROM jsonb_each_text(step -> 'rename') LOOP
      IF newest ? field.key THEN
        newest := (newest - field.key) || jsonb_build_object(field.value, newest -> field.key);
      END IF;
    END LOOP;
    newest := coalesce(step -> 'default', '{}') || newest;
    IF step ? 'drop' THEN
      newest := newest - ARRAY(SELECT jsonb_array_elements_text(step -> 'drop'));
    END IF;
  END LOOP;
  RETURN newest;
END $$;
COMMENT ON FUNCTION tellingcube.upcast(text, integer, jsonb) IS
  'A payload of an older version as one of the newest, by the registered upcast rules.';

CREATE OR REPLACE FUNCTION tellingcube.repair_event(quarantine_id uuid, event jsonb, cube name DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM tellingcube.enter_cube(repair_event.cube);
  -- The cube's owner may have put functions there; what has no exact match among the server's is qualified.
  UPDATE quarantine q SET repaired = repair_event.event::text
  WHERE q.quarantine_id = repair_event.quarantine_id AND q.released_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TC110',
      MESSAGE = pg_catalog.format('no event waits in quarantine under %s', repair_event.quarantine_id),
      HINT = 'SELECT quarantine_id, event, reasons FROM quarantine WHERE released_at IS NULL lists those that do.';
  END IF;
END $$;
COMMENT ON FUNCTION tellingcube.repair_event(uuid, jsonb, name) IS
  'Mends an event in quarantine: the whole event, flat, as it should have come. release_quarantine() then brings it in.';

CREATE OR REPLACE FUNCTION tellingcube.release_quarantine(company text DEFAULT NULL, quarantine_id uuid DEFAULT NULL, cube name DEFAULT NULL)
RETURNS TABLE (released bigint, still_waiting bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  entered name := tellingcube.enter_cube(release_quarantine.cube);
  only_company uuid := CASE WHEN company IS NOT NULL THEN tellingcube.company_id(company, entered) END;
  waiting record;
  sqlstate_found text;
  message_found text;
  detail_found text;
BEGIN
  released := 0;
  still_waiting := 0;
  FOR waiting IN
    SELECT * FROM quarantine q
    WHERE q.released_at IS NULL AND (only_company IS NULL OR q.company_id = only_company)
      AND (release_quarantine.quarantine_id IS NULL OR q.quarantine_id = release_quarantine.quarantine_id)
    ORDER BY q.company_id, q.batch_id, q.ordinal
    FOR UPDATE
  LOOP
    BEGIN
      PERFORM tellingcube.append_events(waiting.company_id::text, waiting.scenario_id::text,
        '[' || coalesce(waiting.repaired, waiting.event) || ']', coalesce(waiting.source, 'user'),
        run_id => waiting.run_id, cube => entered);
      UPDATE quarantine q SET released_at = now()
      WHERE q.company_id = waiting.company_id AND q.quarantine_id = waiting.quarantine_id;
      released := released + 1;
    EXCEPTION WHEN SQLSTATE 'TC101' OR SQLSTATE 'TC102' OR SQLSTATE 'TC103' OR SQLSTATE 'TC104' OR SQLSTATE 'TC105' OR SQLSTATE 'TC108' THEN
      GET STACKED DIAGNOSTICS sqlstate_found = RETURNED_SQLSTATE, message_found = MESSAGE_TEXT, detail_found = PG_EXCEPTION_DETAIL;
      UPDATE quarantine q
      SET reasons = pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object(
        'pointer', '', 'rule', sqlstate_found, 'message', message_found, 'detail', detail_found))
      WHERE q.company_id = waiting.company_id AND q.quarantine_id = waiting.quarantine_id;
      still_waiting := still_waiting + 1;
    END;
  END LOOP;
  RETURN NEXT;
END $$;
COMMENT ON FUNCTION tellingcube.release_quarantine(text, uuid, name) IS
  'Appends the events that wait in quarantine (of one company, or one event), as they were repaired. What is still invalid stays, with its new reasons.';
