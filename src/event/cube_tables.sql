-- The event store: append-only, one partition a month, checked and projected by the table itself.

-- Columns of fixed width stand first, which saves nine bytes an event in alignment. The key is led by event_id: ids are
-- ordered by time, so the index grows at its right end and stays full (a key led by company_id is a third larger), and an
-- event is found by its id alone. Reads by company are by month as well, or of everything.
CREATE TABLE events (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  event_id uuid NOT NULL,
  event_month date NOT NULL,
  schema_version integer NOT NULL DEFAULT 1,
  event_ts timestamp NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  event_type text NOT NULL,
  source text NOT NULL DEFAULT 'user',
  payload jsonb NOT NULL,
  run_id uuid,
  reverses uuid,
  PRIMARY KEY (event_id, company_id, event_month)
) PARTITION BY RANGE (event_month);
-- A reversal is dated into the month of what it reverses, so that this key can see a second one.
CREATE UNIQUE INDEX events_reversed_once ON events (company_id, event_month, reverses) WHERE reverses IS NOT NULL;
CREATE TABLE events_default PARTITION OF events DEFAULT;

COMMENT ON TABLE events IS 'The company''s story: business events, append-only. Every fact is made of them. INSERT and COPY are checked and projected as append_events() is.';
COMMENT ON COLUMN events.company_id IS 'Company.';
COMMENT ON COLUMN events.scenario_id IS 'Scenario of that company.';
COMMENT ON COLUMN events.event_month IS 'First day of the month of event_ts; the partition key.';
COMMENT ON COLUMN events.event_id IS 'Key of the event; time-ordered unless given.';
COMMENT ON COLUMN events.event_type IS 'Type, of the registry tellingcube.event_type.';
COMMENT ON COLUMN events.event_ts IS 'When it happened, local wall clock.';
COMMENT ON COLUMN events.source IS 'Who told it: user, simulation, a model, a file …';
COMMENT ON COLUMN events.payload IS 'What happened: the fields of the event''s type.';
COMMENT ON COLUMN events.schema_version IS 'Version of the type''s schema that the payload follows; older ones are upcast when read through events_current.';
COMMENT ON COLUMN events.run_id IS 'Run that wrote the event, if one did.';
COMMENT ON COLUMN events.reverses IS 'Event that this one takes back: same company, scenario, type, month and payload. At most one reversal an event.';
COMMENT ON COLUMN events.created_at IS 'When the event was stored.';
COMMENT ON TABLE events_default IS 'Events of months without a partition of their own.';

CREATE TABLE batch (
  company_id uuid NOT NULL REFERENCES dim_company,
  idempotency_key text NOT NULL CHECK (idempotency_key <> ''),
  batch_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  payload_hash bytea NOT NULL,
  inserted bigint NOT NULL,
  duplicates bigint NOT NULL,
  quarantined bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (company_id, idempotency_key)
);
COMMENT ON TABLE batch IS 'Batches appended under an idempotency key: the same key and content again returns the first result.';
COMMENT ON COLUMN batch.company_id IS 'Company.';
COMMENT ON COLUMN batch.idempotency_key IS 'Key given by the writer, unique within the company.';
COMMENT ON COLUMN batch.batch_id IS 'Key of the batch.';
COMMENT ON COLUMN batch.scenario_id IS 'Scenario appended to.';
COMMENT ON COLUMN batch.payload_hash IS 'SHA-256 of what was appended.';
COMMENT ON COLUMN batch.inserted IS 'Events stored.';
COMMENT ON COLUMN batch.duplicates IS 'Events that were stored already.';
COMMENT ON COLUMN batch.quarantined IS 'Events put into quarantine.';
COMMENT ON COLUMN batch.created_at IS 'When the batch was appended.';

CREATE TABLE quarantine (
  company_id uuid NOT NULL REFERENCES dim_company,
  quarantine_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  batch_id uuid NOT NULL,
  ordinal bigint NOT NULL,
  event text NOT NULL,
  repaired text,
  reasons jsonb NOT NULL,
  source text,
  run_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  released_at timestamptz,
  PRIMARY KEY (company_id, quarantine_id),
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario
);
COMMENT ON TABLE quarantine IS 'Events that were refused but kept, with every reason. repair_event() and release_quarantine() bring them in.';
COMMENT ON COLUMN quarantine.company_id IS 'Company.';
COMMENT ON COLUMN quarantine.quarantine_id IS 'Key of the row.';
COMMENT ON COLUMN quarantine.scenario_id IS 'Scenario that the event was meant for.';
COMMENT ON COLUMN quarantine.batch_id IS 'Call of append_events() that brought it.';
COMMENT ON COLUMN quarantine.ordinal IS 'Position of the event in its batch, from 1.';
COMMENT ON COLUMN quarantine.event IS 'The event''s text, as it came.';
COMMENT ON COLUMN quarantine.repaired IS 'The event as repair_event() mended it.';
COMMENT ON COLUMN quarantine.reasons IS 'Why it was refused: an array of pointer, rule, message.';
COMMENT ON COLUMN quarantine.source IS 'Source given with the batch.';
COMMENT ON COLUMN quarantine.run_id IS 'Run that brought it, if one did.';
COMMENT ON COLUMN quarantine.created_at IS 'When it was put here.';
COMMENT ON COLUMN quarantine.released_at IS 'When it was stored as an event after all; NULL while it waits.';
