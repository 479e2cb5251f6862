-- Realism gates: is this how companies look? The verdicts are pure functions of what src/evidence reads.
--
-- A gate with too little to go by has value and pass NULL and says why; what is not measured never passes.

CREATE OR REPLACE FUNCTION tellingcube.quality_verdict(
  gate text, measure text, accepted numrange, value numeric, found text, reason text DEFAULT NULL)
RETURNS tellingcube.quality_gate LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT gate, measure,
         CASE WHEN lower(accepted) = upper(accepted) THEN trim_scale(lower(accepted))::text
              WHEN lower_inf(accepted) THEN CASE WHEN upper_inc(accepted) THEN '≤ ' ELSE '< ' END || trim_scale(upper(accepted))
              WHEN upper_inf(accepted) THEN CASE WHEN lower_inc(accepted) THEN '≥ ' ELSE '> ' END || trim_scale(lower(accepted))
              ELSE format('%s to %s', trim_scale(lower(accepted)), trim_scale(upper(accepted))) END,
         CASE WHEN reason IS NULL THEN round(value, 4) END,
         CASE WHEN reason IS NULL THEN round(value, 4) <@ accepted END,
         CASE WHEN reason IS NOT NULL THEN 'not judged: ' || reason
              WHEN value IS NULL THEN 'not judged: nothing to go by' ELSE found END
$$;
COMMENT ON FUNCTION tellingcube.quality_verdict(text, text, numrange, numeric, text, text) IS
  'A row of quality_report(): the value rounded to four decimals and judged; with a reason, or without a value, it is not judged.';

