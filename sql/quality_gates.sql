-- quality_report(): every gate passes on a sound company, and each is seen to fail on a copy corrupted for it: something is
-- appended (or, for identities, tampered with), the gates that fail are shown, and it is undone.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('gates');
SET tellingcube.cube = 'gates';
SET search_path = gates, public;

-- A software house of 20, three years from 2022 on: 60 customers who buy one product each every month, in two regions; the sizes
-- of their orders are spread evenly over two decades. Takes the growth a year, and whether the beats below strike.
CREATE FUNCTION told(growth numeric, beats boolean) RETURNS TABLE (event jsonb) LANGUAGE sql AS $$
  WITH month AS (
    SELECT m, (date '2022-01-01' + (m - 1) * interval '1 month')::date AS month,
           350000 * (ARRAY[88, 93, 108, 92, 95, 108, 91, 90, 107, 95, 101, 132])[(m - 1) % 12 + 1] / 100 * power(growth, m / 12.0) AS revenue
    FROM generate_series(1, 36) m
  ), customer AS (
    SELECT k, power(10, 2 * (k - 0.5) / 60) / sum(power(10, 2 * (k - 0.5) / 60)) OVER () AS share FROM generate_series(1, 60) k
  ), day AS (  -- days by the curve of business with businesses
    SELECT k, m, (SELECT min(d) FROM generate_series(1, 7) d, LATERAL (
             SELECT sum(w) AS until FROM unnest(ARRAY[180, 184, 184, 180, 172, 60, 40]) WITH ORDINALITY c(w, n) WHERE n <= d) c
             WHERE (k * 617 + m * 283) % 1000 < until)::integer AS weekday
    FROM generate_series(1, 60) k, generate_series(1, 36) m
  )
  SELECT jsonb_build_object('eventType', 'sale', 'date',
           month + (d.weekday + 6 - (extract(isodow FROM month)::integer - 1)) % 7 + 7 * (k % 4),
           'customer', 'Customer ' || k, 'product', 'Product ' || k, 'region', CASE k % 2 WHEN 0 THEN 'East' ELSE 'West' END,
           'quantity', 1, 'unitPrice', a.amount, 'revenue', a.amount, 'cogs', round(a.amount * 0.38 * CASE WHEN beats AND m = 9 THEN 1.08 ELSE 1 END, 2))
  FROM month JOIN day d USING (m) JOIN customer USING (k)
  CROSS JOIN LATERAL (
    SELECT round(revenue * share * CASE WHEN beats AND m = 17 THEN 1.15 WHEN beats AND m = 22 AND k % 2 = 1 THEN 0.8 ELSE 1 END, 2) AS amount) a
  UNION ALL
  SELECT jsonb_build_object('eventType', 'procurement', 'date', month + 4, 'supplier', 'Supplier ' || k, 'category', 'hosting',
           'amount', round(revenue * 0.38 * power(10, 2 * (k - 0.5) / 12) / 1050, 2))
  FROM month, generate_series(1, 12) k
  UNION ALL  -- what payroll and levies leave of 40 % of the revenue
  SELECT jsonb_build_object('eventType', 'expense', 'date', month + 9, 'costCenter', 'Office', 'account', 'rent', 'isCapex', false,
           'amount', round(revenue * 0.4 * CASE WHEN beats AND m = 26 THEN 1.1 ELSE 1 END - 96800, 2))
  FROM month
  UNION ALL
  SELECT jsonb_build_object('eventType', 'tax_payment', 'date', month + 14, 'taxType', 'payroll_tax', 'baseAmount', 80000, 'taxRate', 0.21,
           'taxAmount', 16800)
  FROM month
  UNION ALL  -- VAT, settled a month later
  SELECT v.event FROM (SELECT m, month, round(revenue, 2) AS output, round(revenue * 0.38, 2) AS input FROM month) b
  CROSS JOIN LATERAL (VALUES
    (jsonb_build_object('eventType', 'cash_movement', 'date', month + 27, 'category', 'vat_collected', 'direction', 'in', 'amount', round(output * 0.2, 2))),
    (jsonb_build_object('eventType', 'cash_movement', 'date', month + 27, 'category', 'vat_paid', 'direction', 'out',
       'amount', round(output * 0.2, 2) - round((output - input) * 0.2, 2))),
    (CASE WHEN m < 36 THEN jsonb_build_object('eventType', 'tax_payment', 'date', month + 45, 'taxType', 'vat', 'baseAmount', output - input,
       'taxRate', 0.2, 'taxAmount', round((output - input) * 0.2, 2)) END)) v(event)
  WHERE v.event IS NOT NULL
  UNION ALL
  SELECT jsonb_build_object('eventType', 'hr_hire', 'date', '2021-12-01', 'employeeId', 'E' || e, 'department', 'Engineering', 'role', 'developer',
           'monthlySalary', 4000)
  FROM generate_series(1, 20) e
  UNION ALL  -- two leave every year and are replaced the month after
  SELECT jsonb_build_object('eventType', 'hr_exit', 'date', month + 19, 'employeeId', 'E' || m / 6 + 1) FROM month WHERE m % 6 = 2
  UNION ALL
  SELECT jsonb_build_object('eventType', 'hr_hire', 'date', month, 'employeeId', 'E' || m + 100, 'department', 'Engineering', 'role', 'developer',
           'monthlySalary', 4000)
  FROM month WHERE m % 6 = 3
  UNION ALL
  SELECT '{"eventType": "cash_movement", "date": "2021-12-01", "category": "opening_balance", "amount": 100000, "direction": "in"}'
