-- What there is in the cube, for people and tools. A role that may only SELECT sees no constraints in information_schema,
-- and views have none; so keys and joins are told here, from pg_catalog, which everybody may read.
CREATE OR REPLACE VIEW cube_catalog WITH (security_invoker = true) AS
WITH home AS (
  SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = 'events'::regclass
), relation AS (
  SELECT c.oid, c.relname::text AS name,
         CASE WHEN c.relname ~ '^fact_[a-z]+_monthly$' THEN 'fact'
              WHEN c.relname ~ '^dim_' THEN 'dimension'
              WHEN c.relname IN ('events', 'events_current', 'events_cloudevents', 'event_lag', 'batch', 'quarantine',
                                 'employment_history') THEN 'event store'
              WHEN c.relname ~ '^ibcs_[a-z]+_(monthly|quarterly|yearly)$' THEN 'ibcs'
              WHEN c.relname ~ '^fact_' OR c.relname IN ('scenario_span', 'ibcs_scenario', 'ibcs_source', 'cube_catalog')
                THEN 'internal'
              ELSE 'other' END AS kind
  FROM pg_catalog.pg_class c JOIN home USING (relnamespace)
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
), grain(name, columns) AS (VALUES  -- of views; that of tables is their primary key
  ('fact_sales_monthly', ARRAY['company_id', 'scenario_id', 'product_id', 'region_id', 'month']),
  ('fact_hr_monthly', ARRAY['company_id', 'scenario_id', 'department_id', 'month']),
  ('fact_expense_monthly', ARRAY['company_id', 'scenario_id', 'cost_center_id', 'month']),
  ('fact_finance_monthly', ARRAY['company_id', 'scenario_id', 'month']),
  ('ibcs_sales_monthly', ARRAY['company_id', 'product_id', 'region_id', 'month', 'measure']),
  ('ibcs_hr_monthly', ARRAY['company_id', 'department_id', 'month', 'measure']),
  ('ibcs_expense_monthly', ARRAY['company_id', 'cost_center_id', 'month', 'measure']),
  ('ibcs_finance_monthly', ARRAY['company_id', 'month', 'measure']),
  ('ibcs_finance_quarterly', ARRAY['company_id', 'quarter', 'measure']),
  ('ibcs_finance_yearly', ARRAY['company_id', 'fiscal_year', 'measure']),
  ('dim_company_date', ARRAY['company_id', 'month']),
  ('events_current', ARRAY['company_id', 'event_month', 'event_id']),
  ('events_cloudevents', ARRAY['company_id', 'event_month', 'id']),
  ('event_lag', ARRAY['company_id', 'scenario_id', 'event_type']),
  ('employment_history', ARRAY['company_id', 'scenario_id', 'employee', 'event_id']),
  ('scenario_span', ARRAY['company_id', 'scenario_id']),
  ('ibcs_scenario', ARRAY['company_id', 'ibcs']),
  ('ibcs_source', ARRAY['company_id', 'month', 'ibcs', 'source'])
), joined(column_name, table_name, target) AS (VALUES  -- a column of this name means this member wherever it stands
  ('company_id', 'dim_company', 'company_id'), ('scenario_id', 'dim_scenario', 'scenario_id'),
  ('month', 'dim_date', 'month'), ('event_month', 'dim_date', 'month'), ('product_id', 'dim_product', 'product_id'),
  ('region_id', 'dim_region', 'region_id'), ('department_id', 'dim_department', 'department_id'),
  ('cost_center_id', 'dim_cost_center', 'cost_center_id'), ('account_id', 'dim_account', 'account_id'),
  ('tax_type_id', 'dim_tax_type', 'tax_type_id')
), parent AS (  -- hierarchies
  SELECT k.conrelid, k.conkey[2] AS attnum, r.relname::text AS table_name, f.attname::text AS target
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
  JOIN pg_catalog.pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = k.confkey[2]
  WHERE k.contype = 'f' AND k.conrelid = k.confrelid AND cardinality(k.conkey) = 2
)
SELECT r.name AS table_name, r.kind, a.attname::text AS column_name,
       row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum)::integer AS ordinal,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS data_type,
       coalesce(a.attname = ANY (g.columns), p.indkey IS NOT NULL AND a.attnum = ANY (p.indkey::smallint[])) AS is_key,
       coalesce(j.table_name, h.table_name) AS references_table, coalesce(j.target, h.target) AS references_column,
       CASE WHEN m.unit IS NOT NULL THEN m.unit
            WHEN r.kind = 'ibcs' AND a.attname ~ '_pct$' THEN 'percent'
            WHEN r.kind = 'ibcs' AND a.attname ~ '^(ac|py|pl|fc|delta_(py|pl|fc))$' THEN 'as in column unit' END AS unit,
       CASE WHEN m.additivity IS NOT NULL THEN m.additivity
            WHEN r.kind = 'ibcs' AND a.attname ~ '_pct$' THEN 'non-additive'
            WHEN r.kind = 'ibcs' AND a.attname ~ '^(ac|py|pl|fc|delta_(py|pl|fc))$' THEN 'as tellingcube.measure says'
       END AS additivity,
       pg_catalog.obj_description(r.oid, 'pg_class') AS table_comment,
       pg_catalog.col_description(r.oid, a.attnum) AS column_comment
FROM relation r
JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN grain g ON g.name = r.name
LEFT JOIN pg_catalog.pg_index p ON p.indrelid = r.oid AND p.indisprimary
LEFT JOIN joined j ON j.column_name = a.attname AND j.table_name <> r.name AND r.kind <> 'other'
LEFT JOIN parent h ON h.conrelid = r.oid AND h.attnum = a.attnum
LEFT JOIN tellingcube.measure m ON r.kind = 'fact' AND r.name = 'fact_' || m.fact || '_monthly' AND m.measure = a.attname;
COMMENT ON VIEW cube_catalog IS 'What there is in the cube: one row for each column of each table and view, with keys, joins, units and meaning.';
COMMENT ON COLUMN cube_catalog.table_name IS 'Table or view.';
COMMENT ON COLUMN cube_catalog.kind IS 'fact, dimension, event store, ibcs, internal (behind the others), other (put here by somebody else).';
COMMENT ON COLUMN cube_catalog.column_name IS 'Column.';
COMMENT ON COLUMN cube_catalog.ordinal IS 'Its position, from 1.';
COMMENT ON COLUMN cube_catalog.data_type IS 'Its type.';
COMMENT ON COLUMN cube_catalog.is_key IS 'Whether it is part of what one row is about: the primary key, or a view''s grain.';
COMMENT ON COLUMN cube_catalog.references_table IS 'Table that it joins to. Members of a company join by company_id as well.';
COMMENT ON COLUMN cube_catalog.references_column IS 'Column there that it equals.';
COMMENT ON COLUMN cube_catalog.unit IS 'Unit of a measure: currency (dim_company.currency), persons, count, percent.';
COMMENT ON COLUMN cube_catalog.additivity IS 'How a measure adds up: additive, semi-additive (over time the last month counts), non-additive. Scenarios are never added up.';
COMMENT ON COLUMN cube_catalog.table_comment IS 'What a row of the table is.';
COMMENT ON COLUMN cube_catalog.column_comment IS 'What the column means.';
