# What the tests in this directory share: servers, sessions, a company's random story, and ways to
# compare facts.
package TellingCube;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(new_node is_full make_cube make_story keep_facts keep_independent_facts
  differences check_sound same_lines log_lines run_parallel start_psql finish_psql poll sale_payload insert_sale);

# is_full: whether to take the time that `make check-full` gives.
sub is_full { return ($ENV{TELLINGCUBE_FULL} // '') eq '1'; }

# new_node NAME, SETTING…: a running server of its own, whose database postgres has the extension.
# Settings are lines of postgresql.conf.
sub new_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	# Cluster.pm logs every statement, which is slow when they are millions.
	$node->append_conf('postgresql.conf', "$_\n") foreach ('log_statement = none', @settings);
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION tellingcube');
	return $node;
}

# make_cube NODE, CUBE: a cube with the company Acme and its scenario Actual, 2024-01 to 2026-12.
sub make_cube
{
	my ($node, $cube, $database) = @_;
	$node->safe_psql($database // 'postgres', qq{
		SELECT tellingcube.create_cube('$cube');
		SELECT tellingcube.create_company('Acme', cube => '$cube');
		SELECT tellingcube.create_scenario('Acme', 'Actual', starts => '2024-01', months => 36, cube => '$cube');
	});
	return;
}

# sale_payload PRODUCT, REGION, QUANTITY: SQL expressions in, an SQL expression out.
sub sale_payload
{
	my ($product, $region, $quantity) = @_;
	return "jsonb_build_object('product', $product, 'region', $region, 'quantity', $quantity, "
	  . "'unitPrice', 1, 'revenue', $quantity, 'cogs', 0)";
}

# insert_sale CUBE, PRODUCT, QUANTITY, MONTH, REGION: the INSERT of one sale; all but CUBE and MONTH are SQL.
sub insert_sale
{
	my ($cube, $product, $quantity, $month, $region) = @_;
	$month //= '2024-03-01';
	my $payload = sale_payload($product, $region // "'North'", $quantity);
	return "INSERT INTO $cube.events (company_id, scenario_id, event_month, event_type, event_ts, payload) "
	  . "SELECT company_id, scenario_id, '$month', 'sale', '$month', $payload FROM $cube.dim_scenario WHERE name = 'Actual'";
}

# make_story NODE, COUNT: a table story(n, event_id, event_type, event_ts, payload) of random events
# of every type, the same on every run, in the order in which they are to be told, which is not the
# order in which they happened. Some are from before the scenario's start.
sub make_story
{
	my ($node, $count, $database) = @_;
	$node->safe_psql($database // 'postgres', qq{
		SET max_parallel_workers_per_gather = 0;
		SELECT setseed(0.42);
		CREATE TABLE story AS
		SELECT n, tellingcube.uuid_v7() AS event_id, kind AS event_type, event_ts,
			CASE kind
				WHEN 'sale' THEN jsonb_build_object('product', 'Product ' || floor(40 * r1 * r1), 'region', 'Region ' || floor(9 * r2),
					'quantity', quantity, 'unitPrice', amount, 'revenue', round(quantity * amount, 2), 'cogs', round(amount * r1::numeric, 4),
					'channel', CASE WHEN r2 < 0.3 THEN 'web' END)
				WHEN 'expense' THEN jsonb_build_object('costCenter', 'Centre ' || floor(12 * r1),
					'account', (ARRAY['rent', 'depreciation', 'interest', 'marketing', 'unheard of'])[1 + floor(5 * r2)],
					'amount', amount - 100, 'isCapex', r1 * r2 < 0.05)
				WHEN 'procurement' THEN jsonb_build_object('supplier', 'Supplier ' || floor(20 * r1), 'category', 'flour', 'amount', amount)
				WHEN 'tax_payment' THEN jsonb_build_object('taxType', (ARRAY['vat', 'corporate_income_tax', 'payroll_tax', 'no such tax'])[1 + floor(4 * r1)],
					'baseAmount', amount, 'taxRate', 0.25, 'taxAmount', round(amount * 0.25, 2))
				WHEN 'cash_movement' THEN jsonb_build_object('category', 'loan', 'amount', amount, 'direction', CASE WHEN r1 < 0.6 THEN 'in' ELSE 'out' END)
				WHEN 'hr_hire' THEN jsonb_build_object('employeeId', 'E' || floor(r1 * $count / 50), 'department', 'Department ' || floor(8 * r2),
					'role', 'baker', 'monthlySalary', amount + 1000)
				ELSE jsonb_build_object('employeeId', 'E' || floor(r1 * $count / 50)) END AS payload
		FROM (
			SELECT n, r1, r2, round((random() * 1000)::numeric, 4) AS amount, round((random() * 20)::numeric, (4 * random())::integer) AS quantity,
				timestamp '2023-12-01' + random() * 1095 * interval '1 day' AS event_ts,
				CASE WHEN kind < 0.55 THEN 'sale' WHEN kind < 0.75 THEN 'expense' WHEN kind < 0.80 THEN 'procurement'
				     WHEN kind < 0.84 THEN 'tax_payment' WHEN kind < 0.88 THEN 'cash_movement' WHEN kind < 0.96 THEN 'hr_hire' ELSE 'hr_exit' END AS kind
			FROM (SELECT n, random() AS r1, random() AS r2, random() AS kind FROM generate_series(1, $count) n) random) event;
		ALTER TABLE story ADD PRIMARY KEY (n);
		ANALYZE story;
	});
	return;
}

