-- The events table checks and projects by itself: a plain INSERT or COPY is as good as append_events(), and nothing else
-- changes it.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('plain');
SET tellingcube.cube = 'plain';
SET search_path = plain, public;
-- Keys of our own, so that they can be typed below.
INSERT INTO dim_company (company_id, name) VALUES
  ('a0000000-0000-0000-0000-000000000000', 'Alpine Bakery GmbH'), ('b0000000-0000-0000-0000-000000000000', 'Northwind Outfitters');
INSERT INTO dim_scenario (company_id, scenario_id, name, starts, months) VALUES
  ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', 'Actual', '2024-01-01', 12),
  ('b0000000-0000-0000-0000-000000000000', 'bc000000-0000-0000-0000-000000000000', 'Actual', '2024-01-01', 12);
CREATE VIEW facts AS
SELECT (SELECT sum(revenue) FROM fact_finance_monthly) AS revenue, (SELECT sum(opex) FROM fact_finance_monthly) AS opex,
       (SELECT sum(closing_headcount) FROM fact_hr_monthly) AS headcounts, (SELECT count(*) FROM events) AS events,
       (SELECT count(*) FROM tellingcube.verify_facts()) AS differences;

-- INSERT. The company and scenario are keys here; event_id, source, version and time of storing have defaults.
INSERT INTO events (company_id, scenario_id, event_month, event_type, event_ts, payload) VALUES
  ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-01-01', 'sale', '2024-01-31 23:59:59',
   '{"product": "Bread", "region": "Tyrol", "quantity": 2, "unitPrice": 3, "revenue": 6, "cogs": 1}'),
  ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-02-01', 'hr_hire', '2024-02-01',
   '{"employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 80}');
TABLE facts;

-- COPY, to the table and to a partition of it.
COPY events (company_id, scenario_id, event_month, event_type, event_ts, payload) FROM stdin;
a0000000-0000-0000-0000-000000000000	ac000000-0000-0000-0000-000000000000	2024-01-01	sale	2024-01-02	{"product": "Bread", "region": "Tyrol", "quantity": 1, "unitPrice": 3, "revenue": 3, "cogs": 1}
b0000000-0000-0000-0000-000000000000	bc000000-0000-0000-0000-000000000000	2024-03-01	sale	2024-03-02	{"product": "Shoes", "region": "Hesse", "quantity": 1, "unitPrice": 50, "revenue": 50, "cogs": 1}
\.
COPY events_default (company_id, scenario_id, event_month, event_type, event_ts, payload) FROM stdin WITH (FORMAT csv, QUOTE '|');
a0000000-0000-0000-0000-000000000000,ac000000-0000-0000-0000-000000000000,2024-01-01,expense,2024-01-02,|{"costCenter": "Shop", "account": "rent", "amount": 7, "isCapex": false}|
\.
TABLE facts;
-- INSERT into a partition; from a query; with RETURNING; by a common table expression; by MERGE; prepared.
INSERT INTO events_default (company_id, scenario_id, event_month, event_type, event_ts, payload)
SELECT company_id, scenario_id, '2024-01-01', 'sale', '2024-01-01 00:00:00',
       '{"product": "Bread", "region": "Tyrol", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0}'
FROM dim_scenario, generate_series(1, 10)
RETURNING source, schema_version, reverses IS NULL AS is_new \g /dev/null
WITH told AS (
  INSERT INTO events (company_id, scenario_id, event_month, event_type, event_ts, payload)
  SELECT company_id, scenario_id, '2024-01-01', 'sale', '2024-01-01', '{"product": "Bread", "region": "Tyrol", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0}'
  FROM dim_scenario RETURNING *)
SELECT count(*) FROM told;
MERGE INTO events e USING dim_scenario s ON e.company_id = s.company_id AND e.event_type = 'procurement'
WHEN NOT MATCHED THEN
  INSERT (company_id, scenario_id, event_month, event_type, event_ts, payload)
  VALUES (s.company_id, s.scenario_id, '2024-01-01', 'procurement', '2024-01-01', '{"supplier": "Mill", "category": "flour", "amount": 1}');
