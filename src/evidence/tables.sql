CREATE TYPE tellingcube.quality_story AS (
  variant text, starts date, document jsonb, currency text, sector text, kind text, is_seasonal boolean, gross_margin numeric,
  ebitda_margin numeric, revenue_per_employee numeric, season numeric[], weekdays numeric[]);
COMMENT ON TYPE tellingcube.quality_story IS 'A scenario as quality_report() sees it, with what is usual in its company''s sector (NULL for an unknown one).';
COMMENT ON COLUMN tellingcube.quality_story.variant IS 'Variant of the scenario.';
COMMENT ON COLUMN tellingcube.quality_story.starts IS 'First month.';
COMMENT ON COLUMN tellingcube.quality_story.document IS 'Document of the scenario, with the beats.';
COMMENT ON COLUMN tellingcube.quality_story.currency IS 'Currency of the company.';
COMMENT ON COLUMN tellingcube.quality_story.sector IS 'Name of the sector.';
COMMENT ON COLUMN tellingcube.quality_story.kind IS 'b2b or retail.';
COMMENT ON COLUMN tellingcube.quality_story.is_seasonal IS 'Whether the sector has a marked season.';
COMMENT ON COLUMN tellingcube.quality_story.gross_margin IS 'Usual gross margin, a fraction of the revenue.';
COMMENT ON COLUMN tellingcube.quality_story.ebitda_margin IS 'Usual EBITDA margin, a fraction of the revenue.';
COMMENT ON COLUMN tellingcube.quality_story.revenue_per_employee IS 'Usual revenue per employee a year, in the company''s currency; NULL without a known rate.';
COMMENT ON COLUMN tellingcube.quality_story.season IS 'Factors of January to December, around 1.';
COMMENT ON COLUMN tellingcube.quality_story.weekdays IS 'Shares of the sales on Monday to Sunday.';

CREATE TYPE tellingcube.quality_month AS (
  place integer, month date, year integer, revenue numeric, cogs numeric, opex numeric, ebitda numeric, capex numeric,
  opening_headcount numeric, closing_headcount numeric, exits numeric);
COMMENT ON TYPE tellingcube.quality_month IS 'A month of a scenario''s facts, as quality_report() sees it.';
COMMENT ON COLUMN tellingcube.quality_month.place IS 'Number of the month from the scenario''s start on, from 1.';
COMMENT ON COLUMN tellingcube.quality_month.month IS 'First day of the month.';
COMMENT ON COLUMN tellingcube.quality_month.year IS 'Year of the story: 0 for the first twelve months.';
COMMENT ON COLUMN tellingcube.quality_month.revenue IS 'Revenue.';
COMMENT ON COLUMN tellingcube.quality_month.cogs IS 'Cost of goods sold.';
COMMENT ON COLUMN tellingcube.quality_month.opex IS 'Operating expenses.';
COMMENT ON COLUMN tellingcube.quality_month.ebitda IS 'EBITDA.';
COMMENT ON COLUMN tellingcube.quality_month.capex IS 'Capital expenditure.';
COMMENT ON COLUMN tellingcube.quality_month.opening_headcount IS 'People employed when the month begins.';
COMMENT ON COLUMN tellingcube.quality_month.closing_headcount IS 'People employed when it ends.';
COMMENT ON COLUMN tellingcube.quality_month.exits IS 'Exits from departments.';

CREATE TYPE tellingcube.quality_count AS (
  kind text, member text, documents bigint, dated bigint, revenue numeric, taxes bigint, tax_gap numeric, tax_gap_at date,
  vat_due numeric, vat_settled numeric);
COMMENT ON TYPE tellingcube.quality_count IS 'What the events of a scenario come to by one of their traits, as quality_report() sees it.';
COMMENT ON COLUMN tellingcube.quality_count.kind IS 'digit (first of the amount), weekday, customer, product, exit (month in which somebody left), vat (month), or all.';
COMMENT ON COLUMN tellingcube.quality_count.member IS 'Which digit, weekday (1 is Monday), customer …; NULL for events without.';
COMMENT ON COLUMN tellingcube.quality_count.documents IS 'How many events.';
COMMENT ON COLUMN tellingcube.quality_count.dated IS 'How many of them are dated later than their month''s beginning.';
COMMENT ON COLUMN tellingcube.quality_count.revenue IS 'Their sales.';
COMMENT ON COLUMN tellingcube.quality_count.taxes IS 'How many are tax payments.';
COMMENT ON COLUMN tellingcube.quality_count.tax_gap IS 'By how much these miss base × rate, in whole cents.';
COMMENT ON COLUMN tellingcube.quality_count.tax_gap_at IS 'The first that does.';
COMMENT ON COLUMN tellingcube.quality_count.vat_due IS 'VAT collected less VAT paid to suppliers.';
COMMENT ON COLUMN tellingcube.quality_count.vat_settled IS 'VAT paid as a tax.';
