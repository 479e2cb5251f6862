# ALTER EXTENSION … UPDATE by a path from the installed version to one after it, made here of an empty
# migration and installed beside a copy of the server: what is upgraded is what is installed fresh, and
# cubes of the version before go on working.
use strict;
use warnings;
use Cwd 'getcwd';
use File::Basename 'dirname';
use TellingCube qw(make_cube keep_facts differences check_sound same_lines start_psql finish_psql poll insert_sale);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# run COMMAND…: dies unless it succeeds; returns what it printed.
sub run
{
	my ($out, $err) = ('', '');
	IPC::Run::run(\@_, '>', \$out, '2>', \$err) or die "@_: $err";
	chomp $out;
	return $out;
}

my $top = dirname(dirname(dirname(Cwd::abs_path(__FILE__))));
my $temp = PostgreSQL::Test::Utils::tempdir;
die "this test needs the extension's sources in $top\n" unless -f "$top/Makefile" && -d "$top/src";

# A server of its own to install into: executables are copied, since they find their files relative to themselves.
my $prefix = $ENV{TELLINGCUBE_WORK} // '';
my %path = map { $_ => run('pg_config', "--$_") } qw(bindir sharedir pkglibdir);
foreach my $path (values %path)
{
	my $copy = "$temp/server" . substr($path, length $prefix);
	run('mkdir', '-p', dirname($copy));
	run('cp', '-a', $path, $copy);
	$path = $copy;
}
local $ENV{PATH} = "$path{bindir}:$ENV{PATH}";
local $ENV{PG_CONFIG} = "$path{bindir}/pg_config";
is(run($ENV{PG_CONFIG}, '--sharedir'), $path{sharedir}, 'a copy of the server uses its own files');

# The next version: the same sources with an empty migration.
my ($old) = slurp_file("$top/tellingcube.control") =~ /default_version = '(.*)'/;
my $new = $old =~ s/(\d+)$/$1 + 1/er;
run('mkdir', "$temp/source");
run('cp', '-R', "$top/$_", "$temp/source/") foreach qw(Makefile tellingcube.control src tools);
run('mkdir', '-p', "$temp/source/src/migrations");
append_to_file("$temp/source/src/migrations/$old--$new.sql", "-- Nothing to change.\n");
run('sed', '-i', "s/^default_version.*/default_version = '$new'/", "$temp/source/tellingcube.control");
run('make', '-s', '-C', "$temp/source", "PG_CONFIG=$ENV{PG_CONFIG}", "tellingcube--$new.sql", "tellingcube--$old--$new.sql");
run('cp', "$temp/source/tellingcube--$new.sql", "$temp/source/tellingcube--$old--$new.sql", "$path{sharedir}/extension/");

my $node = PostgreSQL::Test::Cluster->new('upgrade');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE fresh; CREATE DATABASE upgraded');
$node->safe_psql('fresh', "CREATE EXTENSION tellingcube VERSION '$new'");
$node->safe_psql('upgraded', "CREATE EXTENSION tellingcube VERSION '$old'");
make_cube($node, 'cube', $_) foreach 'fresh', 'upgraded';

# Everything there is to say about the objects of a schema, and of the extension.
sub listing
{
	my ($database, $schema) = @_;
	return $node->safe_psql($database, qq{
		SET search_path = pg_catalog;
		SELECT 'function', p.oid::regprocedure, pg_get_functiondef(p.oid), p.proacl, obj_description(p.oid, 'pg_proc')
		FROM pg_proc p WHERE p.pronamespace = '$schema'::regnamespace;
		SELECT 'relation', c.oid::regclass, c.relkind, c.reloptions, c.relacl, obj_description(c.oid, 'pg_class'), CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END
		FROM pg_class c WHERE c.relnamespace = '$schema'::regnamespace AND c.relkind <> 'i' AND c.relkind <> 't';
		SELECT 'column', a.attrelid::regclass, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attacl, col_description(a.attrelid, a.attnum)
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind <> 'i' AND c.relkind <> 't' AND c.relnamespace = '$schema'::regnamespace
		LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum) WHERE a.attnum > 0;
		SELECT 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE connamespace = '$schema'::regnamespace;
		SELECT 'index', pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = '$schema'::regnamespace;
		SELECT 'trigger', pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = '$schema'::regnamespace;
		SELECT 'type', t.oid::regtype, t.typtype, obj_description(t.oid, 'pg_type') FROM pg_type t WHERE t.typnamespace = '$schema'::regnamespace;
		SELECT 'schema', nspname, nspacl, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = '$schema';
		SELECT 'member', pg_describe_object(classid, objid, objsubid) FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
			AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'tellingcube');
		SELECT 'extension', extversion, extconfig::regclass[], extcondition, obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = 'tellingcube';
		SELECT 'event type', name, version, schema, rules, upcast, description, built_in FROM tellingcube.event_type WHERE built_in});
}

