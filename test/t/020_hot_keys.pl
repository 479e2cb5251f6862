# 32 clients, 3 statements a transaction, 6 keys, at each isolation level, with folding going on and
# with products appearing that many clients sell for the first time at the same moment: nobody
# deadlocks, nobody has to try again on our account, and not an event is lost or counted twice.
use strict;
use warnings;
use TellingCube qw(new_node is_full make_cube keep_facts keep_independent_facts differences check_sound
  log_lines start_psql finish_psql insert_sale sale_payload);
use PostgreSQL::Test::Utils;
use Test::More;

my $seconds = is_full() ? 60 : 6;
my $node = new_node('hot_keys', 'max_connections = 60', 'deadlock_timeout = 100ms', 'autovacuum_naptime = 1s');

# transaction CUBE: what each client does over and over. A new product's name changes every 50 ms, for
# everybody at once; whether it is told first or last is left to chance.
sub transaction
{
	my ($cube) = @_;
	my $hot = "'Hot ' || :p";
	my $new = "'New ' || floor(extract(epoch from clock_timestamp()) * 20)";
	return join "\n", '\set p random(1, 2)', '\set r random(1, 3)', '\set q random(1, 9)', '\set first random(0, 1)',
	  'BEGIN;',
	  insert_sale($cube, "CASE :first WHEN 1 THEN $new ELSE $hot END", ':q') . ';',
	  insert_sale($cube, $hot, ':q', '2024-04-01', "'Region ' || :r") . ';',
	  qq{SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', jsonb_build_array(
		jsonb_build_object('eventType', 'sale', 'month', '2024-03') ||
		} . sale_payload("CASE :first WHEN 0 THEN $new ELSE $hot END", "'Region ' || :r", ':q') . qq{), cube => '$cube');},
	  'COMMIT;', '';
}

$node->safe_psql('postgres', 'CREATE TABLE stop (stop boolean)');
foreach my $level ('read committed', 'repeatable read', 'serializable')
{
	my $cube = $level =~ s/ /_/gr;
	make_cube($node, $cube);
	$node->safe_psql('postgres', 'TRUNCATE stop; INSERT INTO stop VALUES (false)');
	my $folder = start_psql($node, qq{
		DO \$\$ BEGIN
			LOOP
				PERFORM tellingcube.fold_facts('$cube');
				COMMIT;
				EXIT WHEN (SELECT stop FROM stop);
				PERFORM pg_sleep(0.2);
			END LOOP;
		END \$\$;
	});
	my $file = $node->basedir . "/$cube.sql";
	append_to_file($file, transaction($cube));
	my ($out, $err);
	{
		# At READ COMMITTED the writers themselves fold, too.
		local $ENV{PGOPTIONS} = "-c default_transaction_isolation=" . ($level =~ s/ /\\ /gr) . " -c tellingcube.fold_threshold=1000";
		local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port);
		IPC::Run::run([ $node->installed_command('pgbench'), '-n', '-c', 32, '-j', 2, '-T', $seconds, '-f', $file, 'postgres' ],
			'>', \$out, '2>', \$err);
	}
	is($?, 0, "$level: no client broke off") or diag($err);
	my ($done) = $out =~ /number of transactions actually processed: (\d+)/;
	my ($failed) = $out =~ /number of failed transactions: (\d+)/;
	is($failed // 0, 0, "$level: no transaction failed");
	note($out =~ /(tps = .*)/);
	$node->safe_psql('postgres', 'UPDATE stop SET stop = true');
	is(finish_psql($folder), '', "$level: folding went on");

	# One more, so that something is pending.
	$node->safe_psql('postgres', insert_sale($cube, q{'Hot 1'}, 5));
	is($node->safe_psql('postgres', "SELECT count(*) FROM $cube.events"), 3 * $done + 1, "$level: every event is there");
	cmp_ok($node->safe_psql('postgres', "SELECT count(*) FROM $cube.dim_product"), '>', $seconds, "$level: products appeared meanwhile");
	keep_facts($node, $cube, "${cube}_before");
	check_sound($node, $cube, "at $level");
	keep_independent_facts($node, $cube, "${cube}_independent");
	is(differences($node, "${cube}_before", "${cube}_independent"), '', "$level: plain SQL makes the same facts of the events");
	$node->safe_psql('postgres', "SELECT tellingcube.fold_facts('$cube')");
	keep_facts($node, $cube, "${cube}_after");
	is(differences($node, "${cube}_before", "${cube}_after"), '', "$level: folding the rest changes nothing");
}

$node->stop;
is(log_lines($node, qr/deadlock detected|could not serialize|PANIC|terminated by signal|ERROR|folding cube .* failed/),
	'', 'the log tells of no deadlock, no conflict, no error');
done_testing();
