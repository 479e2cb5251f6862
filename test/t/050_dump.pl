# pg_dump and restore, by plain text, by an archive and for one cube alone: facts, events, event types
# of the user's and everything else arrive once, unchanged, and the copy is a cube at work.
use strict;
use warnings;
use TellingCube qw(new_node make_cube make_story keep_facts keep_independent_facts differences check_sound same_lines insert_sale);
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump', 'fsync = off');
make_cube($node, 'cube');
make_cube($node, 'My "other" cube');
make_story($node, 3000);
my $flat = q{jsonb_agg(payload || jsonb_build_object('eventId', event_id, 'eventType', event_type, 'eventTs', to_char(event_ts, 'YYYY-MM-DD"T"HH24:MI:SS.US')))};
$node->safe_psql('postgres', qq{
	CREATE ROLE reader;
	SELECT tellingcube.register_event_type('subscription', '{"type": "object", "required": ["plan"], "properties": {"plan": {"type": "string"}}}', description => 'A plan is booked.');
	SELECT tellingcube.register_event_type('subscription', '{"type": "object", "required": ["tariff"], "properties": {"tariff": {"type": "string"}}}', upcast => '[{"rename": {"plan": "tariff"}}]');
	SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', (SELECT $flat FROM story WHERE n <= 2000), cube => 'cube', idempotency_key => 'first');
	SELECT tellingcube.fold_facts('cube');
	SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', (SELECT $flat FROM story WHERE n > 2000), cube => 'cube');
	SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', (SELECT jsonb_agg(jsonb_build_object('reverses', event_id)) FROM story WHERE n % 500 = 0), cube => 'cube');
	SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', '[{"eventType": "subscription", "month": "2024-02", "schemaVersion": 1, "plan": "gold"},
		{"eventType": "subscription", "month": "2024-02", "tariff": "silver"}]', cube => 'cube');
	SELECT quarantined FROM tellingcube.append_events('Acme', 'Actual', '[{"eventType": "sale", "month": "2024-02"}]', on_invalid => 'quarantine', cube => 'cube');
	SELECT tellingcube.create_company('Beta & Söhne', 'Industrials', 'DE', cube => 'cube');
	SELECT tellingcube.create_scenario('Beta & Söhne', 'Plan', 'PL', starts => '2019-06', months => 12, cube => 'cube');
	UPDATE cube.dim_account SET pl_line = 'interest', mapped = true WHERE account = 'unheard of';
	UPDATE cube.dim_account SET pl_line = 'opex', mapped = true WHERE account = 'unheard of';
	UPDATE cube.dim_product SET category = 'bakery' WHERE name LIKE 'Product 1%';
	GRANT USAGE ON SCHEMA cube TO reader;
	GRANT SELECT ON ALL TABLES IN SCHEMA cube TO reader;
	CREATE TABLE cube.notes (note text);
	INSERT INTO cube.notes VALUES ('a table of the user''s own');
});
# Of a month without a partition: one lands in the default partition.
$node->safe_psql('postgres', insert_sale('cube', q{'Bread'}, 3, '2023-01-01'));
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM cube.events_default'), 't', 'the default partition is not empty');
keep_facts($node, 'cube', 'public.original');
keep_independent_facts($node, 'cube', 'public.independent');
is(differences($node, 'original', 'independent'), '', 'facts are right before the dump');
isnt($node->safe_psql('postgres', 'SELECT count(*) FROM cube.fact_sales_pending'), '0', 'some of them pending');

# What must be the same in a copy: every table's rows, every object's definition, comment and rights.
my $members = q{SELECT count(*), md5(string_agg(pg_describe_object(classid, objid, objsubid), E'\n' ORDER BY pg_describe_object(classid, objid, objsubid)))
	FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'tellingcube')};
my $event_types = q{SELECT name, version, built_in, md5(schema::text), md5(upcast::text), registered_by, CASE WHEN NOT built_in THEN registered_at END FROM tellingcube.event_type ORDER BY 1, 2};
my $tables = q{SELECT relname, (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) || md5(string_agg(t::text, %L ORDER BY t::text)) AS c FROM %s t', E'\n', oid::regclass), true, true, '')))[1]
	FROM pg_class WHERE relnamespace = 'cube'::regnamespace AND relkind = 'r' ORDER BY relname};
my $triggers = q{SELECT tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text ~ '^cube\.'};

sub dump_text
{
	my ($database, @option) = @_;
	my $file = $node->basedir . "/$database.sql";
	$node->command_ok([ 'pg_dump', '-f', $file, @option, $database ], "$database is dumped (@option)");
	# pg_dump protects its text by a random word.
	return join '', grep { !/^\\(un)?restrict / } split /^/m, slurp_file($file);
}

