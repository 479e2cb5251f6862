-- cube_catalog: what a tool needs to know of a cube, for a role that may only read.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('catalogued');
CREATE ROLE regress_catalog_reader;
GRANT USAGE ON SCHEMA catalogued TO regress_catalog_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA catalogued TO regress_catalog_reader;
CREATE TABLE catalogued.budget_note (note_id integer PRIMARY KEY, company_id uuid, note text);
SET ROLE regress_catalog_reader;
SET search_path = catalogued;
SELECT kind, table_name, string_agg(column_name, ', ' ORDER BY ordinal) FILTER (WHERE is_key) AS key
FROM cube_catalog WHERE kind <> 'internal' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT column_name, data_type, is_key, references_table, references_column, unit, additivity
FROM cube_catalog WHERE table_name = 'fact_hr_monthly' ORDER BY ordinal;
SELECT column_name, unit, additivity FROM cube_catalog
WHERE table_name = 'ibcs_finance_monthly' AND column_name ~ '^(ac|unit|delta_pl.*)$' ORDER BY ordinal;
SELECT column_name, references_table, references_column FROM cube_catalog WHERE table_name IN ('dim_region', 'fact_sales_stored')
  AND references_table IS NOT NULL ORDER BY table_name, ordinal;
-- Every grain and join that it tells is real.
SELECT k.table_name, k.references_table, k.references_column FROM cube_catalog k
WHERE k.references_table IS NOT NULL AND NOT EXISTS (
  SELECT FROM cube_catalog r WHERE r.table_name = k.references_table AND r.column_name = k.references_column AND r.is_key);
SELECT table_name FROM cube_catalog WHERE kind IN ('fact', 'dimension', 'ibcs') GROUP BY 1 HAVING NOT bool_or(is_key);
-- Everything of ours is explained.
SELECT table_name, column_name FROM cube_catalog WHERE kind <> 'other' AND (table_comment IS NULL OR column_comment IS NULL);
-- Every measure of a fact is in the registry of measures, and the other way round.
SELECT m.fact, m.measure, c.column_name FROM tellingcube.measure m
FULL JOIN (SELECT table_name, column_name FROM cube_catalog WHERE kind = 'fact' AND NOT is_key) c
  ON c.table_name = 'fact_' || m.fact || '_monthly' AND c.column_name = m.measure
WHERE m.measure IS NULL OR c.column_name IS NULL;
RESET ROLE;
RESET search_path;
DROP OWNED BY regress_catalog_reader;
DROP ROLE regress_catalog_reader;
SELECT FROM tellingcube.drop_cube('catalogued');
