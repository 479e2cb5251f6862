-- The statistics behind quality_report(), each against a figure worked out by hand or known from elsewhere; and simulated
-- companies before its gates, with the same ones wrongly documented as control.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = public;
SELECT plan(34);

-- Benford's law: 10,000 documents as it says, and all documents alike: the mean of |p − log10(1 + 1/d)|.
SELECT cmp_ok(tellingcube.benford_deviation('{3010,1761,1249,969,792,669,580,512,458}'), '<', 0.00003, 'what Benford says deviates from it by rounding alone');
SELECT is(round(tellingcube.benford_deviation('{1,1,1,1,1,1,1,1,1}'), 4), 0.0597, 'equal digits deviate by 0.06');
SELECT is(round(tellingcube.benford_deviation('{0,0,0,0,5,0,0,0,0}'), 4), 0.2046, 'one digit alone by 0.2');
SELECT is(tellingcube.benford_deviation('{0,0,0,0,0,0,0,0,0}'), NULL, 'no documents do not deviate');

SELECT is(round(tellingcube.top_share('{1,1,1,1,6}'), 4), 0.6, 'one in five holds six tenths');
SELECT is(round(tellingcube.top_share('{1,1,1,1,6,0}'), 4), 0.7, 'of six it is the first two');
SELECT is(round(tellingcube.top_share('{1,2,3,4}', 0.5), 4), 0.7, 'or of another share');
SELECT is(tellingcube.top_share('{0,0}'), NULL, 'nobody holds anything of nothing');

SELECT is(round(tellingcube.correlation('{1,2,3,4}', '{2,4,6,8}'), 10), 1.0000000000, 'proportional lists correlate');
SELECT is(round(tellingcube.correlation('{1,2,3,4}', '{4,3,2,1}'), 10), -1.0000000000, 'reversed ones the other way round');
SELECT is(round(tellingcube.correlation('{1,2,3,4,5}', '{2,1,4,3,5}'), 4), 0.8000, 'Spearman''s textbook case');
SELECT is(tellingcube.correlation('{1,1,1}', '{1,2,3}'), NULL, 'a constant correlates with nothing');

SELECT is(tellingcube.median('{3,1,2}'), 2.0000000000000000, 'the middle one');
SELECT is(tellingcube.median('{4,1,3,2}'), 2.5000000000000000, 'between the middle two');
SELECT is(tellingcube.median('{}'), NULL, 'none');

-- Trend 10 + t, season as given, no remainder: decomposition finds both again.
CREATE TABLE series AS SELECT array_agg(10 + t + s.season ORDER BY t)::numeric[] AS y
FROM generate_series(1, 36) t JOIN unnest(ARRAY[-5, -3, 0, 1, 2, 4, 6, 3, 1, -1, -3, -5]) WITH ORDINALITY s(season, n) ON n = (t - 1) % 12 + 1;
SELECT is(array_agg(round(d.trend, 6)), array_agg((10 + d.place)::numeric(20,6)), 'the trend is found')
FROM series, tellingcube.decompose(y) d WHERE d.trend IS NOT NULL;
SELECT is(array_agg(round(d.seasonal, 6)), ARRAY[-5, -3, 0, 1, 2, 4, 6, 3, 1, -1, -3, -5]::numeric(20,6)[], 'so is the season') FROM series, tellingcube.decompose(y) d WHERE d.place <= 12;
SELECT is((SELECT count(*) FROM series, tellingcube.decompose(y) d WHERE d.trend IS NULL), 12::bigint, 'half a year at either end has no trend');
SELECT is((SELECT round(tellingcube.seasonal_strength(y), 6) FROM series), 1.000000, 'all of it is season');
-- 24 detrended values: twelve months, each ±1 in one year and the other sign in the next, is all remainder; half of it, half.
SELECT is(round(tellingcube.seasonal_strength(array_agg(CASE WHEN (t - 1) / 12 % 2 = 0 THEN 1 ELSE -1 END * CASE t % 2 WHEN 0 THEN 1 ELSE -1 END)), 2), 0.00,
          'what changes sign every year is no season') FROM generate_series(1, 36) t;