$$;
CREATE PROCEDURE tell(company text, scenario text, variant text, growth numeric, beats boolean) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tellingcube.create_scenario(company, scenario, variant => variant, starts => '2022-01', months => 36);
  PERFORM tellingcube.append_events(company, scenario, (SELECT jsonb_agg(event) FROM told(growth, beats)));
END $$;
SELECT FROM tellingcube.create_company('Sound', 'Information Technology', 'AT') \g /dev/null
CALL tell('Sound', 'Actual', 'baseline', 1.08, true);
UPDATE dim_scenario SET document = '{"narrative": [
  {"month": "2022-09", "event": "dearer servers", "measure": "cogs", "change": 0.08},
  {"month": "2023-05", "event": "a major order", "measure": "revenue", "change": 0.15},
  {"month": "2023-10", "event": "a strike in the west", "measure": "revenue", "change": -0.2, "region": "West"},
  {"month": "2024-02", "event": "an audit", "measure": "opex", "change": 0.1}]}';
CALL tell('Sound', 'Plain', 'other', 1.08, false);
SELECT FROM tellingcube.create_company('Three', 'Information Technology', 'AT') \g /dev/null
CALL tell('Three', 'Base', 'baseline', 1.08, false);
CALL tell('Three', 'Up', 'growth', 1.20, false);
CALL tell('Three', 'Down', 'recession', 0.96, false);
SELECT FROM tellingcube.fold_facts() \g /dev/null

SELECT gate, measure, threshold, value, pass, detail FROM tellingcube.quality_report('Sound', 'Actual');
SELECT scenario, count(*) FILTER (WHERE pass) AS passed, count(*) FILTER (WHERE NOT pass) AS failed FROM tellingcube.quality_report('sound') GROUP BY 1 ORDER BY 1;
SELECT scenario, measure, value, pass, detail FROM tellingcube.quality_report('Three') WHERE gate = 'variants';
SELECT scenario, gate, measure FROM tellingcube.quality_report('Three') WHERE NOT pass;

CREATE FUNCTION sale(day date, amount numeric, cogs numeric DEFAULT 0, customer int DEFAULT 1, product int DEFAULT 1) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('eventType', 'sale', 'date', day, 'customer', 'Customer ' || customer, 'product', 'Product ' || product, 'region', 'East',
                            'quantity', 1, 'unitPrice', amount, 'revenue', amount, 'cogs', cogs)
$$;
CREATE FUNCTION expense(day date, amount numeric) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('eventType', 'expense', 'date', day, 'costCenter', 'Office', 'account', 'rent', 'isCapex', false, 'amount', amount)
$$;
CREATE FUNCTION revenue(scenario text, period text DEFAULT '2022..2024') RETURNS TABLE (month date, revenue numeric) LANGUAGE sql AS $$
  SELECT f.month, f.revenue FROM fact_finance_monthly f JOIN dim_scenario s USING (company_id, scenario_id)
  WHERE s.name = $1 AND f.month BETWEEN tellingcube.first_month($2) AND tellingcube.last_month($2)
