-- What leans on the extension stands among the views, which upgrade_cube() runs again.
ALTER TABLE events ALTER event_id SET DEFAULT tellingcube.uuid_v7();
ALTER TABLE quarantine ALTER quarantine_id SET DEFAULT tellingcube.uuid_v7();
CREATE OR REPLACE TRIGGER tellingcube_check_and_project AFTER INSERT ON events
  FOR EACH ROW EXECUTE FUNCTION tellingcube.events_after_insert();
CREATE OR REPLACE TRIGGER tellingcube_append_only BEFORE UPDATE OR DELETE ON events
  FOR EACH ROW EXECUTE FUNCTION tellingcube.events_refuse_change();
CREATE OR REPLACE TRIGGER tellingcube_no_truncate BEFORE TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION tellingcube.events_refuse_change();
DO $partitions$
DECLARE
  partition regclass;
BEGIN
  -- A trigger for statements is not inherited by partitions.
  FOR partition IN SELECT relid FROM pg_partition_tree('events') WHERE isleaf LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER tellingcube_no_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT '
                   'EXECUTE FUNCTION tellingcube.events_refuse_change()', partition);
  END LOOP;
END $partitions$;

CREATE OR REPLACE VIEW events_current WITH (security_invoker = true) AS
SELECT e.company_id, e.scenario_id, e.event_month, e.event_id, e.event_type, e.event_ts, e.source,
       -- Events of the newest version, nearly all of them, are left alone.
       CASE WHEN e.schema_version < t.version THEN tellingcube.upcast(e.event_type, e.schema_version, e.payload)
            ELSE e.payload END AS payload,
       greatest(e.schema_version, t.version) AS schema_version, e.run_id, e.reverses, e.created_at
FROM events e
LEFT JOIN (SELECT name, max(version) AS version FROM tellingcube.event_type GROUP BY name) t ON t.name = e.event_type;
COMMENT ON VIEW events_current IS 'The events with every payload as one of the newest version of its type, by the registered upcast rules.';
COMMENT ON COLUMN events_current.company_id IS 'Company.';
COMMENT ON COLUMN events_current.scenario_id IS 'Scenario of that company.';
COMMENT ON COLUMN events_current.event_month IS 'First day of the month of event_ts.';
COMMENT ON COLUMN events_current.event_id IS 'Key of the event.';
COMMENT ON COLUMN events_current.event_type IS 'Type, of the registry tellingcube.event_type.';
COMMENT ON COLUMN events_current.event_ts IS 'When it happened, local wall clock.';
COMMENT ON COLUMN events_current.source IS 'Who told it.';
COMMENT ON COLUMN events_current.payload IS 'What happened, in the fields of the newest version.';
COMMENT ON COLUMN events_current.schema_version IS 'Version that this payload follows: the newest. What was stored stands in events.';
COMMENT ON COLUMN events_current.run_id IS 'Run that wrote the event, if one did.';
COMMENT ON COLUMN events_current.reverses IS 'Event that this one takes back.';
COMMENT ON COLUMN events_current.created_at IS 'When the event was stored.';

CREATE OR REPLACE VIEW events_cloudevents WITH (security_invoker = true) AS
SELECT e.company_id, e.scenario_id, e.event_month, '1.0' AS specversion, e.event_id::text AS id, c.source, c.type, c.subject,
       c.time, 'application/json' AS datacontenttype, c.dataschema, e.payload AS data,
       jsonb_strip_nulls(jsonb_build_object(
         'specversion', '1.0', 'id', e.event_id, 'source', c.source, 'type', c.type, 'subject', c.subject, 'time', c.time,
         'datacontenttype', 'application/json', 'dataschema', c.dataschema, 'reverses', e.reverses))
         || jsonb_build_object('data', e.payload) AS envelope
FROM events_current e
CROSS JOIN (
  SELECT tellingcube.uri_escape(n.nspname) AS cube FROM pg_catalog.pg_class r
  JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = 'events'::regclass) home
