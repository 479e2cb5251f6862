CREATE TABLE tellingcube.llm_call (
  call_id uuid PRIMARY KEY,
  started timestamptz NOT NULL DEFAULT clock_timestamp(),
  role name NOT NULL,
  server name NOT NULL,
  model text NOT NULL,
  answered_by text,
  purpose text NOT NULL,
  prompt text,
  prompt_version integer,
  run_id uuid,
  company text,
  repair integer NOT NULL DEFAULT 0,
  request_hash bytea NOT NULL,
  status text NOT NULL DEFAULT 'running',
  http_status integer,
  error text,
  tries integer NOT NULL DEFAULT 0,
  cache_hit boolean NOT NULL DEFAULT false,
  valid boolean,
  tokens_in bigint,
  tokens_out bigint,
  tokens_cached bigint,
  cost numeric(20,14),
  reserved_tokens bigint NOT NULL DEFAULT 0,
  reserved_cost numeric(20,14) NOT NULL DEFAULT 0,
  first_byte_ms numeric(12,3),
  total_ms numeric(12,3),
  response text,
  pid integer NOT NULL
);
CREATE INDEX ON tellingcube.llm_call (started);
CREATE INDEX ON tellingcube.llm_call (request_hash) WHERE status = 'running';
SELECT pg_catalog.pg_extension_config_dump('tellingcube.llm_call', '');
ALTER TABLE tellingcube.llm_call ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_calls ON tellingcube.llm_call FOR SELECT USING (pg_catalog.pg_has_role(role, 'MEMBER'));
GRANT SELECT ON tellingcube.llm_call TO PUBLIC;
COMMENT ON TABLE tellingcube.llm_call IS 'Every request to a model, also of transactions that were rolled back or cancelled. A role sees its own calls and those of roles it belongs to.';
COMMENT ON COLUMN tellingcube.llm_call.call_id IS 'Key of the call.';
COMMENT ON COLUMN tellingcube.llm_call.started IS 'When it was asked for.';
COMMENT ON COLUMN tellingcube.llm_call.role IS 'Role that asked.';
COMMENT ON COLUMN tellingcube.llm_call.server IS 'Foreign server: the model as this database knows it.';
COMMENT ON COLUMN tellingcube.llm_call.model IS 'Model that was asked for.';
COMMENT ON COLUMN tellingcube.llm_call.answered_by IS 'Model that answered, by its own word.';
COMMENT ON COLUMN tellingcube.llm_call.purpose IS 'What the answer was for: complete, simulate, ask, narrate, classify, embed …';
COMMENT ON COLUMN tellingcube.llm_call.prompt IS 'Name of the prompt; NULL for a text of the caller''s.';
COMMENT ON COLUMN tellingcube.llm_call.prompt_version IS 'Version of the prompt.';
COMMENT ON COLUMN tellingcube.llm_call.run_id IS 'Run that it belongs to, if any.';
COMMENT ON COLUMN tellingcube.llm_call.company IS 'Company that it is about, if any.';
COMMENT ON COLUMN tellingcube.llm_call.repair IS '0 for the first request; n for the n-th that sends back what was wrong with the answer.';
COMMENT ON COLUMN tellingcube.llm_call.request_hash IS 'SHA-256 of everything that makes the answer: address, body, role. Never contains a key.';
COMMENT ON COLUMN tellingcube.llm_call.status IS 'running, succeeded, failed, cancelled, refused (by a budget), lost (its session died).';
COMMENT ON COLUMN tellingcube.llm_call.http_status IS 'Status of the last response; NULL when none came.';
COMMENT ON COLUMN tellingcube.llm_call.error IS 'Code and words of what went wrong last.';
COMMENT ON COLUMN tellingcube.llm_call.tries IS 'Requests that were sent.';
COMMENT ON COLUMN tellingcube.llm_call.cache_hit IS 'The answer was kept from an earlier call; nothing was sent.';
COMMENT ON COLUMN tellingcube.llm_call.valid IS 'Whether the answer fitted its schema; NULL when there was none to fit.';
COMMENT ON COLUMN tellingcube.llm_call.tokens_in IS 'Tokens of the request, cached ones included, as the server counted.';
COMMENT ON COLUMN tellingcube.llm_call.tokens_out IS 'Tokens of the answer.';
COMMENT ON COLUMN tellingcube.llm_call.tokens_cached IS 'Tokens of the request that the provider had cached.';
COMMENT ON COLUMN tellingcube.llm_call.cost IS 'USD by the prices of the server; NULL when it did not count tokens.';
COMMENT ON COLUMN tellingcube.llm_call.reserved_tokens IS 'Tokens held back from budgets while it ran, and counted where the server did not count.';
COMMENT ON COLUMN tellingcube.llm_call.reserved_cost IS 'USD held back from budgets while it ran, and counted where the server did not count.';
COMMENT ON COLUMN tellingcube.llm_call.first_byte_ms IS 'Milliseconds of the last try until the first byte of its response.';
COMMENT ON COLUMN tellingcube.llm_call.total_ms IS 'Milliseconds altogether, tries and waits included.';
COMMENT ON COLUMN tellingcube.llm_call.response IS 'What the model said.';
COMMENT ON COLUMN tellingcube.llm_call.pid IS 'Process that asked.';

