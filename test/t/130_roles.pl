# From nothing to a P&L through psql: a superuser makes the extension, an ordinary role that may create
# schemas makes its own cube and does everything with it, others do what it lets them, and no more.
use strict;
use warnings;
use TellingCube qw(new_node make_story keep_facts keep_independent_facts differences check_sound insert_sale);
use Test::More;

my $node = new_node('roles', 'max_prepared_transactions = 4');
$node->safe_psql('postgres', q{
	CREATE DATABASE shop;
	CREATE ROLE owner LOGIN; CREATE ROLE writer LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE stranger LOGIN;
	GRANT CREATE ON DATABASE shop TO owner});

# as ROLE, SQL: (exit code, output, errors with their SQLSTATE).
sub as
{
	my ($role, $sql) = @_;
	my ($code, $out, $err) = $node->psql('shop', "\\set VERBOSITY verbose\n$sql", extra_params => [ '-U', $role ]);
	return ($code, $out, $err);
}

sub works
{
	my ($role, $sql, $what) = @_;
	my ($code, $out, $err) = as($role, $sql);
	is($code, 0, $what) or diag($err);
	return $out;
}

sub refused
{
	my ($role, $sql, $sqlstate, $what) = @_;
	my (undef, undef, $err) = as($role, $sql);
	like($err, qr/ERROR:\s+$sqlstate: /, $what);
	return $err;
}

refused('owner', 'CREATE EXTENSION tellingcube', '42501', 'an ordinary role may not create the extension, which is not trusted');
$node->safe_psql('shop', 'CREATE EXTENSION tellingcube');
my $hint = refused('stranger', q{SELECT tellingcube.create_cube('mine')}, 'TC006', 'who may not create schemas may not create a cube');
like($hint, qr/GRANT CREATE ON DATABASE shop TO stranger/, 'and is told what to ask for');

# The owner's whole round.
works('owner', q{SELECT tellingcube.create_cube()}, 'the owner creates a cube');
works('owner', q{SELECT tellingcube.create_company('Alpine Bakery GmbH', 'Consumer Staples', 'AT', 'EUR');
	SELECT tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', 'AC', 'baseline', '2024-01')}, 'a company and a scenario');
my $events = q{'[{"eventType": "sale", "month": "2024-01", "product": "Bread", "region": "North", "quantity": 10, "unitPrice": 4.5, "revenue": 45, "cogs": 20},
	{"eventType": "hr_hire", "date": "2024-01-10", "employeeId": "E1", "department": "Bakery", "role": "Baker", "monthlySalary": 12},
	{"eventType": "expense", "month": "2024-01", "costCenter": "Shop", "account": "rent", "amount": 3, "isCapex": false}]'};
is(works('owner', "SELECT inserted FROM tellingcube.append_events('alpine bakery gmbh', 'actual', $events)", 'events, by names as people type them'), '3', 'all of them');
is(works('owner', 'SELECT month, revenue, opex, net_income FROM cube.fact_finance_monthly', 'the P&L'), '2024-01-01|45.0000|15.0000|10.0000', 'as it should be');
works('owner', q{SELECT tellingcube.flush_facts(); SELECT tellingcube.fold_facts(); SELECT tellingcube.rebuild_facts(); SELECT tellingcube.rebuild_facts('Alpine Bakery GmbH')}, 'housekeeping');
is(works('owner', q{SELECT count(*) FROM tellingcube.verify_facts()}, 'verification'), '0', 'finds nothing');
works('owner', q{SELECT quarantined FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "sale", "month": "2024-01"}]', on_invalid => 'quarantine');
	SELECT tellingcube.repair_event(quarantine_id, '{"eventType": "sale", "month": "2024-01", "product": "Cake", "region": "North", "quantity": 1, "unitPrice": 5, "revenue": 5, "cogs": 1}') FROM cube.quarantine;
	SELECT * FROM tellingcube.release_quarantine()}, 'quarantine, repair and release');