# One row of text for each row of a fact, members by their names.
sub facts_query
{
	my ($cube) = @_;
	return qq{
		SELECT 'sales' AS fact, concat_ws('|', c.name, s.name, f.month, p.name, r.name, f.revenue, f.cogs, f.gross_margin, f.quantity, f.transactions) AS line
		FROM $cube.fact_sales_monthly f JOIN $cube.dim_company c USING (company_id) JOIN $cube.dim_scenario s USING (company_id, scenario_id)
		JOIN $cube.dim_product p USING (company_id, product_id) JOIN $cube.dim_region r USING (company_id, region_id)
		UNION ALL
		SELECT 'expense', concat_ws('|', c.name, s.name, f.month, k.name, f.opex, f.capex)
		FROM $cube.fact_expense_monthly f JOIN $cube.dim_company c USING (company_id) JOIN $cube.dim_scenario s USING (company_id, scenario_id)
		JOIN $cube.dim_cost_center k USING (company_id, cost_center_id)
		UNION ALL
		SELECT 'hr', concat_ws('|', c.name, s.name, f.month, d.name, f.opening_headcount, f.hires, f.exits, f.closing_headcount, f.payroll_cost)
		FROM $cube.fact_hr_monthly f JOIN $cube.dim_company c USING (company_id) JOIN $cube.dim_scenario s USING (company_id, scenario_id)
		JOIN $cube.dim_department d USING (company_id, department_id)
		UNION ALL
		SELECT 'finance', concat_ws('|', c.name, s.name, f.month, f.revenue, f.cogs, f.gross_profit, f.opex, f.ebitda, f.depreciation,
			f.ebit, f.interest, f.tax, f.net_income, f.cash_change, f.closing_cash)
		FROM $cube.fact_finance_monthly f JOIN $cube.dim_company c USING (company_id) JOIN $cube.dim_scenario s USING (company_id, scenario_id)};
}

