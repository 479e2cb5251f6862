-- Plans, previous years and forecasts as scenarios of their own.
--
-- The IBCS views estimate what is not stored; derive_scenario() tells the same estimate in events, so that it stays as it is
-- while the actuals go on, can be corrected event by event, and has every dimension. The rules are those of the views:
-- PY is the AC of a year ago; PL = PY × (1 + planned growth); FC is AC up to the cut-off, then PL × (AC to date ÷ PL to date).
--
-- Worked example: actuals of 2023-01 to 2024-12, planned growth 5 %. The plan tells 2024-01 to 2025-12: the sale of
-- 2023-03-14, 20 pieces at 3.50, becomes one of 2024-03-14, 20 pieces at 3.675. Who was hired before 2023 is there when the
-- plan starts, at a salary 5 % higher, and the plan opens with 1.05 × the cash of the end of 2022.

CREATE OR REPLACE FUNCTION tellingcube.scaled_payload(event_type text, payload jsonb, factor numeric, cogs_factor numeric DEFAULT NULL)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE
    WHEN factor = 1 AND coalesce(cogs_factor, 1) = 1 THEN payload
    WHEN event_type = 'sale' THEN payload || jsonb_build_object(
      'unitPrice', p.price, 'revenue', round((payload ->> 'quantity')::numeric * p.price, 2),
      'cogs', round((payload ->> 'cogs')::numeric * coalesce(cogs_factor, factor), 2))
    WHEN event_type = 'tax_payment' THEN payload || jsonb_build_object(
      'baseAmount', p.base, 'taxAmount', round(p.base * (payload ->> 'taxRate')::numeric, 2))
    WHEN event_type = 'hr_hire' THEN payload || jsonb_build_object('monthlySalary', round((payload ->> 'monthlySalary')::numeric * factor, 2))
    WHEN event_type IN ('expense', 'procurement', 'cash_movement')
      THEN payload || jsonb_build_object('amount', round((payload ->> 'amount')::numeric * factor, 2))
    ELSE payload
  END
  FROM (SELECT round((payload ->> 'unitPrice')::numeric * factor, 4) AS price,
               round((payload ->> 'baseAmount')::numeric * factor, 2) AS base) p
$$;
COMMENT ON FUNCTION tellingcube.scaled_payload(text, jsonb, numeric, numeric) IS
  'An event''s payload with its amounts multiplied: prices, salaries, tax bases, amounts; quantities stay. Types of your own stay as they are.';

-- What follows runs with the caller's rights, so it names a cube's tables by their schema: see src/audit/api.sql.

-- By what a forecast multiplies the plan: AC to date ÷ PL to date of each measure.
CREATE OR REPLACE FUNCTION tellingcube.forecast_pace(company_id uuid, year_start date, cut_off date, entered name)
RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found jsonb;
BEGIN
  EXECUTE format($query$
    SELECT jsonb_object_agg(p.measure, p.pace)
    FROM (SELECT f.measure, coalesce(sum(f.ac) / nullif(sum(f.pl), 0), 1) AS pace FROM %I.ibcs_finance_monthly f
          WHERE f.company_id = $1 AND f.month BETWEEN $2 AND $3
            AND f.measure IN ('revenue', 'cogs', 'opex', 'depreciation', 'interest', 'tax')
          GROUP BY f.measure) p$query$, entered)
  INTO found USING forecast_pace.company_id, year_start, cut_off;
  RETURN coalesce(found, '{}');
END $$;
COMMENT ON FUNCTION tellingcube.forecast_pace(uuid, date, date, name) IS
  'AC ÷ PL of each P&L measure over some months: by what a forecast multiplies the plan. A step of derive_scenario().';

-- Each row a stretch of months and where its events come from.
CREATE OR REPLACE FUNCTION tellingcube.derived_from(
  company_id uuid, ibcs text, planned_growth numeric, starts date, months integer, entered name)
