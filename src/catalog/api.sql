CREATE OR REPLACE FUNCTION tellingcube.uri_escape(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(string_agg(
    CASE WHEN c ~ '^[A-Za-z0-9._~-]$' THEN c
         ELSE regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g') END, '' ORDER BY position), '')
  FROM regexp_split_to_table(value, '') WITH ORDINALITY s(c, position)
$$;
COMMENT ON FUNCTION tellingcube.uri_escape(text) IS 'A text as it may stand in a URI.';
