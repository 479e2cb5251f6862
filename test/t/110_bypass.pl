# Ways around the checks and the projection that only an owner or a superuser has. What came in by them
# is reported by verify_facts(), and a rebuild heals it.
use strict;
use warnings;
use TellingCube qw(new_node make_cube keep_facts keep_independent_facts differences check_sound insert_sale);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('bypass');
make_cube($node, 'cube');
$node->safe_psql('postgres', insert_sale('cube', q{'Bread'}, 3));
my $hire = q{INSERT INTO cube.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
	SELECT company_id, scenario_id, '2024-02-01', 'hr_hire', '2024-02-10', '{"employeeId": "E1", "department": "Bakery", "role": "Baker", "monthlySalary": 100}' FROM cube.dim_scenario};
$node->safe_psql('postgres', $hire);
my $wrong = q{SELECT count(*) FROM tellingcube.verify_facts(cube => 'cube')};
my $round = 0;

# bypassed SQL, WHAT: events come in by SQL and make no facts; that is reported, a rebuild heals it.
sub bypassed
{
	my ($sql, $what) = @_;
	my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM cube.events');
	$node->safe_psql('postgres', $sql);
	cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM cube.events'), '>', $before, "$what: events came in");
	cmp_ok($node->safe_psql('postgres', $wrong), '>', 0, "$what: verify_facts() reports it");
	like($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT fact, ',') FROM tellingcube.verify_facts(cube => 'cube')}), qr/fact_finance_monthly.*fact_sales_monthly/, "$what: by fact");
	$node->safe_psql('postgres', q{SELECT tellingcube.fold_facts('cube')});
	cmp_ok($node->safe_psql('postgres', $wrong), '>', 0, "$what: folding does not hide it");
	$node->safe_psql('postgres', q{SELECT tellingcube.rebuild_facts(cube => 'cube')});
	check_sound($node, 'cube', "after a rebuild ($what)");
	++$round;
	keep_facts($node, 'cube', "facts_$round");
	keep_independent_facts($node, 'cube', "independent_$round");
	is(differences($node, "facts_$round", "independent_$round"), '', "$what: and the facts are those of the events");
	return;
}

my $quiet_hire = $hire =~ s/"E1"/"E2"/r =~ s/Bakery/Shop/r;
bypassed('SET session_replication_role = replica;' . insert_sale('cube', q{'Cake'}, 5) . ";$quiet_hire", 'session_replication_role = replica');
bypassed('ALTER TABLE cube.events DISABLE TRIGGER tellingcube_check_and_project;' . insert_sale('cube', q{'Pie'}, 7) . ';ALTER TABLE cube.events ENABLE TRIGGER tellingcube_check_and_project', 'a disabled trigger');
bypassed('ALTER TABLE cube.events_2024_03 DISABLE TRIGGER USER;' . insert_sale('cube', q{'Roll'}, 7) . ';ALTER TABLE cube.events_2024_03 ENABLE TRIGGER USER', q{a partition's disabled triggers});

# The other way round: events that go, and take their facts with them only when rebuilt.
$node->safe_psql('postgres', q{SET session_replication_role = replica; DELETE FROM cube.events WHERE payload ->> 'product' = 'Pie'});
cmp_ok($node->safe_psql('postgres', $wrong), '>', 0, 'a deleted event is reported');
$node->safe_psql('postgres', q{SET session_replication_role = replica; UPDATE cube.events SET payload = payload || '{"monthlySalary": 999}' WHERE event_type = 'hr_hire' AND payload ->> 'employeeId' = 'E2'});
like($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT fact, ',') FROM tellingcube.verify_facts(cube => 'cube')}), qr/fact_hr_monthly/, 'a rewritten one, too');
$node->safe_psql('postgres', q{SELECT tellingcube.rebuild_facts(cube => 'cube')});
check_sound($node, 'cube', 'after a rebuild (changed events)');

# No way around: a partition is checked and projected as the whole table is, COPY too; and append_events() does not care about the role.
$node->safe_psql('postgres', insert_sale('cube', q{'Direct'}, 2) =~ s/cube\.events/cube.events_2024_03/r);
is($node->safe_psql('postgres', q{SELECT revenue FROM cube.fact_sales_monthly JOIN cube.dim_product USING (company_id, product_id) WHERE name = 'Direct'}), '2.0000', 'an insert into a partition is projected');
isnt(($node->psql('postgres', insert_sale('cube', q{'Direct'}, -2) =~ s/cube\.events/cube.events_2024_03/r))[0], 0, 'and checked');
isnt(($node->psql('postgres', insert_sale('cube', q{'Direct'}, 2) =~ s/cube\.events/cube.events_2024_04/r))[0], 0, 'and of its month only');
foreach my $table (qw(events events_2024_03))
{
	foreach my $change ("UPDATE cube.$table SET source = 'x'", "DELETE FROM cube.$table", "TRUNCATE cube.$table", 'TRUNCATE cube.dim_company CASCADE')
	{
		isnt(($node->psql('postgres', $change))[0], 0, "$change is refused");
	}
}
$node->safe_psql('postgres', q{SET session_replication_role = replica; SELECT inserted FROM tellingcube.append_events('Acme', 'Actual',
	'[{"eventType": "sale", "month": "2024-03", "product": "Appended", "region": "North", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0}]', cube => 'cube')});
check_sound($node, 'cube', 'after append_events() in a replica session');

# Where append_events() needs the trigger that such a session lacks, or that is disabled, it refuses.
sub refused
{
	my ($before, $what, $events) = @_;
	my ($status, undef, $error) = $node->psql('postgres', "$before; SELECT tellingcube.append_events('Acme', 'Actual', '$events', cube => 'cube')");
	isnt($status, 0, "$what is refused");
	like($error, qr/would store an event without its facts/, "$what: for that reason");
	check_sound($node, 'cube', "after $what");
	return;
}
my $sale = '[{"eventType": "sale", "month": "2024-03", "product": "Refused", "region": "North", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0}]';
my $id = $node->safe_psql('postgres', q{SELECT event_id FROM cube.events WHERE payload ->> 'product' = 'Appended'});
refused('SET session_replication_role = replica', 'a reversal in a replica session', qq([{"reverses": "$id"}]));
$node->safe_psql('postgres', q{CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
	CREATE TRIGGER look AFTER INSERT ON cube.events FOR EACH ROW EXECUTE FUNCTION look()});
refused('SET session_replication_role = replica', 'an event that another trigger must see, in a replica session', $sale);
$node->safe_psql('postgres', 'ALTER TABLE cube.events DISABLE TRIGGER tellingcube_check_and_project');
refused('SELECT 1', 'an event that another trigger must see, while ours is disabled', $sale);
$node->safe_psql('postgres', 'ALTER TABLE cube.events ENABLE TRIGGER tellingcube_check_and_project');
$node->safe_psql('postgres', "SELECT tellingcube.append_events('Acme', 'Actual', '$sale', cube => 'cube'); SELECT tellingcube.append_events('Acme', 'Actual', '[{\"reverses\": \"$id\"}]', cube => 'cube')");
check_sound($node, 'cube', 'and what was refused is appended once the triggers run');

$node->stop;
done_testing();
