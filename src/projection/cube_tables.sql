-- Ledgers: what the events add up to. Each has a stored table, folded and keyed, and a pending one that writers only
-- append to; the views in cube_views.sql read both, so that a fact is exact at every commit. Ledgers know nothing of
-- P&L lines, of a scenario's start or of its last month: those are looked up when a fact is read, and may change.
--
-- `entries` counts events, a reversal as −1: a row whose entries come to 0 is no row.
--
-- Writers append directly, so the pending tables' foreign keys cost them nothing; they keep rows of dimensions from being
-- removed while facts that mention them wait.

CREATE TABLE fact_sales_stored (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  product_id uuid NOT NULL,
  region_id uuid NOT NULL,
  revenue numeric(38,4) NOT NULL,
  cogs numeric(38,4) NOT NULL,
  quantity numeric(38,4) NOT NULL,
  entries bigint NOT NULL,
  PRIMARY KEY (company_id, scenario_id, month, product_id, region_id),
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario,
  FOREIGN KEY (company_id, product_id) REFERENCES dim_product,
  FOREIGN KEY (company_id, region_id) REFERENCES dim_region
);
CREATE TABLE fact_sales_pending (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  product_id uuid NOT NULL,
  region_id uuid NOT NULL,
  revenue numeric(38,4) NOT NULL,
  cogs numeric(38,4) NOT NULL,
  quantity numeric(38,4) NOT NULL,
  entries bigint NOT NULL,
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario,
  FOREIGN KEY (company_id, product_id) REFERENCES dim_product,
  FOREIGN KEY (company_id, region_id) REFERENCES dim_region
);

CREATE TABLE fact_expense_stored (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  cost_center_id uuid NOT NULL,
  account_id uuid NOT NULL,
  is_capex boolean NOT NULL,
  amount numeric(38,4) NOT NULL,
  entries bigint NOT NULL,
  PRIMARY KEY (company_id, scenario_id, month, cost_center_id, account_id, is_capex),
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario,
  FOREIGN KEY (company_id, cost_center_id) REFERENCES dim_cost_center,
  FOREIGN KEY (company_id, account_id) REFERENCES dim_account
);
CREATE TABLE fact_expense_pending (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  cost_center_id uuid NOT NULL,
  account_id uuid NOT NULL,
  is_capex boolean NOT NULL,
  amount numeric(38,4) NOT NULL,
  entries bigint NOT NULL,
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario,
  FOREIGN KEY (company_id, cost_center_id) REFERENCES dim_cost_center,
  FOREIGN KEY (company_id, account_id) REFERENCES dim_account
);

CREATE TABLE fact_finance_stored (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  line text NOT NULL,
  member_id uuid NOT NULL,
  amount numeric(38,4) NOT NULL,
  entries bigint NOT NULL,
  PRIMARY KEY (company_id, scenario_id, month, line, member_id),
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario
);
CREATE TABLE fact_finance_pending (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  line text NOT NULL,
  member_id uuid NOT NULL,
  amount numeric(38,4) NOT NULL,
  entries bigint NOT NULL,
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario
);

CREATE TABLE fact_hr_stored (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  department_id uuid NOT NULL,
  hires bigint NOT NULL,
  exits bigint NOT NULL,
  payroll_change numeric(38,4) NOT NULL,
  entries bigint NOT NULL,
  PRIMARY KEY (company_id, scenario_id, month, department_id),
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario,
  FOREIGN KEY (company_id, department_id) REFERENCES dim_department
);
-- What an event does to headcount and payroll depends on its employee's other events. So pending rows are the events
-- themselves, history keeps the folded ones, and an employee is worked out anew from both whenever one is pending.
CREATE TABLE fact_hr_history (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  employee text NOT NULL,
  event_ts timestamp NOT NULL,
  event_id uuid NOT NULL,
  department_id uuid NOT NULL,
  monthly_salary numeric(38,4),
  entries bigint NOT NULL,
  PRIMARY KEY (company_id, scenario_id, employee, event_ts, event_id),
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario
);
CREATE TABLE fact_hr_pending (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  employee text NOT NULL,
  event_ts timestamp NOT NULL,
  event_id uuid NOT NULL,
  department_id uuid NOT NULL,
  monthly_salary numeric(38,4),
  entries bigint NOT NULL,
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario
);

