-- The objects of schema :schema without a comment, one line each; also complains if the schema
-- has no relations and functions at all. Partitions are left out: they come and go with the
-- data, and readers name their parent. So are the row types and sequences that belong to tables.
WITH place AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname = :'schema'
), relation AS (
  SELECT c.oid, c.relname, c.relkind, c.oid::regclass::text AS name
  FROM pg_class c JOIN place ON c.relnamespace = place.oid
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') AND NOT c.relispartition
), object (what, name, comment) AS (
  SELECT 'schema', nspname::text, obj_description(oid, 'pg_namespace') FROM place
  UNION ALL
  SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                      WHEN 'f' THEN 'foreign table' ELSE 'table' END,
         name, obj_description(oid, 'pg_class')
  FROM relation WHERE relkind <> 'c'
  UNION ALL
  SELECT 'column', r.name || '.' || a.attname, col_description(r.oid, a.attnum)
  FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid
  WHERE a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
         p.oid::regprocedure::text, obj_description(p.oid, 'pg_proc')
  FROM pg_proc p JOIN place ON p.pronamespace = place.oid
  UNION ALL
  SELECT 'type', t.oid::regtype::text, obj_description(t.oid, 'pg_type')
  FROM pg_type t JOIN place ON t.typnamespace = place.oid
  LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE t.typcategory <> 'A' AND (t.typrelid = 0 OR c.relkind = 'c')
  UNION ALL
  SELECT 'operator', o.oid::regoperator::text, obj_description(o.oid, 'pg_operator')
  FROM pg_operator o JOIN place ON o.oprnamespace = place.oid
)
SELECT what || ' ' || name || ' has no comment' FROM object WHERE coalesce(comment, '') = ''
UNION ALL
SELECT 'schema ' || :'schema' || ' is missing or empty'
WHERE NOT EXISTS (SELECT FROM object WHERE what <> 'schema')
ORDER BY 1;
