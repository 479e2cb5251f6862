-- Statistics over plain lists of numbers, in exact decimal arithmetic: what is made of them does not depend on the machine.

-- Nigrini's measure of conformity with Benford's law (M. Nigrini, Benford's Law, 2012): below 0.006 close, below 0.012
-- acceptable, above 0.015 none.
CREATE OR REPLACE FUNCTION tellingcube.benford_deviation(documents bigint[]) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT avg(abs(d.documents / nullif(t.total, 0) - log(1 + 1.0 / d.digit)))
  FROM unnest($1) WITH ORDINALITY d(documents, digit), (SELECT sum(n) AS total FROM unnest($1) n) t
$$;
COMMENT ON FUNCTION tellingcube.benford_deviation(bigint[]) IS
  'Mean absolute deviation from Benford''s law of the numbers of documents whose amounts begin with 1, 2 … 9. NULL without documents.';

CREATE OR REPLACE FUNCTION tellingcube.top_share(amounts numeric[], share numeric DEFAULT 0.2) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT sum(amount) FILTER (WHERE place <= ceil($2 * cardinality($1))) / nullif(sum(amount), 0)
  FROM (SELECT amount, row_number() OVER (ORDER BY amount DESC) AS place FROM unnest($1) amount) a
$$;
COMMENT ON FUNCTION tellingcube.top_share(numeric[], numeric) IS
  'Part of the total that the largest amounts hold: those of the top 20 %, or of another share.';

CREATE OR REPLACE FUNCTION tellingcube.correlation(these numeric[], those numeric[]) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (avg(x * y) - avg(x) * avg(y)) / nullif(sqrt(var_pop(x) * var_pop(y)), 0) FROM unnest($1, $2) v(x, y)
$$;
COMMENT ON FUNCTION tellingcube.correlation(numeric[], numeric[]) IS
  'Pearson''s correlation of two lists of equal length; NULL when one of them does not vary.';

-- Classical additive decomposition of a monthly series, series = trend + seasonal + remainder: the trend is the centred 2×12
-- moving average (half weight to both ends), missing for six months at either end; a calendar month's seasonal component is the
-- mean of series − trend over its years, less the mean of the twelve. Over logarithms it is the multiplicative decomposition.
CREATE OR REPLACE FUNCTION tellingcube.decompose(series numeric[])
RETURNS TABLE (place integer, trend numeric, seasonal numeric, remainder numeric)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 36 SET search_path = pg_catalog, pg_temp AS $$
  WITH smooth AS (
    SELECT p.place, p.y,
           CASE WHEN count(*) OVER whole = 13 THEN (sum(p.y) OVER whole + sum(p.y) OVER inner_months) / 24 END AS trend
    FROM unnest($1) WITH ORDINALITY p(y, place)
    WINDOW whole AS (ORDER BY p.place ROWS BETWEEN 6 PRECEDING AND 6 FOLLOWING),
           inner_months AS (ORDER BY p.place ROWS BETWEEN 5 PRECEDING AND 5 FOLLOWING)
  ), season AS (
    SELECT place % 12 AS month, avg(y - trend) - avg(avg(y - trend)) OVER () AS seasonal FROM smooth GROUP BY place % 12
  )
  SELECT s.place::integer, s.trend, m.seasonal, s.y - s.trend - m.seasonal
  FROM smooth s JOIN season m ON m.month = s.place % 12
  ORDER BY s.place
$$;
COMMENT ON FUNCTION tellingcube.decompose(numeric[]) IS
  'Classical decomposition of a monthly series: trend (centred 2×12 moving average), seasonal component (twelve values that sum to 0), and remainder. Give logarithms to decompose by factors.';

-- X. Wang, K. Smith, R. Hyndman, Characteristic-based clustering for time series data (2006): the share of the detrended series'
-- variance that the season explains, F = max(0, 1 − Var(remainder) ÷ Var(seasonal + remainder)). A series counts as seasonal
-- above 0.64.
CREATE OR REPLACE FUNCTION tellingcube.seasonal_strength(series numeric[]) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT greatest(0, 1 - var_pop(remainder) / nullif(var_pop(seasonal + remainder), 0))
  FROM tellingcube.decompose($1) WHERE trend IS NOT NULL
$$;
COMMENT ON FUNCTION tellingcube.seasonal_strength(numeric[]) IS
  'Strength of a monthly series'' season, 0 to 1: 1 − Var(remainder) ÷ Var(seasonal + remainder) of its decomposition.';

CREATE OR REPLACE FUNCTION tellingcube.median(amounts numeric[]) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) + percentile_disc(0.5) WITHIN GROUP (ORDER BY amount DESC)) / 2
  FROM unnest($1) amount
