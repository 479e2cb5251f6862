CREATE OR REPLACE FUNCTION tellingcube.first_month(period text) RETURNS date
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'first_month';
COMMENT ON FUNCTION tellingcube.first_month(text) IS 'First month of a period as people type it: 2024-03, 2024-Q1, 2024, 2024-01..2024-06.';
CREATE OR REPLACE FUNCTION tellingcube.last_month(period text) RETURNS date
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'last_month';
COMMENT ON FUNCTION tellingcube.last_month(text) IS 'Last month of a period as people type it: 2024-03, 2024-Q1, 2024, 2024-01..2024-06.';

-- Rather than generate_series(), which is taken to give 1,000 rows: a plan that looks that large would be compiled (jit).
CREATE OR REPLACE FUNCTION tellingcube.months(first date, last date) RETURNS SETOF date
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 36 AS 'MODULE_PATHNAME', 'months';
COMMENT ON FUNCTION tellingcube.months(date, date) IS 'The months from one date to another, by their first days.';

CREATE OR REPLACE FUNCTION tellingcube.member_id(company_id uuid, kind text, name text) RETURNS uuid
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'member_id';
COMMENT ON FUNCTION tellingcube.member_id(uuid, text, text) IS
  'Key of a member of a company by its kind (product, region, department, cost_center, account, tax_type) and name.';

CREATE OR REPLACE FUNCTION tellingcube.company_id(company text, cube name DEFAULT NULL) RETURNS uuid
  LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'company_id';
COMMENT ON FUNCTION tellingcube.company_id(text, name) IS 'Key of a company by its name or its key as text; an error with the nearest names when there is none.';

CREATE OR REPLACE FUNCTION tellingcube.scenario_id(company text, scenario text, cube name DEFAULT NULL) RETURNS uuid
  LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'scenario_id';
COMMENT ON FUNCTION tellingcube.scenario_id(text, text, name) IS 'Key of a company''s scenario by its name or its key as text; an error with the nearest names when there is none.';