# keep_facts NODE, CUBE, TABLE: what the facts read now.
sub keep_facts
{
	my ($node, $cube, $table, $database) = @_;
	$node->safe_psql($database // 'postgres', "CREATE TABLE $table AS " . facts_query($cube));
	return;
}

# keep_independent_facts NODE, CUBE, TABLE: the same, worked out from the events by plain SQL alone.
# The formulas are those of the documentation: none of our functions, views or fact tables is used.
sub keep_independent_facts
{
	my ($node, $cube, $table, $database) = @_;
	$node->safe_psql($database // 'postgres', qq{
		CREATE TEMP TABLE live AS  -- what is not reversed
		SELECT e.company_id, e.scenario_id, e.event_id, e.event_type AS kind, e.event_ts, date_trunc('month', e.event_ts)::date AS month, e.payload AS p
		FROM $cube.events e
		WHERE e.reverses IS NULL AND NOT EXISTS (SELECT FROM $cube.events r WHERE r.company_id = e.company_id AND r.reverses = e.event_id);
		ANALYZE live;
		CREATE TEMP TABLE span AS
		SELECT s.company_id, s.scenario_id, c.name AS company, s.name AS scenario, s.starts,
			(SELECT max(l.month) FROM live l WHERE (l.company_id, l.scenario_id) = (s.company_id, s.scenario_id)) AS ends
		FROM $cube.dim_scenario s JOIN $cube.dim_company c USING (company_id);
		DELETE FROM span WHERE ends IS NULL OR ends < starts;
		CREATE TEMP TABLE months AS
		SELECT company_id, scenario_id, company, scenario, starts, m::date AS month
		FROM span, generate_series(starts::timestamp, ends::timestamp, interval '1 month') m;

		CREATE TEMP TABLE staff AS
		SELECT company_id, scenario_id, p ->> 'employeeId' AS employee, month, event_ts, event_id,
			CASE kind WHEN 'hr_hire' THEN p ->> 'department' END AS department,
			CASE kind WHEN 'hr_hire' THEN (p ->> 'monthlySalary')::numeric END AS salary,
			row_number() OVER w AS position,
			lag(CASE kind WHEN 'hr_hire' THEN p ->> 'department' END) OVER w AS previous
		FROM live WHERE kind IN ('hr_hire', 'hr_exit')
		WINDOW w AS (PARTITION BY company_id, scenario_id, p ->> 'employeeId' ORDER BY event_ts, event_id);
		CREATE INDEX ON staff (employee, month, position);
		ANALYZE staff;
		CREATE TEMP TABLE standing AS  -- each employee at the end of each month with events, until the next such month
		SELECT DISTINCT ON (company_id, scenario_id, employee, month) company_id, scenario_id, employee, month, department, salary
		FROM staff ORDER BY company_id, scenario_id, employee, month, position DESC;
		CREATE TEMP TABLE period AS
		SELECT *, lead(month) OVER (PARTITION BY company_id, scenario_id, employee ORDER BY month) AS until FROM standing;
		CREATE TEMP TABLE paid AS  -- who leaves in a month has been paid for it, at what was last held in it
		SELECT company_id, scenario_id, m.month, x.department, x.salary
		FROM months m JOIN period x USING (company_id, scenario_id)
		WHERE x.department IS NOT NULL AND m.month >= x.month AND (m.month < x.until OR x.until IS NULL)
		UNION ALL
		SELECT x.company_id, x.scenario_id, x.month, held.department, held.salary
		FROM period x JOIN months m USING (company_id, scenario_id, month)
		CROSS JOIN LATERAL (
			SELECT s.department, s.salary FROM staff s
			WHERE (s.company_id, s.scenario_id, s.employee) = (x.company_id, x.scenario_id, x.employee) AND s.department IS NOT NULL
			  AND (s.month = x.month OR s.position = (SELECT max(b.position) FROM staff b
				WHERE (b.company_id, b.scenario_id, b.employee) = (x.company_id, x.scenario_id, x.employee) AND b.month < x.month))
			ORDER BY s.position DESC LIMIT 1) held
		WHERE x.department IS NULL;
		CREATE TEMP TABLE member AS
		SELECT company_id, scenario_id, department, greatest(min(month), starts) AS since
		FROM staff JOIN span USING (company_id, scenario_id) WHERE department IS NOT NULL GROUP BY 1, 2, 3, starts;
		CREATE TEMP TABLE move AS
		SELECT company_id, scenario_id, month, department, 1 AS hires, 0 AS exits FROM staff
		WHERE department IS NOT NULL AND department IS DISTINCT FROM previous
		UNION ALL
		SELECT company_id, scenario_id, month, previous, 0, 1 FROM staff
		WHERE previous IS NOT NULL AND department IS DISTINCT FROM previous;
		CREATE TEMP TABLE headcount AS
		SELECT d.month, x.company_id, x.scenario_id, x.department, count(*) AS people
		FROM period x CROSS JOIN (SELECT DISTINCT (month + shift * interval '1 month')::date AS month FROM months, (VALUES (0), (-1)) s(shift)) d
		WHERE x.department IS NOT NULL AND d.month >= x.month AND (d.month < x.until OR x.until IS NULL)
		GROUP BY 1, 2, 3, 4;
		CREATE TEMP TABLE hr AS
		SELECT m.company_id, m.scenario_id, m.company, m.scenario, m.month, d.department,
			coalesce((SELECT people FROM headcount h WHERE (h.company_id, h.scenario_id, h.department) = (d.company_id, d.scenario_id, d.department) AND h.month = m.month - interval '1 month'), 0) AS opening,
			coalesce((SELECT sum(hires) FROM move v WHERE (v.company_id, v.scenario_id, v.department, v.month) = (d.company_id, d.scenario_id, d.department, m.month)), 0) AS hires,
			coalesce((SELECT sum(exits) FROM move v WHERE (v.company_id, v.scenario_id, v.department, v.month) = (d.company_id, d.scenario_id, d.department, m.month)), 0) AS exits,
			coalesce((SELECT people FROM headcount h WHERE (h.company_id, h.scenario_id, h.department, h.month) = (d.company_id, d.scenario_id, d.department, m.month)), 0) AS closing,
			coalesce((SELECT sum(salary) FROM paid q WHERE (q.company_id, q.scenario_id, q.department, q.month) = (d.company_id, d.scenario_id, d.department, m.month)), 0) AS payroll
		FROM member d JOIN months m USING (company_id, scenario_id) WHERE m.month >= d.since;

		CREATE TEMP TABLE posting AS  -- each event's place in the P&L and its effect on cash
		SELECT company_id, scenario_id, month, kind,
			CASE WHEN kind = 'sale' THEN (p ->> 'revenue')::numeric ELSE 0 END AS revenue,
			CASE WHEN kind = 'sale' THEN (p ->> 'cogs')::numeric ELSE 0 END AS cogs,
			CASE WHEN kind = 'expense' AND NOT (p ->> 'isCapex')::boolean AND p ->> 'account' NOT IN ('depreciation', 'interest') THEN (p ->> 'amount')::numeric
			     WHEN kind = 'tax_payment' AND p ->> 'taxType' NOT IN ('vat', 'corporate_income_tax') THEN (p ->> 'taxAmount')::numeric ELSE 0 END AS opex,
			CASE WHEN kind = 'expense' AND (p ->> 'isCapex')::boolean THEN (p ->> 'amount')::numeric ELSE 0 END AS capex,
			CASE WHEN kind = 'expense' AND NOT (p ->> 'isCapex')::boolean AND p ->> 'account' = 'depreciation' THEN (p ->> 'amount')::numeric ELSE 0 END AS depreciation,
			CASE WHEN kind = 'expense' AND NOT (p ->> 'isCapex')::boolean AND p ->> 'account' = 'interest' THEN (p ->> 'amount')::numeric ELSE 0 END AS interest,
			CASE WHEN kind = 'tax_payment' AND p ->> 'taxType' = 'corporate_income_tax' THEN (p ->> 'taxAmount')::numeric ELSE 0 END AS tax,
			CASE kind WHEN 'sale' THEN (p ->> 'revenue')::numeric
				WHEN 'expense' THEN CASE WHEN p ->> 'account' = 'depreciation' AND NOT (p ->> 'isCapex')::boolean THEN 0 ELSE -(p ->> 'amount')::numeric END
				WHEN 'procurement' THEN -(p ->> 'amount')::numeric
				WHEN 'tax_payment' THEN -(p ->> 'taxAmount')::numeric
				WHEN 'cash_movement' THEN CASE p ->> 'direction' WHEN 'in' THEN 1 ELSE -1 END * (p ->> 'amount')::numeric
				ELSE 0 END AS cash
		FROM live;
		CREATE TEMP TABLE pl AS
		SELECT m.*, coalesce(s.revenue, 0) AS revenue, coalesce(s.cogs, 0) AS cogs, coalesce(s.opex, 0) + h.payroll AS opex,
			coalesce(s.depreciation, 0) AS depreciation, coalesce(s.interest, 0) AS interest, coalesce(s.tax, 0) AS tax,
			coalesce(s.cash, 0) - h.payroll AS cash,
			(SELECT coalesce(sum(o.cash), 0) FROM posting o WHERE (o.company_id, o.scenario_id) = (m.company_id, m.scenario_id) AND o.month < m.starts) AS opening_cash
		FROM months m
		CROSS JOIN LATERAL (SELECT coalesce(sum(payroll), 0) AS payroll FROM hr WHERE (hr.company_id, hr.scenario_id, hr.month) = (m.company_id, m.scenario_id, m.month)) h
		LEFT JOIN (SELECT company_id, scenario_id, month, sum(revenue) AS revenue, sum(cogs) AS cogs, sum(opex) AS opex, sum(depreciation) AS depreciation,
				sum(interest) AS interest, sum(tax) AS tax, sum(cash) AS cash
			FROM posting GROUP BY 1, 2, 3) s USING (company_id, scenario_id, month);

		CREATE TABLE $table AS
		SELECT 'sales' AS fact, concat_ws('|', company, scenario, month, p ->> 'product', p ->> 'region', sum((p ->> 'revenue')::numeric)::numeric(38,4),
			sum((p ->> 'cogs')::numeric)::numeric(38,4), sum((p ->> 'revenue')::numeric - (p ->> 'cogs')::numeric)::numeric(38,4),
			sum((p ->> 'quantity')::numeric)::numeric(38,4), count(*)) AS line
		FROM live JOIN months USING (company_id, scenario_id, month) WHERE kind = 'sale'
		GROUP BY company, scenario, month, p ->> 'product', p ->> 'region'
		UNION ALL
		SELECT 'expense', concat_ws('|', company, scenario, month, p ->> 'costCenter',
			coalesce(sum((p ->> 'amount')::numeric) FILTER (WHERE NOT (p ->> 'isCapex')::boolean AND p ->> 'account' NOT IN ('depreciation', 'interest')), 0)::numeric(38,4),
			coalesce(sum((p ->> 'amount')::numeric) FILTER (WHERE (p ->> 'isCapex')::boolean), 0)::numeric(38,4))
		FROM live JOIN months USING (company_id, scenario_id, month) WHERE kind = 'expense'
		GROUP BY company, scenario, month, p ->> 'costCenter'
		UNION ALL
		SELECT 'hr', concat_ws('|', company, scenario, month, department, opening, hires, exits, closing, payroll::numeric(38,4)) FROM hr
		UNION ALL
		SELECT 'finance', concat_ws('|', company, scenario, month, revenue::numeric(38,4), cogs::numeric(38,4), (revenue - cogs)::numeric(38,4), opex::numeric(38,4),
			(revenue - cogs - opex)::numeric(38,4), depreciation::numeric(38,4), (revenue - cogs - opex - depreciation)::numeric(38,4), interest::numeric(38,4),
			tax::numeric(38,4), (revenue - cogs - opex - depreciation - interest - tax)::numeric(38,4), cash::numeric(38,4),
			(opening_cash + sum(cash) OVER (PARTITION BY company_id, scenario_id ORDER BY month))::numeric(38,4))
		FROM pl;
	});
	return;
}

