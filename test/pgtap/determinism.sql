-- The same story makes byte-identical facts, whatever the session's time zone, the size of the batches in which it is told,
-- and the door by which it comes in; amounts of four decimals are never rounded on the way.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = public;
SELECT plan(10);

-- A story of 1,000 events with awkward amounts and times at the edges of days, months and years.
CREATE TABLE story AS
SELECT i AS n, CASE i % 5
    WHEN 0 THEN jsonb_build_object('eventType', 'sale', 'product', 'P' || i % 7, 'region', 'R' || i % 3, 'quantity', (i % 13 + 1) * 0.3333,
                                   'unitPrice', 1, 'revenue', (i % 13 + 1) * 0.3333, 'cogs', (i % 11) * 0.0001)
    WHEN 1 THEN jsonb_build_object('eventType', 'expense', 'costCenter', 'C' || i % 4, 'account', (ARRAY['rent', 'depreciation', 'interest', 'other things'])[i % 4 + 1],
                                   'amount', i * 0.0001 - 0.0337, 'isCapex', i % 3 = 0)
    WHEN 2 THEN jsonb_build_object('eventType', 'hr_hire', 'employeeId', 'E' || i % 17, 'department', 'D' || i % 3, 'role', 'r', 'monthlySalary', 1000.0001 + i)
    WHEN 3 THEN CASE WHEN i % 2 = 0 THEN jsonb_build_object('eventType', 'hr_exit', 'employeeId', 'E' || i % 19)
                     ELSE jsonb_build_object('eventType', 'tax_payment', 'taxType', (ARRAY['vat', 'payroll_tax', 'corporate_income_tax'])[i % 3 + 1],
                                             'baseAmount', i * 0.0001, 'taxRate', 1, 'taxAmount', i * 0.0001) END
    ELSE jsonb_build_object('eventType', 'cash_movement', 'category', 'c', 'amount', 0.9999, 'direction', CASE i % 2 WHEN 0 THEN 'in' ELSE 'out' END) END
  || jsonb_build_object('eventId', ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0')),
       'eventTs', to_char(timestamp '2023-12-31' + i * interval '1 day' + (ARRAY[interval '0', interval '23 hours 59 minutes 59.999999 seconds', interval '2 hours 30 minutes'])[i % 3 + 1],
                          'YYYY-MM-DD"T"HH24:MI:SS.US')) AS event
FROM generate_series(1, 1000) i;

