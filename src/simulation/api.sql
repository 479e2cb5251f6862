CREATE OR REPLACE FUNCTION tellingcube.sectors() RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sectors';
COMMENT ON FUNCTION tellingcube.sectors() IS
  'What is typical of each GICS sector, by its code, with sources: margins, growth, months, weekdays, products, roles, costs. The view sector shows the main figures.';
CREATE OR REPLACE FUNCTION tellingcube.countries() RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'countries';
COMMENT ON FUNCTION tellingcube.countries() IS
  'What holds in each country, by its ISO code, with sources: taxes and their calendars, each rate with the month it is valid from, holidays, names. The view country shows today''s rates.';
CREATE OR REPLACE FUNCTION tellingcube.beat_words() RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'beat_words';
COMMENT ON FUNCTION tellingcube.beat_words() IS
  'What words of a beat mean for the figures when it says neither measure nor change: {"words": [{"words": ["strike"], "measure": "revenue", "change": -0.15}, …]}.';

CREATE OR REPLACE VIEW tellingcube.sector AS
SELECT s.code, s.body ->> 'name' AS name, s.body ->> 'kind' AS kind,
       (s.body ->> 'gross_margin')::numeric AS gross_margin, (s.body ->> 'opex')::numeric AS opex,
       (s.body ->> 'ebitda')::numeric AS ebitda, (s.body ->> 'da')::numeric AS depreciation, (s.body ->> 'ebit')::numeric AS ebit,
       (s.body ->> 'capex')::numeric AS capex,
       (s.body ->> 'rev_per_fte_keur')::numeric AS revenue_per_employee, (s.body ->> 'avg_salary_keur')::numeric AS salary,
       (s.body #>> '{growth,baseline}')::numeric AS baseline, (s.body #>> '{growth,growth}')::numeric AS growth,
       (s.body #>> '{growth,recession}')::numeric AS recession, (s.body ->> 'attrition')::numeric AS attrition,
       (s.body ->> 'seasonal')::boolean AS seasonal,
       ARRAY(SELECT m::integer FROM pg_catalog.jsonb_array_elements_text(s.body -> 'season') m) AS season,
       ARRAY(SELECT p FROM pg_catalog.jsonb_array_elements_text(s.body -> 'products') p) AS products
FROM pg_catalog.jsonb_each(tellingcube.sectors()) s(code, body)
ORDER BY s.code;
GRANT SELECT ON tellingcube.sector TO PUBLIC;
COMMENT ON VIEW tellingcube.sector IS 'The GICS sectors that can be simulated and what is typical of them. All of it, with sources: sectors().';
COMMENT ON COLUMN tellingcube.sector.code IS 'GICS code of the sector.';
COMMENT ON COLUMN tellingcube.sector.name IS 'Name; simulations take it or the code.';
COMMENT ON COLUMN tellingcube.sector.kind IS 'b2b: sells to named customers, mostly on weekdays; retail: to anybody, Saturdays most.';
COMMENT ON COLUMN tellingcube.sector.gross_margin IS 'Gross margin, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.opex IS 'Operating expenses with payroll and levies, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.ebitda IS 'EBITDA, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.depreciation IS 'Depreciation and amortisation, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.ebit IS 'EBIT, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.capex IS 'Investment, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.revenue_per_employee IS 'Revenue for each employee, thousands of EUR a year.';
COMMENT ON COLUMN tellingcube.sector.salary IS 'Average salary, thousands of EUR a year.';
COMMENT ON COLUMN tellingcube.sector.baseline IS 'Growth a year in the variant baseline, percent.';
COMMENT ON COLUMN tellingcube.sector.growth IS 'Growth a year in the variant growth, percent.';
COMMENT ON COLUMN tellingcube.sector.recession IS 'Growth a year in the variant recession, percent.';
COMMENT ON COLUMN tellingcube.sector.attrition IS 'Employees who leave in a year, percent.';
COMMENT ON COLUMN tellingcube.sector.seasonal IS 'Whether the months differ markedly.';
COMMENT ON COLUMN tellingcube.sector.season IS 'Weights of January to December, 1200 together.';
COMMENT ON COLUMN tellingcube.sector.products IS 'What such companies sell.';

CREATE OR REPLACE VIEW tellingcube.country AS
WITH tax AS (  -- today's rate of each
  SELECT c.code, t.tax,
         (SELECT (r ->> 'rate')::numeric FROM pg_catalog.jsonb_array_elements(t.body -> 'rates') r
          WHERE r ->> 'valid_from' <= pg_catalog.to_char(CURRENT_DATE, 'YYYY-MM') ORDER BY r ->> 'valid_from' DESC LIMIT 1) AS rate
  FROM pg_catalog.jsonb_each(tellingcube.countries()) c(code, body), pg_catalog.jsonb_each(c.body -> 'taxes') t(tax, body)
)
SELECT c.code, c.body ->> 'name' AS name, c.body ->> 'currency' AS currency, (c.body ->> 'eur_rate')::numeric AS eur_rate,
       (SELECT rate FROM tax t WHERE (t.code, t.tax) = (c.code, 'corporate_income_tax')) AS corporate_income_tax,
       (SELECT rate FROM tax t WHERE (t.code, t.tax) = (c.code, 'trade_tax')) AS trade_tax,
       (SELECT rate FROM tax t WHERE (t.code, t.tax) = (c.code, 'payroll_tax')) AS payroll_tax,
       (SELECT rate FROM tax t WHERE (t.code, t.tax) = (c.code, 'vat')) AS vat,
       c.body #>> '{taxes,vat,period}' AS vat_period, (c.body ->> 'wage_level')::numeric AS wage_level,
       ARRAY(SELECT r FROM pg_catalog.jsonb_array_elements_text(c.body -> 'regions') r) AS regions
FROM pg_catalog.jsonb_each(tellingcube.countries()) c(code, body)
ORDER BY c.code;
GRANT SELECT ON tellingcube.country TO PUBLIC;
COMMENT ON VIEW tellingcube.country IS 'The countries that can be simulated, with the rates of today. All of it, with earlier and later rates and sources: countries().';
COMMENT ON COLUMN tellingcube.country.code IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN tellingcube.country.name IS 'English name; simulations take it or the code.';
COMMENT ON COLUMN tellingcube.country.currency IS 'Currency, ISO 4217.';
COMMENT ON COLUMN tellingcube.country.eur_rate IS 'Units of the currency for one EUR with which sector figures are converted: a round average, not a day''s rate.';
COMMENT ON COLUMN tellingcube.country.corporate_income_tax IS 'Corporate income tax with surcharges, as a share of profit.';
COMMENT ON COLUMN tellingcube.country.trade_tax IS 'Local or state tax on profit, as a share of it; NULL where there is none.';
COMMENT ON COLUMN tellingcube.country.payroll_tax IS 'What employers pay on top of salaries, as a share of them.';
COMMENT ON COLUMN tellingcube.country.vat IS 'Standard rate of VAT; NULL where there is none.';
COMMENT ON COLUMN tellingcube.country.vat_period IS 'What a VAT return covers: month or quarter.';
COMMENT ON COLUMN tellingcube.country.wage_level IS 'Wages beside those of the sector figures (1).';
COMMENT ON COLUMN tellingcube.country.regions IS 'Sales regions of a company that names none.';

-- Simulating. The arguments become one JSON configuration; the engine (C++) fills in what is left open and tells the events,
-- which go through append_events()'s own path.

CREATE OR REPLACE FUNCTION tellingcube.scenario_document(configuration jsonb) RETURNS jsonb
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scenario_document';
COMMENT ON FUNCTION tellingcube.scenario_document(jsonb) IS
  'What simulate() would tell for a configuration {company, sector, size, variant, starts, months, …}, all that was left open filled in: companyProfile, year, narrative, startingState, simulation. Stores nothing.';

CREATE OR REPLACE FUNCTION tellingcube.simulated_batches(configuration jsonb)
RETURNS TABLE (quarter text, events integer, batch text)
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'simulated_batches';
COMMENT ON FUNCTION tellingcube.simulated_batches(jsonb) IS
  'The events that simulate() would append for a configuration {company, sector, size, …}, as a JSON array each quarter. Stores nothing.';

CREATE OR REPLACE FUNCTION tellingcube.tell_simulation(
  configuration jsonb, company_id uuid, scenario_id uuid, run_id uuid, months_told integer, keep_whole_quarters boolean, cube name,
  OUT events bigint, OUT months integer, OUT digest text)
  LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'tell_simulation';
COMMENT ON FUNCTION tellingcube.tell_simulation(jsonb, uuid, uuid, uuid, integer, boolean, name) IS
  'Tells the events of a configuration from some month on. A step of simulate(), of no use alone.';

CREATE OR REPLACE FUNCTION tellingcube.events_digest(company text, scenario text, cube name DEFAULT NULL)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entered name := tellingcube.cube_name(events_digest.cube);
  digest text;
BEGIN
  EXECUTE format($query$
    SELECT encode(sha256(convert_to(coalesce(string_agg(
             to_char(e.event_ts, 'YYYY-MM-DD HH24:MI:SS') || E'\t' || e.event_type || E'\t' || e.payload::text || E'\n', ''
             ORDER BY e.event_ts, e.event_id), ''), 'UTF8')), 'hex')
    FROM %1$I.events e WHERE e.company_id = $1 AND e.scenario_id = $2$query$, entered)
  INTO digest
  USING tellingcube.company_id(events_digest.company, entered),
        tellingcube.scenario_id(events_digest.company, events_digest.scenario, entered);
  RETURN digest;
END $$;
COMMENT ON FUNCTION tellingcube.events_digest(text, text, name) IS
  'SHA-256 over a scenario''s stored events, each as time, type and payload, in order: what simulate() returned, as long as nothing was added.';

-- What follows runs with the caller's rights, so it names a cube's tables by their schema: see src/audit/api.sql.

-- A company has one sector, country and currency; one that was told otherwise is refused.
CREATE OR REPLACE FUNCTION tellingcube.simulated_company(document jsonb, entered name) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  told jsonb := document -> 'companyProfile';
  simulated jsonb := document -> 'simulation';
  usual numeric;
  known record;
  differs text;
BEGIN
  EXECUTE format('SELECT company_id, name, gics_sector, country, currency FROM %I.dim_company WHERE name = $1', entered)
  INTO known USING told ->> 'name';
  IF known.company_id IS NULL THEN
    SELECT s.baseline / 100 INTO usual FROM tellingcube.sector s WHERE s.code = simulated ->> 'sector';
    RETURN tellingcube.create_company(
      told ->> 'name', told ->> 'gicsSector', simulated ->> 'country', told ->> 'currency', told ->> 'region',
      company_stage => told ->> 'companyStage', growth => usual, planned_growth => usual, profile => told, cube => entered);
  END IF;
  SELECT string_agg(format('%s is %s, not %s', d.what, d.known, d.asked), '; ') INTO differs
  FROM (VALUES ('Its sector', known.gics_sector, told ->> 'gicsSector'),
               ('its country', known.country, simulated ->> 'country'),
               ('its currency', known.currency, told ->> 'currency')) d(what, known, asked)
  WHERE d.known <> d.asked;
  IF differs IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC004', MESSAGE = format('there is a company "%s" with another profile', known.name),
      DETAIL = upper(left(differs, 1)) || substr(differs, 2) || '.',
      HINT = 'Leave these arguments out to tell more of that company, or choose another name.';
  END IF;
  RETURN known.company_id;
END $$;
COMMENT ON FUNCTION tellingcube.simulated_company(jsonb, name) IS 'The company of a scenario document, made if need be. A step of simulate().';

-- The months of a scenario that are told already, 0 when there is no such scenario. One that is there is told on, and must be
-- what it was.
CREATE OR REPLACE FUNCTION tellingcube.months_simulated(company_id uuid, document jsonb, append boolean, entered name) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  asked jsonb := document -> 'configuration';
  known record;
  differs text;
BEGIN
  EXECUTE format('SELECT name, months, starts, document -> ''configuration'' AS told FROM %I.dim_scenario'
                 ' WHERE company_id = $1 AND name = $2 FOR UPDATE', entered)  -- two that tell on wait for one another
  INTO known USING months_simulated.company_id, asked ->> 'scenario';
  IF known.name IS NULL THEN
    RETURN 0;
  END IF;
  SELECT string_agg(k, ', ' ORDER BY k) INTO differs FROM jsonb_object_keys(asked || known.told) k
  WHERE k NOT IN ('months', 'narrative') AND asked -> k IS DISTINCT FROM known.told -> k;
  IF NOT append THEN
    RAISE EXCEPTION USING ERRCODE = 'TC004',
      MESSAGE = format('company "%s" has a scenario "%s" already', asked ->> 'company', known.name),
      HINT = 'Pass append => true with more months to tell on, another variant, or another name by scenario =>.';
  ELSIF known.told IS NULL OR differs IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC004',
      MESSAGE = format('scenario "%s" was told otherwise and cannot be told on', known.name),
      DETAIL = CASE WHEN known.told IS NULL THEN 'Its events were not simulated.' ELSE format('What differs: %s.', differs) END,
      HINT = 'Give the company, months and append => true alone; the rest is remembered.';
  ELSIF (asked ->> 'months')::integer <= known.months THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('scenario "%s" has %s months already', known.name, known.months),
      HINT = 'Pass by months => how many it is to have in all.';
  ELSIF EXISTS (SELECT FROM jsonb_array_elements(asked -> 'narrative') b
                WHERE tellingcube.first_month(b ->> 'month') < known.starts + known.months * interval '1 month'
                  AND NOT coalesce(known.told -> 'narrative', '[]') @> jsonb_build_array(b)) THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'a beat lies in a month that is told already',
      DETAIL = format('Told are %s months from %s on.', known.months, to_char(known.starts, 'YYYY-MM')),
      HINT = 'Give beats of the months that are added.';
  END IF;
  RETURN known.months;
END $$;
COMMENT ON FUNCTION tellingcube.months_simulated(uuid, jsonb, boolean, name) IS
  'How many months of a scenario document''s scenario are told already. A step of simulate().';

-- Makes the scenario, or lengthens it, and the partitions of its months.
CREATE OR REPLACE FUNCTION tellingcube.simulated_scenario(company_id uuid, ibcs text, document jsonb, months_told integer, entered name)
RETURNS uuid LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  asked jsonb := document -> 'configuration';
  first date := tellingcube.first_month(document #>> '{simulation,starts}');
  months integer := (asked ->> 'months')::integer;
  made uuid;
BEGIN
  IF months_told = 0 THEN
    PERFORM tellingcube.create_scenario(
      company_id::text, asked ->> 'scenario', ibcs, document #>> '{simulation,variant}', to_char(first, 'YYYY-MM'), months,
      CASE ibcs WHEN 'AC' THEN 'simulated' ELSE 'generated' END, entered);
  END IF;
  EXECUTE format('UPDATE %I.dim_scenario SET document = $1, months = $2 WHERE company_id = $3 AND name = $4'
                 ' RETURNING scenario_id', entered)
  INTO made USING document, months, company_id, asked ->> 'scenario';
  PERFORM tellingcube.ensure_partition(entered, m::date)  -- the month before holds the opening state
  FROM generate_series(first - interval '1 month', first + (months - 1) * interval '1 month', interval '1 month') m;
  RETURN made;
END $$;
COMMENT ON FUNCTION tellingcube.simulated_scenario(uuid, text, jsonb, integer, name) IS
  'The scenario that holds a scenario document''s telling, made or lengthened. A step of simulate().';

CREATE OR REPLACE FUNCTION tellingcube.scenario_name(ibcs text, variant text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(CASE ibcs WHEN 'PL' THEN 'Plan' WHEN 'FC' THEN 'Forecast' WHEN 'PY' THEN 'Previous year' END
                    || CASE WHEN lower(variant) = 'baseline' THEN '' ELSE ' ' || lower(variant) END,
                  CASE WHEN lower(variant) = 'baseline' THEN 'Actual' ELSE initcap(variant) END)
$$;
COMMENT ON FUNCTION tellingcube.scenario_name(text, text) IS 'What a simulated or derived scenario is called when nobody names it: Actual, Growth, Recession, Plan, Forecast, Previous year.';

CREATE OR REPLACE FUNCTION tellingcube.remembered_configuration(company text, scenario text, entered name) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found jsonb;
BEGIN
  EXECUTE format($query$
    SELECT s.document -> 'configuration'
    FROM %1$I.dim_company c JOIN %1$I.dim_scenario s ON s.company_id = c.company_id
    WHERE c.name = $1 AND s.document -> 'configuration' IS NOT NULL
    ORDER BY s.name = $2 DESC, s.ibcs = 'AC' DESC, s.created_at, s.name
    LIMIT 1$query$, entered)
  INTO found USING company, scenario;
  RETURN found;
END $$;
COMMENT ON FUNCTION tellingcube.remembered_configuration(text, text, name) IS
  'With what a company was simulated: that scenario, or else its first. NULL when it was not. A step of simulate().';

-- Country above regions, or what else was asked for. A region that somebody moved stays where it is.
CREATE OR REPLACE FUNCTION tellingcube.arrange_regions(company_id uuid, regions jsonb, entered name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format($query$
    INSERT INTO %I.dim_region (company_id, region_id, name)
    SELECT $1, tellingcube.member_id($1, 'region', r ->> 'name'), r ->> 'name' FROM jsonb_array_elements($2) r
    ON CONFLICT DO NOTHING$query$, entered)
  USING company_id, regions;
  EXECUTE format($query$
    UPDATE %I.dim_region d SET parent_id = tellingcube.member_id($1, 'region', r ->> 'parent')
    FROM jsonb_array_elements($2) r
    WHERE d.company_id = $1 AND d.region_id = tellingcube.member_id($1, 'region', r ->> 'name')
      AND r ->> 'parent' IS NOT NULL AND d.parent_id IS NULL$query$, entered)
  USING company_id, regions;
END $$;
COMMENT ON FUNCTION tellingcube.arrange_regions(uuid, jsonb, name) IS 'Makes the regions of a scenario document a hierarchy. A step of simulate().';

CREATE OR REPLACE FUNCTION tellingcube.beats_within(configuration jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(jsonb_agg(b.beat ORDER BY b.position), '[]')
  FROM jsonb_array_elements(coalesce(configuration -> 'narrative', '[]')) WITH ORDINALITY b(beat, position),
       LATERAL (SELECT tellingcube.first_month(configuration ->> 'starts') AS starts) h
  WHERE tellingcube.first_month(b.beat ->> 'month') BETWEEN h.starts AND h.starts + ((configuration ->> 'months')::integer - 1) * interval '1 month'
$$;
COMMENT ON FUNCTION tellingcube.beats_within(jsonb) IS 'The beats of a configuration that lie in its months. A step of simulate().';

CREATE OR REPLACE FUNCTION tellingcube.default_configuration(company text, months integer) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'sector', 'Consumer Staples', 'size', 'small', 'variant', 'baseline', 'country', 'DE', 'months', m.months,
    -- Whole years up to the last one; the seed is the name's, so that a company is always told alike.
    'starts', (extract(year FROM now())::integer - ceil(m.months / 12.0)::integer) || '-01',
    'seed', ('x' || left(encode(sha256(convert_to(btrim(company), 'UTF8')), 'hex'), 15))::bit(60)::bigint)
  FROM (SELECT least(greatest(coalesce(default_configuration.months, 36), 1), 120) AS months) m
$$;
COMMENT ON FUNCTION tellingcube.default_configuration(text, integer) IS 'With what simulate() tells a company when nothing else is said.';

CREATE OR REPLACE FUNCTION tellingcube.simulate(
  company text, sector text DEFAULT NULL, size text DEFAULT NULL, variant text DEFAULT NULL, starts text DEFAULT NULL,
  months integer DEFAULT NULL, country text DEFAULT NULL, currency text DEFAULT NULL, regions jsonb DEFAULT NULL,
  narrative jsonb DEFAULT NULL, starting_state jsonb DEFAULT NULL, seed bigint DEFAULT NULL, model text DEFAULT 'embedded',
  scenario text DEFAULT NULL, ibcs text DEFAULT 'AC', append boolean DEFAULT false, on_cancel text DEFAULT 'nothing',
  cube name DEFAULT NULL)
RETURNS tellingcube.simulation LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  began timestamptz := clock_timestamp();
  entered name;
  name text;
  profile jsonb;
  wanted text := coalesce(btrim(simulate.scenario), tellingcube.scenario_name(simulate.ibcs, coalesce(simulate.variant, 'baseline')));
  remembered jsonb;
  configuration jsonb;
  document jsonb;
  months_told integer;
  told record;
  made tellingcube.simulation;
BEGIN
  IF simulate.model IS DISTINCT FROM 'embedded' THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('there is no model "%s"', simulate.model),
      HINT = 'The built-in model is ''embedded''.';
  END IF;
  IF simulate.on_cancel IS NULL OR simulate.on_cancel NOT IN ('nothing', 'keep') THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('on_cancel cannot be "%s"', simulate.on_cancel),
      HINT = 'It is ''nothing'' (a cancelled simulation leaves nothing) or ''keep'' (it leaves its whole quarters).';
  END IF;
  IF simulate.cube IS NULL THEN
    PERFORM tellingcube.ensure_default_cube();
  END IF;
  entered := tellingcube.cube_name(simulate.cube);
  -- A company that is there already is found as everywhere, and keeps its profile.
  EXECUTE format('SELECT name, jsonb_strip_nulls(jsonb_build_object(''sector'', gics_sector, ''country'', country, ''currency'', currency))'
                 ' FROM %I.dim_company WHERE lower(name) = lower($1) OR company_id::text = lower($1)'
                 ' ORDER BY name = $1 DESC, name LIMIT 1', entered)
  INTO name, profile USING btrim(simulate.company);
  name := coalesce(name, btrim(simulate.company));
  remembered := coalesce(tellingcube.remembered_configuration(name, wanted, entered), profile, '{}');
  IF NOT coalesce(simulate.append, false) THEN
    remembered := remembered - ARRAY['variant', 'scenario'];
  END IF;
  configuration := tellingcube.default_configuration(name, simulate.months) || remembered || jsonb_strip_nulls(
    jsonb_build_object(
      'company', name, 'scenario', wanted, 'sector', simulate.sector, 'size', simulate.size,
      'variant', simulate.variant, 'starts', simulate.starts, 'months', simulate.months, 'country', simulate.country,
      'currency', simulate.currency, 'regions', simulate.regions, 'startingState', simulate.starting_state, 'seed', simulate.seed,
      'narrative', CASE WHEN simulate.append AND jsonb_typeof(simulate.narrative) = 'array'
                        THEN coalesce(remembered -> 'narrative', '[]') || simulate.narrative ELSE simulate.narrative END));
  IF simulate.narrative IS NULL THEN  -- remembered beats of months that are not told now are not meant
    configuration := configuration || jsonb_build_object('narrative', tellingcube.beats_within(configuration));
  END IF;
  document := tellingcube.scenario_document(configuration) || jsonb_build_object('configuration', configuration);
  made.run_id := tellingcube.uuid_v7();
  made.company_id := tellingcube.simulated_company(document, entered);
  months_told := tellingcube.months_simulated(made.company_id, document, coalesce(simulate.append, false), entered);
  made.scenario_id := tellingcube.simulated_scenario(made.company_id, simulate.ibcs, document, months_told, entered);
  SELECT t.* INTO told FROM tellingcube.tell_simulation(
    configuration, made.company_id, made.scenario_id, made.run_id, months_told, simulate.on_cancel = 'keep', entered) t;
  IF told.months < (configuration ->> 'months')::integer THEN  -- cancelled; what was whole is kept
    EXECUTE format('UPDATE %I.dim_scenario SET months = $1, document = jsonb_set(document, ''{configuration,months}'', to_jsonb($1))'
                   ' WHERE company_id = $2 AND scenario_id = $3', entered)
    USING told.months, made.company_id, made.scenario_id;
  END IF;
  PERFORM tellingcube.flush_facts();
  PERFORM tellingcube.arrange_regions(made.company_id, document #> '{simulation,regions}', entered);
  EXECUTE format('SELECT sum(revenue), sum(net_income) FROM %I.fact_finance_monthly WHERE company_id = $1 AND scenario_id = $2', entered)
  INTO made.revenue, made.net_income USING made.company_id, made.scenario_id;
  made.events := told.events;
  made.months := told.months;
  made.digest := told.digest;
  made.elapsed_ms := round(extract(epoch FROM clock_timestamp() - began) * 1000, 1);
  RETURN made;
END $$;
COMMENT ON FUNCTION tellingcube.simulate(text, text, text, text, text, integer, text, text, jsonb, jsonb, jsonb, bigint, text, text, text, boolean, text, name) IS
  'Tells a company in events, by the built-in engine: offline, reproducible, realistic. What is left out is chosen, or remembered from the company''s other scenarios. append => true tells a scenario on.';

CREATE OR REPLACE FUNCTION tellingcube.simulate_scenarios(
  company text, sector text DEFAULT NULL, size text DEFAULT NULL, starts text DEFAULT NULL, months integer DEFAULT NULL,
  country text DEFAULT NULL, currency text DEFAULT NULL, regions jsonb DEFAULT NULL, narrative jsonb DEFAULT NULL,
  starting_state jsonb DEFAULT NULL, seed bigint DEFAULT NULL, model text DEFAULT 'embedded', on_cancel text DEFAULT 'nothing',
  cube name DEFAULT NULL)
RETURNS SETOF tellingcube.simulation LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  variant text;
BEGIN
  FOREACH variant IN ARRAY ARRAY['baseline', 'growth', 'recession'] LOOP
    RETURN NEXT tellingcube.simulate(
      company, sector, size, variant, starts, months, country, currency, regions, narrative, starting_state, seed, model,
      on_cancel => on_cancel, cube => cube);
  END LOOP;
END $$;
COMMENT ON FUNCTION tellingcube.simulate_scenarios(text, text, text, text, integer, text, text, jsonb, jsonb, jsonb, bigint, text, text, name) IS
  'Tells a company three times, a row each: as baseline, growth and recession. The same documents, differing in volume, price and cost.';
