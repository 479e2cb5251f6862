-- simulate(): what is told, told on, told otherwise; and what is refused. The digests say that not a byte has changed.
\set VERBOSITY terse
SELECT tellingcube.create_cube('told');
SET tellingcube.cube = 'told';
CREATE FUNCTION told(text) RETURNS TABLE (name text, ibcs text, variant text, first text, months integer, method text, beats integer)
LANGUAGE sql AS $$
  SELECT s.name, s.ibcs, s.variant, to_char(s.starts, 'YYYY-MM'), s.months, s.method, jsonb_array_length(s.document -> 'narrative')
  FROM told.dim_scenario s JOIN told.dim_company c USING (company_id) WHERE c.name = $1 ORDER BY s.created_at, s.name COLLATE "C"
$$;

-- Three configurations.
SELECT events, months, revenue, net_income, digest
FROM tellingcube.simulate('Bäckerei "Alpenblick"', 'Consumer Staples', 'micro', starts => '2023-01', months => 12, country => 'AT');
SELECT events, months, revenue, net_income, digest
FROM tellingcube.simulate('Weber AG', 'Industrials', 'small', 'growth', '2022-02', 25, 'CH', seed => 7, regions => '{"Schweiz": ["Zürich", "Bern"]}',
  narrative => '[{"month": "2023-06", "event": "Strike"}, {"month": "2023-09", "event": "Fair", "measure": "revenue", "change": 0.15, "region": "Bern"}]');
SELECT events, months, revenue, net_income, digest
FROM tellingcube.simulate('Northern Grid plc', '55', 'medium', 'recession', '2023-Q1', 6, 'United Kingdom',
  starting_state => '{"revenue_run_rate": 40000000, "employees": 90, "cash": 1234567.89}', scenario => 'Downturn');
SELECT name, gics_sector, country, currency, company_stage FROM told.dim_company ORDER BY name COLLATE "C";
SELECT * FROM told('Weber AG');
SELECT jsonb_pretty(document - 'configuration') FROM told.dim_scenario WHERE name = 'Downturn';
-- The starting state is what was asked for.
SELECT s.name, sum(h.opening_headcount) AS employees, min(f.closing_cash - f.cash_change) AS cash
FROM told.dim_scenario s
JOIN told.fact_hr_monthly h ON h.scenario_id = s.scenario_id AND h.month = s.starts
JOIN told.fact_finance_monthly f ON f.scenario_id = s.scenario_id AND f.month = s.starts
WHERE s.name = 'Downturn' GROUP BY s.name;

-- The digest is that of what is stored; who is told, is told the same again elsewhere.
SELECT name, tellingcube.events_digest(company_id::text, name) AS digest FROM told.dim_scenario ORDER BY name COLLATE "C";
SELECT tellingcube.create_cube('elsewhere');
SELECT digest FROM tellingcube.simulate('Bäckerei "Alpenblick"', 'Consumer Staples', 'micro', starts => '2023-01', months => 12, country => 'AT', cube => 'elsewhere');
SELECT tellingcube.drop_cube('elsewhere');
-- Regions lie within one another.
SELECT r.name, p.name AS parent FROM told.dim_region r LEFT JOIN told.dim_region p ON p.company_id = r.company_id AND p.region_id = r.parent_id
WHERE r.company_id = tellingcube.company_id('Weber AG') ORDER BY r.name COLLATE "C";

-- Told on: as if all of it had been asked for at once.
SELECT events, months, digest FROM tellingcube.simulate('weber ag', variant => 'growth', months => 27, append => true);
SELECT tellingcube.events_digest('Weber AG', 'Growth');
SELECT events, months, digest FROM tellingcube.simulate('Weber AG', 'Industrials', 'small', 'growth', '2022-02', 27, 'CH', seed => 7, regions => '{"Schweiz": ["Zürich", "Bern"]}',
  narrative => '[{"month": "2023-06", "event": "Strike"}, {"month": "2023-09", "event": "Fair", "measure": "revenue", "change": 0.15, "region": "Bern"}]', scenario => 'At once');
SELECT count(*) FROM (
  SELECT event_ts, event_type, payload FROM told.events WHERE scenario_id = tellingcube.scenario_id('Weber AG', 'Growth')
  EXCEPT ALL
  SELECT event_ts, event_type, payload FROM told.events WHERE scenario_id = tellingcube.scenario_id('Weber AG', 'At once')) differing;