# differences NODE, ONE, OTHER: the symmetric difference of two tables of facts, '' when they are equal.
sub differences
{
	my ($node, $one, $other, $database) = @_;
	return $node->safe_psql($database // 'postgres', qq{
		(SELECT '$one', * FROM (TABLE $one EXCEPT ALL TABLE $other) x ORDER BY 2, 3 LIMIT 10)
		UNION ALL
		(SELECT '$other', * FROM (TABLE $other EXCEPT ALL TABLE $one) x ORDER BY 2, 3 LIMIT 10)
	});
}

# check_sound NODE, CUBE, WHEN: one test, that verify_facts() finds nothing.
sub check_sound
{
	my ($node, $cube, $when, $database) = @_;
	return is($node->safe_psql($database // 'postgres', "SELECT * FROM tellingcube.verify_facts(cube => '$cube') LIMIT 10"),
		'', "verify_facts() finds nothing $when");
}

# same_lines GOT, EXPECTED, WHAT: one test, that two texts have the same lines, in whatever order. Only the
# first few that differ are shown.
sub same_lines
{
	my ($got, $expected, $what) = @_;
	my %balance;
	$balance{$_}++ foreach split /^/m, "$got\n";
	$balance{$_}-- foreach split /^/m, "$expected\n";
	my @more = grep { $balance{$_} > 0 } sort keys %balance;
	my @less = grep { $balance{$_} < 0 } sort keys %balance;
	my $ok = ok(!@more && !@less, $what);
	diag(map({ "+ $_" } @more[ 0 .. ($#more < 9 ? $#more : 9) ]), map({ "- $_" } @less[ 0 .. ($#less < 9 ? $#less : 9) ])) unless $ok;
	return $ok;
}

# log_lines NODE, PATTERN: the lines of the server's log that match, '' when there are none.
sub log_lines
{
	my ($node, $pattern) = @_;
	return join '', grep { $_ =~ $pattern } split /^/m, slurp_file($node->logfile);
}

my $started = 0;

# start_psql NODE, SCRIPT, OPTION => VALUE…: a psql of its own, running. Options: database, user, and
# environment variables by their names. It reads and writes files, so that it needs nobody to feed it.
sub start_psql
{
	my ($node, $script, %option) = @_;
	my $database = delete $option{database} // 'postgres';
	my $user = delete $option{user};
	my $file = $node->basedir . '/psql_' . ++$started;
	append_to_file("$file.sql", $script);
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, %option);
	my @command = ($node->installed_command('psql'), '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $database, '-f', "$file.sql");
	push @command, '-U', $user if defined $user;
	my $harness = IPC::Run::start(\@command, '<', '/dev/null', '>', "$file.out", '2>', "$file.err");
	return { harness => $harness, file => $file };
}

# finish_psql SESSION: waits for its end and returns its errors, '' when there were none.
sub finish_psql
{
	my ($session) = @_;
	my $ok = $session->{harness}->finish;
	my $errors = slurp_file("$session->{file}.err");
	return $ok ? '' : $errors || 'it broke off';
}

# run_parallel NODE, {NAME => SCRIPT}, WHAT, OPTION…: runs scripts side by side to their ends; one
# test, that none failed.
sub run_parallel
{
	my ($node, $scripts, $what, %option) = @_;
	my %running = map { $_ => start_psql($node, $scripts->{$_}, %option) } sort keys %$scripts;
	my %errors = map { $_ => finish_psql($running{$_}) } sort keys %running;
	return is(join('', map { "$_: $errors{$_}" } grep { $errors{$_} ne '' } sort keys %errors), '', $what);
}

# poll NODE, QUERY, WHAT: waits until the query answers t; dies after a minute.
sub poll
{
	my ($node, $query, $what) = @_;
	my $deadline = time + 60;
	while (time < $deadline)
	{
		return if $node->safe_psql('postgres', $query) eq 't';
		sleep 0.02;
	}
	die "waited in vain until $what";
}

1;
