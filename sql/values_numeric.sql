-- Numbers are read from numeric's digits where they lie. Whatever the number of digits and decimals, what comes out is what
-- went in: each salary here goes through the C++ side and back.
WITH number AS (
  SELECT (i * 7919 % power(10, i % 17 + 1)::bigint)::numeric / power(10::numeric, i % 5) * (CASE i % 3 WHEN 0 THEN 10000 ELSE 1 END) AS n
  FROM generate_series(1, 20000) i
  UNION ALL VALUES (0), (0.0001), (0.001), (0.01), (0.1), (1), (10), (100), (1000), (9999), (10000), (10001), (99999999), (100000000),
    (123456789012345.6789), (9999999999999999.9999), (5000.5000), (0.5000), (1000000000000000)
)
SELECT count(*) AS numbers, count(*) FILTER (WHERE e.payroll_change = n) AS same,
       count(*) FILTER (WHERE scale(e.payroll_change) = 4) AS with_four_decimals
FROM (SELECT trunc(n, 4) AS n FROM number WHERE n < 1e16) v
CROSS JOIN LATERAL tellingcube.employment(ARRAY['2024-01-01'::timestamp], ARRAY['00000000-0000-0000-0000-000000000001'::uuid], ARRAY[n]) e;

-- The control: a difference in the last decimal is seen.
SELECT e.payroll_change = 0.0002 AS same
FROM tellingcube.employment(ARRAY['2024-01-01'::timestamp], ARRAY['00000000-0000-0000-0000-000000000001'::uuid], ARRAY[0.0001]) e;
