-- Headcount and payroll depend on what happened, not on the order in which it is told: the same seven events of one person,
-- told in any order, one by one or together, folded in between or not, make the same facts.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('orders');
SET tellingcube.cube = 'orders';
SET search_path = orders, public;
SET tellingcube.fold_threshold = 0;
INSERT INTO dim_company (company_id, name) VALUES ('a0000000-0000-0000-0000-000000000000', 'Alpine Bakery GmbH');

-- hire, the same hire again, a raise by another hire, exit, exit of somebody gone, rehire elsewhere, exit.
CREATE TABLE story (step int, event jsonb);
INSERT INTO story VALUES
  (1, '{"eventType": "hr_hire", "date": "2024-01-10", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 100}'),
  (2, '{"eventType": "hr_hire", "date": "2024-01-20", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 100}'),
  (3, '{"eventType": "hr_hire", "date": "2024-02-01", "employeeId": "E1", "department": "Shop", "role": "Clerk", "monthlySalary": 120.5}'),
  (4, '{"eventType": "hr_exit", "date": "2024-03-15", "employeeId": "E1"}'),
  (5, '{"eventType": "hr_exit", "date": "2024-04-15", "employeeId": "E1"}'),
  (6, '{"eventType": "hr_hire", "date": "2024-05-01", "employeeId": "E1", "department": "Bakery", "role": "Baker", "monthlySalary": 130}'),
  (7, '{"eventType": "hr_exit", "date": "2024-06-30", "employeeId": "E1"}');

-- By hand, from the rules: state after each event; the exit month is paid in full.
CREATE TABLE expected (department text, month date, opening int, hires int, exits int, closing int, payroll numeric);
INSERT INTO expected VALUES
  ('Shop', '2024-01-01', 0, 1, 0, 1, 100), ('Shop', '2024-02-01', 1, 0, 0, 1, 120.5), ('Shop', '2024-03-01', 1, 0, 1, 0, 120.5),
  ('Shop', '2024-04-01', 0, 0, 0, 0, 0), ('Shop', '2024-05-01', 0, 0, 0, 0, 0), ('Shop', '2024-06-01', 0, 0, 0, 0, 0),
  ('Bakery', '2024-05-01', 0, 1, 0, 1, 130), ('Bakery', '2024-06-01', 1, 0, 1, 0, 130);

CREATE VIEW facts AS
SELECT f.scenario_id, d.name AS department, f.month, f.opening_headcount, f.hires, f.exits, f.closing_headcount, f.payroll_cost
FROM fact_hr_monthly f JOIN dim_department d USING (company_id, department_id);

-- Each order is a scenario of its own, told in steps of `together` events, folded after the step `fold_after`.
CREATE PROCEDURE tell(story_no int, steps int[], together int, fold_after int) LANGUAGE plpgsql AS $$
DECLARE
  scenario uuid := ('00000000-0000-0000-0000-' || lpad(story_no::text, 12, '0'))::uuid;
BEGIN
  INSERT INTO orders.dim_scenario (company_id, scenario_id, name, starts)
  VALUES ('a0000000-0000-0000-0000-000000000000', scenario, 'Story ' || story_no, '2024-01-01');
  FOR i IN 1 .. cardinality(steps) BY together LOOP
    PERFORM tellingcube.append_events('a0000000-0000-0000-0000-000000000000', scenario::text,
      (SELECT jsonb_agg(event ORDER BY array_position(steps, step)) FROM orders.story WHERE step = ANY (steps[i : i + together - 1])));
    -- COMMIT writes what is pending, as separate transactions would.
    COMMIT;
    IF i >= fold_after AND i - together < fold_after THEN
      PERFORM tellingcube.fold_facts('orders');
      COMMIT;
    END IF;
  END LOOP;
END $$;

-- The story as it happened.
CALL tell(0, '{1,2,3,4,5,6,7}', 1, 99);
SELECT department, month, opening_headcount, hires, exits, closing_headcount, payroll_cost FROM facts ORDER BY department DESC, month;
SELECT count(*) AS differences FROM (
  (SELECT department, month, opening_headcount, hires, exits, closing_headcount, payroll_cost FROM facts EXCEPT TABLE expected) UNION ALL
  (TABLE expected EXCEPT SELECT department, month, opening_headcount, hires, exits, closing_headcount, payroll_cost FROM facts)) d;

-- Some orders one by one, in pairs or threes, folding somewhere on the way.
DO $$
DECLARE
  told int := 0;
  steps int[];
BEGIN
  FOR steps IN
    -- Every rotation and its mirror image of three orders that differ much.
    SELECT DISTINCT ARRAY(SELECT o[1 + (CASE WHEN mirror THEN 7 - i ELSE i - 1 END + r) % 7] FROM generate_series(1, 7) i ORDER BY i)
    FROM (VALUES ('{1,2,3,4,5,6,7}'::int[]), ('{1,4,7,3,6,2,5}'), ('{1,6,4,2,7,5,3}')) v(o), generate_series(0, 6) r, (VALUES (false), (true)) m(mirror)
    ORDER BY 1
  LOOP
    told := told + 1;
    CALL orders.tell(told, steps, 1 + told % 3, told % 8);
  END LOOP;
