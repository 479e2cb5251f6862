-- quality_report() where there is little to go by: what cannot be judged is not passed, and says why. And whom it lets read what.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('Odd "cube"');
SET tellingcube.cube = 'Odd "cube"';
SET search_path = 'Odd "cube"', public;
SELECT tellingcube.create_company('Kiosk') AS kiosk, tellingcube.create_company('Bakery', '3020', 'AT', 'XAU') AS bakery,
       tellingcube.create_scenario('Kiosk', 'Nothing', starts => '2024-01') AS nothing,
       tellingcube.create_scenario('Kiosk', 'Something', starts => '2024-01') AS something,
       tellingcube.create_scenario('Bakery', 'Actual', starts => '2023-01') AS actual \gset

-- Nothing told: nothing proven.
SELECT gate, measure, threshold, value, pass, detail FROM tellingcube.quality_report('Kiosk', 'Nothing');

-- One sale, in no sector, by nobody.
SELECT FROM tellingcube.append_events('Kiosk', 'Something', '[
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 1, "unitPrice": 10, "revenue": 10, "cogs": 4}]');
SELECT gate, measure, threshold, value, pass, detail FROM tellingcube.quality_report('Kiosk', 'Something');

-- A year and a half in a sector given by its code, in a currency without a rate; sales dated by the month alone, a month without
-- any, an employee who changes the department, an exit of somebody unknown, and beats of every questionable kind.
SELECT FROM tellingcube.append_events('Bakery', 'Actual', (
  SELECT jsonb_agg(e) FROM (
    SELECT jsonb_build_object('eventType', 'sale', 'month', to_char(m, 'YYYY-MM'), 'product', 'P' || k % 60, 'region', 'R', 'customer', CASE WHEN k < 15 THEN 'C' || k END,
             'quantity', k, 'unitPrice', 1, 'revenue', k, 'cogs', round(k * 0.7, 2)) AS e
    FROM generate_series(timestamp '2023-01-01', '2024-06-01', '1 month') m, generate_series(1, 60) k WHERE m <> '2024-02-01'
    UNION ALL SELECT jsonb_build_object('eventType', 'expense', 'date', m::date + 3, 'costCenter', 'Shop', 'account', 'rent', 'amount', 370, 'isCapex', false)
    FROM generate_series(timestamp '2023-01-01', '2024-06-01', '1 month') m
    UNION ALL VALUES ('{"eventType": "hr_hire", "date": "2022-12-01", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 1}'::jsonb),
      ('{"eventType": "hr_hire", "date": "2023-05-01", "employeeId": "E1", "department": "Office", "role": "Boss", "monthlySalary": 1}'),
      ('{"eventType": "hr_exit", "date": "2023-09-01", "employeeId": "E9"}'),
      ('{"eventType": "tax_payment", "date": "2023-09-01", "taxType": "vat", "baseAmount": 100, "taxRate": 0.2, "taxAmount": 20}')) x));
UPDATE dim_scenario SET document = '{"narrative": [
  {"month": "2023-03", "event": "no measure", "change": 0.1}, {"month": "2023-04", "event": "no change", "measure": "revenue"},
  {"month": "2023-05", "event": "nothing", "measure": "revenue", "change": 0}, {"month": "2023-06", "event": "end of all", "measure": "revenue", "change": -1},
  {"month": "2023-07", "event": "moods", "measure": "mood", "change": 1}, {"month": "soon", "event": "when?", "measure": "revenue", "change": 1},
  {"month": "2023-08", "event": "words", "measure": "revenue", "change": "a lot"}, 17, null]}' WHERE scenario_id = :'actual';
SELECT gate, measure, threshold, value, pass, detail FROM tellingcube.quality_report('bakery', 'ACTUAL');
-- Beats that can be told, and such that cannot: a season that the sector's and a short story do not explain, beats upon beats.
UPDATE dim_scenario SET document = '{"narrative": [
  {"month": "2023-05", "event": "a", "measure": "revenue", "change": 0.2}, {"month": "2023-09", "event": "b", "measure": "price", "change": 0.2},
  {"month": "2023-09", "event": "c", "measure": "revenue", "change": 0.2}, {"month": "2030-01", "event": "d", "measure": "opex", "change": 0.2},
  {"month": "2023-10", "event": "e", "measure": "capex", "change": 0.2}, {"month": "2023-11", "event": "f", "measure": "revenue", "change": 0.02}]}'
  WHERE scenario_id = :'actual';
SELECT measure, value, pass, detail FROM tellingcube.quality_report('Bakery') WHERE gate = 'beats';
UPDATE dim_scenario SET document = '{"narrative": [{"month": "2023-11", "event": "f", "measure": "revenue", "change": 0.01}]}' WHERE scenario_id = :'actual';
SELECT measure, value, pass, detail FROM tellingcube.quality_report('Bakery') WHERE gate = 'beats';
UPDATE dim_scenario SET document = '[]' WHERE scenario_id = :'actual';
SELECT measure, value, pass, detail FROM tellingcube.quality_report('Bakery') WHERE gate = 'beats';

-- Taken back, events are as if never told; what a transaction tells counts at once.
BEGIN;
SELECT FROM tellingcube.append_events('Bakery', 'Actual', (SELECT jsonb_agg(jsonb_build_object('reverses', event_id)) FROM events
  WHERE company_id = :'bakery' AND event_type = 'sale' AND payload ->> 'revenue' > '2'));
SELECT gate, measure, detail FROM tellingcube.quality_report('Bakery') WHERE gate IN ('first digits', 'concentration');
ROLLBACK;

-- A reader may ask, in a read-only transaction, and sees what the policies let see; a stranger may not.
CREATE ROLE regress_quality_reader;
GRANT USAGE ON SCHEMA "Odd ""cube""" TO regress_quality_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA "Odd ""cube""" TO regress_quality_reader;
SET ROLE regress_quality_reader;
BEGIN READ ONLY;
SELECT scenario, count(*), count(pass) AS judged FROM tellingcube.quality_report('Bakery') GROUP BY 1;
COMMIT;
RESET ROLE;
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
CREATE POLICY sales ON events FOR SELECT TO regress_quality_reader USING (payload ->> 'product' <> 'P2');
SET ROLE regress_quality_reader;
SELECT measure, detail FROM tellingcube.quality_report('Bakery') WHERE gate IN ('first digits', 'concentration');
RESET ROLE;
DROP POLICY sales ON events;
ALTER TABLE events DISABLE ROW LEVEL SECURITY;
DROP OWNED BY regress_quality_reader;
SET ROLE regress_quality_reader;
SELECT * FROM tellingcube.quality_report('Bakery');
RESET ROLE;
DROP ROLE regress_quality_reader;

-- Names that nobody knows.
SELECT * FROM tellingcube.quality_report('Bakerie');
SELECT * FROM tellingcube.quality_report('Bakery', 'Actuals');
SELECT * FROM tellingcube.quality_report('Bakery', cube => 'Odd cube');
SELECT * FROM tellingcube.quality_report(NULL);
SELECT FROM tellingcube.drop_cube('Odd "cube"');