works('owner', 'BEGIN;' . insert_sale('cube', q{'Bread'}, 1) . q{; PREPARE TRANSACTION 'p'; COMMIT PREPARED 'p'}, 'two-phase commit');
works('owner', 'SET tellingcube.fold_threshold = 1;' . insert_sale('cube', q{'Bread'}, 1) . ';SELECT pg_sleep(1.1);' . insert_sale('cube', q{'Bread'}, 1), 'folding at commit');
refused('owner', q{SELECT tellingcube.register_event_type('mine', '{"type": "object"}')}, 'TC006', 'event types are for those whom the superuser lets in');
$node->safe_psql('shop', 'GRANT INSERT ON tellingcube.event_type TO owner');
works('owner', q{SELECT tellingcube.register_event_type('mine', '{"type": "object"}')}, 'the owner being one of them');
works('owner', q{SELECT tellingcube.upgrade_cube()}, 'upgrade_cube()');
is($node->safe_psql('shop', q{SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'cube'::regnamespace}), 'owner', 'everything in the cube is its own');

# Others.
refused('stranger', q{SELECT tellingcube.verify_facts()}, '(TC006|42501)', 'a stranger may not look');
refused('stranger', "SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', $events)", '(TC006|42501)', 'nor write');
refused('stranger', q{SELECT tellingcube.fold_facts()}, '(TC006|42501)', 'nor fold');
refused('stranger', q{SELECT tellingcube.drop_cube('cube')}, '(TC006|42501)', 'nor drop');
refused('stranger', q{SELECT tellingcube.ensure_partition('cube', '2030-01-01')}, '(TC006|42501)', 'nor make a partition');
refused('stranger', q{SELECT tellingcube.project_pending(NULL, 'cube')}, '(TC006|42501)', 'nor spoil the facts');
works('owner', q{GRANT USAGE ON SCHEMA cube TO writer, reader; GRANT INSERT ON cube.events TO writer; GRANT SELECT ON cube.dim_company, cube.dim_scenario TO writer;
	GRANT SELECT ON ALL TABLES IN SCHEMA cube TO reader}, 'the owner lets some in');
works('writer', insert_sale('cube', q{'Baguette'}, 2), 'a writer inserts, with a product nobody knows yet');
works('writer', "SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', $events, idempotency_key => 'w')", 'and appends');
is(works('writer', "SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', $events, idempotency_key => 'w')", 'tries again'), '3', 'and is told the same');
works('writer', 'SET tellingcube.fold_threshold = 1;' . insert_sale('cube', q{'Bread'}, 1) . ';SELECT pg_sleep(1.1);' . insert_sale('cube', q{'Bread'}, 1), 'folds without knowing, at commit');
refused('writer', 'SELECT * FROM cube.events', '42501', 'a writer may not read events');
refused('writer', 'SELECT * FROM cube.fact_finance_monthly', '42501', 'nor facts');
refused('writer', q{INSERT INTO cube.fact_sales_pending SELECT}, '42501', 'nor write facts of its own');
refused('writer', q{SELECT tellingcube.fold_facts()}, '(TC006|42501)', 'nor fold by hand');
is(works('reader', 'SELECT sum(revenue) FROM cube.fact_finance_monthly', 'a reader reads'), '102.0000', 'all there is');
is(works('reader', 'SELECT count(*) FROM tellingcube.verify_facts()', 'and verifies'), '0', 'finding nothing');
refused('reader', insert_sale('cube', q{'Bread'}, 1), '42501', 'but does not write');
refused('reader', "SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', $events)", '(TC006|42501)', 'nor append');
refused('reader', q{SELECT tellingcube.rebuild_facts()}, '(TC006|42501)', 'nor rebuild');
refused('reader', q{SELECT tellingcube.drop_cube('cube')}, 'TC006', 'nor drop');

# Whatever the search_path, and whatever lies in it or in pg_temp.
works('writer', q{SET search_path = ''; } . insert_sale('cube', q{'Bread'}, 1), 'an empty search_path');
works('owner', q{CREATE TEMP TABLE events (x integer); CREATE TEMP TABLE dim_company (x integer); CREATE TEMP TABLE fact_sales_pending (x integer);
	SET search_path = pg_temp, cube; } . insert_sale('cube', q{'Bread'}, 1) . q{; SELECT tellingcube.fold_facts(); SELECT tellingcube.rebuild_facts()}, 'temporary tables of the same names');
check_sound($node, 'cube', 'after all that', 'shop');
keep_facts($node, 'cube', 'public.facts', 'shop');
works('owner', q{SELECT tellingcube.drop_cube('cube')}, 'the owner drops the cube');
is($node->safe_psql('shop', q{SELECT count(*) FROM pg_namespace WHERE nspname = 'cube'}), '0', 'and nothing of it is left');
$node->stop;
done_testing();
