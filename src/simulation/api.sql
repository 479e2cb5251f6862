CREATE OR REPLACE FUNCTION tellingcube.sectors() RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sectors';
COMMENT ON FUNCTION tellingcube.sectors() IS
  'What is typical of each GICS sector, by its code, with sources: margins, growth, months, weekdays, products, roles, costs. The view sector shows the main figures.';
CREATE OR REPLACE FUNCTION tellingcube.countries() RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'countries';
COMMENT ON FUNCTION tellingcube.countries() IS
  'What holds in each country, by its ISO code, with sources: taxes and their calendars, each rate with the month it is valid from, holidays, names. The view country shows today''s rates.';
CREATE OR REPLACE FUNCTION tellingcube.beat_words() RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'beat_words';
COMMENT ON FUNCTION tellingcube.beat_words() IS
  'What words of a beat mean for the figures when it says neither measure nor change: {"words": [{"words": ["strike"], "measure": "revenue", "change": -0.15}, …]}.';

CREATE OR REPLACE VIEW tellingcube.sector AS
SELECT s.code, s.body ->> 'name' AS name, s.body ->> 'kind' AS kind,
       (s.body ->> 'gross_margin')::numeric AS gross_margin, (s.body ->> 'opex')::numeric AS opex,
       (s.body ->> 'ebitda')::numeric AS ebitda, (s.body ->> 'da')::numeric AS depreciation, (s.body ->> 'ebit')::numeric AS ebit,
       (s.body ->> 'capex')::numeric AS capex,
       (s.body ->> 'rev_per_fte_keur')::numeric AS revenue_per_employee, (s.body ->> 'avg_salary_keur')::numeric AS salary,
       (s.body #>> '{growth,baseline}')::numeric AS baseline, (s.body #>> '{growth,growth}')::numeric AS growth,
       (s.body #>> '{growth,recession}')::numeric AS recession, (s.body ->> 'attrition')::numeric AS attrition,
       (s.body ->> 'seasonal')::boolean AS seasonal,
       ARRAY(SELECT m::integer FROM pg_catalog.jsonb_array_elements_text(s.body -> 'season') m) AS season,
       ARRAY(SELECT p FROM pg_catalog.jsonb_array_elements_text(s.body -> 'products') p) AS products
FROM pg_catalog.jsonb_each(tellingcube.sectors()) s(code, body)
ORDER BY s.code;
GRANT SELECT ON tellingcube.sector TO PUBLIC;
COMMENT ON VIEW tellingcube.sector IS 'The GICS sectors that can be simulated and what is typical of them. All of it, with sources: sectors().';
COMMENT ON COLUMN tellingcube.sector.code IS 'GICS code of the sector.';
COMMENT ON COLUMN tellingcube.sector.name IS 'Name; simulations take it or the code.';
COMMENT ON COLUMN tellingcube.sector.kind IS 'b2b: sells to named customers, mostly on weekdays; retail: to anybody, Saturdays most.';
COMMENT ON COLUMN tellingcube.sector.gross_margin IS 'Gross margin, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.opex IS 'Operating expenses with payroll and levies, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.ebitda IS 'EBITDA, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.depreciation IS 'Depreciation and amortisation, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.ebit IS 'EBIT, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.capex IS 'Investment, percent of revenue.';
COMMENT ON COLUMN tellingcube.sector.revenue_per_employee IS 'Revenue for each employee, thousands of EUR a year.';
COMMENT ON COLUMN tellingcube.sector.salary IS 'Average salary, thousands of EUR a year.';
COMMENT ON COLUMN tellingcube.sector.baseline IS 'Growth a year in the variant baseline, percent.';
COMMENT ON COLUMN tellingcube.sector.growth IS 'Growth a year in the variant growth, percent.';
COMMENT ON COLUMN tellingcube.sector.recession IS 'Growth a year in the variant recession, percent.';
COMMENT ON COLUMN tellingcube.sector.attrition IS 'Employees who leave in a year, percent.';
COMMENT ON COLUMN tellingcube.sector.seasonal IS 'Whether the months differ markedly.';
COMMENT ON COLUMN tellingcube.sector.season IS 'Weights of January to December, 1200 together.';
COMMENT ON COLUMN tellingcube.sector.products IS 'What such companies sell.';

CREATE OR REPLACE VIEW tellingcube.country AS
WITH tax AS (  -- today's rate of each
  SELECT c.code, t.tax,
         (SELECT (r ->> 'rate')::numeric FROM pg_catalog.jsonb_array_elements(t.body -> 'rates') r
          WHERE r ->> 'valid_from' <= pg_catalog.to_char(CURRENT_DATE, 'YYYY-MM') ORDER BY r ->> 'valid_from' DESC LIMIT 1) AS rate
  FROM pg_catalog.jsonb_each(tellingcube.countries()) c(code, body), pg_catalog.jsonb_each(c.body -> 'taxes') t(tax, body)
)
SELECT c.code, c.body ->> 'name' AS name, c.body ->> 'currency' AS currency, (c.body ->> 'eur_rate')::numeric AS eur_rate,
       (SELECT rate FROM tax t WHERE (t.code, t.tax) = (c.code, 'corporate_income_tax')) AS corporate_income_tax,
       (SELECT rate FROM tax t WHERE (t.code, t.tax) = (c.code, 'trade_tax')) AS trade_tax,
       (SELECT rate FROM tax t WHERE (t.code, t.tax) = (c.code, 'payroll_tax')) AS payroll_tax,
       (SELECT rate FROM tax t WHERE (t.code, t.tax) = (c.code, 'vat')) AS vat,
       c.body #>> '{taxes,vat,period}' AS vat_period, (c.body ->> 'wage_level')::numeric AS wage_level,
       ARRAY(SELECT r FROM pg_catalog.jsonb_array_elements_text(c.body -> 'regions') r) AS regions
FROM pg_catalog.jsonb_each(tellingcube.countries()) c(code, body)
ORDER BY c.code;
GRANT SELECT ON tellingcube.country TO PUBLIC;
COMMENT ON VIEW tellingcube.country IS 'The countries that can be simulated, with the rates of today. All of it, with earlier and later rates and sources: countries().';
COMMENT ON COLUMN tellingcube.country.code IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN tellingcube.country.name IS 'English name; simulations take it or the code.';
COMMENT ON COLUMN tellingcube.country.currency IS 'Currency, ISO 4217.';
COMMENT ON COLUMN tellingcube.country.eur_rate IS 'Units of the currency for one EUR with which sector figures are converted: a round average, not a day''s rate.';
COMMENT ON COLUMN tellingcube.country.corporate_income_tax IS 'Corporate income tax with surcharges, as a share of profit.';
COMMENT ON COLUMN tellingcube.country.trade_tax IS 'Local or state tax on profit, as a share of it; NULL where there is none.';
COMMENT ON COLUMN tellingcube.country.payroll_tax IS 'What employers pay on top of salaries, as a share of them.';
COMMENT ON COLUMN tellingcube.country.vat IS 'Standard rate of VAT; NULL where there is none.';
COMMENT ON COLUMN tellingcube.country.vat_period IS 'What a VAT return covers: month or quarter.';
COMMENT ON COLUMN tellingcube.country.wage_level IS 'Wages beside those of the sector figures (1).';
COMMENT ON COLUMN tellingcube.country.regions IS 'Sales regions of a company that names none.';
