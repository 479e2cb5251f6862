-- What leans on the extension stands among the views, which upgrade_cube() runs again.
ALTER TABLE dim_company ALTER company_id SET DEFAULT tellingcube.uuid_v7();
ALTER TABLE dim_scenario ALTER scenario_id SET DEFAULT tellingcube.uuid_v7();
CREATE OR REPLACE TRIGGER tellingcube_no_truncate BEFORE TRUNCATE ON dim_company
  FOR EACH STATEMENT EXECUTE FUNCTION tellingcube.refuse_truncate();
CREATE OR REPLACE TRIGGER tellingcube_no_truncate BEFORE TRUNCATE ON dim_scenario
  FOR EACH STATEMENT EXECUTE FUNCTION tellingcube.refuse_truncate();
CREATE OR REPLACE TRIGGER tellingcube_wait_for_writers BEFORE DELETE ON dim_company
  FOR EACH STATEMENT EXECUTE FUNCTION tellingcube.wait_for_writers();
CREATE OR REPLACE TRIGGER tellingcube_wait_for_writers BEFORE DELETE ON dim_scenario
  FOR EACH STATEMENT EXECUTE FUNCTION tellingcube.wait_for_writers();

CREATE OR REPLACE VIEW dim_company_date WITH (security_invoker = true) AS
SELECT c.company_id, d.month, d.label,
       f.fiscal_year, f.fiscal_quarter, f.fiscal_month,
       f.fiscal_year || '-FQ' || f.fiscal_quarter AS fiscal_quarter_label
FROM dim_company c
CROSS JOIN dim_date d
CROSS JOIN LATERAL (
  -- A fiscal year is named after the calendar year in which it ends.
  SELECT d.year + CASE WHEN c.fiscal_year_start > 1 AND d.month_no >= c.fiscal_year_start
                       THEN 1 ELSE 0 END AS fiscal_year,
         (d.month_no - c.fiscal_year_start + 12) % 12 / 3 + 1 AS fiscal_quarter,
         (d.month_no - c.fiscal_year_start + 12) % 12 + 1 AS fiscal_month) f;
COMMENT ON VIEW dim_company_date IS 'Fiscal calendar of each company, by its fiscal_year_start. A fiscal year is named after the year in which it ends.';
COMMENT ON COLUMN dim_company_date.company_id IS 'Company.';
COMMENT ON COLUMN dim_company_date.month IS 'First day of the month.';
COMMENT ON COLUMN dim_company_date.label IS 'The month as text: 2024-03.';
COMMENT ON COLUMN dim_company_date.fiscal_year IS 'Fiscal year, named after the calendar year in which it ends.';
COMMENT ON COLUMN dim_company_date.fiscal_quarter IS 'Fiscal quarter, 1–4.';
COMMENT ON COLUMN dim_company_date.fiscal_month IS 'Month of the fiscal year, 1–12.';
COMMENT ON COLUMN dim_company_date.fiscal_quarter_label IS 'Fiscal quarter as text: 2024-FQ1.';
