# A hundred clients retry one call under one idempotency key: it is done once, and all are told the
# same. Other content under that key is refused; a key whose call was rolled back is free again.
use strict;
use warnings;
use TellingCube qw(new_node make_cube keep_facts differences check_sound start_psql finish_psql);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('idempotency', 'max_connections = 130');
make_cube($node, 'cube');

# append KEY, QUANTITY, ISOLATION: a call with two events.
sub append
{
	my ($key, $quantity) = @_;
	return qq{SELECT batch_id, inserted, duplicates, quarantined FROM tellingcube.append_events('Acme', 'Actual', '[
		{"eventType": "sale", "month": "2024-01", "product": "Bread", "region": "North", "quantity": $quantity, "unitPrice": 1, "revenue": $quantity, "cogs": 0},
		{"eventType": "hr_hire", "month": "2024-02", "employeeId": "E1", "department": "Bakery", "role": "Baker", "monthlySalary": 1000}]',
		idempotency_key => '$key', cube => 'cube')};
}

# All at once: they wait for a lock that is released when they are all there.
my $gate = start_psql($node, q{BEGIN; LOCK TABLE cube.batch; SELECT pg_sleep(60)}, PGAPPNAME => 'gate');
TellingCube::poll($node, q{SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'cube.batch'::regclass AND granted AND mode = 'AccessExclusiveLock')}, 'the gate is shut');
my @clients = map { start_psql($node, append('once', 7), PGAPPNAME => 'client') } 1 .. 100;
TellingCube::poll($node, q{SELECT count(*) = 100 FROM pg_stat_activity WHERE application_name = 'client' AND wait_event_type = 'Lock'}, 'all wait');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'gate'});
finish_psql($gate);
my @errors = grep { $_ ne '' } map { finish_psql($_) } @clients;
is("@errors", '', 'a hundred clients send the same call at once');
my %answers = map { slurp_file("$_->{file}.out") => 1 } @clients;
is(scalar keys %answers, 1, 'all get the same answer');
like((keys %answers)[0], qr/^[0-9a-f-]{36}\|2\|0\|0$/, 'that of the first');
is($node->safe_psql('postgres', 'SELECT count(*) FROM cube.batch'), 1, 'one batch');
is($node->safe_psql('postgres', 'SELECT count(*) FROM cube.events'), 2, 'two events');
is($node->safe_psql('postgres', q{SELECT sum(revenue), sum(opex) FROM cube.fact_finance_monthly}), '7.0000|1000.0000', 'and their facts, once');
check_sound($node, 'cube', 'after retries');
keep_facts($node, 'cube', 'once');

is($node->safe_psql('postgres', append('once', 7)) . "\n", (keys %answers)[0], 'later, in another session, the same');
my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n" . append('once', 8));
isnt($code, 0, 'other content under that key is refused');
like($err, qr/ERROR:\s+TC107: .*"once"/, 'as TC107');
like($err, qr/HINT: /, 'with a hint');
($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n" . (append('once', 7) =~ s/'Actual'/'Plan'/r));
isnt($code, 0, 'so is another scenario');
keep_facts($node, 'cube', 'after_refusal');
is(differences($node, 'once', 'after_refusal'), '', 'neither changed a fact');

# The first attempt is rolled back: by ROLLBACK, by its savepoint, by an error later on, by a lost connection.
$node->safe_psql('postgres', 'BEGIN; ' . append('undone', 1) . '; ROLLBACK');
$node->safe_psql('postgres', 'BEGIN; SAVEPOINT s; ' . append('undone', 1) . '; ROLLBACK TO s; COMMIT');
$node->psql('postgres', 'BEGIN; ' . append('undone', 1) . '; SELECT 1/0; COMMIT');
my $lost = start_psql($node, 'BEGIN; ' . append('undone', 1) . '; SELECT pg_sleep(60); COMMIT', PGAPPNAME => 'lost');
TellingCube::poll($node, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'lost' AND wait_event = 'PgSleep')}, 'the first attempt is under way');
my $waiting = start_psql($node, append('undone', 3), PGAPPNAME => 'waiting');
TellingCube::poll($node, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'waiting' AND wait_event_type = 'Lock')}, 'the retry waits for it');
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'});
isnt(finish_psql($lost), '', 'a first attempt loses its connection');
is(finish_psql($waiting), '', 'and the retry that waited for it succeeds');
is($node->safe_psql('postgres', q{SELECT sum(revenue) FROM cube.fact_finance_monthly}), '10.0000', 'with its own content, once');
is($node->safe_psql('postgres', q{SELECT count(*) FROM cube.batch}), 2, 'which is the second batch');
check_sound($node, 'cube', 'after attempts that were rolled back');

# The key in one transaction twice, and an error between.
is($node->safe_psql('postgres', 'BEGIN; ' . append('twice', 1) . ' \gset
	' . append('twice', 1) . ' \gset again_
	SELECT :\'batch_id\' = :\'again_batch_id\'; COMMIT'), 't', 'a retry in the same transaction gets the same batch');

# Keys of another company are other keys.
$node->safe_psql('postgres', q{SELECT tellingcube.create_company('Other', cube => 'cube'); SELECT tellingcube.create_scenario('Other', 'Actual', starts => '2024-01', cube => 'cube')});
like($node->safe_psql('postgres', append('once', 9) =~ s/'Acme'/'Other'/r), qr/\|2\|0\|0$/, 'another company may use the same key');
check_sound($node, 'cube', 'at last');
$node->stop;
done_testing();
