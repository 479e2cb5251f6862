# Eight writers tell a random story by every way there is (COPY, INSERT, append_events(), savepoints
# that are rolled back), while others fold: the facts before folding, after it and after a rebuild
# are the same, and the same that plain SQL makes of the events.
use strict;
use warnings;
use TellingCube qw(new_node is_full make_cube make_story keep_facts keep_independent_facts differences
  check_sound log_lines run_parallel start_psql finish_psql);
use Test::More;

my $count = is_full() ? 1_000_000 : 100_000;
my $node = new_node('volume', 'max_wal_size = 2GB', 'shared_buffers = 256MB', 'autovacuum_naptime = 1s');
make_cube($node, 'cube');
make_story($node, $count);

my $columns = '(company_id, scenario_id, event_month, event_id, event_type, event_ts, payload)';
my $values = q{s.company_id, s.scenario_id, date_trunc('month', e.event_ts)::date, e.event_id, e.event_type, e.event_ts, e.payload};
my $rows = 'FROM story e, cube.dim_scenario s';
my $flat = q{payload || jsonb_build_object('eventId', event_id, 'eventType', event_type, 'eventTs', to_char(event_ts, 'YYYY-MM-DD"T"HH24:MI:SS.US'))};
my $json = "SELECT jsonb_agg($flat ORDER BY n) FROM story";

# The tenth event of each dozen is told, but rolled back: it must not count.
my $told = "n % 12 <> 10";
my $slice = int($count / 8);

# chunks WRITER, SIZE: the ranges of n that this writer tells, SIZE at a time.
sub chunks
{
	my ($writer, $size) = @_;
	my ($from, $to) = ($writer * $slice + 1, $writer == 7 ? $count : ($writer + 1) * $slice);
	my @chunks;
	for (my $n = $from; $n <= $to; $n += $size)
	{
		my $last = $n + $size - 1 < $to ? $n + $size - 1 : $to;
		push @chunks, "n BETWEEN $n AND $last";
	}
	return @chunks;
}

sub by_copy
{
	my ($writer, $size) = @_;
	my $dir = $node->basedir;
	my ($script, $i) = ('', 0);
	foreach my $chunk (chunks($writer, $size))
	{
		my $file = "$dir/chunk_${writer}_" . $i++;
		$node->safe_psql('postgres', "COPY (SELECT $values $rows WHERE $chunk AND $told ORDER BY n) TO '$file'");
		$script .= "\\copy cube.events $columns FROM '$file'\n";
	}
	return $script;
}

sub by_insert
{
	my ($writer, $size) = @_;
	return join '', map { "INSERT INTO cube.events $columns SELECT $values $rows WHERE $_ AND $told ORDER BY n;\n" } chunks($writer, $size);
}

# One INSERT, one transaction; in-commit folding every so often.
sub one_by_one
{
	my ($writer) = @_;
	my $script = "SET tellingcube.fold_threshold = 500;\n";
	foreach my $chunk (chunks($writer, 1_000_000))
	{
		$script .= "DO \$\$ DECLARE i integer; BEGIN FOR i IN SELECT n FROM story WHERE $chunk AND $told ORDER BY n LOOP\n"
		  . "INSERT INTO cube.events $columns SELECT $values $rows WHERE n = i; COMMIT; END LOOP; END \$\$;\n";
	}
	return $script;
}

sub by_append
{
	my ($writer, $size, $cast) = @_;
	return join '', map {
		"SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', ($json WHERE $_ AND $told)::$cast, cube => 'cube');\n"
	} chunks($writer, $size);
}

# Half of each chunk is told once, rolled back with its savepoint and told again; flushes, nested
# savepoints and released ones lie in between, and some events are rolled back for good.
sub by_savepoints
{
	my ($writer, $size) = @_;
	my $script = "SET tellingcube.accumulator_rows = 100;\n";
	foreach my $chunk (chunks($writer, $size))
	{
		my $insert = sub { "INSERT INTO cube.events $columns SELECT $values $rows WHERE $chunk AND $_[0] ORDER BY n;\n" };
		my $append = sub { "SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', ($json WHERE $chunk AND $_[0])::text, cube => 'cube');\n" };
		$script .= "BEGIN;\n"
		  . $insert->('n % 12 IN (0, 1, 2)')
		  . "SAVEPOINT a;\n" . $insert->('n % 12 IN (3, 4, 10)') . "SELECT tellingcube.flush_facts() >= 0;\n"
		  . "SAVEPOINT b;\n" . $append->('n % 12 IN (5, 6)') . "RELEASE b;\n"
		  . "ROLLBACK TO a;\n"
		  . $append->('n % 12 IN (3, 4)')
		  . "SAVEPOINT c;\n" . $insert->('n % 12 IN (5, 6)') . "RELEASE c;\n"
		  . "SELECT tellingcube.flush_facts() >= 0;\n"
		  . "DO \$\$ BEGIN BEGIN\n" . $insert->('n % 12 IN (7, 10)') . "RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END;\n"
		  . $insert->('n % 12 = 7') . "END \$\$;\n"
		  . $insert->('n % 12 IN (8, 9, 11)')
		  . "COMMIT;\nBEGIN;\n" . $insert->('n % 12 = 10') . "ROLLBACK;\n";
	}
	return $script;
}