# What an older version may have looked like: other bodies, other comments.
$node->safe_psql('upgraded', q{
	CREATE OR REPLACE FUNCTION tellingcube.fold_lock(cube name) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
	COMMENT ON FUNCTION tellingcube.fold_facts(name) IS 'older';
	COMMENT ON VIEW tellingcube.cubes IS NULL;
	CREATE OR REPLACE VIEW cube.scenario_span WITH (security_invoker = true) AS
		SELECT company_id, scenario_id, starts AS first_month, starts AS last_month FROM cube.dim_scenario;
	COMMENT ON VIEW cube.fact_sales_monthly IS 'older';
	SELECT tellingcube.register_event_type('subscription', '{"type": "object"}');
	GRANT SELECT ON tellingcube.event_type TO pg_monitor});
isnt(listing('upgraded', 'tellingcube'), listing('fresh', 'tellingcube'), 'the version before differs');
$node->safe_psql('upgraded', 'REVOKE SELECT ON tellingcube.event_type FROM pg_monitor');
$node->safe_psql('upgraded', insert_sale('cube', q{'Bread'}, 3));

# A session that uses the extension before, during and after.
my $session = start_psql($node, insert_sale('cube', q{'Bread'}, 4) . q{;
	DO $$ BEGIN WHILE (SELECT extversion = '} . $old . q{' FROM pg_catalog.pg_extension WHERE extname = 'tellingcube') LOOP COMMIT; PERFORM pg_sleep(0.02); END LOOP; END $$;
	} . insert_sale('cube', q{'Bread'}, 5) . q{;
	SELECT (tellingcube.append_events('Acme', 'Actual', '[{"eventType": "sale", "month": "2024-03", "product": "Bread", "region": "North", "quantity": 6, "unitPrice": 1, "revenue": 6, "cogs": 0}]', cube => 'cube')).inserted;
	SELECT tellingcube.fold_facts('cube') > 0}, database => 'upgraded', PGAPPNAME => 'witness');
poll($node, q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'witness' AND wait_event = 'PgSleep')}, 'a session has used it');
$node->safe_psql('upgraded', "ALTER EXTENSION tellingcube UPDATE TO '$new'");
is(finish_psql($session), '', 'a session that was there before goes on');
same_lines(listing('upgraded', 'tellingcube'), listing('fresh', 'tellingcube'), 'what is upgraded is what is installed fresh');
is($node->safe_psql('upgraded', q{SELECT count(*) FROM tellingcube.event_type WHERE name = 'subscription'}), 1, q{the user's event types stay});
isnt(listing('upgraded', 'cube'), listing('fresh', 'cube'), 'cubes are left alone');
$node->safe_psql('upgraded', q{SELECT tellingcube.upgrade_cube('cube')});
same_lines(listing('upgraded', 'cube'), listing('fresh', 'cube'), 'until upgrade_cube() makes one as a fresh one');
is($node->safe_psql('upgraded', 'SELECT sum(revenue) FROM cube.fact_finance_monthly'), '18.0000', 'its facts are there');
check_sound($node, 'cube', 'after the upgrade', 'upgraded');
$node->safe_psql('upgraded', insert_sale('cube', q{'Bread'}, 7));
$node->safe_psql('upgraded', q{SELECT tellingcube.rebuild_facts(cube => 'cube')});
is($node->safe_psql('upgraded', 'SELECT sum(revenue) FROM cube.fact_finance_monthly'), '25.0000', 'and go on');
check_sound($node, 'cube', 'after more of everything', 'upgraded');
$node->safe_psql('upgraded', "ALTER EXTENSION tellingcube UPDATE TO '$new'");
is($node->safe_psql('upgraded', q{SELECT string_agg(path, ',') FROM pg_extension_update_paths('tellingcube') WHERE path IS NOT NULL}), "$old--$new", 'that is the one path there is');
$node->stop;
done_testing();
