-- What an owner adds to the tables of members holds for members that events bring, too.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('owned');
SET tellingcube.cube = 'owned';
SET search_path = owned, public;
SELECT FROM tellingcube.create_company('Kiosk');
SELECT FROM tellingcube.create_scenario('Kiosk', starts => '2024-01');
CREATE FUNCTION tell(product text, region text, department text, account text) RETURNS bigint LANGUAGE sql AS $$
  SELECT (tellingcube.append_events('Kiosk', 'Actual', jsonb_build_array(
    jsonb_build_object('eventType', 'sale', 'month', '2024-01', 'product', product, 'region', region, 'quantity', 1, 'unitPrice', 10, 'revenue', 10, 'cogs', 4),
    jsonb_build_object('eventType', 'hr_hire', 'month', '2024-01', 'employeeId', department, 'department', department, 'role', 'r', 'monthlySalary', 5),
    jsonb_build_object('eventType', 'expense', 'month', '2024-01', 'costCenter', department, 'account', account, 'amount', 3, 'isCapex', false)))).inserted $$;
-- Without anything of the kind.
SELECT tell('Tea', 'Town', 'Shop', 'rent');
-- A default, a column that must not be NULL, a check, a trigger, a foreign key.
ALTER TABLE dim_product ALTER category SET DEFAULT 'new';
ALTER TABLE dim_region ADD code integer NOT NULL GENERATED ALWAYS AS IDENTITY;
ALTER TABLE dim_department ADD CHECK (name <> 'Nowhere');
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER look BEFORE INSERT ON dim_cost_center FOR EACH ROW EXECUTE FUNCTION look();
CREATE TABLE chart (account text PRIMARY KEY);
INSERT INTO chart VALUES ('rent'), ('interest');
ALTER TABLE dim_account ADD FOREIGN KEY (account) REFERENCES chart;
SELECT tell('Cake', 'Lake', 'Office', 'interest');
SELECT name, category FROM dim_product ORDER BY name COLLATE "C";
SELECT name, code FROM dim_region ORDER BY name COLLATE "C";
SELECT name FROM dim_cost_center ORDER BY name COLLATE "C";
SELECT account, pl_line, mapped FROM dim_account ORDER BY account COLLATE "C";
-- What may not be there is refused, with the events that bring it.
\set VERBOSITY terse
SELECT tell('Scone', 'Lake', 'Nowhere', 'rent');
SELECT tell('Scone', 'Lake', 'Office', 'gifts');
\set VERBOSITY default
SELECT count(*) AS events FROM events;
SELECT name FROM dim_product WHERE name = 'Scone';
-- Members that are there are left alone, and a loader needs no right on what runs.
UPDATE dim_product SET category = 'old';
CREATE ROLE regress_owned_loader;
GRANT USAGE ON SCHEMA owned TO regress_owned_loader;
GRANT INSERT ON events TO regress_owned_loader;
GRANT SELECT ON dim_company, dim_scenario TO regress_owned_loader;
SET ROLE regress_owned_loader;
SELECT tell('Cake', 'Wood', 'Office', 'interest');
RESET ROLE;
SELECT name, category FROM dim_product ORDER BY name COLLATE "C";
SELECT name, code FROM dim_region ORDER BY name COLLATE "C";
SELECT count(*) AS differences FROM tellingcube.verify_facts();
SELECT status, count(*) FROM tellingcube.reconcile() GROUP BY 1;
DROP OWNED BY regress_owned_loader;
DROP ROLE regress_owned_loader;
DROP TRIGGER look ON dim_cost_center;
SELECT FROM tellingcube.drop_cube('owned');