CREATE TABLE tellingcube.llm_cache (
  request_hash bytea PRIMARY KEY,
  text text NOT NULL,
  model text NOT NULL,
  kept timestamptz NOT NULL DEFAULT clock_timestamp(),
  until timestamptz NOT NULL
);
CREATE INDEX ON tellingcube.llm_cache (until);
COMMENT ON TABLE tellingcube.llm_cache IS 'Answers that identical requests of the same role get without asking again.';
COMMENT ON COLUMN tellingcube.llm_cache.request_hash IS 'As in llm_call.';
COMMENT ON COLUMN tellingcube.llm_cache.text IS 'What the model said.';
COMMENT ON COLUMN tellingcube.llm_cache.model IS 'Model that answered.';
COMMENT ON COLUMN tellingcube.llm_cache.kept IS 'When it answered.';
COMMENT ON COLUMN tellingcube.llm_cache.until IS 'When the answer is too old.';

CREATE TABLE tellingcube.llm_budget (
  scope text NOT NULL CHECK (scope = 'all' OR scope ~ '^(role|company|purpose|model):.'),
  period text NOT NULL CHECK (period IN ('day', 'week', 'month', 'year', 'total')),
  usd numeric(20,6) CHECK (usd >= 0),
  tokens bigint CHECK (tokens >= 0),
  action text NOT NULL DEFAULT 'refuse' CHECK (action IN ('refuse', 'warn')),
  used_from timestamptz NOT NULL DEFAULT '-infinity',
  used_usd numeric(30,14) NOT NULL DEFAULT 0,
  used_tokens bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (scope, period)
);
SELECT pg_catalog.pg_extension_config_dump('tellingcube.llm_budget', '');
COMMENT ON TABLE tellingcube.llm_budget IS 'What may be spent on models; see set_budget() and budget_status.';
COMMENT ON COLUMN tellingcube.llm_budget.scope IS 'all, role:NAME, company:NAME, purpose:NAME or model:SERVER.';
COMMENT ON COLUMN tellingcube.llm_budget.period IS 'day, week, month, year (of the server''s time zone UTC), or total.';
COMMENT ON COLUMN tellingcube.llm_budget.usd IS 'Limit in USD; NULL for none.';
COMMENT ON COLUMN tellingcube.llm_budget.tokens IS 'Limit in tokens; NULL for none.';
COMMENT ON COLUMN tellingcube.llm_budget.action IS 'What happens at the limit: refuse or warn.';
COMMENT ON COLUMN tellingcube.llm_budget.used_from IS 'Start of the period that the two below belong to.';
COMMENT ON COLUMN tellingcube.llm_budget.used_usd IS 'USD spent or reserved in it.';
COMMENT ON COLUMN tellingcube.llm_budget.used_tokens IS 'Tokens spent or reserved in it.';

CREATE TABLE tellingcube.llm_recorder (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  handle bigint NOT NULL
);
COMMENT ON TABLE tellingcube.llm_recorder IS 'Where sessions find the background worker that keeps calls on record.';
COMMENT ON COLUMN tellingcube.llm_recorder.one IS 'There is one row.';
COMMENT ON COLUMN tellingcube.llm_recorder.handle IS 'Handle of the segment of memory that it shares with sessions.';
INSERT INTO tellingcube.llm_recorder VALUES (true, 0);
