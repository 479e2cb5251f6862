-- Sales by product and region, expenses by cost centre and people by department: members against the whole.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('members');
SET tellingcube.cube = 'members';
SET search_path = members, public;
SELECT tellingcube.create_company('Kiosk', currency => 'CHF', growth => 0.25, planned_growth => 0.10) AS company,
       tellingcube.create_scenario('Kiosk', 'Actual', starts => '2023-11') AS scenario,
       tellingcube.create_scenario('Kiosk', 'Plan', 'PL', starts => '2024-01') AS plan \gset
-- Tea is sold all the time, cake since 2024; juice is planned but never sold.
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "sale", "month": "2023-11", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "sale", "month": "2023-12", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 15, "unitPrice": 10, "revenue": 150, "cogs": 60},
  {"eventType": "sale", "month": "2024-01", "product": "Cake", "region": "Town", "quantity": 6, "unitPrice": 10, "revenue": 60, "cogs": 30},
  {"eventType": "expense", "month": "2023-11", "costCenter": "Shop", "account": "rent", "amount": 20, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 30, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Office", "account": "equipment", "amount": 90, "isCapex": true},
  {"eventType": "hr_hire", "month": "2023-11", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 50},
  {"eventType": "hr_hire", "month": "2023-12", "employeeId": "E2", "department": "Shop", "role": "Clerk", "monthlySalary": 50},
  {"eventType": "hr_hire", "month": "2024-01", "employeeId": "E3", "department": "Office", "role": "Boss", "monthlySalary": 80}]');
SELECT FROM tellingcube.append_events('Kiosk', 'Plan', '[
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 50},
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "Town", "quantity": 12, "unitPrice": 10, "revenue": 120, "cogs": 60},
  {"eventType": "sale", "month": "2024-02", "product": "Juice", "region": "Town", "quantity": 1, "unitPrice": 7, "revenue": 7, "cogs": 2},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 20, "isCapex": false},
  {"eventType": "expense", "month": "2024-02", "costCenter": "Shop", "account": "rent", "amount": 24, "isCapex": false},
  {"eventType": "hr_hire", "month": "2023-12", "employeeId": "P1", "department": "Shop", "role": "Clerk", "monthlySalary": 40},
  {"eventType": "hr_hire", "month": "2024-02", "employeeId": "P2", "department": "Shop", "role": "Clerk", "monthlySalary": 40}]');

-- Cake had no plan in January: that is 0, not unknown. Tea goes on at 150 to 100.
-- Juice was planned for nothing to date: it has no pace, and its forecast is the plan.
SELECT product, region, to_char(month, 'YYYY-MM') AS month, ac, py, pl, fc, minuend, delta_pl, delta_pl_impact
FROM ibcs_sales_monthly WHERE measure = 'revenue' AND month < '2024-03-01' ORDER BY 1, 2, 3;
SELECT measure, label, unit, ac, py, pl, fc, delta_py_pct FROM ibcs_sales_monthly
WHERE product = 'Tea' AND month = '2024-02-01' ORDER BY sort;
-- Products add up to the P&L in AC, PY and PL.
SELECT to_char(month, 'YYYY-MM') AS month, sum(s.ac) = f.ac AS ac, sum(s.py) = f.py AS py, sum(s.pl) = f.pl AS pl
FROM ibcs_finance_monthly f JOIN ibcs_sales_monthly s USING (company_id, month, measure)
WHERE measure = 'revenue' GROUP BY month, f.ac, f.py, f.pl ORDER BY 1;

SELECT cost_center, measure, unit, to_char(month, 'YYYY-MM') AS month, ac, py, pl, fc, delta_pl, delta_pl_impact
FROM ibcs_expense_monthly WHERE month IN ('2024-01-01', '2024-02-01') ORDER BY 1, sort, 4;

-- People: opening + hires - exits = closing in every scenario. A forecast starts from who is there; the plan hired
-- nobody to date, so its pace is the plan. The office, which the plan does not know, stays.
SELECT department, to_char(month, 'YYYY-MM') AS month, measure, unit, ac, py, pl, fc, minuend, delta_pl, delta_pl_impact
FROM ibcs_hr_monthly WHERE month IN ('2024-01-01', '2024-02-01') ORDER BY 1, 2, sort;

-- A role that may only read.
CREATE ROLE regress_ibcs_reader;
GRANT USAGE ON SCHEMA members TO regress_ibcs_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA members TO regress_ibcs_reader;
SET ROLE regress_ibcs_reader;
SELECT count(*) > 0 AS readable FROM ibcs_sales_monthly;
RESET ROLE;
DROP OWNED BY regress_ibcs_reader;
DROP ROLE regress_ibcs_reader;
SELECT FROM tellingcube.drop_cube('members');
