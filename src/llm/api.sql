CREATE OR REPLACE FUNCTION tellingcube.llm_options(options text[], catalog oid) RETURNS void
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'llm_options';
COMMENT ON FUNCTION tellingcube.llm_options(text[], oid) IS 'Checks the options of models'' servers and of their user mappings.';

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwname = 'tellingcube_llm') THEN
    CREATE FOREIGN DATA WRAPPER tellingcube_llm VALIDATOR tellingcube.llm_options;
    COMMENT ON FOREIGN DATA WRAPPER tellingcube_llm IS 'Large language models: CREATE SERVER … FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (api ''anthropic'', model ''…'').';
  END IF;
END $$;

-- What the recorder does, in transactions of its own. Nobody else may.
CREATE OR REPLACE FUNCTION tellingcube.llm_open_desk(handle bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE tellingcube.llm_recorder r SET handle = llm_open_desk.handle;
  -- Calls whose session died in the middle: what was reserved for them stays spent, for nobody knows better.
  UPDATE tellingcube.llm_call c SET status = 'lost', cost = c.reserved_cost
  WHERE c.status = 'running' AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = c.pid AND a.backend_start <= c.started);
END $$;
COMMENT ON FUNCTION tellingcube.llm_open_desk(bigint) IS 'The recorder says where it is, and closes the accounts of sessions that died.';
REVOKE EXECUTE ON FUNCTION tellingcube.llm_open_desk(bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tellingcube.llm_period_start(period text, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN period = 'total' THEN '-infinity' ELSE date_trunc(period, at, 'UTC') END
$$;
COMMENT ON FUNCTION tellingcube.llm_period_start(text, timestamptz) IS 'Start of the period of a budget that a time lies in.';

-- The budgets that a call counts for.
CREATE OR REPLACE FUNCTION tellingcube.llm_scopes(call tellingcube.llm_call) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT ARRAY['all', 'role:' || call.role, 'purpose:' || call.purpose, 'model:' || call.server]
         || CASE WHEN call.company IS NOT NULL THEN ARRAY['company:' || call.company] ELSE '{}' END
$$;
COMMENT ON FUNCTION tellingcube.llm_scopes(tellingcube.llm_call) IS 'The scopes of budgets that a call belongs to.';

CREATE OR REPLACE FUNCTION tellingcube.llm_spend(call tellingcube.llm_call, usd numeric, tokens bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE tellingcube.llm_budget b SET used_usd = b.used_usd + llm_spend.usd, used_tokens = b.used_tokens + llm_spend.tokens
  WHERE b.scope = ANY (tellingcube.llm_scopes(call)) AND b.used_from <= call.started
$$;
COMMENT ON FUNCTION tellingcube.llm_spend(tellingcube.llm_call, numeric, bigint) IS 'Adds to what is used of the budgets of a call.';
REVOKE EXECUTE ON FUNCTION tellingcube.llm_spend(tellingcube.llm_call, numeric, bigint) FROM PUBLIC;

-- A call wants to begin: {"go": true}, {"wait": true} for an identical one under way, {"text": …} from the cache,
-- {"refused": …} by a budget; with "warnings" of budgets that are nearly used up.
CREATE OR REPLACE FUNCTION tellingcube.llm_begin(request jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  call tellingcube.llm_call := jsonb_populate_record(NULL::tellingcube.llm_call, request);
  kept tellingcube.llm_cache;
  budget record;
  share numeric;
  warnings text[] := '{}';
BEGIN
  call.started := clock_timestamp();
  call.status := 'running';
  call.tries := 0;
  call.cache_hit := false;
  IF (request ->> 'use_cache')::boolean THEN
    SELECT * INTO kept FROM tellingcube.llm_cache k WHERE k.request_hash = call.request_hash AND k.until > call.started;
    IF FOUND THEN
      call.status := 'succeeded'; call.cache_hit := true; call.cost := 0; call.total_ms := 0; call.answered_by := kept.model;
      call.reserved_cost := 0; call.reserved_tokens := 0;
      INSERT INTO tellingcube.llm_call SELECT call.* ON CONFLICT (call_id) DO NOTHING;
      RETURN jsonb_build_object('text', kept.text, 'model', kept.model);
    END IF;
    IF EXISTS (SELECT FROM tellingcube.llm_call c WHERE c.request_hash = call.request_hash AND c.status = 'running'
               AND c.call_id <> call.call_id AND c.started > call.started - interval '10 minutes') THEN
      RETURN '{"wait": true}';
    END IF;
  END IF;
  UPDATE tellingcube.llm_budget b
  SET used_from = tellingcube.llm_period_start(b.period, call.started), used_usd = 0, used_tokens = 0
  WHERE b.used_from < tellingcube.llm_period_start(b.period, call.started);
  FOR budget IN
    SELECT b.*, b.used_usd + call.reserved_cost AS next_usd, b.used_tokens + call.reserved_tokens AS next_tokens
    FROM tellingcube.llm_budget b WHERE b.scope = ANY (tellingcube.llm_scopes(call)) ORDER BY b.scope, b.period
  LOOP
    IF budget.action = 'refuse' AND (budget.next_usd > budget.usd OR budget.next_tokens > budget.tokens) THEN
      call.status := 'refused'; call.cost := 0;
      call.error := format('budget %s per %s', budget.scope, budget.period);
      call.reserved_cost := 0; call.reserved_tokens := 0;
      INSERT INTO tellingcube.llm_call SELECT call.* ON CONFLICT (call_id) DO NOTHING;
      RETURN jsonb_build_object('refused', jsonb_build_object('scope', budget.scope, 'period', budget.period,
        'usd', budget.usd, 'used_usd', trim_scale(budget.used_usd), 'tokens', budget.tokens, 'used_tokens', budget.used_tokens));
    END IF;
    share := greatest(budget.next_usd / nullif(budget.usd, 0), budget.next_tokens::numeric / nullif(budget.tokens, 0));
    IF share >= 0.8 THEN
      warnings := warnings || format('%s %% of the budget for %s per %s are used', round(100 * share), budget.scope, budget.period);
      PERFORM pg_notify('tellingcube_budget', json_build_object('scope', budget.scope, 'period', budget.period, 'share', round(share, 4))::text);
    END IF;
  END LOOP;
  INSERT INTO tellingcube.llm_call SELECT call.* ON CONFLICT (call_id) DO NOTHING;
  IF FOUND THEN PERFORM tellingcube.llm_spend(call, call.reserved_cost, call.reserved_tokens); END IF;
  RETURN jsonb_build_object('go', true, 'warnings', warnings);
END $$;
COMMENT ON FUNCTION tellingcube.llm_begin(jsonb) IS 'Puts a call on record before it is made: cache, identical calls, budgets.';
REVOKE EXECUTE ON FUNCTION tellingcube.llm_begin(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tellingcube.llm_end(request jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was tellingcube.llm_call;
  call tellingcube.llm_call;
BEGIN
  SELECT * INTO was FROM tellingcube.llm_call c WHERE c.call_id = (request ->> 'call_id')::uuid;
  IF NOT FOUND THEN  -- given up before it had begun
    call := jsonb_populate_record(NULL::tellingcube.llm_call, request || '{"reserved_cost": 0, "reserved_tokens": 0, "cache_hit": false, "tries": 0}');
    call.started := clock_timestamp();
    INSERT INTO tellingcube.llm_call SELECT call.*;
    RETURN '{}';
  END IF;
  IF was.status <> 'running' THEN RETURN '{}'; END IF;
  call := jsonb_populate_record(was, request);
  DELETE FROM tellingcube.llm_call c WHERE c.call_id = was.call_id;
  INSERT INTO tellingcube.llm_call SELECT call.*;
  -- Where nothing was sent, nothing was spent; where the server did not count, what was reserved counts.
  PERFORM tellingcube.llm_spend(was,
    CASE WHEN call.tries = 0 THEN 0 ELSE coalesce(call.cost, was.reserved_cost) END - was.reserved_cost,
    CASE WHEN call.tries = 0 THEN 0 ELSE coalesce(call.tokens_in + coalesce(call.tokens_out, 0), was.reserved_tokens) END - was.reserved_tokens);
  IF (request ->> 'keep_seconds')::integer > 0 THEN
    DELETE FROM tellingcube.llm_cache k WHERE k.until <= clock_timestamp();
    INSERT INTO tellingcube.llm_cache (request_hash, text, model, until)
    VALUES (was.request_hash, call.response, coalesce(call.answered_by, call.model),
            clock_timestamp() + make_interval(secs => (request ->> 'keep_seconds')::integer))
    ON CONFLICT (request_hash) DO UPDATE SET text = EXCLUDED.text, model = EXCLUDED.model, kept = EXCLUDED.kept, until = EXCLUDED.until;
  END IF;
  RETURN '{}';
END $$;
COMMENT ON FUNCTION tellingcube.llm_end(jsonb) IS 'Puts on record how a call went, and settles its budgets.';
REVOKE EXECUTE ON FUNCTION tellingcube.llm_end(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tellingcube.llm_record(request jsonb) RETURNS jsonb
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE request ->> 'action' WHEN 'begin' THEN tellingcube.llm_begin(request) WHEN 'end' THEN tellingcube.llm_end(request) END
$$;
COMMENT ON FUNCTION tellingcube.llm_record(jsonb) IS 'What sessions ask the recorder for.';
REVOKE EXECUTE ON FUNCTION tellingcube.llm_record(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION tellingcube.set_budget(scope text, period text DEFAULT 'month', usd numeric DEFAULT NULL, tokens bigint DEFAULT NULL, action text DEFAULT 'refuse') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF scope IS NULL OR NOT (scope = 'all' OR scope ~ '^(role|company|purpose|model):.')
     OR period IS NULL OR period NOT IN ('day', 'week', 'month', 'year', 'total') OR action IS NULL OR action NOT IN ('refuse', 'warn')
     OR usd < 0 OR tokens < 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'this is no budget',
      DETAIL = format('scope %L, period %L, usd %s, tokens %s, action %L', scope, period, usd, tokens, action),
      HINT = 'scope is all, role:NAME, company:NAME, purpose:NAME or model:SERVER; period day, week, month, year or total; action refuse or warn.';
  END IF;
  IF usd IS NULL AND tokens IS NULL THEN
    DELETE FROM tellingcube.llm_budget b WHERE (b.scope, b.period) = (set_budget.scope, set_budget.period);
    RETURN;
  END IF;
  INSERT INTO tellingcube.llm_budget AS b (scope, period, usd, tokens, action, used_from, used_usd, used_tokens)
  SELECT set_budget.scope, set_budget.period, set_budget.usd, set_budget.tokens, set_budget.action, since.at,
         coalesce(sum(coalesce(c.cost, c.reserved_cost)), 0), coalesce(sum(coalesce(c.tokens_in + coalesce(c.tokens_out, 0), c.reserved_tokens)), 0)
  FROM (SELECT tellingcube.llm_period_start(set_budget.period, clock_timestamp())) since(at)
  LEFT JOIN tellingcube.llm_call c ON c.started >= since.at AND c.status NOT IN ('refused') AND set_budget.scope = ANY (tellingcube.llm_scopes(c))
  GROUP BY since.at
  ON CONFLICT ON CONSTRAINT llm_budget_pkey DO UPDATE SET usd = EXCLUDED.usd, tokens = EXCLUDED.tokens, action = EXCLUDED.action;
END $$;
COMMENT ON FUNCTION tellingcube.set_budget(text, text, numeric, bigint, text) IS
  'Limits what may be spent on models, in USD or tokens; without either, the budget goes. Scope: all, role:NAME, company:NAME, purpose:NAME, model:SERVER.';
REVOKE EXECUTE ON FUNCTION tellingcube.set_budget(text, text, numeric, bigint, text) FROM PUBLIC;

CREATE OR REPLACE VIEW tellingcube.budget_status AS
SELECT b.scope, b.period, b.action, b.usd, b.tokens, u.used_usd, u.used_tokens,
       pg_catalog.round(greatest(u.used_usd / nullif(b.usd, 0), u.used_tokens::numeric / nullif(b.tokens, 0)), 4) AS share
FROM tellingcube.llm_budget b,
     LATERAL (SELECT CASE WHEN b.used_from >= tellingcube.llm_period_start(b.period, pg_catalog.now()) THEN pg_catalog.trim_scale(b.used_usd) ELSE 0 END,
                     CASE WHEN b.used_from >= tellingcube.llm_period_start(b.period, pg_catalog.now()) THEN b.used_tokens ELSE 0 END) u(used_usd, used_tokens)
WHERE b.scope NOT LIKE 'role:%' OR pg_catalog.to_regrole(pg_catalog.quote_ident(pg_catalog.substr(b.scope, 6))) IS NULL
   OR pg_catalog.pg_has_role(pg_catalog.to_regrole(pg_catalog.quote_ident(pg_catalog.substr(b.scope, 6))), 'MEMBER');
GRANT SELECT ON tellingcube.budget_status TO PUBLIC;
COMMENT ON VIEW tellingcube.budget_status IS 'Budgets and what is used of them; of roles'' budgets, only those of one''s own roles.';
COMMENT ON COLUMN tellingcube.budget_status.scope IS 'all, role:NAME, company:NAME, purpose:NAME or model:SERVER.';
COMMENT ON COLUMN tellingcube.budget_status.period IS 'day, week, month, year (UTC), or total.';
COMMENT ON COLUMN tellingcube.budget_status.action IS 'What happens at the limit: refuse or warn.';
COMMENT ON COLUMN tellingcube.budget_status.usd IS 'Limit in USD.';
COMMENT ON COLUMN tellingcube.budget_status.tokens IS 'Limit in tokens.';
COMMENT ON COLUMN tellingcube.budget_status.used_usd IS 'USD spent or reserved in this period.';
COMMENT ON COLUMN tellingcube.budget_status.used_tokens IS 'Tokens spent or reserved in this period.';
COMMENT ON COLUMN tellingcube.budget_status.share IS 'The larger share of the two limits that is used: 1 is all.';

CREATE OR REPLACE VIEW tellingcube.llm_usage_daily WITH (security_invoker = true) AS
SELECT (c.started AT TIME ZONE 'UTC')::date AS day, c.role, c.server, c.purpose, c.prompt, count(*) AS calls,
       count(*) FILTER (WHERE c.status = 'succeeded') AS succeeded, count(*) FILTER (WHERE c.cache_hit) AS cache_hits,
       coalesce(sum(c.tokens_in), 0) AS tokens_in, coalesce(sum(c.tokens_out), 0) AS tokens_out,
       pg_catalog.trim_scale(coalesce(sum(c.cost), 0)) AS cost,
       pg_catalog.round(avg(c.valid::integer), 4) AS valid_share
FROM tellingcube.llm_call c
GROUP BY 1, 2, 3, 4, 5;
GRANT SELECT ON tellingcube.llm_usage_daily TO PUBLIC;
COMMENT ON VIEW tellingcube.llm_usage_daily IS 'Calls of models by day, role, model, purpose and prompt: how many, how well, at what cost.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.day IS 'Day in UTC.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.role IS 'Role that asked.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.server IS 'Model as this database knows it.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.purpose IS 'What for.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.prompt IS 'Prompt, if one was named.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.calls IS 'Calls, also those that a cache or a budget answered.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.succeeded IS 'Those that had an answer.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.cache_hits IS 'Those answered from the cache.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.tokens_in IS 'Tokens sent.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.tokens_out IS 'Tokens received.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.cost IS 'USD.';
COMMENT ON COLUMN tellingcube.llm_usage_daily.valid_share IS 'Share of the answers that fitted their schema at once.';

CREATE OR REPLACE VIEW tellingcube.llm_latency WITH (security_invoker = true) AS
SELECT (c.started AT TIME ZONE 'UTC')::date AS day, c.server, c.purpose, count(*) AS calls,
       pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY c.first_byte_ms::float8) AS first_byte_p50_ms,
       pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY c.total_ms::float8) AS total_p50_ms,
       pg_catalog.percentile_cont(0.95) WITHIN GROUP (ORDER BY c.total_ms::float8) AS total_p95_ms
FROM tellingcube.llm_call c
WHERE c.status = 'succeeded' AND NOT c.cache_hit
GROUP BY 1, 2, 3;
GRANT SELECT ON tellingcube.llm_latency TO PUBLIC;
COMMENT ON VIEW tellingcube.llm_latency IS 'How long models take to answer, by day and purpose.';
COMMENT ON COLUMN tellingcube.llm_latency.day IS 'Day in UTC.';
COMMENT ON COLUMN tellingcube.llm_latency.server IS 'Model as this database knows it.';
COMMENT ON COLUMN tellingcube.llm_latency.purpose IS 'What for.';
COMMENT ON COLUMN tellingcube.llm_latency.calls IS 'Calls that were answered.';
COMMENT ON COLUMN tellingcube.llm_latency.first_byte_p50_ms IS 'Median milliseconds to the first byte.';
COMMENT ON COLUMN tellingcube.llm_latency.total_p50_ms IS 'Median milliseconds altogether.';
COMMENT ON COLUMN tellingcube.llm_latency.total_p95_ms IS '95th percentile of them.';

CREATE OR REPLACE VIEW tellingcube.prompt_comparison WITH (security_invoker = true) AS
SELECT c.prompt, c.prompt_version AS version, c.server, count(*) AS calls,
       pg_catalog.round(avg((c.status = 'succeeded')::integer), 4) AS success_share,
       pg_catalog.round(avg(c.valid::integer), 4) AS valid_share,
       pg_catalog.trim_scale(pg_catalog.round(avg(c.cost), 8)) AS mean_cost,
       pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY c.total_ms::float8) AS total_p50_ms
FROM tellingcube.llm_call c
WHERE c.prompt IS NOT NULL AND NOT c.cache_hit AND c.status IN ('succeeded', 'failed')
GROUP BY 1, 2, 3;
GRANT SELECT ON tellingcube.prompt_comparison TO PUBLIC;
COMMENT ON VIEW tellingcube.prompt_comparison IS 'Versions of prompts side by side: success, validity, cost, time.';
COMMENT ON COLUMN tellingcube.prompt_comparison.prompt IS 'Prompt.';
COMMENT ON COLUMN tellingcube.prompt_comparison.version IS 'Its version.';
COMMENT ON COLUMN tellingcube.prompt_comparison.server IS 'Model as this database knows it.';
COMMENT ON COLUMN tellingcube.prompt_comparison.calls IS 'Calls, repairs included.';
COMMENT ON COLUMN tellingcube.prompt_comparison.success_share IS 'Share of them that were answered.';
COMMENT ON COLUMN tellingcube.prompt_comparison.valid_share IS 'Share of the answers that fitted their schema.';
COMMENT ON COLUMN tellingcube.prompt_comparison.mean_cost IS 'USD on average.';
COMMENT ON COLUMN tellingcube.prompt_comparison.total_p50_ms IS 'Median milliseconds.';

CREATE OR REPLACE FUNCTION tellingcube.llm_breaker_states() RETURNS TABLE (server oid, circuit text, failures integer, probe_in_ms bigint, running bigint, shared boolean)
  LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'llm_breaker_states';
COMMENT ON FUNCTION tellingcube.llm_breaker_states() IS 'Circuit breakers and limiters of this database, or of this session when the library is not preloaded.';
CREATE OR REPLACE VIEW tellingcube.llm_breaker AS
SELECT s.srvname AS server, b.circuit, b.failures, b.probe_in_ms, b.running, b.shared
FROM tellingcube.llm_breaker_states() b JOIN pg_catalog.pg_foreign_server s ON s.oid = b.server;
GRANT SELECT ON tellingcube.llm_breaker TO PUBLIC;
COMMENT ON VIEW tellingcube.llm_breaker IS 'Which models are left alone for a while because they failed, and how many calls are under way.';
COMMENT ON COLUMN tellingcube.llm_breaker.server IS 'Model as this database knows it.';
COMMENT ON COLUMN tellingcube.llm_breaker.circuit IS 'closed (calls go out), open (none does), half_open (one may try).';
COMMENT ON COLUMN tellingcube.llm_breaker.failures IS 'Failures in a row.';
COMMENT ON COLUMN tellingcube.llm_breaker.probe_in_ms IS 'Milliseconds until one may try; 0 when any may.';
COMMENT ON COLUMN tellingcube.llm_breaker.running IS 'Calls under way.';
COMMENT ON COLUMN tellingcube.llm_breaker.shared IS 'True: all sessions share it (shared_preload_libraries); false: it is this session''s own.';

CREATE OR REPLACE FUNCTION tellingcube.complete(prompt text, variables jsonb DEFAULT '{}', model text DEFAULT NULL) RETURNS jsonb
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'complete';
COMMENT ON FUNCTION tellingcube.complete(text, jsonb, text) IS
  'Asks a model and returns its answer as a JSON object that fits the prompt''s schema. prompt is the name of a registered prompt, or a text; model one or more servers of the wrapper tellingcube_llm, tried in order.';
CREATE OR REPLACE FUNCTION tellingcube.complete_text(prompt text, variables jsonb DEFAULT '{}', model text DEFAULT NULL) RETURNS text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'complete_text';
COMMENT ON FUNCTION tellingcube.complete_text(text, jsonb, text) IS 'Asks a model and returns what it says.';
CREATE OR REPLACE FUNCTION tellingcube.stream(prompt text, variables jsonb DEFAULT '{}', model text DEFAULT NULL) RETURNS SETOF text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'stream_reply';
COMMENT ON FUNCTION tellingcube.stream(text, jsonb, text) IS 'Asks a model and returns what it says piece by piece, as it comes: SELECT tellingcube.stream(…).';
CREATE OR REPLACE FUNCTION tellingcube.embed(texts text[], model text DEFAULT NULL) RETURNS SETOF real[]
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'embed';
COMMENT ON FUNCTION tellingcube.embed(text[], text) IS 'The vectors by which a model represents texts, in the order of the texts.';