CROSS JOIN LATERAL (
  SELECT '/tellingcube/' || home.cube || '/' || e.company_id || '/' || e.scenario_id AS source,
         'tellingcube.' || e.event_type || '.v' || e.schema_version AS type,
         'urn:tellingcube:schema:' || e.event_type || ':' || e.schema_version AS dataschema,
         coalesce(e.payload ->> 'product', e.payload ->> 'employeeId', e.payload ->> 'costCenter', e.payload ->> 'supplier',
                  e.payload ->> 'taxType', e.payload ->> 'category') AS subject,
         -- CloudEvents want an offset. The wall clock has none: its time is kept, and called UTC.
         to_char(e.event_ts, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS time) c;
COMMENT ON VIEW events_cloudevents IS 'The events as CloudEvents 1.0, for whatever speaks that: SELECT envelope.';
COMMENT ON COLUMN events_cloudevents.company_id IS 'Company.';
COMMENT ON COLUMN events_cloudevents.scenario_id IS 'Scenario of that company.';
COMMENT ON COLUMN events_cloudevents.event_month IS 'First day of the event''s month; a filter on it reads that month alone.';
COMMENT ON COLUMN events_cloudevents.specversion IS 'Version of CloudEvents: 1.0.';
COMMENT ON COLUMN events_cloudevents.id IS 'Key of the event, unique within its source.';
COMMENT ON COLUMN events_cloudevents.source IS 'Where it happened: /tellingcube/cube/company/scenario.';
COMMENT ON COLUMN events_cloudevents.type IS 'Type and version: tellingcube.sale.v1.';
COMMENT ON COLUMN events_cloudevents.subject IS 'Whom or what it is about: product, employee, cost centre, supplier, tax type, category; NULL for types of your own without these.';
COMMENT ON COLUMN events_cloudevents.time IS 'When it happened, RFC 3339: the company''s wall clock, written as UTC.';
COMMENT ON COLUMN events_cloudevents.datacontenttype IS 'application/json.';
COMMENT ON COLUMN events_cloudevents.dataschema IS 'Name of the schema that data follows: urn:tellingcube:schema:type:version, of the registry tellingcube.event_type.';
COMMENT ON COLUMN events_cloudevents.data IS 'What happened: the payload.';
COMMENT ON COLUMN events_cloudevents.envelope IS 'The whole CloudEvent; with the extension attribute reverses for an event that takes another back.';

-- Counts are at hand in the ledger; only the last month of each kind of event is looked into.
CREATE OR REPLACE VIEW event_lag WITH (security_invoker = true) AS
SELECT a.company_id, c.name AS company, a.scenario_id, s.name AS scenario, a.event_type, a.events, l.event_ts AS last_event,
       a.last_month, l.created_at AS last_created_at
FROM (
  SELECT company_id, scenario_id, event_type, sum(events)::bigint AS events, max(month) AS last_month
  FROM (SELECT company_id, scenario_id, month, event_type, events FROM fact_activity_stored
        UNION ALL SELECT company_id, scenario_id, month, event_type, events FROM fact_activity_pending) f
  GROUP BY company_id, scenario_id, event_type) a
JOIN dim_company c ON c.company_id = a.company_id
JOIN dim_scenario s ON s.company_id = a.company_id AND s.scenario_id = a.scenario_id
LEFT JOIN LATERAL (
  SELECT e.event_ts, e.created_at FROM events e
  WHERE e.company_id = a.company_id AND e.event_month = a.last_month
    AND e.scenario_id = a.scenario_id AND e.event_type = a.event_type
  ORDER BY e.event_ts DESC, e.event_id DESC LIMIT 1) l ON true;
COMMENT ON VIEW event_lag IS 'How far each company is told: one row for each scenario and type of event.';
COMMENT ON COLUMN event_lag.company_id IS 'Company.';
COMMENT ON COLUMN event_lag.company IS 'Name of the company.';
COMMENT ON COLUMN event_lag.scenario_id IS 'Scenario.';
COMMENT ON COLUMN event_lag.scenario IS 'Name of the scenario.';
COMMENT ON COLUMN event_lag.event_type IS 'Type of the events.';
COMMENT ON COLUMN event_lag.events IS 'Events stored, reversals included.';
COMMENT ON COLUMN event_lag.last_event IS 'When the last of them happened.';
COMMENT ON COLUMN event_lag.last_month IS 'Month of the last of them.';
COMMENT ON COLUMN event_lag.last_created_at IS 'When the last of them was stored.';
