# The extension comes and goes without leaving anything behind.
use strict;
use warnings;
use TellingCube qw(new_node);
use Test::More;

my $node = new_node('install');

# Objects by name, that is, without anything that differs between two installs.
my $objects = q{
	SELECT string_agg(pg_describe_object(classid, objid, 0), E'\n' ORDER BY 1)
	FROM (SELECT DISTINCT classid, objid FROM pg_depend
	      WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	        AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'tellingcube')) member
};

my $first = $node->safe_psql('postgres', $objects);
isnt($first, '', 'the extension has members');

$node->safe_psql('postgres', 'DROP EXTENSION tellingcube');
is( $node->safe_psql('postgres', "SELECT count(*) FROM pg_proc WHERE probin LIKE '%tellingcube'"),
	'0', 'dropping it leaves no function behind');

$node->safe_psql('postgres', 'CREATE EXTENSION tellingcube');
is($node->safe_psql('postgres', $objects), $first, 'a second install makes the same objects');

$node->restart;
is($node->safe_psql('postgres', 'SELECT extname FROM pg_extension WHERE extname <> $$plpgsql$$'),
	'tellingcube', 'it is there after a restart');

done_testing();
