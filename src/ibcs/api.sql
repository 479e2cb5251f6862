CREATE OR REPLACE VIEW tellingcube.measure AS
SELECT m.fact, m.measure, m.label, m.unit, m.additivity, m.polarity, m.signed, m.sort
FROM (VALUES
  ('finance', 'revenue',           'Revenue',              'currency', 'additive',       1, false, 1),
  ('finance', 'cogs',              'Cost of goods sold',   'currency', 'additive',      -1, false, 2),
  ('finance', 'gross_profit',      'Gross profit',         'currency', 'additive',       1, true,  3),
  ('finance', 'opex',              'Operating expenses',   'currency', 'additive',      -1, false, 4),
  ('finance', 'ebitda',            'EBITDA',               'currency', 'additive',       1, true,  5),
  ('finance', 'depreciation',      'Depreciation',         'currency', 'additive',      -1, false, 6),
  ('finance', 'ebit',              'EBIT',                 'currency', 'additive',       1, true,  7),
  ('finance', 'interest',          'Interest',             'currency', 'additive',      -1, false, 8),
  ('finance', 'tax',               'Income tax',           'currency', 'additive',      -1, false, 9),
  ('finance', 'net_income',        'Net income',           'currency', 'additive',       1, true,  10),
  ('finance', 'cash_change',       'Change of cash',       'currency', 'additive',       1, true,  11),
  ('finance', 'closing_cash',      'Closing cash',         'currency', 'semi-additive',  1, true,  12),
  ('sales',   'revenue',           'Revenue',              'currency', 'additive',       1, false, 1),
  ('sales',   'cogs',              'Cost of goods sold',   'currency', 'additive',      -1, false, 2),
  ('sales',   'gross_margin',      'Gross margin',         'currency', 'additive',       1, true,  3),
  ('sales',   'quantity',          'Quantity',             'count',    'additive',       1, false, 4),
  ('sales',   'transactions',      'Sales transactions',   'count',    'additive',       1, false, 5),
  ('expense', 'opex',              'Expenses',             'currency', 'additive',      -1, false, 1),
  ('expense', 'capex',             'Capital expenditure',  'currency', 'additive',       0, false, 2),
  ('hr',      'opening_headcount', 'Opening headcount',    'persons',  'semi-additive',  0, false, 1),
  ('hr',      'hires',             'Hires',                'persons',  'additive',       0, false, 2),
  ('hr',      'exits',             'Exits',                'persons',  'additive',       0, false, 3),
  ('hr',      'closing_headcount', 'Closing headcount',    'persons',  'semi-additive',  0, false, 4),
  ('hr',      'payroll_cost',      'Payroll cost',         'currency', 'additive',      -1, false, 5)
) m(fact, measure, label, unit, additivity, polarity, signed, sort);
GRANT SELECT ON tellingcube.measure TO PUBLIC;
COMMENT ON VIEW tellingcube.measure IS 'The measures of the facts: how each is named, added up and judged.';
COMMENT ON COLUMN tellingcube.measure.fact IS 'Fact that has it: finance, sales, expense, hr (fact_finance_monthly …).';
COMMENT ON COLUMN tellingcube.measure.measure IS 'Name: its column in the fact.';
COMMENT ON COLUMN tellingcube.measure.label IS 'Name for people.';
COMMENT ON COLUMN tellingcube.measure.unit IS 'currency (that of the company), persons or count.';
COMMENT ON COLUMN tellingcube.measure.additivity IS 'additive: a sum over everything but scenarios. semi-additive: a stock; over time the last month counts (of an opening stock the first).';
COMMENT ON COLUMN tellingcube.measure.polarity IS '1: more is good; -1: more is bad; 0: neither.';
COMMENT ON COLUMN tellingcube.measure.signed IS 'Whether it is a difference that may well be negative: a percentage of a reference of 0 or less then says nothing.';
COMMENT ON COLUMN tellingcube.measure.sort IS 'Order within the fact.';

CREATE OR REPLACE FUNCTION tellingcube.delta_percent(delta numeric, reference numeric, signed boolean) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN reference > 0 OR (reference < 0 AND NOT signed) THEN round(100 * delta / abs(reference), 2) END;
COMMENT ON FUNCTION tellingcube.delta_percent(numeric, numeric, boolean) IS
  'A difference as a percent number of its reference''s size, to two decimals. NULL (shown N/A) where the reference is 0, or below 0 for a measure that is itself a difference.';

CREATE OR REPLACE FUNCTION tellingcube.delta_impact(delta numeric, polarity integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE sign(delta * polarity) WHEN 1 THEN 'good' WHEN -1 THEN 'bad' WHEN 0 THEN 'neutral' END;
COMMENT ON FUNCTION tellingcube.delta_impact(numeric, integer) IS
  'What a difference means for the company, by the measure''s polarity: good, bad or neutral.';

CREATE OR REPLACE FUNCTION tellingcube.ibcs_amount(amount numeric, factor numeric, divisor numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(CASE WHEN factor = divisor THEN amount ELSE amount * factor / divisor END, 4);
COMMENT ON FUNCTION tellingcube.ibcs_amount(numeric, numeric, numeric) IS 'An amount of a source, scaled to what it is to estimate, to four decimals.';

CREATE OR REPLACE FUNCTION tellingcube.ibcs_pace(is_paced boolean, plan numeric, actual_to_date numeric, plan_to_date numeric)
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN is_paced AND plan_to_date <> 0 AND actual_to_date * plan_to_date >= 0
            THEN round(plan * actual_to_date / plan_to_date, 4) ELSE plan END;
COMMENT ON FUNCTION tellingcube.ibcs_pace(boolean, numeric, numeric, numeric) IS
  'A forecast: the plan × (actual to date ÷ plan to date). Without a plan to date, or with one of the other sign, there is no pace to go on at, and it is the plan itself.';

CREATE OR REPLACE FUNCTION tellingcube.over_period(amounts numeric[], additivity text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN array_position(amounts, NULL) IS NULL THEN
         CASE additivity WHEN 'additive' THEN (SELECT sum(a) FROM unnest(amounts) a) ELSE amounts[cardinality(amounts)] END END;
COMMENT ON FUNCTION tellingcube.over_period(numeric[], text) IS
  'Amounts of the months of a period, in order, as one: their sum, or of a stock the last; NULL when one is missing.';