END $$;
SELECT count(*) AS stories, count(*) FILTER (WHERE differs > 0) AS that_differ
FROM (SELECT s.scenario_id, (SELECT count(*) FROM (
        (SELECT department, month, opening_headcount, hires, exits, closing_headcount, payroll_cost FROM facts f WHERE f.scenario_id = s.scenario_id EXCEPT TABLE expected)
        UNION ALL
        (TABLE expected EXCEPT SELECT department, month, opening_headcount, hires, exits, closing_headcount, payroll_cost FROM facts f WHERE f.scenario_id = s.scenario_id)) d) AS differs
      FROM dim_scenario s) c;
SELECT count(*) FROM tellingcube.verify_facts();
SELECT tellingcube.fold_facts() > 0 AS folded;
SELECT count(*) FROM tellingcube.verify_facts();

-- Two events at the same instant: their keys decide, whatever came first. Here the hire's key is the later one.
CALL tell(9001, '{}', 1, 99);
CALL tell(9002, '{}', 1, 99);
CREATE PROCEDURE tell_both(story text, exit_id text, hire_id text, exit_first boolean) LANGUAGE sql AS $$
  SELECT tellingcube.append_events('Alpine Bakery GmbH', story, CASE WHEN is_exit
    THEN jsonb_build_array(jsonb_build_object('eventId', exit_id, 'eventType', 'hr_exit', 'date', '2024-01-10', 'employeeId', 'E1'))
    ELSE jsonb_build_array(jsonb_build_object('eventId', hire_id, 'eventType', 'hr_hire', 'date', '2024-01-10', 'employeeId', 'E1',
                                              'department', 'Shop', 'role', 'Clerk', 'monthlySalary', 100)) END)
  FROM (VALUES (exit_first), (NOT exit_first)) v(is_exit)
$$;
CALL tell_both('Story 9001', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', true);
CALL tell_both('Story 9002', '00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000004', false);
SELECT s.name, f.month, f.hires, f.exits, f.closing_headcount, f.payroll_cost
FROM facts f JOIN dim_scenario s USING (scenario_id) WHERE s.name IN ('Story 9001', 'Story 9002') ORDER BY s.name, f.month;
-- Employees are told apart as they are written: another case is another person.
SELECT (tellingcube.append_events('Alpine Bakery GmbH', 'Story 9001',
  '[{"eventType": "hr_exit", "date": "2024-01-11", "employeeId": "e1"}, {"eventType": "hr_exit", "date": "2024-01-11", "employeeId": " E1"}]')).inserted;
SELECT month, closing_headcount FROM facts WHERE scenario_id = tellingcube.scenario_id('Alpine Bakery GmbH', 'Story 9001') ORDER BY month;

-- All 5,040 orders, a scenario each: the events arrive one after the other, each in a transaction of its own, with folds between.
INSERT INTO dim_scenario (company_id, scenario_id, name, starts)
SELECT 'a0000000-0000-0000-0000-000000000000', ('10000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'All ' || n, '2024-01-01' FROM generate_series(1, 5040) n;
CREATE TABLE all_orders AS
WITH RECURSIVE orders(steps) AS (
  SELECT '{}'::int[] UNION ALL
  SELECT steps || s FROM orders, generate_series(1, 7) s WHERE cardinality(steps) < 7 AND s <> ALL (steps))
SELECT ('10000000-0000-0000-0000-' || lpad((row_number() OVER (ORDER BY steps))::text, 12, '0'))::uuid AS scenario_id, steps
FROM orders WHERE cardinality(steps) = 7;
SELECT count(*), count(DISTINCT steps) FROM all_orders;
DO $$
BEGIN
  FOR i IN 1 .. 7 LOOP
    INSERT INTO orders.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
    SELECT 'a0000000-0000-0000-0000-000000000000', o.scenario_id, date_trunc('month', (s.event ->> 'date')::date), s.event ->> 'eventType',
           (s.event ->> 'date')::timestamp, s.event - 'date' - 'eventType'
    FROM orders.all_orders o JOIN orders.story s ON s.step = o.steps[i];
    COMMIT;
    IF i IN (2, 5) THEN
      PERFORM tellingcube.fold_facts('orders');
      COMMIT;
    END IF;
  END LOOP;
END $$;
SELECT count(*) FROM tellingcube.verify_facts();
SELECT tellingcube.fold_facts() > 0 AS folded;
ANALYZE;
SELECT count(*) AS rows, count(*) FILTER (WHERE times <> 5040) AS rows_that_differ, count(expected) AS rows_as_expected
FROM (SELECT department, month, opening_headcount, hires, exits, closing_headcount, payroll_cost, count(*) AS times
      FROM facts WHERE scenario_id >= '10000000-0000-0000-0000-000000000000' GROUP BY 1, 2, 3, 4, 5, 6, 7) f
LEFT JOIN expected ON (expected.department, expected.month, opening, expected.hires, expected.exits, closing, payroll)
                    = (f.department, f.month, opening_headcount, f.hires, f.exits, closing_headcount, payroll_cost);
SELECT count(*) FROM tellingcube.verify_facts();

SELECT FROM tellingcube.drop_cube('orders');