-- One month stands out by exactly what was added, however strong the trend, at either end too.
SELECT is((SELECT count(*) FROM (
  SELECT array_agg(0.1 * t + CASE t WHEN at THEN 0.5 ELSE 0 END ORDER BY t) AS y, at FROM generate_series(1, 24) t, generate_series(1, 24) at GROUP BY at) s,
  tellingcube.departures(s.y) d WHERE abs(d.departure - CASE d.place WHEN s.at THEN 0.5 ELSE 0 END) > 0.000001), 0::bigint, 'a month departs by what was added to it, wherever it is, and no other does');
SELECT is((SELECT count(*) FROM tellingcube.departures(ARRAY[1, NULL, 3, 4]::numeric[]) d WHERE d.departure = 0), 3::bigint, 'a missing month is no yardstick');
SELECT is((SELECT array_agg(round(w, 6)) FROM series, unnest(tellingcube.without_season(y)) w), array_fill(0::numeric(20,6), ARRAY[36]), 'season and growth away, nothing is left');
SELECT is((SELECT count(w) FROM unnest(tellingcube.without_season(ARRAY(SELECT t::numeric FROM generate_series(1, 14) t))) w), 4::bigint, 'without another year, none');

-- Ranges and verdicts.
SELECT is(v, ROW('g', 'm', '< 0.012', 0.0120, false, 'found')::tellingcube.quality_gate, 'judged as shown: 0.01196 rounds to what is not below 0.012')
FROM tellingcube.quality_verdict('g', 'm', '(,0.012)', 0.01196, 'found') v;
SELECT is(v, ROW('g', 'm', '0.5 to 2', NULL, NULL, 'not judged: too few')::tellingcube.quality_gate, 'a reason means no verdict')
FROM tellingcube.quality_verdict('g', 'm', '[0.5,2.0]', 1, 'found', 'too few') v;

SELECT is((SELECT array_agg(ROW(b.place, b.measure, b.change)::text ORDER BY b.place) FROM tellingcube.scenario_beats(
  '{"narrative": [{"month": "2024-03", "measure": "Revenue", "change": 0.1}, {"month": "2023-12-24", "change": "x"}, {"month": "2024"}, 5]}', '2024-01-01') b),
  ARRAY['(0,,)', '(3,revenue,0.1)'], 'beats are numbered from the start; what has no month is left out');
SELECT is((SELECT count(*) FROM tellingcube.scenario_beats('{"narrative": {"month": "2024-03"}}', '2024-01-01')), 0::bigint, 'no list, no beats');

-- Three variants of a company with beats: no gate fails, and most can be judged.
SELECT tellingcube.simulate('Fair AG', 'Industrials', 'small', v, '2022-01', 36, 'DE', seed => 5, narrative => '[
  {"month": "2022-09", "event": "dearer steel", "measure": "cogs", "change": 0.08},
  {"month": "2023-05", "event": "a major order", "measure": "revenue", "change": 0.15},
  {"month": "2024-02", "event": "an audit", "measure": "opex", "change": 0.12}]') FROM unnest(ARRAY['baseline', 'growth', 'recession']) v \g /dev/null
CREATE TABLE report AS SELECT * FROM tellingcube.quality_report('Fair AG');
SELECT is((SELECT count(DISTINCT scenario) FROM report), 3::bigint, 'three scenarios are judged');
SELECT is_empty('SELECT * FROM report WHERE NOT pass', 'a simulated company passes');
SELECT cmp_ok((SELECT min(n) FROM (SELECT count(pass) AS n FROM report GROUP BY scenario) s), '>=', 18::bigint, 'and not for want of anything to judge');
SELECT is((SELECT count(*) FROM report WHERE gate IN ('variants', 'beats') AND pass), 12::bigint, 'variants and beats among it');
-- The controls: beats said to be in other months; another sector.
UPDATE cube.dim_scenario SET document = replace(document::text, '2023-05', '2023-08')::jsonb;
SELECT set_eq($$SELECT DISTINCT gate FROM tellingcube.quality_report('Fair AG') WHERE NOT pass$$, ARRAY['beats'], 'a beat that was not in its month');
UPDATE cube.dim_company SET gics_sector = 'Utilities';
SELECT set_has($$SELECT gate, measure FROM tellingcube.quality_report('Fair AG') WHERE NOT pass$$,
  $$VALUES ('margins', 'gross margin, year'), ('margins', 'EBITDA margin, month'), ('season', 'month shape against the sector')$$, 'and what is no utility');

SELECT * FROM finish();
