-- What the gates of quality_report() look at is read here, with the caller's rights and without the cube in the search_path: its
-- tables are named by their schema, and no function or operator that its owner put there can be chosen.

CREATE OR REPLACE FUNCTION tellingcube.quality_told(company_id uuid, scenario_id uuid, entered name)
RETURNS tellingcube.quality_story LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  story tellingcube.quality_story;
BEGIN
  -- Sectors are told in euros; the currency's average rate is that of the country data.
  EXECUTE format($query$
    SELECT s.variant, s.starts, s.document, c.currency, n.name, n.kind, n.seasonal, n.gross_margin / 100, n.ebitda / 100,
           n.revenue_per_employee * 1000 * (SELECT min(r.eur_rate) FROM tellingcube.country r WHERE r.currency = c.currency),
           ARRAY(SELECT m::numeric / 100 FROM unnest(n.season) m),
           ARRAY(SELECT w::numeric / sum(w::numeric) OVER ()
                 FROM jsonb_array_elements_text(tellingcube.sectors() #> ARRAY[n.code, 'weekdays']) w)
    FROM %1$I.dim_scenario s
    JOIN %1$I.dim_company c USING (company_id)
    LEFT JOIN tellingcube.sector n ON lower(btrim(c.gics_sector)) IN (lower(n.name), n.code)
                                   OR c.gics_sector ~ ('^' || n.code || '[0-9]{2,6}$')
    WHERE s.company_id = $1 AND s.scenario_id = $2
  $query$, entered) INTO story USING company_id, scenario_id;
  RETURN story;
END $$;
COMMENT ON FUNCTION tellingcube.quality_told(uuid, uuid, name) IS 'A scenario and what is usual in its company''s sector.';

CREATE OR REPLACE FUNCTION tellingcube.scenario_beats(document jsonb, starts date)
RETURNS TABLE (place integer, month date, event text, measure text, change numeric, region text, product text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10 SET search_path = pg_catalog, pg_temp AS $$
  SELECT (12 * (extract(year FROM m.month) - extract(year FROM $2))
          + extract(month FROM m.month) - extract(month FROM $2) + 1)::integer, m.month, b.beat ->> 'event', lower(b.beat ->> 'measure'),
         CASE jsonb_typeof(b.beat -> 'change') WHEN 'number' THEN (b.beat -> 'change')::numeric END,
         b.beat ->> 'region', b.beat ->> 'product'
  FROM jsonb_array_elements(CASE jsonb_typeof($1 -> 'narrative') WHEN 'array' THEN $1 -> 'narrative' ELSE '[]' END) b(beat)
  CROSS JOIN LATERAL (
    SELECT make_date(left(b.beat ->> 'month', 4)::integer, substr(b.beat ->> 'month', 6, 2)::integer, 1) AS month
    WHERE b.beat ->> 'month' ~ '^[12][0-9]{3}-(0[1-9]|1[0-2])') m
$$;
COMMENT ON FUNCTION tellingcube.scenario_beats(jsonb, date) IS
  'The beats of a scenario document''s narrative: place is the month''s number from the start on, change a fraction (0.15 is 15 % more). Beats without a month like 2024-03 are left out.';

CREATE OR REPLACE FUNCTION tellingcube.quality_months(company_id uuid, scenario_id uuid, entered name)
RETURNS SETOF tellingcube.quality_month LANGUAGE plpgsql STABLE ROWS 36 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format($query$
    SELECT (row_number() OVER told)::integer, f.month, ((row_number() OVER told - 1) / 12)::integer, f.revenue, f.cogs, f.opex,
           f.ebitda, coalesce(e.capex, 0), coalesce(h.opening, 0), coalesce(h.closing, 0), coalesce(h.exits, 0)
    FROM %1$I.fact_finance_monthly f
    LEFT JOIN (SELECT month, sum(capex) AS capex FROM %1$I.fact_expense_monthly
               WHERE company_id = $1 AND scenario_id = $2 GROUP BY month) e ON e.month = f.month
    LEFT JOIN (SELECT month, sum(opening_headcount) AS opening, sum(closing_headcount) AS closing, sum(exits) AS exits
               FROM %1$I.fact_hr_monthly WHERE company_id = $1 AND scenario_id = $2 GROUP BY month) h ON h.month = f.month
    WHERE f.company_id = $1 AND f.scenario_id = $2
    WINDOW told AS (ORDER BY f.month)
  $query$, entered) USING company_id, scenario_id;
END $$;
COMMENT ON FUNCTION tellingcube.quality_months(uuid, uuid, name) IS 'The facts of a scenario month by month.';

-- One pass over the events serves every gate that needs single ones. Documents are sales, expenses and procurements, from the
-- scenario's start; what was taken back counts as never told, for a reversal has the payload of what it reverses.
CREATE OR REPLACE FUNCTION tellingcube.quality_counts(company_id uuid, scenario_id uuid, entered name)
RETURNS SETOF tellingcube.quality_count LANGUAGE plpgsql STABLE ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format($query$
    SELECT CASE grouping(v.digit, v.weekday, v.customer, v.product, v.exit, v.vat) WHEN 31 THEN 'digit' WHEN 47 THEN 'weekday'
             WHEN 55 THEN 'customer' WHEN 59 THEN 'product' WHEN 61 THEN 'exit' WHEN 62 THEN 'vat' ELSE 'all' END,
           coalesce(v.digit, v.weekday, v.customer, v.product, v.exit, v.vat), sum(d.sign),
           sum(d.sign) FILTER (WHERE d.event_ts > d.event_month), sum(d.sign * v.revenue),
           sum(d.sign) FILTER (WHERE v.tax_gap IS NOT NULL),
           -- To the cent, as the rule of tax payments has it: half a cent is rounding.
           sum(d.sign * round(v.tax_gap, 2)) FILTER (WHERE v.tax_gap > 0.005),
           (min(d.event_ts) FILTER (WHERE v.tax_gap > 0.005))::date,
           sum(d.sign * CASE d.payload ->> 'direction' WHEN 'in' THEN d.amount::numeric ELSE -d.amount::numeric END)
             FILTER (WHERE d.event_type = 'cash_movement'),
           sum(d.sign * d.amount::numeric) FILTER (WHERE d.event_type = 'tax_payment')
    FROM (SELECT e.event_type, e.event_ts, e.event_month, e.payload, CASE WHEN e.reverses IS NULL THEN 1 ELSE -1 END AS sign,
                 e.payload -> CASE e.event_type WHEN 'sale' THEN 'revenue' WHEN 'tax_payment' THEN 'taxAmount'
                                                ELSE 'amount' END AS amount
          FROM %1$I.events e JOIN %1$I.dim_scenario s USING (company_id, scenario_id)
          WHERE e.company_id = $1 AND e.scenario_id = $2 AND e.event_month >= s.starts
            AND e.event_type IN ('sale', 'expense', 'procurement', 'tax_payment', 'cash_movement', 'hr_exit')) d
    CROSS JOIN LATERAL (
      SELECT CASE WHEN d.event_type IN ('sale', 'expense', 'procurement') THEN left(ltrim(d.amount::text, '-0.'), 1) END AS digit,
             CASE d.event_type WHEN 'sale' THEN extract(isodow FROM d.event_ts)::text END AS weekday,
             CASE d.event_type WHEN 'sale' THEN d.payload ->> 'customer' END AS customer,
             CASE d.event_type WHEN 'sale' THEN d.payload ->> 'product' END AS product,
             CASE d.event_type WHEN 'hr_exit' THEN d.event_month::text END AS exit,
             CASE WHEN d.event_type = 'tax_payment' AND lower(d.payload ->> 'taxType') = 'vat'
                    OR d.event_type = 'cash_movement' AND lower(d.payload ->> 'category') IN ('vat_collected', 'vat_paid')
               THEN d.event_month::text END AS vat,
             CASE d.event_type WHEN 'sale' THEN d.amount::numeric END AS revenue,
             CASE d.event_type WHEN 'tax_payment' THEN abs(d.amount::numeric
               - (d.payload -> 'baseAmount')::numeric * (d.payload -> 'taxRate')::numeric) END AS tax_gap) v
    GROUP BY GROUPING SETS ((v.digit), (v.weekday), (v.customer), (v.product), (v.exit), (v.vat), ())
  $query$, entered) USING company_id, scenario_id;
END $$;
COMMENT ON FUNCTION tellingcube.quality_counts(uuid, uuid, name) IS
  'What the documents of a scenario come to by first digit, weekday, customer and product, exits and VAT by month, and all together.';

-- Whatever a beat is to move, free of what else moves it: sales against the sector's season, cost of goods sold against
-- revenue, the closing headcount against the opening one, the rest as it is; in logarithms. Quantities of different products are
-- added at their average prices, so that selling more of a cheap one is no change of price. NULL in months without the figure.
CREATE OR REPLACE FUNCTION tellingcube.quality_measure(
  company_id uuid, scenario_id uuid, entered name, story tellingcube.quality_story, months tellingcube.quality_month[],
  measure text, region text, product text)
RETURNS numeric[] LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  result numeric[];
BEGIN
  EXECUTE format($query$
    SELECT array_agg(CASE WHEN v.amount > 0 AND v.base > 0 THEN ln(v.amount / v.base) END ORDER BY m.place)
    FROM unnest($4) m
    LEFT JOIN (
      SELECT q.month, sum(q.revenue) AS revenue, sum(q.cogs) AS cogs, sum(q.quantity * q.price) AS volume
      FROM (
        SELECT f.month, f.revenue, f.cogs, f.quantity, sum(f.revenue) OVER product / nullif(sum(f.quantity) OVER product, 0) AS price
        FROM %1$I.fact_sales_monthly f JOIN %1$I.dim_region r USING (company_id, region_id)
        WHERE f.company_id = $1 AND f.scenario_id = $2 AND ($5 IN ('quantity', 'price') OR $6 IS NOT NULL OR $7 IS NOT NULL)
          AND ($6 IS NULL OR tellingcube.member_id($1, 'region', $6) IN (r.region_id, r.parent_id))
          AND ($7 IS NULL OR f.product_id = tellingcube.member_id($1, 'product', $7))
        WINDOW product AS (PARTITION BY f.product_id, f.region_id)) q
      GROUP BY q.month) s ON s.month = m.month
    CROSS JOIN LATERAL (  -- what needs no single sales is known by the month
      SELECT CASE WHEN $6 IS NULL AND $7 IS NULL THEN m.revenue ELSE s.revenue END AS revenue,
             CASE WHEN $6 IS NULL AND $7 IS NULL THEN m.cogs ELSE s.cogs END AS cogs) t
    CROSS JOIN LATERAL (
      SELECT CASE $5 WHEN 'revenue' THEN t.revenue WHEN 'quantity' THEN s.volume WHEN 'price' THEN t.revenue WHEN 'cogs' THEN t.cogs
                     WHEN 'opex' THEN m.opex WHEN 'capex' THEN m.capex WHEN 'headcount' THEN m.closing_headcount END AS amount,
             CASE $5 WHEN 'price' THEN s.volume WHEN 'cogs' THEN t.revenue WHEN 'opex' THEN 1 WHEN 'capex' THEN 1
                     WHEN 'headcount' THEN m.opening_headcount ELSE $3[extract(month FROM m.month)::integer] END AS base) v
  $query$, entered) INTO result USING company_id, scenario_id, story.season, months, measure, region, product;
  RETURN result;
END $$;
COMMENT ON FUNCTION tellingcube.quality_measure(
  uuid, uuid, name, tellingcube.quality_story, tellingcube.quality_month[], text, text, text) IS
  'Logarithms of a measure month by month, freed of season or volume: revenue, quantity, price, cogs, opex, capex or headcount; sales of one region or product when named.';
