# What the tests in this directory share.
package TellingCube;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Cluster;

our @EXPORT_OK = qw(new_node);

# new_node NAME, SETTING…: a running server of its own, whose database postgres has the extension.
# Settings are lines of postgresql.conf.
sub new_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->append_conf('postgresql.conf', "$_\n") foreach @settings;
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION tellingcube');
	return $node;
}

1;