$$;
COMMENT ON FUNCTION tellingcube.median(numeric[]) IS 'Median, exactly: of an even number of amounts the mean of the middle two.';

-- How far each month stands from what its neighbours let expect. Expected is the median of the months up to six before and after,
-- each carried along the series' overall slope, which is the median slope between any two months (H. Theil 1950, P. Sen 1968).
-- Medians, so that a month that stands out does not move what is expected of the others; the months of known events are left
-- out besides.
--
-- Over logarithms of deseasonalised revenue, 4.60 4.61 4.62 4.77 4.64 4.65 with an event in month 4: the slope is 0.01, the others
-- carried to month 4 say 4.63, so the departure is 0.14, and revenue was e^0.14 − 1 = 15 % above the expected.
CREATE OR REPLACE FUNCTION tellingcube.departures(series numeric[], known integer[] DEFAULT '{}')
RETURNS TABLE (place integer, departure numeric)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 36 SET search_path = pg_catalog, pg_temp AS $$
  WITH point AS MATERIALIZED (
    SELECT p.place::integer, p.y, p.place <> ALL ($2) AND p.y IS NOT NULL AS is_plain FROM unnest($1) WITH ORDINALITY p(y, place)
  ), slope AS MATERIALIZED (
    SELECT coalesce(tellingcube.median(array_agg((b.y - a.y) / (b.place - a.place))), 0) AS slope
    FROM point a JOIN point b ON a.place < b.place AND a.is_plain AND b.is_plain
  )
  SELECT p.place, p.y - tellingcube.median(array_agg(n.y + s.slope * (p.place - n.place)))
  FROM point p
  JOIN point n ON n.place <> p.place AND n.place BETWEEN p.place - 6 AND p.place + 6 AND n.is_plain
  CROSS JOIN slope s
  GROUP BY p.place, p.y
  ORDER BY p.place
$$;
COMMENT ON FUNCTION tellingcube.departures(numeric[], integer[]) IS
  'How far each month of a series stands from what the twelve months around it let expect, in the units of the series. known: places of months that are no yardstick for the others.';

-- Leaving the month's own year out keeps what is left honest: a month must not be explained by itself.
CREATE OR REPLACE FUNCTION tellingcube.without_season(series numeric[], known integer[] DEFAULT '{}') RETURNS numeric[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  WITH pair AS MATERIALIZED (  -- a month and the same month of another year
    SELECT a.place, a.y, b.y AS other, b.place - a.place AS months, a.place <> ALL ($2) AS is_plain
    FROM unnest($1) WITH ORDINALITY a(y, place)
    JOIN unnest($1) WITH ORDINALITY b(y, place) ON b.place <> a.place AND (b.place - a.place) % 12 = 0 AND b.place <> ALL ($2)
    WHERE b.y IS NOT NULL
  ), growth AS MATERIALIZED (
    SELECT tellingcube.median(array_agg((other - y) / months) FILTER (WHERE months > 0 AND is_plain AND y IS NOT NULL)) AS slope
    FROM pair
  ), usual AS (
    SELECT p.place, tellingcube.median(array_agg(p.other - g.slope * p.months)) AS y FROM pair p CROSS JOIN growth g GROUP BY p.place
  )
  SELECT array_agg(p.y - u.y ORDER BY p.place) FROM unnest($1) WITH ORDINALITY p(y, place) LEFT JOIN usual u USING (place)
$$;
COMMENT ON FUNCTION tellingcube.without_season(numeric[], integer[]) IS
  'A monthly series freed of its season: each month less the median of the same month in other years, carried along the growth from year to year; NULL where there is no other year. known: places of months that are no yardstick for the others.';