$$;
-- A share of a month once more, by all customers, at the usual margins.
CREATE FUNCTION more(scenario text, period text, share numeric) RETURNS SETOF jsonb LANGUAGE sql AS $$
  SELECT x.event
  FROM revenue($1, $2) r CROSS JOIN generate_series(1, 60) k
  CROSS JOIN LATERAL (SELECT round(r.revenue * power(10, 2 * (k - 0.5) / 60) / 1289 * $3, 2) AS amount) a
  CROSS JOIN LATERAL (VALUES (sale(r.month + k % 28, a.amount, round(a.amount * 0.38, 2), k, k)),
                             (expense(r.month + k % 28, round(a.amount * 0.4, 2)))) x(event)
$$;
-- Appends the events of a query, or runs a statement; shows which gates fail then.
CREATE TABLE noticed (gate text, measure text);
CREATE FUNCTION control(tamper text, scenario text DEFAULT 'Plain', company text DEFAULT 'Sound')
RETURNS TABLE (gate text, measure text, value numeric, detail text) LANGUAGE plpgsql AS $$
DECLARE
  seen jsonb;
  told jsonb;
BEGIN
  BEGIN
    IF tamper ~* '^ *select' THEN
      EXECUTE 'SELECT jsonb_agg(event) FROM (' || tamper || ') e(event)' INTO told;
      PERFORM tellingcube.append_events(company, scenario, told);
    ELSE
      EXECUTE tamper;
    END IF;
    SELECT coalesce(jsonb_agg(r), '[]') INTO seen FROM tellingcube.quality_report(company, scenario) r WHERE NOT r.pass;
    RAISE EXCEPTION USING ERRCODE = 'TC999', MESSAGE = 'undo';
  EXCEPTION WHEN SQLSTATE 'TC999' THEN NULL;
  END;
  INSERT INTO noticed SELECT f.gate, f.measure FROM jsonb_to_recordset(seen) f(gate text, measure text);
  RETURN QUERY SELECT f.* FROM jsonb_to_recordset(seen) f(gate text, measure text, value numeric, detail text);
END $$;

-- Invented amounts: everything costs 5.55.
SELECT * FROM control($$SELECT expense('2023-03-07', 5.55) FROM generate_series(1, 400)$$);
-- Two hundred customers who buy for a few cents; two hundred such products; each in the first digits of the rest.
SELECT * FROM control($$SELECT sale(date '2023-01-02' + i % 5, round(power(10, i / 200.0) / 10, 2), 0, i + 100, 1) FROM generate_series(1, 200) i$$);
SELECT * FROM control($$SELECT sale(date '2023-01-02' + i % 5, round(power(10, i / 200.0) / 10, 2), 0, 1, i + 100) FROM generate_series(1, 200) i$$);
-- July sells half as much again as it should.
SELECT * FROM control($$SELECT more('Plain', y || '-07', 0.5) FROM generate_series(2022, 2024) y$$);
-- Every other month sells a third more; in another year it is the other months.
SELECT * FROM control($$SELECT more('Plain', to_char(m, 'YYYY-MM'), 0.35) FROM generate_series(timestamp '2022-08-01', '2023-06-01', '2 months') m
  UNION ALL SELECT more('Plain', to_char(m, 'YYYY-MM'), 0.35) FROM generate_series(timestamp '2023-07-01', '2024-05-01', '2 months') m$$);
-- Office hours at the weekend; everything on a Tuesday.
SELECT * FROM control($$SELECT sale(date '2023-02-04' + i % 2 + i % 4 * 7, round(power(10, i / 220.0) / 10, 2), 0, i % 60 + 1, i % 60 + 1) FROM generate_series(1, 220) i$$);
SELECT * FROM control($$SELECT sale(date '2023-02-07' + i % 4 * 7, round(power(10, i / 300.0) / 10, 2), 0, i % 60 + 1, i % 60 + 1) FROM generate_series(1, 300) i$$);
-- Margins: of a year, of a month; the other one is made good by what else is spent.
SELECT * FROM control($$SELECT e FROM revenue('Plain', '2023') r,
  LATERAL (VALUES (sale(r.month, 0, round(r.revenue * 0.06, 2))), (expense(r.month, -round(r.revenue * 0.06, 2)))) x(e)$$);
