-- Members may be given other names: facts, proofs and drilling go by their keys.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('renamed');
SET tellingcube.cube = 'renamed';
SET search_path = renamed, public;
SELECT FROM tellingcube.create_company('Kiosk');
SELECT FROM tellingcube.create_scenario('Kiosk', starts => '2024-01');
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "hr_hire", "month": "2024-01", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 50},
  {"eventType": "sale", "month": "2024-01", "product": "Tea", "region": "Town", "quantity": 10, "unitPrice": 10, "revenue": 100, "cogs": 40},
  {"eventType": "sale", "month": "2024-01", "product": "Cake", "region": "Lake", "quantity": 1, "unitPrice": 10, "revenue": 10, "cogs": 4},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "interest", "amount": 3, "isCapex": false},
  {"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 7, "isCapex": false},
  {"eventType": "tax_payment", "month": "2024-01", "taxType": "vat", "baseAmount": 100, "taxRate": 0.2, "taxAmount": 20}]');
UPDATE dim_department SET name = 'Front office';
UPDATE dim_product SET name = 'Green tea' WHERE name = 'Tea';
UPDATE dim_region SET name = 'City' WHERE name = 'Town';
UPDATE dim_cost_center SET name = 'Overhead';
UPDATE dim_account SET account = 'cost of ' || account;
UPDATE dim_tax_type SET tax_type = 'turnover tax';
SELECT status, count(*) FROM tellingcube.reconcile() GROUP BY 1;
SELECT count(*) AS differences FROM tellingcube.verify_facts();
SELECT interest, net_income, cash_change FROM fact_finance_monthly;
-- By the new name, by the one in the events, by the key; a name that is somebody else's now is that one's.
SELECT event_type, amount FROM tellingcube.drill('sales', '{"product": "Green tea", "region": "City", "measure": "revenue"}', 'Kiosk');
SELECT event_type, amount FROM tellingcube.drill('sales', '{"product": "Tea", "measure": "revenue"}');
SELECT d.event_type, d.amount FROM dim_product p, tellingcube.drill('sales', jsonb_build_object('product_id', p.product_id, 'measure', 'revenue')) d WHERE p.name = 'Green tea';
SELECT event_type, amount FROM tellingcube.drill('hr', '{"department": "Front office", "measure": "hires"}', 'Kiosk');
SELECT event_type, amount FROM tellingcube.drill('expense', '{"cost_center": "Overhead", "measure": "opex"}', 'Kiosk');
SELECT event_type, amount FROM tellingcube.drill('finance', '{"measure": "interest"}', 'Kiosk');
UPDATE dim_product SET name = 'Tea' WHERE name = 'Cake';
SELECT event_type, amount FROM tellingcube.drill('sales', '{"product": "Tea", "measure": "revenue"}');
SELECT event_type FROM tellingcube.drill('sales', '{"product": "Teo", "measure": "revenue"}');
-- An event of the old name is of the same member, and a rebuild changes nothing.
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "Town", "quantity": 1, "unitPrice": 10, "revenue": 10, "cogs": 4}]');
SELECT FROM tellingcube.rebuild_facts();
SELECT p.name AS product, r.name AS region, f.month, f.revenue FROM fact_sales_monthly f JOIN dim_product p USING (company_id, product_id)
JOIN dim_region r USING (company_id, region_id) ORDER BY 3, 1;
SELECT status, count(*) FROM tellingcube.reconcile() GROUP BY 1;
SELECT count(*) AS differences FROM tellingcube.verify_facts();
-- A member that is missing is told, also if one of another kind has its key.
ALTER TABLE fact_sales_stored DROP CONSTRAINT fact_sales_stored_company_id_product_id_fkey;
ALTER TABLE fact_sales_pending DROP CONSTRAINT fact_sales_pending_company_id_product_id_fkey;
SELECT FROM tellingcube.append_events('Kiosk', 'Actual', '[
  {"eventType": "sale", "month": "2024-02", "product": "Tea", "region": "City", "quantity": 1, "unitPrice": 10, "revenue": 10, "cogs": 4}]');
INSERT INTO dim_region SELECT company_id, product_id, name FROM dim_product WHERE name = 'Green tea';
DELETE FROM dim_product WHERE name = 'Green tea';
SELECT fact, measure, stored, expected FROM tellingcube.verify_facts();
SELECT FROM tellingcube.drop_cube('renamed');
