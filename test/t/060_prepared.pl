# Two-phase commit: what a prepared transaction adds to the facts appears when it is committed, be it
# after a restart or a crash, and never when it is rolled back. Meanwhile others write, fold, rebuild.
use strict;
use warnings;
use TellingCube qw(new_node make_cube make_story keep_facts keep_independent_facts differences check_sound log_lines insert_sale);
use Test::More;

my $node = new_node('prepared', 'max_prepared_transactions = 20', 'lock_timeout = 10s');
make_cube($node, 'cube');
make_story($node, 1000);
my $flat = q{jsonb_agg(payload || jsonb_build_object('eventId', event_id, 'eventType', event_type, 'eventTs', to_char(event_ts, 'YYYY-MM-DD"T"HH24:MI:SS.US')))};

# append FROM, TO: that part of the story.
sub append { return "SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', (SELECT $flat FROM story WHERE n BETWEEN $_[0] AND $_[1]), cube => 'cube')"; }

my $round = 0;
my $kept;

sub keep { keep_facts($node, 'cube', $kept = 'kept_' . ++$round); return $kept; }

sub unchanged
{
	my ($since, $what) = @_;
	is(differences($node, $since, keep()), '', $what);
	check_sound($node, 'cube', "($what)");
	return;
}

sub events { return $node->safe_psql('postgres', 'SELECT count(*) FROM cube.events'); }

$node->safe_psql('postgres', append(1, 200));
my $base = keep();

# Committed, in the same session and in another; with savepoints, an early flush and new members.
$node->safe_psql('postgres', 'BEGIN;' . append(201, 300) . ';SAVEPOINT a;' . append(301, 320) . ';ROLLBACK TO a;' . append(301, 310)
	. ';SELECT tellingcube.flush_facts();' . append(311, 320) . ';' . insert_sale('cube', q{'Prepared bread'}, 11, '2024-03-01', q{'Region 1'}) . q{; PREPARE TRANSACTION 'commit me'});
unchanged($base, 'a prepared transaction is not in the facts yet');
$node->safe_psql('postgres', q{SELECT tellingcube.fold_facts('cube')});
unchanged($base, 'folding passes it by');
$node->safe_psql('postgres', q{SELECT tellingcube.rebuild_facts(cube => 'cube')});
unchanged($base, 'a rebuild passes it by');
# Only who sells the same new product must wait until it is decided.
$node->safe_psql('postgres', insert_sale('cube', q{'Product 1'}, 3, '2024-03-01', q{'Region 1'}));
isnt(($node->psql('postgres', q{SET lock_timeout = '200ms';} . insert_sale('cube', q{'Prepared bread'}, 3, '2024-03-01', q{'Region 1'})))[0],
	0, 'who sells the same new product must wait until it is decided');
my $written = keep();
isnt(differences($node, $base, $written), '', 'others write meanwhile');

$node->restart;
unchanged($written, 'it is still prepared after a restart, and not in the facts');
$node->safe_psql('postgres', q{COMMIT PREPARED 'commit me'});
my $committed = keep();
is(events(), 200 + 1 + 100 + 20 + 1, 'committed after a restart: its events are there');
keep_independent_facts($node, 'cube', 'independent_1');
is(differences($node, $committed, 'independent_1'), '', 'and their facts');
check_sound($node, 'cube', 'after COMMIT PREPARED');

# Rolled back.
$node->safe_psql('postgres', 'BEGIN;' . append(321, 400) . q{; PREPARE TRANSACTION 'forget me'});
$node->safe_psql('postgres', q{SELECT tellingcube.fold_facts('cube')});
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'forget me'});
unchanged($committed, 'a prepared transaction that is rolled back leaves the facts as they were');
$node->safe_psql('postgres', 'BEGIN;' . append(321, 400) . q{; PREPARE TRANSACTION 'forget me too'});
$node->restart;
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'forget me too'});
unchanged($committed, 'after a restart, too');

# In one session, again and again: what one transaction gathered does not reach the next.
$node->safe_psql('postgres', join ';', 'BEGIN', append(401, 450), q{PREPARE TRANSACTION 'one'}, 'BEGIN', append(451, 500), q{PREPARE TRANSACTION 'two'},
	'BEGIN', append(501, 550), 'ROLLBACK', append(551, 600), q{COMMIT PREPARED 'two'}, q{ROLLBACK PREPARED 'one'}, append(601, 650));
is(events(), 322 + 150, 'one session prepares, commits and rolls back by turns');
my $turns = keep();
keep_independent_facts($node, 'cube', 'independent_2');
is(differences($node, $turns, 'independent_2'), '', 'its facts are those of the events that stayed');
check_sound($node, 'cube', 'after turns');

# A crash between the two phases.
$node->safe_psql('postgres', 'BEGIN;' . append(651, 700) . q{; PREPARE TRANSACTION 'commit after crash'});
$node->safe_psql('postgres', 'BEGIN;' . append(701, 750) . q{; PREPARE TRANSACTION 'forget after crash'});
$node->stop('immediate');
$node->start;
unchanged($turns, 'after a crash both are still undecided');
$node->safe_psql('postgres', q{COMMIT PREPARED 'commit after crash'});
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'forget after crash'});
my $decided = keep();
keep_independent_facts($node, 'cube', 'independent_3');
is(differences($node, $decided, 'independent_3'), '', 'decided after a crash, the facts are those of the events');
check_sound($node, 'cube', 'after a crash');

# The writers that fold at their commit leave it at PREPARE: a prepared transaction must not hold up others' folding.
$node->safe_psql('postgres', join ';', 'SET tellingcube.fold_threshold = 1', append(751, 760), 'SELECT pg_sleep(1.2)', append(761, 770),
	'BEGIN', append(771, 780), q{PREPARE TRANSACTION 'undecided'});
my ($code, undef, $err) = $node->psql('postgres', q{SET lock_timeout = '2s'; SELECT tellingcube.fold_facts('cube'); SELECT tellingcube.rebuild_facts(cube => 'cube')});
is($code, 0, 'an undecided transaction does not hold up folding and rebuilding') or diag($err);
$node->safe_psql('postgres', q{COMMIT PREPARED 'undecided'});
check_sound($node, 'cube', 'after that');

# The keys of a prepared transaction stay taken until it is decided.
$node->safe_psql('postgres', q{BEGIN; SELECT tellingcube.append_events('Acme', 'Actual', '[]', idempotency_key => 'k', cube => 'cube'); PREPARE TRANSACTION 'key'});
($code, undef, $err) = $node->psql('postgres', q{SET lock_timeout = '200ms'; SELECT tellingcube.append_events('Acme', 'Actual', '[]', idempotency_key => 'k', cube => 'cube')});
isnt($code, 0, 'a retry waits for the prepared first attempt');
$node->safe_psql('postgres', q{COMMIT PREPARED 'key'});
is($node->safe_psql('postgres', q{SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', '[]', idempotency_key => 'k', cube => 'cube')}), '0', 'and is answered once it is decided');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts'), '0', 'nothing is left undecided');
$node->stop;
is(log_lines($node, qr/folding cube .* failed|PANIC|deadlock detected/), '', 'the log tells of no failure');
done_testing();
