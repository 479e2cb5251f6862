-- An error that passes through the extension, from SQL to C++ to SQL and back, tells its context once.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT FROM tellingcube.create_cube('context');
SET tellingcube.cube = 'context';
CREATE FUNCTION context_of(statement text) RETURNS TABLE (part text, told bigint) LANGUAGE plpgsql AS $$
DECLARE
  context text;
BEGIN
  BEGIN
    EXECUTE statement;
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
  END;
  RETURN QUERY SELECT p.part, count(l.line)
    FROM unnest(ARRAY['rebuild_facts_as_owner(text,name)', 'FROM tellingcube.rebuild_facts_as_owner', 'company_id(', 'context_of(']) p(part)
    LEFT JOIN regexp_split_to_table(context, '\n') l(line) ON strpos(l.line, p.part) > 0
    GROUP BY p.part HAVING count(l.line) > 0 ORDER BY p.part COLLATE "C";
END $$;
-- Raised in C++ three levels down, and raised in C++ at once.
SELECT * FROM context_of($$SELECT tellingcube.rebuild_facts('nobody')$$);
SELECT * FROM context_of($$SELECT tellingcube.company_id('nobody')$$);
DROP FUNCTION context_of(text);
SELECT FROM tellingcube.drop_cube('context');
