-- The events as others read them: in their newest version, as CloudEvents, and how far they go.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('Über 100%');
SET tellingcube.cube = 'Über 100%';
SET search_path = "Über 100%", public;
SELECT tellingcube.create_company('Kiosk') AS company, tellingcube.create_scenario('Kiosk', 'Actual', starts => '2024-01') AS scenario,
       tellingcube.create_scenario('Kiosk', 'Plan', 'PL', starts => '2024-01') AS plan \gset
SELECT tellingcube.register_event_type('regress_visit', '{"type": "object", "required": ["who"], "properties": {"who": {"type": "string"}}}') AS v;
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "sale", "eventTs": "2024-01-31T23:59:59.5", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40, "channel": null},
  {"eventType": "sale", "date": "2024-03-03", "product": "Tea", "region": "Town", "quantity": 1, "unitPrice": 10, "revenue": 10, "cogs": 4},
  {"eventType": "regress_visit", "date": "2024-02-29", "who": "the tax office"}]');
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', (
  SELECT jsonb_agg(jsonb_build_object('reverses', event_id)) FROM events WHERE event_ts = '2024-03-03'));
SELECT tellingcube.register_event_type('regress_visit',
  '{"type": "object", "required": ["visitor", "minutes"], "properties": {"visitor": {"type": "string"}, "minutes": {"type": "number"}}}',
  upcast => '[{"rename": {"who": "visitor"}}, {"default": {"minutes": 0}}]') AS v;

SELECT event_type, event_ts, payload, schema_version, reverses IS NOT NULL AS reversal FROM events_current ORDER BY event_ts, event_id;
SELECT payload, schema_version FROM events WHERE event_type = 'regress_visit';

SELECT specversion, replace(replace(source, :'company', '<company>'), :'scenario', '<scenario>') AS source, type, subject, time,
       datacontenttype, dataschema, data FROM events_cloudevents ORDER BY time, envelope ? 'reverses';
-- The envelope has what the specification requires, all of it text but data, and a reversal says what it reverses.
SELECT type, array_agg(k ORDER BY k) AS attributes, bool_and(k = 'data' OR jsonb_typeof(v) = 'string') AS text, bool_and(id::uuid IS NOT NULL) AS id
FROM events_cloudevents, jsonb_each(envelope) e(k, v) GROUP BY event_month, type, id ORDER BY event_month, type, array_length(array_agg(k), 1);

SELECT company, scenario, event_type, events, last_event, last_month, last_created_at <= now() AS told FROM event_lag ORDER BY 1, 2, 3;
-- It reads the last month alone.
CREATE FUNCTION partitions_read(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plan jsonb;
BEGIN
  EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
  RETURN (SELECT string_agg(DISTINCT n ->> 'Relation Name', ' ' ORDER BY n ->> 'Relation Name')
          FROM jsonb_path_query(plan, '$.**?(@."Relation Name" like_regex "^events_")') n WHERE (n ->> 'Actual Loops')::integer > 0);
END $$;
SELECT partitions_read('SELECT * FROM event_lag WHERE event_type = ''sale''');

SELECT FROM tellingcube.drop_cube('Über 100%');
DELETE FROM tellingcube.event_type WHERE name = 'regress_visit';