SELECT * FROM control($$SELECT e FROM revenue('Plain', '2023-03') r,
  LATERAL (VALUES (sale(r.month, 0, round(r.revenue * 0.12, 2))), (expense(r.month, -round(r.revenue * 0.12, 2)))) x(e)$$);
SELECT * FROM control($$SELECT expense(r.month, round(r.revenue * 0.06, 2)) FROM revenue('Plain', '2023') r$$);
SELECT * FROM control($$SELECT expense(r.month, round(r.revenue * 0.12, 2)) FROM revenue('Plain', '2023-03') r$$);
-- People: half a dozen leave in one month and are replaced in the next; sixty who cost nothing.
SELECT * FROM control($$SELECT e FROM generate_series(11, 16) i, LATERAL (VALUES
  (jsonb_build_object('eventType', 'hr_exit', 'date', '2023-05-10', 'employeeId', 'E' || i)),
  (jsonb_build_object('eventType', 'hr_hire', 'date', '2023-06-01', 'employeeId', 'R' || i, 'department', 'Engineering', 'role', 'developer',
                      'monthlySalary', 4000))) x(e)$$);
SELECT * FROM control($$SELECT jsonb_build_object('eventType', 'hr_hire', 'date', '2021-12-10', 'employeeId', 'V' || i, 'department', 'Volunteers', 'role', 'helper',
                      'monthlySalary', 1) FROM generate_series(1, 60) i
  UNION ALL SELECT jsonb_build_object('eventType', 'hr_exit', 'date', date '2022-05-10' + i % 3 * 365, 'employeeId', 'V' || i) FROM generate_series(1, 12) i$$);
-- Identities: somebody tampers with a stored row.
CREATE FUNCTION plain() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT scenario_id FROM dim_scenario WHERE name = 'Plain' $$;
SELECT * FROM control($$UPDATE fact_sales_stored SET quantity = quantity + 0.01 WHERE scenario_id = plain() AND month = '2023-02-01' AND revenue =
  (SELECT max(revenue) FROM fact_sales_stored WHERE scenario_id = plain() AND month = '2023-02-01')$$);
SELECT * FROM control($$UPDATE fact_hr_stored SET hires = hires + 1 WHERE scenario_id = plain() AND month = '2022-03-01'$$);
SELECT * FROM control($$UPDATE fact_finance_stored SET amount = amount + 0.01 WHERE scenario_id = plain() AND line = 'cash_in'$$);
SELECT * FROM control($$ALTER TABLE events DISABLE TRIGGER ALL;
  UPDATE events SET payload = payload || '{"taxRate": 0.22}' WHERE scenario_id = plain() AND event_type = 'tax_payment' AND event_month = '2023-04-01'$$);
SELECT * FROM control($$SELECT jsonb_build_object('eventType', 'cash_movement', 'date', '2023-03-28', 'category', 'vat_collected', 'direction', 'in', 'amount', 0.01)$$);
SELECT * FROM control($$SELECT jsonb_build_object('reverses', event_id) FROM events WHERE scenario_id = plain() AND payload ->> 'taxType' = 'vat'
  AND event_month > '2023-12-01'$$);
-- Variants: a month in which the recession sells better; a plan as good as the growth, nearly.
SELECT * FROM control($$SELECT sale(r.month, round(0.3 * r.revenue, 2)) FROM revenue('Down', '2022-11') r$$, 'Down', 'Three') WHERE gate = 'variants';
SELECT * FROM control($$SELECT sale(d.month, round(0.97 * u.revenue - d.revenue, 2)) FROM revenue('Base') d JOIN revenue('Up') u USING (month) WHERE d.month > '2022-06-01'$$,
  'Base', 'Three') WHERE gate = 'variants';
-- Beats: the order is half as large again; its buyer orders the month after, too.
SELECT * FROM control($$SELECT more('Actual', '2023-05', 0.08)$$, 'Actual');
SELECT * FROM control($$SELECT more('Actual', '2023-06', 0.05)$$, 'Actual');

-- Every gate was seen to fail, and all is undone.
SELECT gate, measure FROM tellingcube.quality_gates() g WHERE NOT EXISTS (SELECT FROM noticed n WHERE (n.gate, n.measure) = (g.gate, g.measure));
SELECT scenario, count(*) FILTER (WHERE NOT pass) AS failed FROM tellingcube.quality_report('Sound') GROUP BY 1 ORDER BY 1;
SELECT FROM tellingcube.drop_cube('gates');