-- New beats lie in new months.
SELECT tellingcube.simulate('Weber AG', variant => 'growth', months => 30, append => true, narrative => '[{"month": "2022-06", "event": "Strike"}]');
SELECT months FROM tellingcube.simulate('Weber AG', variant => 'growth', months => 30, append => true, narrative => '[{"month": "2024-06", "event": "Strike"}]');
SELECT * FROM told('Weber AG');

-- Variants remember the company.
SELECT events, months FROM tellingcube.simulate('Weber AG', variant => 'baseline');
SELECT DISTINCT document #>> '{simulation,seed}' AS seed, document #> '{simulation,regions,1,name}' AS region FROM told.dim_scenario s
WHERE company_id = tellingcube.company_id('Weber AG');
SELECT count(*), count(DISTINCT digest), count(DISTINCT company_id) FROM tellingcube.simulate_scenarios('Trio GmbH', 'Energy', 'micro', '2024-01', 8);
SELECT * FROM told('Trio GmbH');

-- Every fact is proved.
SELECT * FROM tellingcube.reconcile() WHERE status <> 'ok';
SELECT * FROM tellingcube.verify_facts();

-- Without storing.
SELECT quarter, events, jsonb_array_length(batch::jsonb) AS elements FROM tellingcube.simulated_batches('{"company": "Weber AG", "sector": "Industrials", "size": "micro", "starts": "2024-02", "months": 5}');
SELECT tellingcube.scenario_document('{"company": "Weber AG", "sector": "Energy", "starts": "2024-01"}') #> '{simulation,regions}';

-- Refused, and nothing is left.
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT tellingcube.simulate('Bad AG', 'Bakery');
SELECT tellingcube.simulate('Bad AG', 'Enrgy');
SELECT tellingcube.simulate('Bad AG', size => 'huge');
SELECT tellingcube.simulate('Bad AG', variant => 'recesion');
SELECT tellingcube.simulate('Bad AG', country => 'Atlantis');
SELECT tellingcube.simulate('Bad AG', currency => 'EURO');
SELECT tellingcube.simulate('Bad AG', months => 0);
SELECT tellingcube.simulate('Bad AG', months => 1000);
SELECT tellingcube.simulate('Bad AG', starts => '2024-13');
SELECT tellingcube.simulate('Bad AG', starts => '2024-01', months => 12, narrative => '[{"month": "2025-01", "event": "Strike"}]');
SELECT tellingcube.simulate('Bad AG', narrative => '[{"event": "Strike"}]');
SELECT tellingcube.simulate('Bad AG', starts => '2024-01', narrative => '[{"month": "2024-02", "event": "Nothing much"}]');
SELECT tellingcube.simulate('Bad AG', narrative => '"Strike"');
SELECT tellingcube.simulate('Bad AG', starts => '2024-01', narrative => (SELECT jsonb_agg('{"month": "2024-03", "event": "more", "measure": "headcount", "change": 5}'::jsonb) FROM generate_series(1, 12)));
SELECT tellingcube.simulate('Bad AG', starts => '2024-01', narrative => (SELECT jsonb_agg('{"month": "2024-03", "event": "more", "measure": "revenue", "change": 0.01}'::jsonb) FROM generate_series(1, 1001)));
SELECT tellingcube.simulated_batches('{"company": "Bad AG", "sector": "Energy"}');
SELECT tellingcube.simulate('Bad AG', starting_state => '{"employees": -3}');
SELECT tellingcube.simulate('Bad AG', starting_state => '{"cash": -0.01}');
SELECT tellingcube.simulate('Bad AG', starting_state => '{"capital": 3}');
SELECT tellingcube.simulate('Bad AG', regions => '[]');
SELECT tellingcube.simulate('Bad AG', regions => '["North", "North"]');
SELECT tellingcube.simulate(' ');
SELECT tellingcube.simulate(NULL);
SELECT tellingcube.simulate('Bad AG', model => 'claude');
SELECT tellingcube.simulate('Bad AG', on_cancel => 'go on');
SELECT tellingcube.simulate('Bad AG', ibcs => 'XX');
SELECT tellingcube.simulate('Bad AG', cube => 'nowhere');
SELECT tellingcube.simulate('Weber AG', 'Energy', variant => 'recession');
SELECT tellingcube.simulate('Weber AG', country => 'DE', currency => 'EUR', variant => 'recession');
SELECT tellingcube.simulate('Weber AG');
SELECT tellingcube.simulate('Weber AG', variant => 'growth', append => true);
SELECT tellingcube.simulate('Weber AG', variant => 'growth', months => 40, seed => 8, append => true);
SELECT count(*) FROM told.dim_company WHERE name = 'Bad AG';

RESET tellingcube.cube;
DROP FUNCTION told(text);
SELECT tellingcube.drop_cube('told');
