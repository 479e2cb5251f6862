# Copies of a cube kept by replication: a physical one reads what the original does; a logical one gets
# events, and makes its facts of them.
use strict;
use warnings;
use TellingCube qw(new_node make_cube make_story keep_facts check_sound same_lines insert_sale);
use PostgreSQL::Test::Cluster;
use Test::More;

my $node = new_node('replica', 'wal_level = logical', 'max_wal_senders = 8', 'max_replication_slots = 8', 'hot_standby_feedback = on');
make_cube($node, 'cube');
make_story($node, 500);
$node->safe_psql('postgres', q{SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', (SELECT jsonb_agg(payload ||
	jsonb_build_object('eventType', event_type, 'eventTs', to_char(event_ts, 'YYYY-MM-DD"T"HH24:MI:SS.US'))) FROM story), cube => 'cube')});

# A physical copy is read-only, and complete at every moment.
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
my $facts = 'SELECT * FROM (' . TellingCube::facts_query('cube') . ') f ORDER BY 1, 2';

sub caught_up
{
	my ($what) = @_;
	$node->wait_for_catchup('standby', 'replay', $node->lsn('insert'));
	same_lines($standby->safe_psql('postgres', $facts), $node->safe_psql('postgres', $facts), "the standby reads the same facts $what");
	check_sound($standby, 'cube', "at the standby $what");
	return;
}
caught_up('at first');
$node->safe_psql('postgres', insert_sale('cube', q{'Bread'}, 3));
caught_up('while they are pending');
$node->safe_psql('postgres', q{SELECT tellingcube.fold_facts('cube')});
caught_up('when they are folded');
$node->safe_psql('postgres', q{SELECT tellingcube.rebuild_facts(cube => 'cube')});
caught_up('when they are rebuilt');
foreach my $change (insert_sale('cube', q{'Bread'}, 3), q{SELECT tellingcube.fold_facts('cube')}, q{SELECT tellingcube.rebuild_facts(cube => 'cube')},
	q{SELECT tellingcube.append_events('Acme', 'Actual', '[{"eventType": "sale", "month": "2024-03", "product": "P", "region": "R", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0}]', cube => 'cube')})
{
	like(($standby->psql('postgres', $change))[2], qr/ERROR: .*(read-only|recovery)/, 'the standby refuses ' . substr($change, 0, 40) . '…');
}
$node->stop('immediate');
$standby->promote;
$standby->safe_psql('postgres', insert_sale('cube', q{'Bread'}, 4));
check_sound($standby, 'cube', 'at the promoted standby');
$standby->safe_psql('postgres', q{SELECT tellingcube.fold_facts('cube')});
check_sound($standby, 'cube', 'after it folded');
$standby->stop;
$node->start;

# Logical replication applies as a replica: the subscriber's facts come by replication too, or by a rebuild.
$node->safe_psql('postgres', 'CREATE DATABASE subscriber');
$node->safe_psql('postgres', q{CREATE PUBLICATION story FOR TABLE cube.dim_company, cube.dim_scenario, cube.events WITH (publish_via_partition_root = true);
	SELECT pg_create_logical_replication_slot('story', 'pgoutput')});
$node->safe_psql('subscriber', q{CREATE EXTENSION tellingcube; SELECT tellingcube.create_cube('cube')});
my $source = $node->connstr('postgres') =~ s/'//gr;
$node->safe_psql('subscriber', "CREATE SUBSCRIPTION story CONNECTION '$source' PUBLICATION story WITH (create_slot = false, slot_name = story)");
$node->wait_for_subscription_sync($node, 'story', 'subscriber') if $node->can('wait_for_subscription_sync');
$node->safe_psql('postgres', insert_sale('cube', q{'Replicated'}, 9));
$node->wait_for_catchup('story');
my $missing = q{SELECT count(*) FROM tellingcube.verify_facts(cube => 'cube')};
is($node->safe_psql('subscriber', q{SELECT count(*) FROM cube.events}), $node->safe_psql('postgres', q{SELECT count(*) FROM cube.events}), 'events are replicated');
cmp_ok($node->safe_psql('subscriber', $missing), '>', 0, 'without facts, which verify_facts() reports there');
$node->safe_psql('subscriber', q{SELECT tellingcube.rebuild_facts(cube => 'cube')});
check_sound($node, 'cube', 'at the subscriber after a rebuild', 'subscriber');
is($node->safe_psql('subscriber', 'SELECT sum(revenue) FROM cube.fact_finance_monthly'), $node->safe_psql('postgres', 'SELECT sum(revenue) FROM cube.fact_finance_monthly'), 'and its facts are those of the publisher');
$node->safe_psql('subscriber', 'DROP SUBSCRIPTION story');
$node->stop;
done_testing();
