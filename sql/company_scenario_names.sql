-- Companies and scenarios are named as people type them, or by their keys; a typing error is asked back.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('names');
SET tellingcube.cube = 'names';

SELECT tellingcube.create_company('Alpine Bakery GmbH', 'Consumer Staples', 'AT', 'EUR') AS alpine \gset
SELECT tellingcube.create_company('Northwind Outfitters', 'Consumer Discretionary', 'DE', 'EUR') AS northwind \gset
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', 'AC', 'baseline', '2023-01') AS actual \gset
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Plan', 'PL', 'baseline', '2024-Q1', 24) AS plan \gset
SELECT name, gics_sector, country, currency, fiscal_year_start FROM names.dim_company ORDER BY name;
SELECT name, ibcs, variant, starts, months FROM names.dim_scenario ORDER BY name;

-- By name, by key, in another case, with blanks around.
SELECT tellingcube.company_id(given) = :'alpine' AS found, given
FROM unnest(ARRAY['Alpine Bakery GmbH', 'alpine bakery gmbh', '  ALPINE BAKERY GMBH ']) given;
SELECT tellingcube.company_id(:'alpine') = :'alpine' AS found;
SELECT tellingcube.company_id(upper(:'alpine')) = :'alpine' AS found;
SELECT tellingcube.scenario_id('Alpine Bakery GmbH', 'Actual') = :'actual' AS found;
SELECT tellingcube.scenario_id(:'alpine', ' plan ') = :'plan' AS found;
SELECT tellingcube.scenario_id('alpine bakery gmbh', :'plan') = :'plan' AS found;

-- The exact name wins over one that differs in case; among several of these none is guessed.
SELECT tellingcube.create_company('ACME') AS upper_acme, tellingcube.create_company('Acme') AS acme \gset
SELECT tellingcube.company_id('ACME') = :'upper_acme' AS exact, tellingcube.company_id('Acme') = :'acme' AS exact_too;
SELECT tellingcube.company_id('acme');
\echo :SQLSTATE
-- So does a name that looks like another company's key.
SELECT tellingcube.create_company(:'northwind') AS odd \gset
SELECT tellingcube.company_id(:'northwind') = :'odd' AS by_name;
DELETE FROM names.dim_company WHERE company_id = :'odd';

-- Unknown ones: the nearest names.
SELECT tellingcube.company_id('Alpin Bakery');
\echo :SQLSTATE
SELECT tellingcube.company_id('northwind');
\echo :SQLSTATE
SELECT tellingcube.company_id('Zzz');
\echo :SQLSTATE
SELECT tellingcube.company_id('00000000-0000-0000-0000-000000000000');
\echo :SQLSTATE
SELECT tellingcube.company_id(NULL);
\echo :SQLSTATE
SELECT tellingcube.company_id('');
\echo :SQLSTATE
SELECT tellingcube.company_id(repeat('very long ', 100000));
\echo :SQLSTATE
SELECT tellingcube.scenario_id('Alpine Bakery GmbH', 'Actuals');
\echo :SQLSTATE
SELECT tellingcube.scenario_id('Alpine Bakery GmbH', NULL);
\echo :SQLSTATE
-- Another company's scenario is none of this one's.
\set VERBOSITY sqlstate
SELECT tellingcube.scenario_id('Northwind Outfitters', :'plan') IS NULL;
\set VERBOSITY default
SELECT tellingcube.scenario_id('Northwind Outfitters', 'Plan') IS NULL;
\echo :SQLSTATE

-- Names are any text that is not empty.
SELECT tellingcube.create_company('株式会社 例 🏢') IS NOT NULL AS made;
SELECT tellingcube.create_company('O''Neill "& Sons"; DROP TABLE events;--') IS NOT NULL AS made;
SELECT name FROM names.dim_company WHERE company_id IN
  (tellingcube.company_id('株式会社 例 🏢'), tellingcube.company_id('o''neill "& sons"; drop table events;--')) ORDER BY 1;
SELECT tellingcube.create_company('');
\echo :SQLSTATE
SELECT tellingcube.create_company('   ');
\echo :SQLSTATE
SELECT tellingcube.create_company(NULL);
\echo :SQLSTATE
SELECT tellingcube.create_company('Alpine Bakery GmbH');
\echo :SQLSTATE
SELECT tellingcube.create_company('B', currency => 'Euro');
\echo :SQLSTATE
SELECT tellingcube.create_company('B', country => 'Austria');
\echo :SQLSTATE
SELECT tellingcube.create_company('B', fiscal_year_start => 13);
\echo :SQLSTATE
SELECT tellingcube.create_company('B', growth => -1);
\echo :SQLSTATE

SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', starts => '2024-01');
\echo :SQLSTATE
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', '', starts => '2024-01');
\echo :SQLSTATE
SELECT tellingcube.create_scenario('Alpine Bakery', 'Budget', starts => '2024-01');
\echo :SQLSTATE
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Budget', 'BU', starts => '2024-01');
\echo :SQLSTATE
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Budget', starts => '2024-13');
\echo :SQLSTATE
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Budget', starts => 'soon');
\echo :SQLSTATE
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Budget', starts => '2024-01', months => 0);
\echo :SQLSTATE
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Budget', starts => '2140-01', months => 600);
\echo :SQLSTATE
SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Budget', starts => '1980-01');
\echo :SQLSTATE
SELECT count(*) FROM names.dim_scenario;

-- A period's first month, as people type periods.
SELECT given, tellingcube.first_month(given), tellingcube.last_month(given)
FROM unnest(ARRAY['2024-03', '2024-Q2', '2024', '2024-01..2024-06']) given;

-- The fiscal calendar follows the company.
SELECT tellingcube.create_company('April Ltd', fiscal_year_start => 4) AS april \gset
SELECT label, fiscal_year, fiscal_quarter, fiscal_month, fiscal_quarter_label
FROM names.dim_company_date
WHERE company_id = :'april' AND month IN ('2024-03-01', '2024-04-01', '2024-12-01', '2025-01-01') ORDER BY month;

SELECT FROM tellingcube.drop_cube('names');