RETURNS TABLE (scenario_id uuid, first date, last date, shift interval, factor numeric, pace jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  stored constant text := format('SELECT * FROM %I.ibcs_scenario s WHERE s.company_id = $1 AND s.ibcs = $2', entered);
  company record;
  ac record;
  py record;
  pl record;
  cut_off date;
  year_end date;
BEGIN
  EXECUTE format('SELECT growth, fiscal_year_start FROM %I.dim_company c WHERE c.company_id = $1', entered)
  INTO company USING derived_from.company_id;
  EXECUTE stored INTO ac USING derived_from.company_id, 'AC';
  EXECUTE stored INTO py USING derived_from.company_id, 'PY';
  EXECUTE stored INTO pl USING derived_from.company_id, 'PL';
  shift := interval '1 year';
  factor := CASE WHEN derived_from.ibcs = 'PY' THEN 1 ELSE 1 + derived_from.planned_growth END;
  IF derived_from.ibcs <> 'FC' THEN
    scenario_id := ac.scenario_id;
    first := coalesce(derived_from.starts, (ac.first_month + interval '1 year')::date);
    last := coalesce(first + (derived_from.months - 1) * interval '1 month', ac.last_month + interval '1 year');
    IF first BETWEEN py.first_month AND py.last_month AND last <= py.last_month THEN
      scenario_id := py.scenario_id; shift := interval '0';
    ELSIF first < ac.first_month + interval '1 year' THEN  -- there is no year before
      shift := interval '0'; factor := factor / (1 + company.growth);
      IF derived_from.months IS NULL THEN last := ac.last_month; END IF;
    END IF;
    RETURN NEXT;
    RETURN;
  END IF;
  cut_off := least(ac.last_month, tellingcube.as_of());
  year_end := cut_off + (11 - (extract(month FROM cut_off)::integer - company.fiscal_year_start + 12) % 12) * interval '1 month';
  IF cut_off = year_end THEN  -- this year is told; the forecast is of the next
    year_end := year_end + interval '1 year';
  END IF;
  first := coalesce(derived_from.starts, greatest(year_end - interval '11 months', ac.first_month));
  last := coalesce(first + (derived_from.months - 1) * interval '1 month', year_end);
  IF first <= cut_off THEN
    RETURN QUERY SELECT ac.scenario_id, first, least(last, cut_off), interval '0', 1::numeric, NULL::jsonb;
  END IF;
  first := greatest(first, (cut_off + interval '1 month')::date);
  pace := tellingcube.forecast_pace(derived_from.company_id, (year_end - interval '11 months')::date, cut_off, entered);
  scenario_id := ac.scenario_id;
  IF first BETWEEN pl.first_month AND pl.last_month AND last <= pl.last_month THEN
    scenario_id := pl.scenario_id; shift := interval '0'; factor := 1;
  END IF;
  IF first <= last THEN
    RETURN NEXT;
  END IF;
END $$;
COMMENT ON FUNCTION tellingcube.derived_from(uuid, text, numeric, date, integer, name) IS
  'From which events a plan, forecast or previous year is told: stretches of months, how far they are shifted, by what they are multiplied. A step of derive_scenario().';

-- Tells the events of some months again, for another scenario; with a pace for each measure, people stay as they are.
CREATE OR REPLACE FUNCTION tellingcube.tell_again(
  company_id uuid, from_scenario uuid, first date, last date, to_scenario uuid, shift interval, factor numeric,
  pace jsonb, event_types text[], entered name)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format($query$
    INSERT INTO %1$I.events (company_id, scenario_id, event_month, event_ts, event_type, schema_version, source, payload)
    SELECT e.company_id, $5, date_trunc('month', t.ts)::date, t.ts, e.event_type, e.schema_version, 'derived',
           tellingcube.scaled_payload(e.event_type, e.payload, $7 * coalesce(($8 ->> k.measure)::numeric, 1),
                                      $7 * coalesce(($8 ->> 'cogs')::numeric, 1))
    FROM %1$I.events e
    CROSS JOIN LATERAL (SELECT e.event_ts + $6 AS ts) t
    LEFT JOIN %1$I.dim_account a ON a.company_id = e.company_id
      AND a.account_id = tellingcube.member_id(e.company_id, 'account', e.payload ->> 'account')
    LEFT JOIN %1$I.dim_tax_type x ON x.company_id = e.company_id
      AND x.tax_type_id = tellingcube.member_id(e.company_id, 'tax_type', e.payload ->> 'taxType')
    CROSS JOIN LATERAL (
      -- The measure whose pace an amount keeps; payments past the P&L have none.
      SELECT CASE e.event_type
        WHEN 'sale' THEN 'revenue'
        WHEN 'expense' THEN CASE WHEN NOT (e.payload ->> 'isCapex')::boolean THEN coalesce(a.pl_line, 'opex') END
        WHEN 'tax_payment' THEN CASE coalesce(x.pl_line, 'opex') WHEN 'income_tax' THEN 'tax' WHEN 'opex' THEN 'opex' END
      END AS measure) k
    WHERE e.company_id = $1 AND e.scenario_id = $2 AND e.event_month BETWEEN $3 AND $4
      AND ($9 IS NULL OR e.event_type = ANY ($9))
      AND ($8 IS NULL OR e.event_type NOT IN ('hr_hire', 'hr_exit'))
      AND e.reverses IS NULL
      AND NOT EXISTS (SELECT FROM %1$I.events r
                      WHERE r.company_id = e.company_id AND r.event_month = e.event_month AND r.reverses = e.event_id)
    $query$, entered)
  USING company_id, from_scenario, first, last, to_scenario, shift, factor, pace, event_types;
END $$;
COMMENT ON FUNCTION tellingcube.tell_again(uuid, uuid, date, date, uuid, interval, numeric, jsonb, text[], name) IS
  'Repeats events of some months for another scenario, shifted and multiplied. A step of derive_scenario().';

-- The state before a scenario's first month: who is employed, and how much cash there is.
CREATE OR REPLACE FUNCTION tellingcube.tell_opening(
  company_id uuid, from_scenario uuid, first date, to_scenario uuid, shift interval, factor numeric, entered name)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  source_month date := first - shift;
BEGIN
  PERFORM tellingcube.tell_again(company_id, from_scenario, '-infinity', (source_month - interval '1 month')::date, to_scenario,
                                 shift, factor, NULL, ARRAY['hr_hire', 'hr_exit'], entered);
  EXECUTE format($query$
    INSERT INTO %1$I.events (company_id, scenario_id, event_month, event_ts, event_type, source, payload)
    SELECT $1, $4, ($3 - interval '1 month')::date, $3::timestamp - interval '1 day', 'cash_movement', 'derived',
           jsonb_build_object('category', 'opening_balance', 'amount', abs(c.cash), 'direction', CASE WHEN c.cash < 0 THEN 'out' ELSE 'in' END)
    FROM (SELECT round((f.closing_cash - f.cash_change) * $6, 2) AS cash FROM %1$I.fact_finance_monthly f
          WHERE f.company_id = $1 AND f.scenario_id = $2 AND f.month = $5) c
    WHERE c.cash <> 0$query$, entered)
  USING company_id, from_scenario, first, to_scenario, source_month, factor;
END $$;
COMMENT ON FUNCTION tellingcube.tell_opening(uuid, uuid, date, uuid, interval, numeric, name) IS
  'Tells the people and the cash that another scenario starts with. A step of derive_scenario().';

CREATE OR REPLACE FUNCTION tellingcube.calculate_scenario(
  company_id uuid, ibcs text, name text, starts date, months integer, growth numeric, entered name)
RETURNS uuid LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  told record;
  part record;
  length interval;
  made uuid;
BEGIN
  EXECUTE format($query$
    SELECT min(f.first) AS first, max(f.last) AS last,
           bool_and(f.first <= f.last AND f.first - f.shift >= s.first_month AND f.last - f.shift <= s.last_month) AS is_told,
           string_agg(to_char(s.first_month + f.shift, 'YYYY-MM') || '..' || to_char(s.last_month + f.shift, 'YYYY-MM'), ', ') AS possible
    FROM tellingcube.derived_from($1, $2, $3, $4, $5, $6) f
    JOIN %I.scenario_span s ON s.company_id = $1 AND s.scenario_id = f.scenario_id$query$, entered)
  INTO told USING company_id, ibcs, growth, starts, months, entered;
  IF told.is_told IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'there are no events to derive these months from',
      DETAIL = 'They can be derived for ' || coalesce(told.possible, 'no month') || '.',
      HINT = 'Give other months by starts and months, or the method generated.';
  END IF;
  length := age(told.last, told.first);
  made := tellingcube.create_scenario(
    company_id::text, coalesce(name, tellingcube.scenario_name(ibcs, 'baseline')), ibcs, 'baseline', to_char(told.first, 'YYYY-MM'),
    (extract(year FROM length) * 12 + extract(month FROM length))::integer + 1, 'calculated', entered);
  FOR part IN SELECT f.* FROM tellingcube.derived_from(company_id, ibcs, growth, starts, months, entered) f ORDER BY f.first LOOP
    IF part.first = told.first THEN
      PERFORM tellingcube.tell_opening(company_id, part.scenario_id, part.first, made, part.shift, part.factor, entered);
    END IF;
    PERFORM tellingcube.tell_again(company_id, part.scenario_id, (part.first - part.shift)::date, (part.last - part.shift)::date,
                                   made, part.shift, part.factor, part.pace, NULL, entered);
  END LOOP;
  RETURN made;
END $$;
COMMENT ON FUNCTION tellingcube.calculate_scenario(uuid, text, text, date, integer, numeric, name) IS 'The method calculated of derive_scenario().';

CREATE OR REPLACE FUNCTION tellingcube.generate_scenario(
  company_id uuid, ibcs text, name text, entered name)
RETURNS uuid LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  told record;
  length interval;
  months integer;
  made uuid;
BEGIN
  EXECUTE format($query$
    SELECT c.name, c.growth, s.document -> 'configuration' AS configuration,
           (s.document #>> '{startingState,revenueRunRate}')::numeric AS run_rate
    FROM %1$I.ibcs_scenario i JOIN %1$I.dim_scenario s USING (company_id, scenario_id) JOIN %1$I.dim_company c USING (company_id)
    WHERE i.company_id = $1 AND i.ibcs = 'AC'$query$, entered)
  INTO told USING company_id;
  IF told.configuration IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('the actuals of company "%s" were not simulated', told.name),
      DETAIL = 'Generating tells them anew with other chances, which takes the configuration they were told with.',
      HINT = 'Derive the scenario by the method calculated.';
  END IF;
  -- A forecast goes on where the actuals end: the same story with more months. A plan knows neither beats nor chances; a
  -- previous year started lower.
  IF ibcs = 'FC' THEN
    SELECT age(max(f.last), tellingcube.first_month(told.configuration ->> 'starts')) INTO length
    FROM tellingcube.derived_from(company_id, 'FC', 0, NULL, NULL, entered) f;
    months := extract(year FROM length) * 12 + extract(month FROM length) + 1;
  END IF;
  SELECT s.scenario_id INTO made FROM tellingcube.simulate(
    told.name, scenario => generate_scenario.name, ibcs => generate_scenario.ibcs, months => months,
    narrative => CASE WHEN ibcs <> 'FC' THEN '[]'::jsonb END,
    seed => (told.configuration ->> 'seed')::bigint # CASE ibcs WHEN 'PL' THEN 1 WHEN 'PY' THEN 2 ELSE 0 END,
    starting_state => CASE ibcs WHEN 'PY' THEN coalesce(told.configuration -> 'startingState', '{}')
                                 || jsonb_build_object('revenueRunRate', round(told.run_rate / (1 + told.growth), 2)) END,
    cube => entered) s;
  RETURN made;
END $$;
COMMENT ON FUNCTION tellingcube.generate_scenario(uuid, text, text, name) IS 'The method generated of derive_scenario().';

CREATE OR REPLACE FUNCTION tellingcube.derive_scenario(
  company text, ibcs text, method text DEFAULT 'calculated', name text DEFAULT NULL, starts text DEFAULT NULL,
  months integer DEFAULT NULL, growth numeric DEFAULT NULL, cube name DEFAULT NULL)
RETURNS uuid LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entered name := tellingcube.cube_name(derive_scenario.cube);
  told_id uuid := tellingcube.company_id(derive_scenario.company, entered);
  told record;
BEGIN
  EXECUTE format($query$
    SELECT c.name, c.planned_growth, s.last_month, (
             SELECT d.name FROM %1$I.dim_scenario d
             WHERE d.company_id = c.company_id AND d.ibcs = $2 AND d.variant = 'baseline' LIMIT 1) AS stored
    FROM %1$I.dim_company c LEFT JOIN %1$I.ibcs_scenario s ON s.company_id = c.company_id AND s.ibcs = 'AC'
    WHERE c.company_id = $1$query$, entered)
  INTO told USING told_id, derive_scenario.ibcs;
  IF derive_scenario.ibcs IS NULL OR derive_scenario.ibcs NOT IN ('PL', 'FC', 'PY') THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('"%s" cannot be derived', derive_scenario.ibcs),
      HINT = 'It is PL (plan), FC (forecast) or PY (previous year); what they derive from are the actuals (AC).';
  END IF;
  IF derive_scenario.method IS NULL OR derive_scenario.method NOT IN ('calculated', 'generated') THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('there is no method "%s"', derive_scenario.method),
      HINT = 'It is calculated (from the actuals, as the IBCS views estimate) or generated (told anew by the simulation).';
  END IF;
  IF derive_scenario.growth <= -1 THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('growth of %s a year leaves nothing', derive_scenario.growth),
      HINT = 'Give a share above -1: 0.05 is 5 % a year.';
  END IF;
  IF derive_scenario.months NOT BETWEEN 1 AND 120 THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('a scenario of %s months cannot be derived', derive_scenario.months),
      HINT = 'Give 1 to 120 months, or none for all that the actuals allow.';
  END IF;
  IF told.last_month IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = format('company "%s" has no actuals to derive from', told.name),
      DETAIL = 'It has no scenario of IBCS kind AC, variant baseline, with events.',
      HINT = 'Append events to one, or let simulate() tell it.';
  END IF;
  IF told.stored IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'TC004',
      MESSAGE = format('company "%s" has a stored %s already: scenario "%s"', told.name, derive_scenario.ibcs, told.stored),
      DETAIL = 'The IBCS views show the one that was stored first.',
      HINT = 'Correct that one by appending events.';
  END IF;
  IF derive_scenario.method = 'generated' THEN
    IF derive_scenario.growth IS NOT NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'a generated scenario takes no growth',
        DETAIL = 'It grows as the actuals'' sector and variant do.',
        HINT = 'Leave growth out, or derive the scenario by the method calculated.';
    END IF;
    IF derive_scenario.starts IS NOT NULL OR derive_scenario.months IS NOT NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'TC005', MESSAGE = 'a generated scenario takes neither starts nor months',
        DETAIL = 'It is told from the first month of the actuals: a plan and a previous year to their last, a forecast to the end of the fiscal year.',
        HINT = 'Leave them out, or derive the scenario by the method calculated.';
    END IF;
    RETURN tellingcube.generate_scenario(told_id, derive_scenario.ibcs, derive_scenario.name, entered);
  END IF;
  RETURN tellingcube.calculate_scenario(told_id, derive_scenario.ibcs, derive_scenario.name,
                                        tellingcube.first_month(derive_scenario.starts), derive_scenario.months,
                                        coalesce(derive_scenario.growth, told.planned_growth), entered);
END $$;
COMMENT ON FUNCTION tellingcube.derive_scenario(text, text, text, text, text, integer, numeric, name) IS
  'Stores a plan (PL), forecast (FC) or previous year (PY) of a company''s actuals as a scenario of its own and returns its key. The IBCS views prefer what is stored.';
