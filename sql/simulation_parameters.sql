-- What simulations take from: sectors, countries, words of beats.
SELECT code, name, kind, gross_margin, opex, ebitda, baseline, growth, recession, seasonal FROM tellingcube.sector;
-- Margins are margins, months are weights of 1200, weekdays of 1000.
SELECT code FROM tellingcube.sector
WHERE gross_margin - opex <> ebitda OR ebitda - depreciation <> ebit
   OR (SELECT sum(w) FROM unnest(season) w) <> 1200 OR cardinality(season) <> 12
   OR (SELECT sum(w::integer) FROM jsonb_array_elements_text(tellingcube.sectors() -> code -> 'weekdays') w) <> 1000;
-- Every figure says where it comes from.
SELECT s.key, f.key FROM jsonb_each(tellingcube.sectors()) s, jsonb_each(s.value) f
WHERE jsonb_typeof(f.value) <> 'string' AND f.key NOT IN ('sources', 'seasonal', 'products', 'channels', 'investments')
  AND s.value #>> ARRAY['sources', f.key] IS NULL;
SELECT c.key, t.key, r FROM jsonb_each(tellingcube.countries()) c, jsonb_each(c.value -> 'taxes') t,
  jsonb_array_elements(t.value -> 'rates') r
WHERE r ->> 'source' IS NULL OR r ->> 'valid_from' !~ '^\d{4}-\d\d$' OR (r ->> 'rate')::numeric NOT BETWEEN 0 AND 0.6;
-- Rates change where they did; those of today are not for a test.
SELECT code, name, currency, vat_period FROM tellingcube.country;
SELECT c.code, r ->> 'valid_from' AS valid_from, r ->> 'rate' AS rate
FROM (VALUES ('DE'), ('CH')) c(code), jsonb_array_elements(tellingcube.countries() #> ARRAY[c.code, 'taxes', 'vat', 'rates']) r
ORDER BY 1, 2;
SELECT w ->> 'measure' AS measure, w ->> 'change' AS change FROM jsonb_array_elements(tellingcube.beat_words() -> 'words') w
WHERE w -> 'words' ? 'strike';
-- Anybody may read them.
SET ROLE pg_monitor;
SELECT count(*) FROM tellingcube.sector;
SELECT count(*), bool_and(corporate_income_tax > 0.08) FROM tellingcube.country;
RESET ROLE;
