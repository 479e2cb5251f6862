CREATE OR REPLACE FUNCTION tellingcube.read_prompt(definition text) RETURNS TABLE (name text, version integer, description text, purpose text, tier text)
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'read_prompt';
COMMENT ON FUNCTION tellingcube.read_prompt(text) IS 'Reads and checks a prompt as register_prompt() does; a version of 0 means the next one.';

CREATE OR REPLACE FUNCTION tellingcube.render_definition(definition text, variables jsonb) RETURNS TABLE (role text, content text)
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'render_definition';
COMMENT ON FUNCTION tellingcube.render_definition(text, jsonb) IS 'The messages that a prompt''s definition makes of variables.';

CREATE OR REPLACE FUNCTION tellingcube.store_prompt(definition text, built_in boolean) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted record;
  is_same boolean;
BEGIN
  SELECT * INTO wanted FROM tellingcube.read_prompt(definition);
  PERFORM pg_advisory_xact_lock(hashtextextended('tellingcube prompt ' || wanted.name, 0));
  IF wanted.version = 0 THEN
    SELECT coalesce(max(p.version), 0) + 1 INTO wanted.version FROM tellingcube.prompt p WHERE p.name = wanted.name;
  END IF;
  SELECT p.definition = store_prompt.definition INTO is_same
  FROM tellingcube.prompt p WHERE (p.name, p.version) = (wanted.name, wanted.version);
  IF is_same THEN RETURN wanted.version; END IF;
  IF is_same IS FALSE THEN
    RAISE EXCEPTION USING ERRCODE = 'TC004', MESSAGE = format('the prompt "%s" has a version %s already', wanted.name, wanted.version),
      HINT = 'Versions never change. Leave the version out to get the next one.';
  END IF;
  INSERT INTO tellingcube.prompt (name, version, description, purpose, tier, definition, built_in, registered_by)
  VALUES (wanted.name, wanted.version, wanted.description, wanted.purpose, wanted.tier, store_prompt.definition, store_prompt.built_in, session_user);
  RETURN wanted.version;
END $$;
COMMENT ON FUNCTION tellingcube.store_prompt(text, boolean) IS 'What register_prompt() and the installation do.';
REVOKE EXECUTE ON FUNCTION tellingcube.store_prompt(text, boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tellingcube.register_prompt(definition text) RETURNS integer
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$ SELECT tellingcube.store_prompt(definition, false) $$;
COMMENT ON FUNCTION tellingcube.register_prompt(text) IS
  'Adds a prompt, or a version of one, and returns the version. The definition is front matter between lines of ---, then "# system" and "# user"; SELECT definition FROM tellingcube.prompt shows some.';
REVOKE EXECUTE ON FUNCTION tellingcube.register_prompt(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tellingcube.activate_prompt(name text, version integer, weight numeric DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM tellingcube.prompt p WHERE (p.name, p.version) = (activate_prompt.name, activate_prompt.version)) THEN
    RAISE EXCEPTION USING ERRCODE = 'TC404', MESSAGE = format('there is no version %s of a prompt "%s"', version, name),
      HINT = coalesce('Its versions: ' || (SELECT string_agg(p.version::text, ', ' ORDER BY p.version) FROM tellingcube.prompt p WHERE p.name = activate_prompt.name) || '.',
                      trim(tellingcube.did_you_mean(name, ARRAY(SELECT DISTINCT p.name FROM tellingcube.prompt p ORDER BY 1)) || ' SELECT name, version FROM tellingcube.prompt lists all.'));
  END IF;
  IF weight IS NULL THEN
    DELETE FROM tellingcube.prompt_choice c WHERE c.name = activate_prompt.name;
  END IF;
  IF weight = 0 THEN
    DELETE FROM tellingcube.prompt_choice c WHERE (c.name, c.version) = (activate_prompt.name, activate_prompt.version);
    RETURN;
  END IF;
  INSERT INTO tellingcube.prompt_choice AS c (name, version, weight) VALUES (name, version, coalesce(weight, 1))
  ON CONFLICT ON CONSTRAINT prompt_choice_pkey DO UPDATE SET weight = EXCLUDED.weight;
END $$;
COMMENT ON FUNCTION tellingcube.activate_prompt(text, integer, numeric) IS
  'Chooses the version that a prompt uses. With a weight, several versions share the work (0 takes one out): each role always gets the same one, and prompt_comparison shows how they do.';
REVOKE EXECUTE ON FUNCTION tellingcube.activate_prompt(text, integer, numeric) FROM PUBLIC;

-- The version that a subject gets: where its hash falls among the weights.
CREATE OR REPLACE FUNCTION tellingcube.chosen_prompt(name text, subject text DEFAULT current_user) RETURNS tellingcube.prompt
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  chosen tellingcube.prompt;
  wanted integer;
BEGIN
  SELECT c.version INTO wanted
  FROM (SELECT o.version, sum(o.weight) OVER (ORDER BY o.version) AS upto, sum(o.weight) OVER () AS total
        FROM tellingcube.prompt_choice o WHERE o.name = chosen_prompt.name) c
  WHERE c.upto > c.total * ((hashtextextended(chosen_prompt.name || ' ' || coalesce(subject, ''), 0) & 1048575) / 1048576.0)
  ORDER BY c.version LIMIT 1;
  SELECT p.* INTO chosen FROM tellingcube.prompt p
  WHERE p.name = chosen_prompt.name AND (wanted IS NULL OR p.version = wanted) ORDER BY p.version DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TC404', MESSAGE = format('there is no prompt "%s"', name),
      HINT = trim(tellingcube.did_you_mean(name, ARRAY(SELECT DISTINCT p.name FROM tellingcube.prompt p ORDER BY 1))
                  || ' SELECT name, description FROM tellingcube.prompt lists all; a text with spaces is taken as it is.');
  END IF;
  RETURN chosen;
END $$;
COMMENT ON FUNCTION tellingcube.chosen_prompt(text, text) IS 'The version of a prompt that a subject gets; without a subject, the current role.';

CREATE OR REPLACE FUNCTION tellingcube.render_prompt(name text, variables jsonb DEFAULT '{}') RETURNS TABLE (role text, content text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.role, r.content FROM tellingcube.chosen_prompt(name) p, tellingcube.render_definition(p.definition, coalesce(variables, '{}')) r
$$;
COMMENT ON FUNCTION tellingcube.render_prompt(text, jsonb) IS 'What would be sent to a model, word for word, without sending it.';
