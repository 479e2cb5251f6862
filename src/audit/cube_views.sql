-- Who worked where, from when until when: straight from the events by SQL, as a second opinion on fact_hr_monthly, whose
-- figures are made elsewhere. An employee's state depends on the last event alone; reversed events are as if never told.
CREATE OR REPLACE VIEW employment_history WITH (security_invoker = true) AS
SELECT h.company_id, h.scenario_id, h.employee, h.event_id, h.event_ts, h.month, h.event_type, h.department, h.monthly_salary,
       h.was_in AS previous_department, h.is_hire AND h.was_in IS DISTINCT FROM h.department AS joined,
       h.was_in IS NOT NULL AND (NOT h.is_hire OR h.was_in <> h.department) AS left_previous,
       CASE WHEN h.is_hire THEN least(h.next_exit, (h.next_hire - interval '1 month')::date) END AS paid_until,
       CASE WHEN h.is_hire THEN (h.next_month - interval '1 month')::date END AS employed_until,
       CASE WHEN h.is_hire AND h.was_in = h.department AND h.was_paid = h.monthly_salary THEN 'hired twice'
            WHEN NOT h.is_hire AND h.was_in IS NULL THEN 'exit without hire' END AS anomaly
FROM (
  SELECT e.company_id, e.scenario_id, e.employee, e.event_id, e.event_ts, e.month, e.event_type, e.is_hire,
         e.department, e.monthly_salary, lag(e.department) OVER told AS was_in, lag(e.monthly_salary) OVER told AS was_paid,
         lead(e.month) OVER told AS next_month,
         min(e.month) FILTER (WHERE e.is_hire) OVER later AS next_hire,
         min(e.month) FILTER (WHERE NOT e.is_hire) OVER later AS next_exit
  FROM (
    SELECT company_id, scenario_id, payload ->> 'employeeId' AS employee, event_id, event_ts, event_month AS month, event_type,
           event_type = 'hr_hire' AS is_hire,
           CASE event_type WHEN 'hr_hire' THEN payload ->> 'department' END AS department,
           CASE event_type WHEN 'hr_hire' THEN (payload -> 'monthlySalary')::numeric END AS monthly_salary
    FROM events t
    WHERE event_type IN ('hr_hire', 'hr_exit') AND reverses IS NULL
      AND NOT EXISTS (SELECT FROM events r
                      WHERE r.company_id = t.company_id AND r.event_month = t.event_month AND r.reverses = t.event_id)) e
  WINDOW told AS (PARTITION BY e.company_id, e.scenario_id, e.employee ORDER BY e.event_ts, e.event_id),
         later AS (PARTITION BY e.company_id, e.scenario_id, e.employee ORDER BY e.event_ts, e.event_id
                   ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)) h;
COMMENT ON VIEW employment_history IS 'Hires and exits with what each meant: one row for each that was not taken back. Worked out from the events themselves.';
COMMENT ON COLUMN employment_history.company_id IS 'Company.';
COMMENT ON COLUMN employment_history.scenario_id IS 'Scenario.';
COMMENT ON COLUMN employment_history.employee IS 'Employee, as events name them.';
COMMENT ON COLUMN employment_history.event_id IS 'The hire or exit.';
COMMENT ON COLUMN employment_history.event_ts IS 'When it happened.';
COMMENT ON COLUMN employment_history.month IS 'First day of that month.';
COMMENT ON COLUMN employment_history.event_type IS 'hr_hire or hr_exit.';
COMMENT ON COLUMN employment_history.department IS 'Department hired into; NULL for an exit.';
COMMENT ON COLUMN employment_history.monthly_salary IS 'Salary a month, in the company''s currency; NULL for an exit.';
COMMENT ON COLUMN employment_history.previous_department IS 'Department the employee was in just before; NULL when in none.';
COMMENT ON COLUMN employment_history.joined IS 'Whether the department gained an employee; a raise is no gain.';
COMMENT ON COLUMN employment_history.left_previous IS 'Whether the previous department lost one.';
COMMENT ON COLUMN employment_history.paid_until IS 'Last month in which this hire''s salary is paid; NULL while it goes on.';
COMMENT ON COLUMN employment_history.employed_until IS 'Last month at whose end this hire holds; NULL while it goes on.';
COMMENT ON COLUMN employment_history.anomaly IS 'hired twice: again into the same post; exit without hire; NULL when all is well.';
