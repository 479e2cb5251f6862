-- Two companies, told by their events: from nothing to a reconciled P&L. For psql, in this directory.
CREATE EXTENSION tellingcube;
SELECT FROM tellingcube.create_cube() \gset
SET search_path = cube;

-- What the companies are, and what happened to them.
\set told `cat companies.json`
SELECT count(tellingcube.create_company(c ->> 'name', c ->> 'sector', c ->> 'country', c ->> 'currency')) AS companies
FROM jsonb_array_elements(:'told'::jsonb -> 'companies') c \gset
SELECT count(tellingcube.create_scenario(c ->> 'name', s ->> 'name', s ->> 'ibcs', s ->> 'variant', s ->> 'starts'))
       AS scenarios
FROM jsonb_array_elements(:'told'::jsonb -> 'companies') c, jsonb_array_elements(c -> 'scenarios') s \gset

CREATE TEMP TABLE line (event text);
\copy line FROM 'events.jsonl' WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')
SELECT clock_timestamp() AS began \gset
SELECT to_char(inserted, 'FM999,990') AS events
FROM tellingcube.append_events(events => (SELECT '[' || string_agg(event, ',') || ']' FROM line)) \gset
SELECT to_char(extract(epoch FROM clock_timestamp() - :'began'), 'FM990.00') AS seconds \gset
\echo :companies 'companies,' :scenarios 'scenarios,' :events 'events: checked, stored and added up in' :seconds 's.'

-- AC actual, PL plan, Δ = AC − PL, in thousands.
PREPARE quarters (text) AS
SELECT CASE WHEN signed THEN '' ELSE '  ' END || label AS "kEUR",
       ac[1] AS "24Q3 AC", pl[1] AS "PL", delta[1] AS "Δ", ac[2] AS "24Q4 AC", pl[2] AS "PL", delta[2] AS "Δ",
       ac[3] AS "25Q1 AC", pl[3] AS "PL", delta[3] AS "Δ", ac[4] AS "25Q2 AC", pl[4] AS "PL", delta[4] AS "Δ"
FROM (
  SELECT q.sort, q.label, m.signed, array_agg(to_char(q.ac / 1000, '99,990') ORDER BY q.quarter) AS ac,
         array_agg(to_char(q.pl / 1000, '99,990') ORDER BY q.quarter) AS pl,
         array_agg(replace(to_char(round(q.delta_pl / 1000), 'S9,990'), '+0', ' 0') ORDER BY q.quarter) AS delta
  FROM ibcs_finance_quarterly q
  JOIN tellingcube.measure m ON m.fact = 'finance' AND m.measure = q.measure
  WHERE q.company = $1 AND q.quarter BETWEEN '2024-Q3' AND '2025-Q2'
  GROUP BY q.sort, q.label, m.signed) p
ORDER BY sort;

\pset footer off
\pset border 0
\echo
\echo 'Alpine Bakery GmbH by quarter: actual (AC), plan (PL), Δ = AC − PL'
EXECUTE quarters('Alpine Bakery GmbH');
\echo 'Northwind Outfitters by quarter: actual (AC), plan (PL), Δ = AC − PL'
EXECUTE quarters('Northwind Outfitters');

-- Do the figures add up, and are they what the events say?
SELECT count(*) FILTER (WHERE status = 'ok') AS sound, count(*) FILTER (WHERE status <> 'ok') AS unsound
FROM tellingcube.reconcile() \gset
SELECT count(*) AS differences FROM tellingcube.verify_facts() \gset
\echo :sound 'checks of reconcile() are ok,' :unsound 'fail;' :differences 'differences between facts and events.'
SELECT :unsound > 0 AS unsound \gset
\if :unsound
SELECT check_name, company, scenario, difference, detail FROM tellingcube.reconcile() WHERE status <> 'ok';
\endif
