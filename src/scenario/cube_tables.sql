-- Companies, their scenarios, the calendar, and the members that events mention.

CREATE TABLE dim_company (
  company_id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (name <> ''),
  gics_sector text,
  industry text,
  country text CHECK (country ~ '^[A-Z]{2}$'),
  region text,
  currency text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
  company_stage text,
  profile jsonb,
  fiscal_year_start integer NOT NULL DEFAULT 1 CHECK (fiscal_year_start BETWEEN 1 AND 12),
  growth numeric(9,6) NOT NULL DEFAULT 0.05 CHECK (growth > -1),
  planned_growth numeric(9,6) NOT NULL DEFAULT 0.05 CHECK (planned_growth > -1),
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dim_company IS 'Companies: one row each. Every other table carries the company in its key.';
COMMENT ON COLUMN dim_company.company_id IS 'Key of the company.';
COMMENT ON COLUMN dim_company.name IS 'Name, as people type it; accepted wherever a company is asked for.';
COMMENT ON COLUMN dim_company.gics_sector IS 'GICS sector, by its name (Consumer Staples, Industrials …).';
COMMENT ON COLUMN dim_company.industry IS 'Industry, in words.';
COMMENT ON COLUMN dim_company.country IS 'Country, ISO 3166-1 alpha-2 (DE, AT, US …).';
COMMENT ON COLUMN dim_company.region IS 'Home region, in words.';
COMMENT ON COLUMN dim_company.currency IS 'Currency of every amount of this company, ISO 4217 (EUR, USD …).';
COMMENT ON COLUMN dim_company.company_stage IS 'Stage of life (start-up, growth, mature …), in words.';
COMMENT ON COLUMN dim_company.profile IS 'Anything else known of the company, as JSON.';
COMMENT ON COLUMN dim_company.fiscal_year_start IS 'Month number (1–12) in which the fiscal year starts.';
COMMENT ON COLUMN dim_company.growth IS 'Growth a year (0.05 = 5 %) by which a previous year is estimated where none is stored: PY = AC ÷ (1 + growth).';
COMMENT ON COLUMN dim_company.planned_growth IS 'Planned growth a year by which a plan is estimated where none is stored: PL = PY × (1 + planned growth).';
COMMENT ON COLUMN dim_company.created_at IS 'When the row was made.';

CREATE TABLE dim_scenario (
  company_id uuid NOT NULL REFERENCES dim_company,
  scenario_id uuid NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  ibcs text NOT NULL DEFAULT 'AC' CHECK (ibcs IN ('AC', 'PY', 'PL', 'FC')),
  variant text NOT NULL DEFAULT 'baseline' CHECK (variant <> ''),
  starts date NOT NULL CHECK (extract(day FROM starts) = 1),
  months integer NOT NULL DEFAULT 120 CHECK (months BETWEEN 1 AND 600),
  method text NOT NULL DEFAULT 'events' CHECK (method <> ''),
  created_at timestamptz NOT NULL DEFAULT now(),
  document jsonb,
  PRIMARY KEY (company_id, scenario_id),
  UNIQUE (company_id, name)
);
COMMENT ON TABLE dim_scenario IS 'Scenarios: one telling of a company each (actual, plan, forecast …). Scenarios are compared, never summed.';
COMMENT ON COLUMN dim_scenario.company_id IS 'Company told.';
COMMENT ON COLUMN dim_scenario.scenario_id IS 'Key of the scenario within its company.';
COMMENT ON COLUMN dim_scenario.name IS 'Name, unique within the company; accepted wherever a scenario is asked for.';
COMMENT ON COLUMN dim_scenario.ibcs IS 'IBCS scenario: AC actual, PY previous year, PL plan, FC forecast.';
COMMENT ON COLUMN dim_scenario.variant IS 'Variant of the telling: baseline, growth, recession, or a name of your own.';
COMMENT ON COLUMN dim_scenario.starts IS 'First month with facts. Earlier events set the opening headcount, payroll and cash and make no fact rows.';
COMMENT ON COLUMN dim_scenario.months IS 'Horizon in months from starts; a later event is refused.';
COMMENT ON COLUMN dim_scenario.method IS 'How the scenario came about: events (appended), simulated, calculated, generated.';
COMMENT ON COLUMN dim_scenario.created_at IS 'When the row was made.';
COMMENT ON COLUMN dim_scenario.document IS 'The scenario document: companyProfile, year, narrative (beats with month, event, measure, change), startingState, and what it was simulated with; NULL when events were appended by hand.';

CREATE TABLE dim_date (
  month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
  label text NOT NULL UNIQUE,
  year integer NOT NULL,
  quarter integer NOT NULL,
  quarter_label text NOT NULL,
  month_no integer NOT NULL,
  month_name text NOT NULL,
  days integer NOT NULL,
  fiscal_year integer NOT NULL,
  fiscal_quarter integer NOT NULL
);
INSERT INTO dim_date
SELECT m::date, to_char(m, 'YYYY-MM'), extract(year FROM m)::integer, extract(quarter FROM m)::integer,
       to_char(m, 'YYYY-"Q"Q'), extract(month FROM m)::integer, to_char(m, 'Mon'),
       extract(day FROM m + interval '1 month - 1 day')::integer,
       extract(year FROM m)::integer, extract(quarter FROM m)::integer
FROM generate_series(timestamp '1990-01-01', timestamp '2150-12-01', interval '1 month') m;
COMMENT ON TABLE dim_date IS 'Calendar: one row a month, 1990 to 2150.';
COMMENT ON COLUMN dim_date.month IS 'First day of the month; what every fact joins by.';
COMMENT ON COLUMN dim_date.label IS 'The month as text: 2024-03.';
COMMENT ON COLUMN dim_date.year IS 'Calendar year.';
COMMENT ON COLUMN dim_date.quarter IS 'Calendar quarter, 1–4.';
COMMENT ON COLUMN dim_date.quarter_label IS 'Calendar quarter as text: 2024-Q1.';
COMMENT ON COLUMN dim_date.month_no IS 'Month of the calendar year, 1–12.';
COMMENT ON COLUMN dim_date.month_name IS 'English short name of the month: Mar.';
COMMENT ON COLUMN dim_date.days IS 'Days in the month.';
COMMENT ON COLUMN dim_date.fiscal_year IS 'Fiscal year of a company whose fiscal year starts in January; for the others see dim_company_date.';
COMMENT ON COLUMN dim_date.fiscal_quarter IS 'Fiscal quarter of a company whose fiscal year starts in January; for the others see dim_company_date.';

-- Members appear by themselves when an event first mentions them. Their keys are made of company, kind and name
-- (tellingcube.member_id), so they survive a rebuild, need no look-up and never conflict between writers.

CREATE TABLE dim_product (
  company_id uuid NOT NULL REFERENCES dim_company,
  product_id uuid NOT NULL,
  name text NOT NULL,
  category text,
  PRIMARY KEY (company_id, product_id)
);
COMMENT ON TABLE dim_product IS 'Products, as sales mention them.';
COMMENT ON COLUMN dim_product.company_id IS 'Company.';
COMMENT ON COLUMN dim_product.product_id IS 'Key of the product within its company, made from its name.';
COMMENT ON COLUMN dim_product.name IS 'Name as events write it.';
COMMENT ON COLUMN dim_product.category IS 'Category; yours to fill in.';

CREATE TABLE dim_region (
  company_id uuid NOT NULL REFERENCES dim_company,
  region_id uuid NOT NULL,
  name text NOT NULL,
  parent_id uuid,
  PRIMARY KEY (company_id, region_id),
  FOREIGN KEY (company_id, parent_id) REFERENCES dim_region
);
COMMENT ON TABLE dim_region IS 'Sales regions, as sales mention them; may form a hierarchy.';
COMMENT ON COLUMN dim_region.company_id IS 'Company.';
COMMENT ON COLUMN dim_region.region_id IS 'Key of the region within its company, made from its name.';
COMMENT ON COLUMN dim_region.name IS 'Name as events write it.';
COMMENT ON COLUMN dim_region.parent_id IS 'Region this one belongs to; yours to fill in.';

CREATE TABLE dim_department (
  company_id uuid NOT NULL REFERENCES dim_company,
  department_id uuid NOT NULL,
  name text NOT NULL,
  parent_id uuid,
  PRIMARY KEY (company_id, department_id),
  FOREIGN KEY (company_id, parent_id) REFERENCES dim_department
);
COMMENT ON TABLE dim_department IS 'Departments, as hires mention them; may form a hierarchy.';
COMMENT ON COLUMN dim_department.company_id IS 'Company.';
COMMENT ON COLUMN dim_department.department_id IS 'Key of the department within its company, made from its name.';
COMMENT ON COLUMN dim_department.name IS 'Name as events write it.';
COMMENT ON COLUMN dim_department.parent_id IS 'Department this one belongs to; yours to fill in.';

CREATE TABLE dim_cost_center (
  company_id uuid NOT NULL REFERENCES dim_company,
  cost_center_id uuid NOT NULL,
  name text NOT NULL,
  parent_id uuid,
  PRIMARY KEY (company_id, cost_center_id),
  FOREIGN KEY (company_id, parent_id) REFERENCES dim_cost_center
);
COMMENT ON TABLE dim_cost_center IS 'Cost centres, as expenses mention them; may form a hierarchy.';
COMMENT ON COLUMN dim_cost_center.company_id IS 'Company.';
COMMENT ON COLUMN dim_cost_center.cost_center_id IS 'Key of the cost centre within its company, made from its name.';
COMMENT ON COLUMN dim_cost_center.name IS 'Name as events write it.';
COMMENT ON COLUMN dim_cost_center.parent_id IS 'Cost centre this one belongs to; yours to fill in.';

CREATE TABLE dim_account (
  company_id uuid NOT NULL REFERENCES dim_company,
  account_id uuid NOT NULL,
  account text NOT NULL,
  pl_line text NOT NULL DEFAULT 'opex' CHECK (pl_line IN ('opex', 'depreciation', 'interest')),
  mapped boolean NOT NULL DEFAULT true,
  PRIMARY KEY (company_id, account_id)
);
COMMENT ON TABLE dim_account IS 'Expense accounts and the line of the P&L each belongs to. Changing pl_line changes the facts at once.';
COMMENT ON COLUMN dim_account.company_id IS 'Company.';
COMMENT ON COLUMN dim_account.account_id IS 'Key of the account within its company, made from its name.';
COMMENT ON COLUMN dim_account.account IS 'Name as events write it.';
COMMENT ON COLUMN dim_account.pl_line IS 'Line of the P&L: opex, depreciation or interest.';
COMMENT ON COLUMN dim_account.mapped IS 'False while the account is unknown and counted as opex for want of better; reconcile() lists those. Set it with pl_line.';

CREATE TABLE dim_tax_type (
  company_id uuid NOT NULL REFERENCES dim_company,
  tax_type_id uuid NOT NULL,
  tax_type text NOT NULL,
  pl_line text NOT NULL DEFAULT 'opex' CHECK (pl_line IN ('opex', 'income_tax', 'pass_through')),
  mapped boolean NOT NULL DEFAULT true,
  PRIMARY KEY (company_id, tax_type_id)
);
COMMENT ON TABLE dim_tax_type IS 'Kinds of tax and the line of the P&L each belongs to. Changing pl_line changes the facts at once.';
COMMENT ON COLUMN dim_tax_type.company_id IS 'Company.';
COMMENT ON COLUMN dim_tax_type.tax_type_id IS 'Key of the tax type within its company, made from its name.';
COMMENT ON COLUMN dim_tax_type.tax_type IS 'Name as events write it.';
COMMENT ON COLUMN dim_tax_type.pl_line IS 'Line of the P&L: opex (payroll levies, property tax), income_tax, or pass_through (VAT: cash only).';
COMMENT ON COLUMN dim_tax_type.mapped IS 'False while the tax type is unknown and counted as opex for want of better; reconcile() lists those. Set it with pl_line.';
