-- bench_event: SCALE million events of a plausible mix over 36 months, 20 companies, 40 products, 8 regions: the same rows
-- for both sides. bench_batch: the same as flat JSON, 1,000 events each, in the order in which they happened.
CREATE TABLE bench_company AS
SELECT n, tellingcube.uuid_v7() AS company_id, tellingcube.uuid_v7() AS scenario_id FROM generate_series(1, 20) n;

CREATE UNLOGGED TABLE bench_event AS
SELECT b.company_id, b.scenario_id, e.event_month, tellingcube.uuid_v7() AS event_id, e.event_type, e.event_ts, e.payload
FROM (
  SELECT i % 20 + 1 AS company,
         (date '2022-01-01' + (h % 36) * interval '1 month')::date AS event_month,
         (date '2022-01-01' + (h % 36) * interval '1 month' + (h / 36 % 27) * interval '1 day')::timestamp AS event_ts,
         k.event_type,
         CASE k.event_type
           WHEN 'sale' THEN jsonb_build_object('product', 'Product ' || h % 40, 'region', 'Region ' || h / 41 % 8,
             'quantity', h % 50 + 1, 'unitPrice', (h % 900 + 100) / 10.0,
             'revenue', ((h % 50 + 1) * (h % 900 + 100) / 10.0)::numeric(20,2),
             'cogs', ((h % 50 + 1) * (h % 900 + 100) / 25.0)::numeric(20,2), 'channel', 'store')
           WHEN 'expense' THEN jsonb_build_object('costCenter', 'Cost centre ' || h % 12,
             'account', (ARRAY['rent', 'marketing', 'depreciation', 'interest', 'travel'])[h % 5 + 1],
             'amount', (h % 90000)::numeric / 100, 'isCapex', h % 23 = 0)
           WHEN 'procurement' THEN jsonb_build_object('supplier', 'Supplier ' || h % 9, 'category', 'materials',
             'amount', (h % 70000)::numeric / 100)
           WHEN 'tax_payment' THEN jsonb_build_object('taxType', (ARRAY['vat', 'payroll_tax', 'trade_tax'])[h % 3 + 1],
             'baseAmount', (h % 1000) * 100, 'taxRate', 0.2, 'taxAmount', (h % 1000) * 20)
           WHEN 'hr_hire' THEN jsonb_build_object('employeeId', 'E' || i, 'department', 'Department ' || h % 6,
             'role', 'Clerk', 'monthlySalary', 2000 + h % 3000)
           ELSE jsonb_build_object('category', 'loan', 'amount', h % 5000, 'direction', 'in') END AS payload
  FROM (SELECT i, abs(hashint8(i)::bigint) AS h FROM generate_series(1, (:SCALE * 1000000)::bigint) i) g
  CROSS JOIN LATERAL (SELECT CASE WHEN h / 7 % 100 < 80 THEN 'sale' WHEN h / 7 % 100 < 92 THEN 'expense'
                                  WHEN h / 7 % 100 < 95 THEN 'procurement' WHEN h / 7 % 100 < 97 THEN 'tax_payment'
                                  WHEN h / 7 % 100 < 98 THEN 'hr_hire' ELSE 'cash_movement' END AS event_type) k
) e JOIN bench_company b ON b.n = e.company
ORDER BY e.event_ts;

CREATE UNLOGGED TABLE bench_batch AS
SELECT company_id, scenario_id, n, '[' || string_agg(
         (jsonb_build_object('eventType', event_type, 'date', event_ts::date) || payload)::text, ',' ORDER BY event_ts) || ']' AS events
FROM (SELECT *, (row_number() OVER (PARTITION BY company_id ORDER BY event_ts) - 1) / 1000 AS n FROM bench_event) e
GROUP BY company_id, scenario_id, n;

-- A fresh cube with the companies' keys as in bench_event.
CREATE PROCEDURE bench_cube() LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('cube.events') IS NOT NULL THEN PERFORM tellingcube.drop_cube('cube'); END IF;
  PERFORM tellingcube.create_cube('cube');
  EXECUTE 'INSERT INTO cube.dim_company (company_id, name) SELECT company_id, ''Company '' || n FROM bench_company';
  EXECUTE 'INSERT INTO cube.dim_scenario (company_id, scenario_id, name, starts, months)
           SELECT company_id, scenario_id, ''Actual'', ''2022-01-01'', 36 FROM bench_company';
  PERFORM tellingcube.ensure_partition('cube', m::date)
  FROM generate_series(timestamp '2022-01-01', timestamp '2024-12-01', interval '1 month') m;
END $$;
CREATE PROCEDURE bench_append() LANGUAGE plpgsql AS $$
DECLARE
  b record;
BEGIN
  FOR b IN SELECT * FROM bench_batch ORDER BY n, company_id LOOP
    PERFORM tellingcube.append_events(b.company_id::text, b.scenario_id::text, b.events, cube => 'cube');
    COMMIT;
  END LOOP;
END $$;

-- The rules of the event types as one would write them in PL/pgSQL.
CREATE FUNCTION bench_check(event_type text, payload jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  n int;
BEGIN
  SELECT count(*) INTO n FROM jsonb_object_keys(payload);
  CASE event_type
    WHEN 'sale' THEN
      RETURN n BETWEEN 6 AND 8 AND payload->>'product' <> '' AND payload->>'region' <> ''
        AND jsonb_typeof(payload->'quantity') = 'number' AND (payload->>'quantity')::numeric >= 0
        AND jsonb_typeof(payload->'unitPrice') = 'number' AND (payload->>'unitPrice')::numeric >= 0
        AND jsonb_typeof(payload->'revenue') = 'number' AND scale(trim_scale((payload->>'revenue')::numeric)) <= 4
        AND jsonb_typeof(payload->'cogs') = 'number' AND scale(trim_scale((payload->>'cogs')::numeric)) <= 4
        AND abs((payload->>'quantity')::numeric * (payload->>'unitPrice')::numeric - (payload->>'revenue')::numeric) <= 0.005;
    WHEN 'expense' THEN
      RETURN n = 4 AND payload->>'costCenter' <> '' AND payload->>'account' <> '' AND jsonb_typeof(payload->'isCapex') = 'boolean'
        AND jsonb_typeof(payload->'amount') = 'number' AND scale(trim_scale((payload->>'amount')::numeric)) <= 4;
    WHEN 'procurement' THEN
      RETURN n = 3 AND payload->>'supplier' <> '' AND payload->>'category' <> '' AND jsonb_typeof(payload->'amount') = 'number';
    WHEN 'tax_payment' THEN
      RETURN n = 4 AND payload->>'taxType' <> '' AND abs((payload->>'baseAmount')::numeric * (payload->>'taxRate')::numeric
        - (payload->>'taxAmount')::numeric) <= 0.005;
    WHEN 'hr_hire' THEN
      RETURN n BETWEEN 4 AND 5 AND payload->>'employeeId' <> '' AND payload->>'department' <> '' AND (payload->>'monthlySalary')::numeric >= 0;
    WHEN 'cash_movement' THEN
      RETURN n = 3 AND payload->>'direction' IN ('in', 'out') AND (payload->>'amount')::numeric >= 0;
    ELSE RETURN false;
  END CASE;
END $$;