CREATE FUNCTION new_cube(cube name) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tellingcube.create_cube(cube);
  EXECUTE format('INSERT INTO %1$I.dim_company (company_id, name) VALUES (''a0000000-0000-0000-0000-000000000000'', ''A'');
                  INSERT INTO %1$I.dim_scenario (company_id, scenario_id, name, starts) VALUES
                    (''a0000000-0000-0000-0000-000000000000'', ''ac000000-0000-0000-0000-000000000000'', ''Actual'', ''2024-01-01'')', cube);
END $$;

-- All facts of a cube as one text, as they print.
CREATE FUNCTION facts_of(cube name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  facts text := '';
  part text;
  fact text;
BEGIN
  FOREACH fact IN ARRAY ARRAY['fact_sales_monthly', 'fact_expense_monthly', 'fact_hr_monthly', 'fact_finance_monthly'] LOOP
    EXECUTE format('SELECT string_agg(f::text, E''\n'' ORDER BY f::text COLLATE "C") FROM %I.%I f', cube, fact) INTO part;
    facts := facts || fact || E'\n' || part || E'\n';
  END LOOP;
  RETURN facts;
END $$;

CREATE PROCEDURE tell(cube name, zone text, batch int, door text) LANGUAGE plpgsql AS $$
DECLARE
  events jsonb;
BEGIN
  PERFORM new_cube(cube);
  COMMIT;
  FOR first_n IN 1 .. 1000 BY batch LOOP
    PERFORM set_config('TimeZone', zone, false);
    SELECT jsonb_agg(event ORDER BY n) INTO events FROM story WHERE n BETWEEN first_n AND first_n + batch - 1;
    CASE door
      WHEN 'text' THEN PERFORM tellingcube.append_events('A', 'Actual', events::text, cube => cube);
      WHEN 'jsonb' THEN PERFORM tellingcube.append_events('A', 'Actual', events, cube => cube);
      WHEN 'insert' THEN
        EXECUTE format('INSERT INTO %I.events (company_id, scenario_id, event_month, event_id, event_type, event_ts, payload)
          SELECT ''a0000000-0000-0000-0000-000000000000'', ''ac000000-0000-0000-0000-000000000000'', date_trunc(''month'', (e ->> ''eventTs'')::timestamp),
                 (e ->> ''eventId'')::uuid, e ->> ''eventType'', (e ->> ''eventTs'')::timestamp, e - ''eventId'' - ''eventType'' - ''eventTs''
          FROM jsonb_array_elements($1) e', cube) USING events;
    END CASE;
    COMMIT;
  END LOOP;
  PERFORM set_config('TimeZone', 'UTC', false);
END $$;

CREATE TABLE way (cube name, zone text, batch int, door text, facts text, folded text);
INSERT INTO way (cube, zone, batch, door)
SELECT 'way' || row_number() OVER (ORDER BY zone, batch), zone, batch, (ARRAY['text', 'jsonb', 'insert'])[(row_number() OVER (ORDER BY batch, zone) % 3) + 1]
FROM unnest(ARRAY['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati', 'Pacific/Pago_Pago']) zone, unnest(ARRAY[1, 7, 1000]) batch;
DO $$
DECLARE
  w record;
BEGIN
  FOR w IN SELECT * FROM way ORDER BY cube LOOP
    CALL tell(w.cube, w.zone, w.batch, w.door);
  END LOOP;
END $$;
UPDATE way SET facts = facts_of(cube);
SELECT tellingcube.fold_facts(cube) FROM way \g /dev/null
UPDATE way SET folded = facts_of(cube);

SELECT is((SELECT count(*) FROM way), 15::bigint, 'five time zones by three sizes of batch');
SELECT is((SELECT count(DISTINCT door) FROM way WHERE batch = 1000), 3::bigint, 'by all three doors');
SELECT cmp_ok((SELECT min(length(facts)) FROM way), '>', 20000, 'there is something to compare');
SELECT is((SELECT count(DISTINCT facts) FROM way), 1::bigint, 'the facts of all ways are the same, byte for byte');
SELECT is((SELECT count(*) FROM way WHERE folded IS DISTINCT FROM facts), 0::bigint, 'and the same when folded');
SELECT is((SELECT sum(d) FROM way, LATERAL (SELECT count(*) AS d FROM tellingcube.verify_facts(cube => way.cube)) v), 0::numeric, 'each way verifies');
SELECT is((SELECT count(*) FROM way1.events e WHERE event_month <> date_trunc('month', event_ts)), 0::bigint, 'no time zone moves an event into another month');

-- Sums of four decimals are exact.
SELECT is((SELECT sum(revenue)::text FROM way1.fact_sales_monthly),
          (SELECT sum((event ->> 'revenue')::numeric)::numeric(38,4)::text FROM story WHERE event ->> 'eventType' = 'sale' AND event ->> 'eventTs' >= '2024'), 'revenue is exact');
SELECT is((SELECT sum(cogs)::text FROM way1.fact_sales_monthly),
          (SELECT sum((event ->> 'cogs')::numeric)::numeric(38,4)::text FROM story WHERE event ->> 'eventType' = 'sale' AND event ->> 'eventTs' >= '2024'), 'cost of goods sold is exact');
-- The control: a ten-thousandth more is another text.
SELECT tellingcube.append_events('A', 'Actual', '[{"eventType": "cash_movement", "month": "2024-05", "category": "c", "amount": 0.0001, "direction": "in"}]', cube => 'way15') \g /dev/null
SELECT isnt(facts_of('way15'), (SELECT facts FROM way WHERE cube = 'way15'), 'a ten-thousandth is seen');

SELECT * FROM finish();