PREPARE tell(int) AS
  INSERT INTO events (company_id, scenario_id, event_month, event_type, event_ts, payload)
  SELECT company_id, scenario_id, '2024-01-01', 'sale', '2024-01-01',
         jsonb_build_object('product', 'Bread', 'region', 'Tyrol', 'quantity', $1, 'unitPrice', 1, 'revenue', $1, 'cogs', 0) FROM dim_scenario;
EXECUTE tell(5);
EXECUTE tell(6);
TABLE facts;
SELECT sum((payload ->> 'revenue')::numeric) AS independent_revenue FROM events WHERE event_type = 'sale';

-- A row that is there already may be skipped; it counts once.
INSERT INTO events (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload)
SELECT company_id, scenario_id, '2024-01-01', '10000000-0000-0000-0000-000000000000', 'sale', '2024-01-01',
       '{"product": "Bread", "region": "Tyrol", "quantity": 1, "unitPrice": 100, "revenue": 100, "cogs": 0}'
FROM dim_scenario, generate_series(1, 3)
ON CONFLICT DO NOTHING;
TABLE facts;

-- The same checks, named by the event's key and by pointer.
CREATE FUNCTION tell(event_type text, payload text, event_ts timestamp DEFAULT '2024-01-02', event_month date DEFAULT '2024-01-01', schema_version int DEFAULT 1)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO plain.events (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload, schema_version)
  VALUES ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', event_month,
          '99999999-0000-0000-0000-000000000000', event_type, event_ts, payload::jsonb, schema_version)
$$;
SELECT tell('sale', '{"product": "Bread", "region": "Tyrol", "quantity": 2, "unitPrice": 3, "revenue": 7, "cogs": 1}');
\echo :SQLSTATE
SELECT tell('sale', '{"product": "Bread", "region": "Tyrol", "quantity": -2, "unitPrice": 3, "revenue": 6, "cogs": "1"}');
\echo :SQLSTATE
SELECT tell('sales', '{}');
\echo :SQLSTATE
SELECT tell('', '{}');
\echo :SQLSTATE
SELECT tell('sale', '[]');
\echo :SQLSTATE
SELECT tell('sale', '7');
\echo :SQLSTATE
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1, "amount": 1e400}');
\echo :SQLSTATE
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', schema_version => 2);
\echo :SQLSTATE
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', schema_version => -1);
\echo :SQLSTATE
-- The envelope's fields belong into columns.
SELECT tell('procurement', '{"eventType": "procurement", "supplier": "Mill", "category": "flour", "amount": 1}');
\echo :SQLSTATE
-- The month is that of the event's time, which lies within the horizon.
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', event_month => '2024-02-01');
\echo :SQLSTATE
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', event_month => '2024-01-02');
\echo :SQLSTATE
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', event_month => 'infinity');
\echo :SQLSTATE
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', event_month => '5874897-12-01');
\echo :SQLSTATE
\set VERBOSITY sqlstate
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', event_ts => 'infinity', event_month => 'infinity');
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', event_ts => '-infinity', event_month => '-infinity');
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', event_ts => '0044-03-15 BC', event_month => '0044-03-01 BC');
\set VERBOSITY default
SELECT tell('procurement', '{"supplier": "Mill", "category": "flour", "amount": 1}', event_ts => '2025-01-01', event_month => '2025-01-01');
\echo :SQLSTATE
-- A scenario belongs to its company.
INSERT INTO events (company_id, scenario_id, event_month, event_type, event_ts, payload)
VALUES ('a0000000-0000-0000-0000-000000000000', 'bc000000-0000-0000-0000-000000000000', '2024-01-01', 'procurement', '2024-01-01', '{}');
\echo :SQLSTATE
INSERT INTO events (company_id, scenario_id, event_month, event_type, event_ts, payload)
VALUES ('00000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-01-01', 'procurement', '2024-01-01', '{}');
\echo :SQLSTATE
-- The server's own checks come first.
\set VERBOSITY terse
INSERT INTO events (company_id, scenario_id) VALUES ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000');
SELECT tell('procurement', NULL);
INSERT INTO events_default (company_id, scenario_id, event_month, event_type, event_ts, payload)
SELECT company_id, scenario_id, '2024-01-01', 'procurement', '2024-01-01', NULL FROM dim_scenario;
\set VERBOSITY default
-- All or nothing.
COPY events (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload) FROM stdin;
a0000000-0000-0000-0000-000000000000	ac000000-0000-0000-0000-000000000000	2024-01-01	99999999-0000-0000-0000-000000000001	procurement	2024-01-02	{"supplier": "Mill", "category": "flour", "amount": 1}
a0000000-0000-0000-0000-000000000000	ac000000-0000-0000-0000-000000000000	2024-01-01	99999999-0000-0000-0000-000000000002	procurement	2024-01-02	{"supplier": "Mill", "category": "flour", "amount": 0.00001}
\.
TABLE facts;

