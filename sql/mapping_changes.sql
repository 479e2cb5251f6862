-- Accounts and taxes are mapped to lines of the P&L where facts are read, so a change of the mapping changes them at once.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('mapping');
SET tellingcube.cube = 'mapping';
SET search_path = mapping, public;
SELECT tellingcube.create_company('Alpine Bakery GmbH') IS NOT NULL AS company,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', starts => '2024-01') IS NOT NULL AS scenario;
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventType": "sale", "month": "2024-01", "product": "Bread", "region": "Tyrol", "quantity": 100, "unitPrice": 10, "revenue": 1000, "cogs": 0},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 1, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "wear and tear", "amount": 10, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "wear and tear", "amount": 500, "isCapex": true},
  {"eventType": "tax_payment", "month": "2024-01", "taxType": "Bierlastelsteuer", "baseAmount": 1000, "taxRate": 0.1, "taxAmount": 100}]');
\set facts 'SELECT revenue, opex, ebitda, depreciation, ebit, interest, tax, net_income, cash_change FROM fact_finance_monthly; SELECT opex, capex FROM fact_expense_monthly; SELECT count(*) AS differences FROM tellingcube.verify_facts();'

-- What nobody has mapped is operating cost, and marked.
SELECT account, pl_line, mapped FROM dim_account ORDER BY 1;
SELECT tax_type, pl_line, mapped FROM dim_tax_type ORDER BY 1;
:facts

UPDATE dim_account SET pl_line = 'depreciation', mapped = true WHERE account = 'wear and tear';
UPDATE dim_tax_type SET pl_line = 'income_tax', mapped = true WHERE tax_type = 'Bierlastelsteuer';
:facts
-- Folded or not.
SELECT tellingcube.fold_facts() > 0 AS folded;
:facts
UPDATE dim_account SET pl_line = 'interest' WHERE account = 'wear and tear';
UPDATE dim_tax_type SET pl_line = 'pass_through' WHERE tax_type = 'Bierlastelsteuer';
:facts
-- It outlives a rebuild, and the account's next event.
SELECT FROM tellingcube.rebuild_facts();
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "wear and tear", "amount": 10, "isCapex": false}]');
:facts
SELECT account, pl_line, mapped FROM dim_account ORDER BY 1;

-- Only lines that exist.
\set VERBOSITY terse
UPDATE dim_account SET pl_line = 'opx';
UPDATE dim_tax_type SET pl_line = 'depreciation';
\set VERBOSITY default

-- An account may be mapped before its first event: members have keys made of their names.
INSERT INTO dim_account (company_id, account_id, account, pl_line)
SELECT company_id, tellingcube.member_id(company_id, 'account', 'loan'), 'loan', 'interest' FROM dim_company;
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventType": "expense", "month": "2024-01", "costCenter": "Bank", "account": "loan", "amount": 3, "isCapex": false}]');
SELECT interest FROM fact_finance_monthly;

-- The scenario's start may move: what lies before it becomes the opening state.
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventType": "hr_hire", "month": "2024-01", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 7},
  {"eventType": "sale", "month": "2024-03", "product": "Bread", "region": "Tyrol", "quantity": 1, "unitPrice": 10, "revenue": 10, "cogs": 0}]');
SELECT month, revenue, opex, cash_change, closing_cash FROM fact_finance_monthly ORDER BY month;
UPDATE dim_scenario SET starts = '2024-02-01';
SELECT month, revenue, opex, cash_change, closing_cash FROM fact_finance_monthly ORDER BY month;
SELECT month, opening_headcount, hires, closing_headcount, payroll_cost FROM fact_hr_monthly ORDER BY month;
SELECT count(*) FROM tellingcube.verify_facts();

SELECT FROM tellingcube.drop_cube('mapping');