CREATE OR REPLACE FUNCTION tellingcube.quality_gates() RETURNS TABLE (gate text, measure text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 22 AS $$
  VALUES ('first digits', 'deviation from Benford''s law'),
    ('concentration', 'share of the top 20 % of customers'), ('concentration', 'share of the top 20 % of products'),
    ('season', 'month shape against the sector'), ('season', 'seasonal strength'),
    ('weekdays', 'weekend share of sales'), ('weekdays', 'weekday farthest from the sector'),
    ('margins', 'gross margin, year'), ('margins', 'gross margin, month'),
    ('margins', 'EBITDA margin, year'), ('margins', 'EBITDA margin, month'),
    ('people', 'attrition, year'), ('people', 'revenue per employee ÷ sector'),
    ('identities', 'P&L'), ('identities', 'headcount'), ('identities', 'tax = base × rate'),
    ('identities', 'VAT = output − input'), ('identities', 'cash'),
    ('variants', 'months out of order'), ('variants', 'cumulative gap'),
    ('beats', 'effect ÷ stated'), ('beats', 'months beside ÷ stated')
$$;
COMMENT ON FUNCTION tellingcube.quality_gates() IS 'The gates of quality_report(), in its order.';

-- VAT moves cash only: cash movements vat_collected and vat_paid tell output and input tax, tax payments of vat settle the
-- difference after a month or a quarter. So what was settled since the start must equal what was due since the start up to
-- the end of some month in the half year before.

CREATE OR REPLACE FUNCTION tellingcube.quality_patterns(story tellingcube.quality_story, counts tellingcube.quality_count[])
RETURNS SETOF tellingcube.quality_gate LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH counted AS MATERIALIZED (SELECT * FROM unnest($2)
  ), digits AS (
    SELECT array_agg(coalesce(c.documents, 0) ORDER BY d.digit) AS documents, coalesce(sum(c.documents), 0) AS total
    FROM generate_series(1, 9) d(digit) LEFT JOIN counted c ON c.kind = 'digit' AND c.member = d.digit::text
  ), holder AS (
    SELECT k.kind, count(c.revenue) AS holders, tellingcube.top_share(array_agg(c.revenue) FILTER (WHERE c.revenue > 0)) AS share,
           sum(c.revenue) / nullif(min(a.revenue), 0) AS named
    FROM (VALUES ('customer'), ('product')) k(kind)
    LEFT JOIN counted a ON a.kind = 'all'
    LEFT JOIN counted c ON c.kind = k.kind AND c.revenue > 0 AND c.member IS NOT NULL
    GROUP BY k.kind
  ), week AS (
    SELECT coalesce(sum(c.documents), 0) AS sales, sum(c.dated) AS dated, min(y.kind) AS kind,
           sum(c.documents) FILTER (WHERE d.weekday >= 6) AS weekend_sales,
           sum(y.weekdays[d.weekday]) FILTER (WHERE d.weekday >= 6) AS usual,
           array_agg(coalesce(c.documents, 0) ORDER BY d.weekday) AS documents,
           array_agg(y.weekdays[d.weekday] ORDER BY d.weekday) AS weekdays
    FROM (SELECT $1.*) y
    CROSS JOIN generate_series(1, 7) d(weekday)
    LEFT JOIN counted c ON c.kind = 'weekday' AND c.member = d.weekday::text
  ), weekday AS (
    SELECT w.*, w.weekend_sales / nullif(w.sales, 0) AS weekend, far.gap, far.found,
           CASE WHEN w.kind IS NULL THEN 'no sector is known' WHEN w.sales < 200 THEN format('%s of the 200 sales needed', w.sales)
                WHEN coalesce(w.dated, 0) < 0.8 * w.sales THEN 'sales are dated by the month alone' END AS reason
    FROM week w
    CROSS JOIN LATERAL (
      SELECT abs(d.documents / nullif(w.sales, 0) - d.usual) AS gap,
             format('%s: %s of %s sales, usual %s', to_char(date '2024-01-01' + d.day::integer - 1, 'FMDay'),
                    round(d.documents / nullif(w.sales, 0), 3), w.sales, round(d.usual, 3)) AS found
      FROM unnest(w.documents, w.weekdays) WITH ORDINALITY d(documents, usual, day) ORDER BY 1 DESC, d.day LIMIT 1) far
  ), vat AS MATERIALIZED (  -- since the start
    SELECT member::date AS month, coalesce(vat_settled, 0) <> 0 AS settles, sum(coalesce(vat_due, 0)) OVER told AS due,
           sum(coalesce(vat_settled, 0)) OVER told AS settled, max(member::date) OVER () AS last_month,
           count(vat_due) OVER () AS dues
    FROM counted WHERE kind = 'vat' AND member IS NOT NULL WINDOW told AS (ORDER BY member)
  ), vat_gap AS (
    SELECT p.month, min(abs(p.settled - d.due)) AS gap
    FROM vat p JOIN vat d ON d.month BETWEEN p.month - interval '6 months' AND p.month
    WHERE p.settles GROUP BY p.month
    UNION ALL  -- nothing is owed for more than six months
    SELECT p.last_month, min(greatest(abs(d.due) - abs(p.settled), 0)) FILTER (WHERE p.month = p.last_month AND d.due <> 0)
    FROM vat p JOIN vat d ON d.month = (SELECT max(month) FROM vat WHERE month < last_month - interval '6 months')
    GROUP BY p.last_month
  ), vat_total AS (
    SELECT sum(gap) AS gap, min(month) FILTER (WHERE gap <> 0) AS first_gap, count(*) AS settlements FROM vat_gap
  )
  SELECT v.* FROM digits d, tellingcube.quality_verdict('first digits', 'deviation from Benford''s law', '(,0.012)',
    tellingcube.benford_deviation(d.documents), format('%s documents', d.total),
    CASE WHEN d.total < 1000 THEN format('%s of the 1000 documents needed', d.total) END) v
  UNION ALL
  SELECT v.* FROM holder h, tellingcube.quality_verdict('concentration', format('share of the top 20 %% of %ss', h.kind),
    '[0.55,0.80]', h.share, format('%s %ss', h.holders, h.kind),
    CASE WHEN h.holders < 50 THEN format('%s of the 50 %ss needed', h.holders, h.kind)
         WHEN h.named < 0.5 THEN format('most of the sales name no %s', h.kind) END) v
  UNION ALL
  SELECT v.* FROM weekday w, tellingcube.quality_verdict('weekdays', 'weekend share of sales',
    numrange(w.usual - 0.05, w.usual + 0.05, '[]'), w.weekend, format('%s sales; %s', w.sales, w.kind), w.reason) v
  UNION ALL
  SELECT v.* FROM weekday w, tellingcube.quality_verdict('weekdays', 'weekday farthest from the sector', '[0,0.05]', w.gap,
    w.found, w.reason) v
  UNION ALL
  SELECT v.* FROM counted c, tellingcube.quality_verdict('identities', 'tax = base × rate', '[0,0]', coalesce(c.tax_gap, 0),
    coalesce('first on ' || to_char(c.tax_gap_at, 'YYYY-MM-DD'), format('%s tax payments', c.taxes)),
    CASE WHEN coalesce(c.taxes, 0) = 0 THEN 'no tax payments' END) v
  WHERE c.kind = 'all'
  UNION ALL
  SELECT v.* FROM vat_total t, tellingcube.quality_verdict('identities', 'VAT = output − input', '[0,0]', coalesce(t.gap, 0),
    coalesce('first in ' || to_char(t.first_gap, 'YYYY-MM'), 'settled as collected less paid to suppliers'),
    CASE WHEN NOT EXISTS (SELECT FROM vat WHERE dues > 0) THEN 'no cash movements vat_collected and vat_paid' END) v
$$;
COMMENT ON FUNCTION tellingcube.quality_patterns(tellingcube.quality_story, tellingcube.quality_count[]) IS 'Gates of quality_report() over single documents.';

-- Season and growth are factors, so revenue is judged by its logarithms. A month with a beat, which is meant to stand out, is
-- first put where its neighbours let expect it.
CREATE OR REPLACE FUNCTION tellingcube.quality_season(story tellingcube.quality_story, months tellingcube.quality_month[])
RETURNS SETOF tellingcube.quality_gate LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH story AS MATERIALIZED (
    SELECT y.*, ARRAY(SELECT b.place FROM tellingcube.scenario_beats(y.document, y.starts) b) AS beats
    FROM (SELECT $1.*) y
  ), series AS MATERIALIZED (
    SELECT count(*) AS months, array_agg(CASE WHEN m.revenue > 0 THEN ln(m.revenue) END ORDER BY m.place) AS logs,
           array_agg(y.season[extract(month FROM m.month)::integer] ORDER BY m.place) AS season,
           CASE WHEN y.sector IS NULL THEN 'no sector is known'
                WHEN count(*) < 36 THEN format('%s of the 36 months needed', count(*))
                WHEN min(m.revenue) <= 0 THEN 'a month without revenue'
                WHEN count(*) FILTER (WHERE m.place <> ALL (y.beats)) < 24 THEN 'fewer than 24 months without a beat' END AS reason
    FROM story y CROSS JOIN unnest($2) m
    GROUP BY y.sector
  ), plain AS MATERIALIZED (
    SELECT s.months, s.season, s.reason,
           CASE WHEN s.reason IS NULL THEN
             ARRAY(SELECT l.y - CASE WHEN l.place = ANY (y.beats) THEN d.departure ELSE 0 END
                   FROM unnest(s.logs) WITH ORDINALITY l(y, place)
                   JOIN tellingcube.departures(
                     ARRAY(SELECT u.y - ln(u.usual) FROM unnest(s.logs, s.season) u(y, usual)), y.beats) d USING (place)
                   ORDER BY l.place) END AS logs
    FROM series s CROSS JOIN story y
  )
  SELECT v.* FROM story y CROSS JOIN plain p
  CROSS JOIN LATERAL (
    SELECT tellingcube.correlation(array_agg(exp(d.seasonal)), array_agg(p.season[d.place])) AS shape
    FROM tellingcube.decompose(p.logs) d WHERE d.place <= 12) d
  CROSS JOIN LATERAL tellingcube.quality_verdict('season', 'month shape against the sector', '[0.9,)', d.shape,
    format('%s months; %s', p.months, y.sector), p.reason) v
  UNION ALL
  SELECT v.* FROM story y CROSS JOIN plain p
  CROSS JOIN LATERAL tellingcube.quality_verdict('season', 'seasonal strength', '(0.64,)', tellingcube.seasonal_strength(p.logs),
    format('%s months', p.months), coalesce(p.reason, CASE WHEN NOT y.is_seasonal THEN y.sector || ' has no marked season' END)) v
$$;
COMMENT ON FUNCTION tellingcube.quality_season(tellingcube.quality_story, tellingcube.quality_month[]) IS 'Gates of quality_report() over the year''s shape.';

-- A year is twelve months from the scenario's start on; fewer at the end are left out. So are single months with a beat.
CREATE OR REPLACE FUNCTION tellingcube.quality_margins(story tellingcube.quality_story, months tellingcube.quality_month[])
RETURNS SETOF tellingcube.quality_gate LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH story AS (SELECT $1.*
  ), month AS MATERIALIZED (
    SELECT m.*, m.place IN (SELECT b.place FROM tellingcube.scenario_beats(y.document, y.starts) b) AS has_beat
    FROM story y CROSS JOIN unnest($2) m
  ), period AS (
    SELECT 'year' AS length, to_char(min(month), 'YYYY-MM') || '..' || to_char(max(month), 'YYYY-MM') AS label,
           sum(revenue) AS revenue, sum(revenue - cogs) AS gross_profit, sum(ebitda) AS ebitda
    FROM month GROUP BY year HAVING count(*) = 12
    UNION ALL
    SELECT 'month', to_char(month, 'YYYY-MM'), revenue, revenue - cogs, ebitda FROM month WHERE NOT has_beat
  ), margin AS (
    SELECT g.measure, p.length, p.label, q.margin, count(q.margin) OVER (PARTITION BY g.measure, p.length) AS periods,
           row_number() OVER (PARTITION BY g.measure, p.length ORDER BY abs(q.margin - g.usual) DESC NULLS LAST, p.label) AS place
    FROM period p CROSS JOIN story y
    CROSS JOIN LATERAL (VALUES ('gross', p.gross_profit, y.gross_margin), ('EBITDA', p.ebitda, y.ebitda_margin))
      g(measure, profit, usual)
    CROSS JOIN LATERAL (  -- a loss without revenue is below any margin
      SELECT CASE WHEN p.revenue <> 0 THEN g.profit / p.revenue
                  WHEN g.profit <> 0 THEN sign(g.profit) * numeric 'Infinity' END AS margin) q
  )
  SELECT v.*
  FROM story y
  CROSS JOIN LATERAL (VALUES ('gross', y.gross_margin), ('EBITDA', y.ebitda_margin)) g(measure, usual)
  CROSS JOIN (VALUES ('year', 0.05), ('month', 0.10)) t(length, points)
  LEFT JOIN margin m ON m.measure = g.measure AND m.length = t.length AND m.place = 1
  CROSS JOIN LATERAL tellingcube.quality_verdict('margins', format('%s margin, %s', g.measure, t.length),
    numrange(g.usual - t.points, g.usual + t.points, '[]'), m.margin,
    format('%s, of %s the farthest from the sector''s %s', m.label, m.periods, trim_scale(g.usual)),
    CASE WHEN y.sector IS NULL THEN 'no sector is known' WHEN m.label IS NULL THEN format('no full %s is told', t.length) END) v
$$;
COMMENT ON FUNCTION tellingcube.quality_margins(tellingcube.quality_story, tellingcube.quality_month[]) IS 'Gates of quality_report() over margins.';

-- Attrition is exits ÷ average headcount. With fewer than 17 employees a single exit decides whether a year is below 6 %; there
-- all years are taken together, when they come to 17 employee-years. Months with a beat of the headcount are left out.
CREATE OR REPLACE FUNCTION tellingcube.quality_people(
  story tellingcube.quality_story, months tellingcube.quality_month[], counts tellingcube.quality_count[])
RETURNS SETOF tellingcube.quality_gate LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH story AS (SELECT $1.*
  ), month AS (
    SELECT m.*, (m.opening_headcount + m.closing_headcount) / 2 AS headcount,
           -- Facts count a change of department as well, events also who was not employed.
           least(m.exits, coalesce(x.documents, 0)) AS left_us,
           m.place IN (SELECT b.place FROM story y, tellingcube.scenario_beats(y.document, y.starts) b WHERE b.measure = 'headcount') AS has_beat
    FROM unnest($2) m LEFT JOIN unnest($3) x ON x.kind = 'exit' AND x.member = m.month::text
  ), year AS MATERIALIZED (
    SELECT to_char(min(month), 'YYYY-MM') || '..' || to_char(max(month), 'YYYY-MM') AS label, sum(revenue) AS revenue,
           avg(headcount) AS headcount, min(avg(headcount)) OVER () AS smallest,
           sum(left_us) FILTER (WHERE NOT has_beat) AS exits, sum(headcount) FILTER (WHERE NOT has_beat) / 12 AS employee_years
    FROM month GROUP BY year HAVING count(*) = 12
  ), period AS (
    SELECT label, exits, employee_years FROM year WHERE smallest >= 17
    UNION ALL
    SELECT left(min(label), 7) || right(max(label), 9), sum(exits), sum(employee_years) FROM year WHERE smallest < 17
    HAVING count(*) > 0
  ), attrition AS (  -- the farthest from the middle
    SELECT p.*, p.exits / nullif(p.employee_years, 0) AS rate
    FROM period p ORDER BY abs(p.exits / nullif(p.employee_years, 0) - 0.155) DESC NULLS LAST, p.label LIMIT 1
  ), output AS (
    SELECT o.label, o.revenue, o.revenue / y.revenue_per_employee AS ratio
    FROM story y CROSS JOIN (SELECT label, revenue / headcount AS revenue FROM year WHERE headcount > 0) o
    ORDER BY abs(ln(nullif(greatest(o.revenue / y.revenue_per_employee, 0), 0))) DESC NULLS FIRST, o.label LIMIT 1
  )
  SELECT v.* FROM story y LEFT JOIN attrition a ON true
  CROSS JOIN LATERAL tellingcube.quality_verdict('people', 'attrition, year', '[0.06,0.25]', a.rate,
    format('%s: exits %s, employee-years %s', a.label, a.exits, round(a.employee_years, 1)),
    CASE WHEN a.label IS NULL THEN 'no full year is told'
         WHEN a.employee_years < 17 THEN format('%s of the 17 employee-years needed', round(a.employee_years, 1)) END) v
  UNION ALL
  SELECT v.* FROM story y LEFT JOIN output o ON true
  CROSS JOIN LATERAL tellingcube.quality_verdict('people', 'revenue per employee ÷ sector', '[0.5,2]', o.ratio,
    format('%s: %s %s, usual %s', o.label, round(o.revenue), y.currency, round(y.revenue_per_employee)),
    CASE WHEN y.sector IS NULL THEN 'no sector is known'
         WHEN y.revenue_per_employee IS NULL THEN format('no rate of %s to EUR is known', y.currency)
         WHEN o.label IS NULL THEN 'no full year with employees is told' END) v
$$;
COMMENT ON FUNCTION tellingcube.quality_people(tellingcube.quality_story, tellingcube.quality_month[], tellingcube.quality_count[]) IS 'Gates of quality_report() over people.';

-- reconcile() proves the identities; here its checks are gathered to a line for each group.
CREATE OR REPLACE FUNCTION tellingcube.quality_identities(company_id uuid, entered name)
RETURNS TABLE (scenario text, verdict tellingcube.quality_gate) LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT p.scenario, v
  FROM (
    SELECT r.scenario, g.measure, sum(r.difference) AS difference, count(*) AS checks,
           count(*) FILTER (WHERE r.status <> 'ok') AS fails,
           (array_agg(r.check_name || ': ' || r.detail ORDER BY c.position) FILTER (WHERE r.status <> 'ok'))[1] AS first_fail
    FROM tellingcube.reconcile_company($1, $2) r
    JOIN tellingcube.reconcile_checks() WITH ORDINALITY c(check_name, position) USING (check_name)
    CROSS JOIN LATERAL (
      SELECT CASE WHEN r.check_name ~ 'cash' THEN 'cash'
                  WHEN r.check_name ~ '^(headcount|hires|exits|payroll|department)' THEN 'headcount' ELSE 'P&L' END AS measure) g
    GROUP BY r.scenario, g.measure) p
  CROSS JOIN LATERAL tellingcube.quality_verdict('identities', p.measure, '[0,0]', p.difference,
    CASE p.fails WHEN 0 THEN format('%s checks of reconcile()', p.checks)
                 ELSE format('%s of %s checks of reconcile() fail; %s', p.fails, p.checks, p.first_fail) END) v
$$;
COMMENT ON FUNCTION tellingcube.quality_identities(uuid, name) IS
  'Gates of quality_report() over what reconcile() proves, for all scenarios of a company.';

-- Scenarios of one company told from one start, by their variants. The first six months are the ramp in which they part; the
-- gap between them has three years to open.
CREATE OR REPLACE FUNCTION tellingcube.quality_variants(company_id uuid, scenario_id uuid, entered name)
RETURNS SETOF tellingcube.quality_gate LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format($query$
    WITH variant AS (  -- of several tellings of a variant this one, or else the first
      SELECT DISTINCT ON (s.variant) s.variant, s.scenario_id, r.rank
      FROM %1$I.dim_scenario s
      JOIN unnest(ARRAY['growth', 'baseline', 'recession']) WITH ORDINALITY r(variant, rank) USING (variant)
      JOIN %1$I.dim_scenario this ON this.company_id = s.company_id AND this.ibcs = s.ibcs AND this.starts = s.starts
      WHERE this.company_id = $1 AND this.scenario_id = $2
      ORDER BY s.variant, s.scenario_id <> $2, s.created_at, s.scenario_id
    ), pair AS (  -- this one and its neighbours in the order
      SELECT h.variant || ' ≥ ' || l.variant AS label, h.scenario_id AS higher, l.scenario_id AS lower
      FROM variant h JOIN variant l ON h.rank < l.rank
      WHERE NOT EXISTS (SELECT FROM variant b WHERE b.rank > h.rank AND b.rank < l.rank) AND $2 IN (h.scenario_id, l.scenario_id)
    ), month AS (
      SELECT p.label, f.month, sum(f.revenue) FILTER (WHERE f.scenario_id = p.higher) AS higher,
             sum(f.revenue) FILTER (WHERE f.scenario_id = p.lower) AS lower,
             row_number() OVER (PARTITION BY p.label ORDER BY f.month) AS place
      FROM pair p JOIN %1$I.fact_finance_monthly f ON f.company_id = $1 AND f.scenario_id IN (p.higher, p.lower)
      GROUP BY p.label, f.month HAVING count(*) = 2
    ), gap AS (
      SELECT label, count(*) AS months, count(*) FILTER (WHERE higher < lower) AS out_of_order,
             to_char(min(month) FILTER (WHERE higher < lower), 'YYYY-MM') AS first_out,
             sum(higher) / nullif(sum(lower), 0) - 1 AS gap
      FROM month WHERE place > 6 GROUP BY label
    ), worst AS (
      SELECT DISTINCT ON (m.measure) m.measure, g.*, m.value
      FROM gap g
      CROSS JOIN LATERAL (VALUES ('months out of order', g.out_of_order, -g.out_of_order), ('cumulative gap', g.gap, g.gap))
        m(measure, value, badness)
      ORDER BY m.measure, m.badness, g.label
    )
    SELECT v.*
    FROM (VALUES ('months out of order', numrange '[0,0]', 1), ('cumulative gap', '[0.05,)', 30)) m(measure, accepted, least)
    LEFT JOIN worst w USING (measure)
    CROSS JOIN LATERAL tellingcube.quality_verdict('variants', m.measure, m.accepted, w.value,
      format('%%s: %%s months after the ramp%%s', w.label, w.months, '; first ' || w.first_out),
      CASE WHEN w.label IS NULL THEN 'no other variant is told of more than six of these months'
           WHEN w.months < m.least THEN format('%%s of the %%s months after the ramp needed', w.months, m.least) END) v
  $query$, $3) USING $1, $2;
END $$;
COMMENT ON FUNCTION tellingcube.quality_variants(uuid, uuid, name) IS
  'Gates of quality_report() between a company''s variants: growth above baseline above recession.';

-- A beat's effect is e^departure − 1 of its month (see departures()), and must be 0.8 to 1.2 of what is stated; the months on
-- either side must depart by no more than 0.2 of it. Season is taken out by the sector's months or by the same months of other
-- years, whichever leaves less. What is left in months without a beat is noise: 1.4826 × their median departure, the standard
-- deviation, were it normal; of the headcount at least one person. A beat that misses by less than twice the noise beyond the
-- tolerance is not judged: one cannot tell.
CREATE OR REPLACE FUNCTION tellingcube.quality_beats(
  company_id uuid, scenario_id uuid, entered name, story tellingcube.quality_story, months tellingcube.quality_month[])
RETURNS SETOF tellingcube.quality_gate LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH beat AS MATERIALIZED (  -- several of one kind in one month act together
    SELECT b.place, b.month, b.measure, b.region, b.product, exp(sum(ln(1 + b.change))) - 1 AS stated,
           count(*) OVER (PARTITION BY b.place, CASE WHEN b.measure IN ('revenue', 'quantity', 'price') THEN 'sales'
                                                     ELSE b.measure END) > 1 AS is_mixed
    FROM tellingcube.scenario_beats($4.document, $4.starts) b
    WHERE b.change > -1 AND b.measure IN ('revenue', 'quantity', 'price', 'cogs', 'opex', 'capex', 'headcount')
    GROUP BY b.place, b.month, b.measure, b.region, b.product
    HAVING exp(sum(ln(1 + b.change))) <> 1
  ), scope AS MATERIALIZED (
    SELECT b.measure, b.region, b.product, tellingcube.quality_measure($1, $2, $3, $4, $5, b.measure, b.region, b.product) AS series,
           array_agg(b.place) AS own
    FROM beat b GROUP BY b.measure, b.region, b.product
  ), departure AS MATERIALIZED (
    SELECT s.measure, s.region, s.product, t.way, d.place, exp(d.departure) - 1 AS effect, d.place = ANY (k.known) AS has_beat
    FROM scope s
    CROSS JOIN (SELECT array_agg(place) AS known FROM beat) k
    CROSS JOIN LATERAL (VALUES (1, s.series), (2, tellingcube.without_season(s.series, k.known))) t(way, series)
    CROSS JOIN LATERAL tellingcube.departures(t.series, k.known) d
    WHERE d.departure IS NOT NULL
  ), noise AS (
    SELECT measure, region, product, way,
           greatest(1.4826 * tellingcube.median(array_agg(abs(effect)) FILTER (WHERE NOT has_beat)),
                    CASE measure WHEN 'headcount' THEN (SELECT 1 / nullif(avg(opening_headcount), 0) FROM unnest($5)) END) AS noise
    FROM departure GROUP BY measure, region, product, way
  ), shown AS (  -- in the way in which ordinary months stray less
    SELECT DISTINCT ON (b.place, b.measure, b.region, b.product) b.*, n.noise, d.own, d.beside
    FROM beat b
    LEFT JOIN noise n ON n.measure = b.measure AND (n.region, n.product) IS NOT DISTINCT FROM (b.region, b.product)
    LEFT JOIN LATERAL (
      SELECT min(d.effect) FILTER (WHERE d.place = b.place) AS own,
             max(abs(d.effect)) FILTER (WHERE d.place IN (b.place - 1, b.place + 1) AND NOT d.has_beat) AS beside
      FROM departure d
      WHERE d.way = n.way AND d.measure = b.measure
        AND (d.region, d.product) IS NOT DISTINCT FROM (b.region, b.product)) d ON true
    ORDER BY b.place, b.measure, b.region, b.product, d.own IS NULL, n.noise, n.way
  ), found AS (
    SELECT v.measure, v.value, v.value NOT BETWEEN v.least AND v.most AS fails, v.found,
           CASE WHEN s.is_mixed THEN 'beats of several kinds move sales in ' || to_char(s.month, 'YYYY-MM')
                WHEN v.value IS NULL THEN format('%s has no figures around %s', s.measure, to_char(s.month, 'YYYY-MM'))
                WHEN v.value NOT BETWEEN v.least - c.unclear AND v.most + c.unclear THEN NULL
                WHEN v.value NOT BETWEEN v.least AND v.most
                  THEN format('%s; too close to tell, for months stray by %s anyway', v.found, round(s.noise, 3)) END AS reason
    FROM shown s
    CROSS JOIN LATERAL (
      SELECT concat_ws(' ', to_char(s.month, 'YYYY-MM'), s.measure, s.region, s.product, to_char(s.stated, 'FMSG0.000')) AS label) l
    CROSS JOIN LATERAL (SELECT 2 * s.noise * greatest(1, 1 + s.stated) / abs(s.stated) AS unclear) c  -- a raised month strays more
    CROSS JOIN LATERAL (VALUES
      ('effect ÷ stated', s.own / s.stated, 0.8, 1.2, format('%s: found %s', l.label, to_char(s.own, 'FMSG0.000'))),
      ('months beside ÷ stated', s.beside / abs(s.stated), 0, 0.2,
       format('%s: beside it %s', l.label, to_char(s.beside, 'FM0.000')))) v(measure, value, least, most, found)
  ), worst AS (
    SELECT DISTINCT ON (measure) measure, value, found, reason,
           count(*) FILTER (WHERE reason IS NULL) OVER (PARTITION BY measure) AS judged,
           count(*) OVER (PARTITION BY measure) AS beats
    FROM found
    ORDER BY measure, reason IS NULL AND fails DESC, reason IS NULL DESC,
             abs(value - CASE measure WHEN 'effect ÷ stated' THEN 1 ELSE 0 END) DESC, found
  )
  SELECT v.*
  FROM (VALUES ('effect ÷ stated', numrange '[0.8,1.2]'), ('months beside ÷ stated', '[0,0.2]')) m(measure, accepted)
  LEFT JOIN worst w USING (measure)
  CROSS JOIN LATERAL tellingcube.quality_verdict('beats', m.measure, m.accepted, w.value,
    format('%s; %s of %s beats judged', w.found, w.judged, w.beats),
    CASE WHEN w.measure IS NULL THEN 'the scenario''s document tells no beats with measure and change' ELSE w.reason END) v
$$;
COMMENT ON FUNCTION tellingcube.quality_beats(uuid, uuid, name, tellingcube.quality_story, tellingcube.quality_month[]) IS 'Gates of quality_report() over what a scenario''s document says will happen.';

CREATE OR REPLACE FUNCTION tellingcube.quality_scenario(company_id uuid, scenario_id uuid, entered name)
RETURNS SETOF tellingcube.quality_gate LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  story tellingcube.quality_story := tellingcube.quality_told(company_id, scenario_id, entered);
  months tellingcube.quality_month[] := ARRAY(SELECT m FROM tellingcube.quality_months(company_id, scenario_id, entered) m);
  counts tellingcube.quality_count[] := ARRAY(SELECT c FROM tellingcube.quality_counts(company_id, scenario_id, entered) c);
BEGIN
  RETURN QUERY SELECT * FROM tellingcube.quality_patterns(story, counts);
  RETURN QUERY SELECT * FROM tellingcube.quality_season(story, months);
  RETURN QUERY SELECT * FROM tellingcube.quality_margins(story, months);
  RETURN QUERY SELECT * FROM tellingcube.quality_people(story, months, counts);
  RETURN QUERY SELECT * FROM tellingcube.quality_variants(company_id, scenario_id, entered);
  RETURN QUERY SELECT * FROM tellingcube.quality_beats(company_id, scenario_id, entered, story, months);
END $$;
COMMENT ON FUNCTION tellingcube.quality_scenario(uuid, uuid, name) IS 'The gates of quality_report() for one scenario, but for the identities.';

CREATE OR REPLACE FUNCTION tellingcube.quality_company(company_id uuid, scenario_id uuid, entered name)
RETURNS TABLE (scenario text, gate text, measure text, threshold text, value numeric, pass boolean, detail text)
-- Many expressions over few rows: to compile them takes longer than to run them.
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
BEGIN
  PERFORM tellingcube.flush_facts();  -- what this transaction has told so far counts
  RETURN QUERY EXECUTE format($query$
    WITH told AS MATERIALIZED (
      SELECT s.name, s.scenario_id, s.created_at,
             EXISTS (SELECT FROM %1$I.scenario_span p WHERE (p.company_id, p.scenario_id) = (s.company_id, s.scenario_id)) AS has_facts,
             EXISTS (SELECT FROM %1$I.fact_hr_monthly h
                     WHERE (h.company_id, h.scenario_id) = (s.company_id, s.scenario_id)) AS has_people
      FROM %1$I.dim_scenario s WHERE s.company_id = $1 AND ($2 IS NULL OR s.scenario_id = $2)
    ), verdict AS MATERIALIZED (
      SELECT t.name, v.* FROM told t CROSS JOIN LATERAL tellingcube.quality_scenario($1, t.scenario_id, $3) v WHERE t.has_facts
      UNION ALL
      SELECT i.scenario, (i.verdict).* FROM tellingcube.quality_identities($1, $3) i
    )
    SELECT t.name, g.gate, g.measure, v.threshold, CASE WHEN n.reason IS NULL THEN v.value END,
           CASE WHEN n.reason IS NULL THEN v.pass END,
           coalesce('not judged: ' || n.reason, v.detail)
    FROM told t CROSS JOIN tellingcube.quality_gates() WITH ORDINALITY g(gate, measure, position)
    LEFT JOIN verdict v ON v.name = t.name AND v.gate = g.gate AND v.measure = g.measure
    CROSS JOIN LATERAL (  -- nothing adds up by itself, which proves nothing
      SELECT CASE WHEN NOT t.has_facts THEN 'nothing is told yet'
                  WHEN g.measure = 'headcount' AND NOT t.has_people THEN 'no employees are told' END AS reason) n
    ORDER BY t.created_at, t.name, g.position
  $query$, $3) USING $1, $2, $3;
END $$;
COMMENT ON FUNCTION tellingcube.quality_company(uuid, uuid, name) IS 'The work of quality_report().';

CREATE OR REPLACE FUNCTION tellingcube.quality_report(company text, scenario text DEFAULT NULL, cube name DEFAULT NULL)
RETURNS TABLE (scenario text, gate text, measure text, threshold text, value numeric, pass boolean, detail text)
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  SELECT q.* FROM tellingcube.quality_company(
    tellingcube.company_id($1, $3), CASE WHEN $2 IS NOT NULL THEN tellingcube.scenario_id($1, $2, $3) END, tellingcube.cube_name($3)) q
$$;
COMMENT ON FUNCTION tellingcube.quality_report(text, text, name) IS
  'Whether a company looks real: for each gate and scenario (or one scenario) what was measured, what is accepted, and pass: true, false, or NULL when the gate does not apply, for the reason in detail. Of several years, months, members or beats the worst is shown, and named in detail.';