$node->safe_psql('postgres', 'CREATE TABLE stop (stop boolean); INSERT INTO stop VALUES (false)');
my $folder = start_psql($node, q{
	DO $$ BEGIN
		LOOP
			PERFORM tellingcube.fold_facts('cube');
			COMMIT;
			EXIT WHEN (SELECT stop FROM stop);
			PERFORM pg_sleep(0.05);
		END LOOP;
	END $$;
});
run_parallel($node, {
		copy       => by_copy(0, 2000),
		copy_whole => by_copy(1, 1_000_000),
		insert     => by_insert(2, 500),
		one_by_one => one_by_one(3),
		append     => by_append(4, 100, 'text'),
		append_big => by_append(5, 20_000, 'jsonb'),
		savepoints => by_savepoints(6, 600),
		savepoint2 => by_savepoints(7, 60)
	},
	'eight writers tell a story side by side');
$node->safe_psql('postgres', 'UPDATE stop SET stop = true');
is(finish_psql($folder), '', 'folding went on beside them');

# Some of it is taken back, and nobody folds any more.
$node->safe_psql('postgres', qq{
	SELECT inserted FROM tellingcube.append_events('Acme', 'Actual',
		(SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('reverses', event_id, 'month', CASE WHEN n % 10 > 0 THEN to_char(event_ts, 'YYYY-MM') END)))
		 FROM story WHERE $told AND n % 503 = 0), cube => 'cube')});

is($node->safe_psql('postgres', q{SELECT count(*) FROM cube.events WHERE reverses IS NULL}),
	$node->safe_psql('postgres', "SELECT count(*) FROM story WHERE $told"),
	'every event is stored once, and none that was rolled back');
isnt($node->safe_psql('postgres', 'SELECT count(*) FROM cube.fact_finance_pending'), '0', 'something is pending');
isnt($node->safe_psql('postgres', 'SELECT count(*) FROM cube.fact_finance_stored'), '0', 'something was folded');

keep_facts($node, 'cube', 'before_fold');
check_sound($node, 'cube', 'before folding');
$node->safe_psql('postgres', q{SELECT tellingcube.fold_facts('cube')});
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT FROM cube.fact_sales_pending UNION ALL
		SELECT FROM cube.fact_expense_pending UNION ALL SELECT FROM cube.fact_finance_pending UNION ALL
		SELECT FROM cube.fact_activity_pending UNION ALL SELECT FROM cube.fact_hr_pending) p}),
	'0', 'folding leaves nothing pending');
keep_facts($node, 'cube', 'after_fold');
check_sound($node, 'cube', 'after folding');
is(differences($node, 'before_fold', 'after_fold'), '', 'facts are the same before and after folding');

$node->safe_psql('postgres', q{SELECT tellingcube.rebuild_facts(cube => 'cube')});
keep_facts($node, 'cube', 'after_rebuild');
check_sound($node, 'cube', 'after a rebuild');
is(differences($node, 'before_fold', 'after_rebuild'), '', 'facts are the same after a rebuild');

keep_independent_facts($node, 'cube', 'independent');
is(differences($node, 'before_fold', 'independent'), '', 'plain SQL makes the same facts of the events');
cmp_ok($node->safe_psql('postgres', 'SELECT count(DISTINCT fact) FROM independent'), '==', 4, 'which are of all four kinds');

# The comparisons can fail.
$node->safe_psql('postgres', q{UPDATE cube.fact_sales_stored SET cogs = cogs + 0.0001
	WHERE ctid = (SELECT min(ctid) FROM cube.fact_sales_stored WHERE month >= '2024-01-01')});
keep_facts($node, 'cube', 'corrupt');
isnt(differences($node, 'before_fold', 'corrupt'), '', 'a corrupted row is a difference');
isnt($node->safe_psql('postgres', q{SELECT * FROM tellingcube.verify_facts(cube => 'cube')}), '', 'and verify_facts() finds it');

$node->stop;
is(log_lines($node, qr/deadlock detected|could not serialize|PANIC|terminated by signal|folding cube .* failed/),
	'', 'the log tells of no conflict');
done_testing();