sub check_copy
{
	my ($copy, $whole) = @_;
	keep_facts($node, 'cube', 'public.copied', $copy);
	$node->safe_psql($copy, 'CREATE TABLE IF NOT EXISTS public.original (fact text, line text)');
	if (!$whole)
	{
		my $file = $node->basedir . "/original.$copy";
		$node->safe_psql('postgres', "COPY original TO '$file'");
		$node->safe_psql($copy, "COPY original FROM '$file'");
	}
	is(differences($node, 'public.original', 'public.copied', $copy), '', "$copy: the facts are the same");
	isnt($node->safe_psql($copy, 'SELECT count(*) FROM public.copied'), '0', "$copy: and there are some");
	check_sound($node, 'cube', "in $copy", $copy);
	same_lines($node->safe_psql($copy, $tables), $node->safe_psql('postgres', $tables), "$copy: every table has the same rows, pending ones included");
	same_lines($node->safe_psql($copy, $triggers), $node->safe_psql('postgres', $triggers), "$copy: every trigger is there");
	same_lines($node->safe_psql($copy, $members), $node->safe_psql('postgres', $members), "$copy: the extension has the same members, and no cube among them");

	# The copy is at work.
	foreach my $bad ([ q{'Bad'}, '-5', 'TC102' ], [ q{''}, '5', 'TC102' ])
	{
		my (undef, undef, $err) = $node->psql($copy, "\\set VERBOSITY verbose\n" . insert_sale('cube', $bad->[0], $bad->[1]));
		like($err, qr/ERROR:\s+$bad->[2]/, "$copy: a bad insert is refused");
	}
	foreach my $change ('UPDATE cube.events SET source = $$x$$', 'DELETE FROM cube.events', 'TRUNCATE cube.events', 'TRUNCATE cube.events_2024_03')
	{
		my (undef, undef, $err) = $node->psql($copy, "\\set VERBOSITY verbose\n$change");
		like($err, qr/ERROR:\s+TC106/, "$copy: $change is refused");
	}
	is($node->safe_psql($copy, insert_sale('cube', q{'Product 1'}, 5) . q{ RETURNING event_id IS NOT NULL AND source = 'user' AND created_at IS NOT NULL}), 't', "$copy: defaults are there");
	$node->safe_psql($copy, q{SELECT inserted FROM tellingcube.append_events('Acme', 'Actual', '[{"eventType": "sale", "month": "2026-12", "product": "Copied", "region": "North", "quantity": 1, "unitPrice": 1, "revenue": 1, "cogs": 0}]', cube => 'cube')});
	check_sound($node, 'cube', "in $copy after more events", $copy);
	is($node->safe_psql($copy, q{SELECT (SELECT sum(split_part(line, '|', 4)::numeric) FROM public.copied WHERE fact = 'finance') + 6 = sum(revenue) FROM cube.fact_finance_monthly}),
		't', "$copy: they are in the facts");
	$node->safe_psql($copy, q{SELECT tellingcube.fold_facts('cube'); SELECT tellingcube.rebuild_facts(cube => 'cube')});
	check_sound($node, 'cube', "in $copy after a rebuild", $copy);
	is($node->safe_psql($copy, q{SELECT note FROM cube.notes}), q{a table of the user's own}, "$copy: a table of the user's own came along");
	return;
}

my $text = dump_text('postgres');
unlike($text, qr/INSERT INTO tellingcube|'sale'.*built_in/, 'what the extension brings itself is not dumped');

$node->safe_psql('postgres', 'CREATE DATABASE plain TEMPLATE template0');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'plain', '-f', $node->basedir . '/postgres.sql' ], 'plain: restored by psql');
same_lines(dump_text('plain', '-a'), dump_text('postgres', '-a'), 'plain: a dump of its data has the same lines');
same_lines($node->safe_psql('plain', $event_types), $node->safe_psql('postgres', $event_types), q{plain: event types are there, the user's too});
check_copy('plain', 1);
like(($node->psql('plain', "\\set VERBOSITY verbose\nSELECT batch_id FROM tellingcube.append_events('Acme', 'Actual', '[]', idempotency_key => 'first', cube => 'cube')"))[2],
	qr/TC107/, 'plain: idempotency keys are remembered');
is($node->safe_psql('plain', q{SELECT cube FROM tellingcube.cubes ORDER BY 1}), qq{My "other" cube\ncube}, 'plain: both cubes are cubes');

my $archive = $node->basedir . '/archive';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $archive, 'postgres' ], 'an archive is made');
$node->safe_psql('postgres', 'CREATE DATABASE archive TEMPLATE template0');
$node->command_ok([ 'pg_restore', '-j', 2, '-e', '-d', 'archive', $archive ], 'archive: restored by two jobs');
same_lines($node->safe_psql('archive', $event_types), $node->safe_psql('postgres', $event_types), q{archive: event types are there, the user's too});
check_copy('archive', 1);

# Schema and data by themselves; the data then meets triggers that are at work, unless they are disabled.
$node->safe_psql('postgres', 'CREATE DATABASE halves TEMPLATE template0');
$node->command_ok([ 'pg_restore', '-s', '-e', '-d', 'halves', $archive ], 'halves: the schema alone');
$node->command_ok([ 'pg_restore', '-a', '--disable-triggers', '-e', '-d', 'halves', $archive ], 'halves: then the data');
check_copy('halves', 1);

# One cube, into a database that has the extension.
$node->safe_psql('postgres', 'CREATE DATABASE one TEMPLATE template0');
$node->safe_psql('one', 'CREATE EXTENSION tellingcube');
dump_text('postgres', '-n', 'cube');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'one', '-f', $node->basedir . '/postgres.sql' ], 'one: a single cube is restored');
check_copy('one', 0);

# The comparison can fail.
$node->safe_psql('archive', q{UPDATE cube.fact_finance_stored SET amount = amount + 1 WHERE line = 'revenue' AND month = '2024-03-01'; DROP TABLE public.copied});
keep_facts($node, 'cube', 'public.copied', 'archive');
like(differences($node, 'public.original', 'public.copied', 'archive'), qr/finance/, 'one that differed would be noticed');
$node->stop;
done_testing();