-- Events are never changed: not here, not in a partition, not by ON CONFLICT or MERGE.
UPDATE events SET source = 'me';
\echo :SQLSTATE
UPDATE events_default SET payload = '{}';
\echo :SQLSTATE
DELETE FROM events WHERE event_type = 'sale';
\echo :SQLSTATE
DELETE FROM events_default;
\echo :SQLSTATE
TRUNCATE events;
\echo :SQLSTATE
TRUNCATE events_default;
\echo :SQLSTATE
INSERT INTO events (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload)
VALUES ('a0000000-0000-0000-0000-000000000000', 'ac000000-0000-0000-0000-000000000000', '2024-01-01', '10000000-0000-0000-0000-000000000000', 'sale', '2024-01-01', '{}')
ON CONFLICT (company_id, event_month, event_id) DO UPDATE SET payload = '{}';
\echo :SQLSTATE
MERGE INTO events e USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE;
\echo :SQLSTATE
-- Partitions that were made when events needed them are no different.
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  '[{"eventType": "procurement", "month": "2024-09", "supplier": "Mill", "category": "flour", "amount": 1}]') IS NOT NULL AS appended;
SELECT tableoid::regclass FROM events WHERE event_month = '2024-09-01';
INSERT INTO events_2024_09 (company_id, scenario_id, event_month, event_type, event_ts, payload)
SELECT company_id, scenario_id, '2024-09-01', 'procurement', '2024-09-30', '{"supplier": "Mill", "category": "flour", "amount": 1}' FROM dim_scenario;
UPDATE events_2024_09 SET source = 'me';
\echo :SQLSTATE
DELETE FROM events_2024_09;
\echo :SQLSTATE
TRUNCATE events_2024_09;
\echo :SQLSTATE
INSERT INTO events_2024_09 (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload)
SELECT company_id, scenario_id, '2024-09-01', '99999999-0000-0000-0000-000000000000', 'procurement', '2024-09-30', '{"supplier": "Mill"}' FROM dim_scenario LIMIT 1;
\echo :SQLSTATE
TABLE facts;

-- A trigger of one's own has its say, and append_events() goes through it.
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.source := 'stamped'; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION stamp();
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  '[{"eventType": "procurement", "month": "2024-04", "supplier": "Mill", "category": "flour", "amount": 1}]') IS NOT NULL AS appended;
SELECT source FROM events WHERE event_month = '2024-04-01';
DROP TRIGGER stamp ON events;
-- So has one on a partition, a constraint, and a column of one's own.
CREATE TRIGGER stamp BEFORE INSERT ON events_2024_09 FOR EACH ROW EXECUTE FUNCTION stamp();
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  '[{"eventType": "procurement", "date": "2024-09-09", "supplier": "Mill", "category": "flour", "amount": 1}]') IS NOT NULL AS appended;
SELECT source FROM events WHERE event_ts = '2024-09-09';
DROP TRIGGER stamp ON events_2024_09;
ALTER TABLE events ADD CONSTRAINT known_source CHECK (source IN ('user', 'stamped', 'till'));
\set VERBOSITY terse
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  '[{"eventType": "procurement", "month": "2024-04", "supplier": "Mill", "category": "flour", "amount": 1}]', source => 'elsewhere');
\echo :SQLSTATE
\set VERBOSITY default
ALTER TABLE events DROP CONSTRAINT known_source;
ALTER TABLE events ADD COLUMN note text NOT NULL DEFAULT 'none';
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual',
  '[{"eventType": "procurement", "date": "2024-04-09", "supplier": "Mill", "category": "flour", "amount": 1}]') IS NOT NULL AS appended;
SELECT note FROM events WHERE event_ts = '2024-04-09';
TABLE facts;

SELECT FROM tellingcube.drop_cube('plain');