CREATE TABLE fact_activity_stored (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  event_type text NOT NULL,
  events bigint NOT NULL,
  entries bigint NOT NULL,
  PRIMARY KEY (company_id, scenario_id, month, event_type),
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario
);
CREATE TABLE fact_activity_pending (
  company_id uuid NOT NULL,
  scenario_id uuid NOT NULL,
  month date NOT NULL,
  event_type text NOT NULL,
  events bigint NOT NULL,
  entries bigint NOT NULL,
  FOREIGN KEY (company_id, scenario_id) REFERENCES dim_scenario
);

-- Pending tables are written once, read a while and emptied by folding: their dead rows are swept early and often.
DO $vacuum$
DECLARE
  pending name;
BEGIN
  FOR pending IN SELECT c.relname FROM pg_class c
                 WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname ~ '^fact_.*_pending$' LOOP
    EXECUTE format('ALTER TABLE %I SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, '
                   'autovacuum_vacuum_insert_threshold = -1, autovacuum_vacuum_cost_delay = 0)', pending);
    -- They have no key, and a publication that includes them must not stop folding.
    EXECUTE format('ALTER TABLE %I REPLICA IDENTITY FULL', pending);
  END LOOP;
END $vacuum$;

COMMENT ON TABLE fact_sales_stored IS 'Folded part of fact_sales_monthly.';
COMMENT ON TABLE fact_sales_pending IS 'Part of fact_sales_monthly that writers appended and nobody has folded yet.';
COMMENT ON TABLE fact_expense_stored IS 'Folded part of fact_expense_monthly, by account.';
COMMENT ON TABLE fact_expense_pending IS 'Part of fact_expense_monthly that writers appended and nobody has folded yet.';
COMMENT ON TABLE fact_finance_stored IS 'Folded part of fact_finance_monthly, by line and by account or tax type.';
COMMENT ON TABLE fact_finance_pending IS 'Part of fact_finance_monthly that writers appended and nobody has folded yet.';
COMMENT ON TABLE fact_hr_stored IS 'Folded part of fact_hr_monthly: changes of headcount and payroll.';
COMMENT ON TABLE fact_hr_history IS 'Hires and exits whose changes are in fact_hr_stored.';
COMMENT ON TABLE fact_hr_pending IS 'Hires and exits that writers appended and nobody has folded yet.';
COMMENT ON TABLE fact_activity_stored IS 'Folded count of events by month and type.';
COMMENT ON TABLE fact_activity_pending IS 'Count of events by month and type that writers appended and nobody has folded yet.';

-- Columns of the same name mean the same in all ledgers.
DO $comments$
DECLARE
  col record;
BEGIN
  FOR col IN
    SELECT c.relname, a.attname, m.meaning
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    JOIN (VALUES
      ('company_id', 'Company.'), ('scenario_id', 'Scenario.'), ('month', 'First day of the month.'),
      ('product_id', 'Product.'), ('region_id', 'Sales region.'), ('cost_center_id', 'Cost centre.'),
      ('account_id', 'Account.'), ('department_id', 'Department; the nil uuid for an exit, which leaves whatever department its employee is in.'),
      ('revenue', 'Revenue, in the company''s currency.'), ('cogs', 'Cost of goods sold, in the company''s currency.'),
      ('quantity', 'Quantity sold.'), ('is_capex', 'Whether it is capital expenditure.'),
      ('amount', 'Amount, in the company''s currency.'),
      ('line', 'What the amount is: revenue, cogs, procurement, cash_in, cash_out, expense, capex, tax.'),
      ('member_id', 'Account of an expense or capex, tax type of a tax; else the nil uuid.'),
      ('hires', 'People who joined.'), ('exits', 'People who left.'),
      ('payroll_change', 'Change of the monthly payroll from this month on, in the company''s currency.'),
      ('employee', 'Employee, as events name them.'), ('event_ts', 'When it happened.'),
      ('event_id', 'The hire or exit.'), ('monthly_salary', 'Salary a month from the hire on, in the company''s currency; NULL for an exit.'),
      ('event_type', 'Type of the events.'), ('events', 'Number of events stored, reversals included.'),
      ('entries', 'Number of events behind the row, a reversal counting −1; 0 means no row.')
    ) m(name, meaning) ON m.name = a.attname
    WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind = 'r'
      AND c.relname ~ '^fact_.*_(stored|pending|history)$'
  LOOP
    EXECUTE format('COMMENT ON COLUMN %I.%I IS %L', col.relname, col.attname, col.meaning);
  END LOOP;
END $comments$;
