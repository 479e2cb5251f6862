# A million events in one call, and by one COPY: they arrive, and the backend does not grow by more
# than 300 MB beyond the text it was given.
use strict;
use warnings;
use TellingCube qw(new_node is_full make_cube keep_facts keep_independent_facts differences check_sound);
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'there is no /proc to read memory from' unless -r '/proc/self/status';

my $count = is_full() ? 1_000_000 : 200_000;
my $limit = 300;    # MB
my $node = new_node('memory', 'max_wal_size = 4GB', 'shared_buffers = 64MB', 'autovacuum = off', 'jit = off');

# The text lies in a table as it is, so that reading it takes its own size and nothing more. Some fields are wide, others many-valued.
$node->safe_psql('postgres', qq{
	CREATE TABLE input (kind text, events text);
	ALTER TABLE input ALTER events SET STORAGE EXTERNAL;
	CREATE TABLE told AS
	SELECT n, CASE WHEN n % 10 < 7 THEN 'sale' WHEN n % 10 < 9 THEN 'expense' WHEN n % 20 < 10 THEN 'hr_hire' ELSE 'hr_exit' END AS kind,
		timestamp '2024-01-01' + (n % 1095) * interval '1 day' AS event_ts, tellingcube.uuid_v7() AS event_id
	FROM generate_series(1, $count) n;
	ALTER TABLE told ADD payload jsonb;
	UPDATE told SET payload = CASE kind
		WHEN 'sale' THEN jsonb_build_object('product', 'Product ' || n % 500, 'region', 'Region ' || n % 37, 'quantity', n % 100, 'unitPrice', 1.25, 'revenue', 1.25 * (n % 100), 'cogs', 0.5)
		WHEN 'expense' THEN jsonb_build_object('costCenter', 'Centre ' || n % 100, 'account', 'rent', 'amount', n * 0.01, 'isCapex', false)
		WHEN 'hr_hire' THEN jsonb_build_object('employeeId', 'E' || n / 40, 'department', 'Department ' || n % 8, 'role', 'baker', 'monthlySalary', 1000 + n % 1000)
		ELSE jsonb_build_object('employeeId', 'E' || n / 40) END;
	INSERT INTO input SELECT 'anonymous', '[' || string_agg((payload || jsonb_build_object('eventType', kind, 'date', event_ts::date))::text, ',' ORDER BY n) || ']' FROM told;
	INSERT INTO input SELECT 'identified', '[' || string_agg((payload || jsonb_build_object('eventType', kind, 'date', event_ts::date, 'eventId', event_id))::text, ',' ORDER BY n) || ']' FROM told;
});
note($node->safe_psql('postgres', q{SELECT string_agg(kind || ' ' || length(events) / 1048576 || ' MB', ', ') FROM input}));

# growth SQL, DATABASE: by how many MB the backend that runs it grows beyond what it is after a similar call of one event.
sub growth
{
	my ($cube, $sql, $input) = @_;
	my $peak = q{SELECT (regexp_match(pg_read_file('/proc/' || pg_backend_pid() || '/status'), 'VmHWM:\s+(\d+) kB'))[1]::integer / 1024};
	my $warm = "SELECT count(*) FROM tellingcube.append_events('Acme', 'Actual', '[]', cube => '$cube')";
	my $text = $input ? qq{SELECT length(events) FROM input WHERE kind = '$input'} : 'SELECT 0';
	# Shared memory counts only once it is touched: touch it all.
	my $touch = q{SELECT count(payload) FROM told};
	my ($code, $out, $err) = $node->psql('postgres', "$warm;\n$touch;\n$peak;\n$text;\n$sql;\n$peak;\n");
	is($code, 0, "$cube: it works") or diag($err);
	my ($before, $bytes, $after) = (split /\n/, $out)[ 2, 3, -1 ];
	my $growth = $after - $before - $bytes / 1048576;
	note(sprintf '%s: %d MB before, %d MB at its peak, %d MB of text: %d MB of its own', $cube, $before, $after, $bytes / 1048576, $growth);
	cmp_ok($growth, '<', $limit, "$cube: it takes less than $limit MB beyond its text");
	return $growth;
}

sub check
{
	my ($cube) = @_;
	is($node->safe_psql('postgres', "SELECT count(*) FROM $cube.events"), $count, "$cube: every event is stored");
	check_sound($node, $cube, "in $cube");
	keep_facts($node, $cube, "facts_$cube");
	return;
}

my $call = sub { "SELECT (tellingcube.append_events('Acme', 'Actual', events, cube => '$_[0]')).inserted FROM input WHERE kind = '$_[1]'" };
make_cube($node, 'one_call');
growth('one_call', $call->('one_call', 'anonymous'), 'anonymous');
check('one_call');

# With keys given, and an accumulator that is written out all the time.
make_cube($node, 'small_steps');
growth('small_steps', 'SET tellingcube.accumulator_rows = 100;' . $call->('small_steps', 'identified'), 'identified');
check('small_steps');
is(differences($node, 'facts_one_call', 'facts_small_steps'), '', 'a small accumulator makes the same facts');

make_cube($node, 'by_copy');
my $file = $node->basedir . '/events';
my $columns = '(company_id, scenario_id, event_month, event_id, event_type, event_ts, payload)';
$node->safe_psql('postgres', qq{COPY (SELECT company_id, scenario_id, date_trunc('month', event_ts)::date, event_id, kind, event_ts, payload FROM told, by_copy.dim_scenario ORDER BY n) TO '$file'});
my $copied = growth('by_copy', "COPY by_copy.events $columns FROM '$file'");
check('by_copy');
is(differences($node, 'facts_one_call', 'facts_by_copy'), '', 'COPY makes the same facts');

make_cube($node, 'by_insert');
growth('by_insert', qq{SET tellingcube.accumulator_rows = 100; INSERT INTO by_insert.events $columns
	SELECT company_id, scenario_id, date_trunc('month', event_ts)::date, event_id, kind, event_ts, payload FROM told, by_insert.dim_scenario});
check('by_insert');
is(differences($node, 'facts_one_call', 'facts_by_insert'), '', 'INSERT makes the same facts');

# Reading the result takes no more: recomputation and rebuild go through all events.
growth('by_copy', q{SELECT count(*) FROM tellingcube.verify_facts(cube => 'by_copy'); SELECT tellingcube.rebuild_facts(cube => 'by_copy')});
keep_facts($node, 'by_copy', 'rebuilt');
is(differences($node, 'facts_one_call', 'rebuilt'), '', 'and makes the same facts');
keep_independent_facts($node, 'by_copy', 'independent');
is(differences($node, 'facts_one_call', 'independent'), '', 'which are those that plain SQL makes of the events');

# The measure measures: what is known to take memory is seen to.
my (undef, $out) = $node->psql('postgres', q{SELECT length(repeat('x', 400000000)); SELECT (regexp_match(pg_read_file('/proc/' || pg_backend_pid() || '/status'), 'VmHWM:\s+(\d+) kB'))[1]::integer / 1024});
cmp_ok((split /\n/, $out)[-1], '>', 350, 'a large text shows in the measure');
$node->stop;
done_testing();
