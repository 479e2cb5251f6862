# Taking the extension away: not while there are cubes, unless by CASCADE, which leaves their data in
# place. What a later CREATE EXTENSION finds then, and how its data is brought into a new cube.
use strict;
use warnings;
use TellingCube qw(new_node make_cube keep_facts differences check_sound insert_sale);
use Test::More;

my $node = new_node('drop');
make_cube($node, 'cube');
$node->safe_psql('postgres', insert_sale('cube', q{'Bread'}, 3));
$node->safe_psql('postgres', q{SELECT tellingcube.fold_facts('cube')});
$node->safe_psql('postgres', insert_sale('cube', q{'Bread'}, 4));
keep_facts($node, 'cube', 'before');

# drop STATEMENT: its error.
sub error_of { return ($node->psql('postgres', "\\set VERBOSITY verbose\n" . $_[0]))[2]; }

my $count = q{SELECT (SELECT count(*) FROM cube.events), (SELECT count(*) FROM cube.fact_sales_stored), (SELECT count(*) FROM cube.fact_sales_pending), (SELECT count(*) FROM cube.dim_product)};
my $before = $node->safe_psql('postgres', $count);
is($before, '2|1|1|1', 'a cube with events, folded facts and pending ones');
like(error_of('DROP EXTENSION tellingcube'), qr/ERROR:\s+2BP01: cannot drop extension tellingcube because other objects depend on it/, 'DROP EXTENSION refuses to take a cube along');
like(error_of('DROP SCHEMA tellingcube'), qr/ERROR:\s+2BP01: cannot drop schema tellingcube because other objects depend on it/, 'so does DROP SCHEMA');
like(error_of('DROP FUNCTION tellingcube.events_after_insert() CASCADE'), qr/ERROR:\s+2BP01: .* because extension tellingcube requires it/, 'and DROP FUNCTION … CASCADE');
is($node->safe_psql('postgres', $count), $before, 'the cube is whole');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass
	WHERE d.deptype = 'e' AND c.relnamespace = 'cube'::regnamespace}), '0', 'no table of a cube belongs to the extension');
check_sound($node, 'cube', 'after all that');

# CASCADE takes functions, and with them triggers, defaults and views; data stays.
$node->safe_psql('postgres', 'BEGIN; DROP EXTENSION tellingcube CASCADE; ROLLBACK');
check_sound($node, 'cube', 'after a rolled-back DROP EXTENSION … CASCADE');
$node->safe_psql('postgres', 'DROP EXTENSION tellingcube CASCADE');
is($node->safe_psql('postgres', $count), $before, 'DROP EXTENSION … CASCADE leaves events, stored and pending facts and dimensions in place');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'cube'::regnamespace AND t.tgname ~ '^tellingcube'}), '0', 'but takes its triggers');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_proc WHERE probin LIKE '%tellingcube'}), '0', 'and every function');

# A new extension does not know the old cube, says so, and makes another.
$node->safe_psql('postgres', 'CREATE EXTENSION tellingcube');
is($node->safe_psql('postgres', 'SELECT count(*) FROM tellingcube.cubes'), '0', 'a new extension does not take the remains for a cube');
my $error = error_of(q{SELECT tellingcube.create_cube('cube')});
like($error, qr/ERROR:\s+TC004: there is a schema "cube" already/, 'nor makes a cube over them');
like($error, qr/DETAIL:\s+It is not a cube/, 'and says why');
like(error_of(q{SELECT * FROM tellingcube.verify_facts(cube => 'cube')}), qr/ERROR:\s+TC001/, 'to its functions there is no such cube');
like(error_of(q{SELECT tellingcube.drop_cube('cube')}), qr/ERROR:\s+TC001/, 'so drop_cube() does not remove it');

# The way back: the old schema aside, a new cube, and the events told again.
$node->safe_psql('postgres', q{
	ALTER SCHEMA cube RENAME TO remains;
	SELECT tellingcube.create_cube('cube');
	INSERT INTO cube.dim_company SELECT * FROM remains.dim_company;
	INSERT INTO cube.dim_scenario SELECT * FROM remains.dim_scenario;
	INSERT INTO cube.events (company_id, scenario_id, event_month, event_id, event_type, event_ts, source, payload, schema_version, run_id, reverses, created_at)
	SELECT company_id, scenario_id, event_month, event_id, event_type, event_ts, source, payload, schema_version, run_id, reverses, created_at FROM remains.events;
	DROP SCHEMA remains CASCADE});
keep_facts($node, 'cube', 'after');
is(differences($node, 'before', 'after'), '', 'the events, told again to a new cube, make the same facts');
check_sound($node, 'cube', 'in the new cube');

$node->safe_psql('postgres', q{SELECT tellingcube.drop_cube('cube'); DROP EXTENSION tellingcube});
# (PostgreSQL leaves the schema that CREATE EXTENSION made.)
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_depend d JOIN pg_namespace n ON n.oid = d.refobjid AND d.refclassid = 'pg_namespace'::regclass
	WHERE n.nspname IN ('cube', 'tellingcube')}), '0', 'without a cube, DROP EXTENSION leaves nothing');

# A session that used the extension outlives it, and meets the next one.
$node->safe_psql('postgres', q{
	CREATE EXTENSION tellingcube;
	SELECT tellingcube.create_cube('cube'); SELECT tellingcube.create_company('Acme', cube => 'cube'); SELECT tellingcube.create_scenario('Acme', starts => '2024-01', cube => 'cube');} .
	insert_sale('cube', q{'Bread'}, 1) . q{;
	SELECT tellingcube.drop_cube('cube'); DROP EXTENSION tellingcube; CREATE EXTENSION tellingcube;
	SELECT tellingcube.create_cube('cube'); SELECT tellingcube.create_company('Acme', cube => 'cube'); SELECT tellingcube.create_scenario('Acme', starts => '2024-01', cube => 'cube');} .
	insert_sale('cube', q{'Bread'}, 2));
is($node->safe_psql('postgres', 'SELECT p.name, f.revenue FROM cube.fact_sales_monthly f JOIN cube.dim_product p USING (company_id, product_id)'), 'Bread|2.0000', 'one session may drop cube and extension and make both anew');
check_sound($node, 'cube', 'there');
$node->stop;
done_testing();