CREATE OR REPLACE FUNCTION tellingcube.create_company(
  name text, sector text DEFAULT NULL, country text DEFAULT NULL, currency text DEFAULT 'EUR',
  region text DEFAULT NULL, industry text DEFAULT NULL, company_stage text DEFAULT NULL,
  fiscal_year_start integer DEFAULT 1, growth numeric DEFAULT 0.05, planned_growth numeric DEFAULT 0.05,
  profile jsonb DEFAULT NULL, cube name DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entered name := tellingcube.cube_name(create_company.cube);  -- not in the search_path: see src/audit/api.sql
  made uuid;
BEGIN
  IF coalesce(btrim(create_company.name), '') = '' THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'a company needs a name',
      HINT = 'SELECT tellingcube.create_company(''Alpine Bakery GmbH'', ''Consumer Staples'', ''AT'', ''EUR'').';
  END IF;
  IF create_company.currency IS NULL OR create_company.currency !~ '^[A-Z]{3}$' THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('"%s" is not a currency', create_company.currency),
      HINT = 'Give its ISO 4217 code: EUR, USD, CHF.';
  END IF;
  IF create_company.country !~ '^[A-Z]{2}$' THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('"%s" is not a country', create_company.country),
      HINT = 'Give its ISO 3166-1 alpha-2 code: DE, AT, US.';
  END IF;
  IF create_company.fiscal_year_start NOT BETWEEN 1 AND 12 THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005',
      MESSAGE = format('a fiscal year cannot start in month %s', create_company.fiscal_year_start),
      HINT = 'Give the month''s number, 1 to 12.';
  END IF;
  IF create_company.growth <= -1 OR create_company.planned_growth <= -1 THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005',
      MESSAGE = format('growth of %s a year leaves nothing', least(create_company.growth, create_company.planned_growth)),
      HINT = 'Give a share above -1: 0.05 is 5 % a year.';
  END IF;
  EXECUTE format('INSERT INTO %I.dim_company (name, gics_sector, industry, country, region, currency, company_stage, profile,'
                 ' fiscal_year_start, growth, planned_growth) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)'
                 ' ON CONFLICT (name) DO NOTHING RETURNING company_id', entered)
  INTO made
  USING btrim(create_company.name), create_company.sector, create_company.industry, create_company.country,
        create_company.region, create_company.currency, create_company.company_stage, create_company.profile,
        coalesce(create_company.fiscal_year_start, 1), coalesce(create_company.growth, 0.05),
        coalesce(create_company.planned_growth, 0.05);
  IF made IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC004',
      MESSAGE = format('there is a company "%s" in cube "%s" already', btrim(create_company.name), entered),
      HINT = 'Use it by its name, or choose another.';
  END IF;
  RETURN made;
END $$;
COMMENT ON FUNCTION tellingcube.create_company(text, text, text, text, text, text, text, integer, numeric, numeric, jsonb, name) IS
  'Adds a company to a cube and returns its key.';

CREATE OR REPLACE FUNCTION tellingcube.create_scenario(
  company text, name text DEFAULT 'Actual', ibcs text DEFAULT 'AC', variant text DEFAULT 'baseline',
  starts text DEFAULT NULL, months integer DEFAULT NULL, method text DEFAULT 'events', cube name DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entered name := tellingcube.cube_name(create_scenario.cube);
  owner_id uuid := tellingcube.company_id(create_scenario.company, entered);
  first date := coalesce(tellingcube.first_month(create_scenario.starts), date_trunc('month', now())::date);
  horizon integer := coalesce(create_scenario.months, 120);
  calendar record;
  made uuid;
BEGIN
  IF coalesce(btrim(create_scenario.name), '') = '' THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'a scenario needs a name',
      HINT = 'SELECT tellingcube.create_scenario(company, ''Actual'', ''AC'', ''baseline'', ''2024-01'').';
  END IF;
  IF create_scenario.ibcs IS NULL OR create_scenario.ibcs NOT IN ('AC', 'PY', 'PL', 'FC') THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('"%s" is not an IBCS scenario', create_scenario.ibcs),
      HINT = 'It is AC (actual), PY (previous year), PL (plan) or FC (forecast).';
  END IF;
  IF horizon NOT BETWEEN 1 AND 600 THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('a scenario cannot span %s months', horizon),
      HINT = 'Give 1 to 600 months; without any it is 120.';
  END IF;
  EXECUTE format('SELECT bool_or(month = $1) AND bool_or(month = $2) AS has_all, min(label) AS first, max(label) AS last'
                 ' FROM %I.dim_date', entered)
  INTO calendar USING first, (first + (horizon - 1) * interval '1 month')::date;
  IF calendar.has_all IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('the scenario''s months, %s and %s on, leave the calendar',
        to_char(first, 'YYYY-MM'), horizon),
      DETAIL = format('The calendar has %s to %s.', calendar.first, calendar.last),
      HINT = 'Correct starts or months.';
  END IF;
  EXECUTE format('INSERT INTO %I.dim_scenario (company_id, name, ibcs, variant, starts, months, method)'
                 ' VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (company_id, name) DO NOTHING RETURNING scenario_id', entered)
  INTO made
  USING owner_id, btrim(create_scenario.name), create_scenario.ibcs, coalesce(create_scenario.variant, 'baseline'),
        first, horizon, coalesce(create_scenario.method, 'events');
  IF made IS NULL THEN
    EXECUTE format('SELECT c.name FROM %I.dim_company c WHERE c.company_id = $1', entered) INTO company USING owner_id;
    RAISE EXCEPTION USING ERRCODE = 'TC004',
      MESSAGE = format('company "%s" has a scenario "%s" already', company, btrim(create_scenario.name)),
      HINT = 'Use it by its name, or choose another.';
  END IF;
  -- Writers that COPY cannot make partitions; the first three years, and the month before for the opening state, are ready.
  PERFORM tellingcube.ensure_partition(entered, m::date)
  FROM generate_series(first - interval '1 month', first + (least(horizon, 36) - 1) * interval '1 month', interval '1 month') m;
  RETURN made;
END $$;
COMMENT ON FUNCTION tellingcube.create_scenario(text, text, text, text, text, integer, text, name) IS
  'Adds a scenario to a company and returns its key. starts is a month, quarter or year (2024-01); months is the horizon.';
