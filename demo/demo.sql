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

-- A company that the extension makes up itself: three times the same, as baseline, growth and recession.
\echo 'Weber Werkzeuge AG, told three times by the simulation'
CREATE TEMP TABLE told AS
SELECT * FROM tellingcube.simulate_scenarios('Weber Werkzeuge AG', 'Industrials', 'medium', '2022-01', 36,
  narrative => '[{"month": "2023-06", "event": "Strike at the main plant", "measure": "revenue", "change": -0.2}]');
SELECT v.variant, to_char(t.events, 'FM999,990') AS events, t.months, to_char(t.revenue / 1000, '999,990') AS "revenue kEUR",
       to_char(t.net_income / 1000, '999,990') AS "net income kEUR", left(t.digest, 12) || '…' AS digest, t.elapsed_ms AS ms
FROM told t JOIN dim_scenario v USING (company_id, scenario_id);

SELECT s.name AS scenario, to_char(sum(f.revenue) FILTER (WHERE d.year = 2022) / 1000, '999,990') AS "revenue 2022",
       to_char(sum(f.revenue) FILTER (WHERE d.year = 2023) / 1000, '999,990') AS "2023",
       to_char(sum(f.revenue) FILTER (WHERE d.year = 2024) / 1000, '999,990') AS "2024",
       to_char(sum(f.ebitda) FILTER (WHERE d.year = 2022) / 1000, '999,990') AS "EBITDA 2022",
       to_char(sum(f.ebitda) FILTER (WHERE d.year = 2023) / 1000, '999,990') AS "2023",
       to_char(sum(f.ebitda) FILTER (WHERE d.year = 2024) / 1000, '999,990') AS "2024"
FROM fact_finance_monthly f JOIN dim_date d USING (month) JOIN dim_scenario s USING (company_id, scenario_id)
WHERE f.company_id = tellingcube.company_id('Weber Werkzeuge AG')
GROUP BY s.name, s.created_at ORDER BY s.created_at, s.name;

\echo 'Does it look real? quality_report() of the baseline:'
SELECT gate, measure, threshold, round(value, 3) AS value, CASE WHEN pass THEN 'ok' WHEN pass IS NULL THEN 'not judged' ELSE 'FAIL' END AS verdict
FROM tellingcube.quality_report('Weber Werkzeuge AG', 'Actual');

-- Do the figures add up, and are they what the events say?
SELECT count(*) FILTER (WHERE status = 'ok') AS sound, count(*) FILTER (WHERE status <> 'ok') AS unsound
FROM tellingcube.reconcile() \gset
SELECT count(*) AS differences FROM tellingcube.verify_facts() \gset
\echo :sound 'checks of reconcile() are ok,' :unsound 'fail;' :differences 'differences between facts and events.'
SELECT :unsound > 0 AS unsound \gset
\if :unsound
SELECT check_name, company, scenario, difference, detail FROM tellingcube.reconcile() WHERE status <> 'ok';
\endif
