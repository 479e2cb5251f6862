# A backend is killed in the middle of its commit, writers and folders are killed at work, the server
# is stopped at once: afterwards every transaction is there wholly or not at all, and so are its facts.
use strict;
use warnings;
use TellingCube qw(new_node is_full make_cube make_story keep_facts keep_independent_facts differences
  check_sound log_lines start_psql finish_psql poll insert_sale);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $kills = is_full() ? 20 : 4;
my $stops = is_full() ? 6 : 2;
my $node = new_node('crash', 'restart_after_crash = on', 'log_min_messages = warning', 'client_connection_check_interval = 0');
make_cube($node, 'cube');
make_story($node, 2000);
$node->safe_psql('postgres', q{
	SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', (SELECT jsonb_agg(payload ||
		jsonb_build_object('eventId', event_id, 'eventType', event_type, 'eventTs', to_char(event_ts, 'YYYY-MM-DD"T"HH24:MI:SS.US'))) FROM story), cube => 'cube');
	SELECT tellingcube.fold_facts('cube')});

# After the crash: the server takes connections again.
sub wait_for_server
{
	my $deadline = time + 60;
	while (time < $deadline)
	{
		my ($code) = $node->psql('postgres', 'SELECT 1');
		return if $code == 0;
		sleep 0.05;
	}
	die 'the server did not come back';
}

# A commit writes members, then one ledger after the other. Each is locked by somebody else, so that
# the commit stands still there when its backend is killed.
keep_facts($node, 'cube', 'before_kills');
my $count = $node->safe_psql('postgres', 'SELECT count(*) FROM cube.events');
foreach my $table (qw(dim_product dim_account fact_sales_pending fact_expense_pending fact_finance_pending fact_activity_pending fact_hr_pending))
{
	my $locker = start_psql($node, "BEGIN; LOCK TABLE cube.$table; SELECT pg_sleep(60)");
	poll($node, "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'cube.$table'::regclass AND mode = 'AccessExclusiveLock' AND granted)", "$table is locked");
	my $writer = start_psql($node, 'BEGIN;' . insert_sale('cube', "'New before $table'", 5) . qq{;
		INSERT INTO cube.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
		SELECT company_id, scenario_id, '2024-03-01', kind, '2024-03-01', payload FROM cube.dim_scenario, (VALUES
			('expense', '{"costCenter": "New centre", "account": "new account of $table", "amount": 10, "isCapex": false}'::jsonb),
			('hr_hire', '{"employeeId": "N1", "department": "Department 1", "role": "new", "monthlySalary": 100}')) e(kind, payload);
		COMMIT;}, PGAPPNAME => 'victim');
	my $at = q{FROM pg_stat_activity WHERE application_name = 'victim' AND wait_event_type = 'Lock' AND query ~ 'COMMIT'};
	poll($node, "SELECT EXISTS (SELECT $at)", "the commit waits for $table");
	my $pid = $node->safe_psql('postgres', "SELECT pid $at");
	kill 'KILL', $pid;
	isnt(finish_psql($writer), '', "a backend was killed at its commit, before it wrote $table");
	finish_psql($locker);
	wait_for_server();
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM cube.events'), $count, 'not one of those transactions was stored');
keep_facts($node, 'cube', 'after_kills');
is(differences($node, 'before_kills', 'after_kills'), '', 'the facts are as before');
check_sound($node, 'cube', 'after kills at commit');

# Writers at full speed, each transaction three events; one session folds without end.
my $fold = q{DO $$ BEGIN LOOP PERFORM tellingcube.fold_facts('cube'); COMMIT; END LOOP; END $$};
my $file = $node->basedir . '/write.sql';
append_to_file($file, join ";\n", "\\set p random(1, 9)\nBEGIN", insert_sale('cube', q{'Product ' || :p}, ':p'),
	insert_sale('cube', q{'Rush ' || floor(extract(epoch from clock_timestamp()) * 5)}, 1, '2024-05-01'),
	insert_sale('cube', q{'Product ' || :p}, 2, '2024-06-01'), 'COMMIT;');
my ($acknowledged, $in_doubt) = (0, 0);

sub under_load
{
	my ($strike) = @_;
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGAPPNAME => 'writer');
	my ($out, $err) = ('', '');
	my $writers = IPC::Run::start([ $node->installed_command('pgbench'), '-n', '-c', 6, '-T', 60, '-f', $file, 'postgres' ],
		'>', \$out, '2>', \$err);
	my $folder = start_psql($node, $fold, PGAPPNAME => 'folder');
	sleep 0.3 + rand(0.5);
	$strike->();
	$writers->finish;
	finish_psql($folder);
	diag($err) unless $err =~ /terminat|closed|shut/;
	$acknowledged += $1 if $out =~ /number of transactions actually processed: (\d+)/;
	$in_doubt += 6;
}

foreach my $round (1 .. $kills)
{
	under_load(sub {
		my $whom = $round % 3 == 0 ? q{application_name = 'folder'} : q{application_name = 'writer' AND query ~ '^COMMIT'};
		poll($node, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND $whom)", 'the victim is at work');
		my $pid = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND $whom LIMIT 1");
		$pid ||= $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'writer' LIMIT 1});
		kill 'KILL', $pid;
	});
	wait_for_server();
	check_sound($node, 'cube', "after a backend was killed, round $round");
}
foreach my $round (1 .. $stops)
{
	under_load(sub { $node->stop('immediate') });
	$node->start;
	check_sound($node, 'cube', "after the server was stopped at once, round $round");
}

my $stored = $node->safe_psql('postgres', "SELECT count(*) - $count FROM cube.events");
is($stored % 3, 0, 'no transaction is there by half');
cmp_ok($stored / 3, '>=', $acknowledged, 'what was acknowledged is there');
cmp_ok($stored / 3, '<=', $acknowledged + $in_doubt, 'and not much else');
cmp_ok($acknowledged, '>', 10 * ($kills + $stops), "there was something to lose: $acknowledged transactions");
keep_facts($node, 'cube', 'at_last');
keep_independent_facts($node, 'cube', 'independent');
is(differences($node, 'at_last', 'independent'), '', 'plain SQL makes the same facts of the events');
$node->safe_psql('postgres', q{SELECT tellingcube.rebuild_facts(cube => 'cube')});
keep_facts($node, 'cube', 'rebuilt');
is(differences($node, 'at_last', 'rebuilt'), '', 'and so does a rebuild');
$node->stop;
is(log_lines($node, qr/PANIC|signal 11|signal 6/), '', 'nobody but the killed ones crashed');
done_testing();
