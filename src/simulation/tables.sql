CREATE TYPE tellingcube.simulation AS (
  run_id uuid, company_id uuid, scenario_id uuid, events bigint, months integer, revenue numeric, net_income numeric,
  digest text, elapsed_ms numeric);
COMMENT ON TYPE tellingcube.simulation IS 'What simulate() told.';
COMMENT ON COLUMN tellingcube.simulation.run_id IS 'Key of this run; the events carry it.';
COMMENT ON COLUMN tellingcube.simulation.company_id IS 'Company told.';
COMMENT ON COLUMN tellingcube.simulation.scenario_id IS 'Scenario of the company that holds the telling.';
COMMENT ON COLUMN tellingcube.simulation.events IS 'Events stored by this run.';
COMMENT ON COLUMN tellingcube.simulation.months IS 'Months told in all, from the scenario''s start.';
COMMENT ON COLUMN tellingcube.simulation.revenue IS 'Revenue of all its months, in the company''s currency.';
COMMENT ON COLUMN tellingcube.simulation.net_income IS 'Net income of all its months, in the company''s currency.';
COMMENT ON COLUMN tellingcube.simulation.digest IS 'SHA-256 over all events of the telling in order: the same for the same configuration, wherever it runs. events_digest() works it out from what is stored.';
COMMENT ON COLUMN tellingcube.simulation.elapsed_ms IS 'Milliseconds that the run took.';
