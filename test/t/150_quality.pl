# Every kind of company that can be simulated passes the quality report, reconciles and verifies: 11 sectors × 4 sizes ×
# 10 countries, each as baseline, growth and recession, over 36 months. A sample of them, or with TELLINGCUBE_FULL=1 all
# 1,320.
use strict;
use warnings;
use TellingCube qw(new_node is_full);
use IPC::Run qw(start finish);
use PostgreSQL::Test::Utils qw(append_to_file slurp_file);
use Test::More;

my $node = new_node('quality');
my @sectors = split /\n/, $node->safe_psql('postgres', q{SELECT name FROM tellingcube.sector ORDER BY code});
my @countries = split /\n/, $node->safe_psql('postgres', q{SELECT code FROM tellingcube.country ORDER BY code});
my @sizes = qw(micro small medium large);
is(@sectors * @countries * @sizes * 3, 1320, 'there are 1,320 kinds of companies');

my @companies;
foreach my $s (0 .. $#sectors)
{
	foreach my $c (0 .. $#countries)
	{
		foreach my $z (0 .. $#sizes)
		{
			# The sample has every sector, every country and every size.
			next unless is_full() || ($c == $s % @countries && $z == $s % @sizes);
			push @companies, { sector => $sectors[$s], country => $countries[$c], size => $sizes[$z],
				name => "$sectors[$s] $countries[$c] $sizes[$z]" };
		}
	}
}

# script CUBE, COMPANY…: SQL that tells companies, a cube for every few of them, and prints what is wrong with each.
sub script
{
	my ($cube, @list) = @_;
	my $sql = '';
	while (my @some = splice @list, 0, 8)
	{
		$sql .= "SELECT tellingcube.create_cube('$cube');\n";
		foreach my $company (@some)
		{
			$sql .= "SELECT count(*) || ' told: $company->{name}' FROM tellingcube.simulate_scenarios('$company->{name}', '$company->{sector}', '$company->{size}', '2022-01', 36, '$company->{country}', cube => '$cube');\n"
			  . "SELECT '$company->{name}: ' || concat_ws(' | ', scenario, gate, measure, threshold, value, detail) FROM tellingcube.quality_report('$company->{name}', cube => '$cube') WHERE pass IS FALSE;\n"
			  . "SELECT '$company->{name}: ' || count(*) || ' gates passed' FROM tellingcube.quality_report('$company->{name}', cube => '$cube') WHERE pass;\n";
		}
		$sql .= "SELECT company || ': reconcile: ' || concat_ws(' | ', check_name, scenario, status, detail) FROM tellingcube.reconcile(cube => '$cube') WHERE status <> 'ok';\n"
		  . "SELECT 'verify_facts: ' || v::text FROM tellingcube.verify_facts(cube => '$cube') v LIMIT 5;\n"
		  . "SELECT tellingcube.drop_cube('$cube');\n";
	}
	return $sql;
}

# Two sessions side by side, which read and write files, so that neither waits to be fed.
my $directory = PostgreSQL::Test::Utils::tempdir();
my @sessions;
foreach my $i (0, 1)
{
	my @mine = map { $companies[$_] } grep { $_ % 2 == $i } 0 .. $#companies;
	append_to_file("$directory/$i.sql", script("quality_$i", @mine));
	push @sessions, start(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', "$directory/$i.sql"],
		'<', '/dev/null', '>', "$directory/$i.out", '2>', "$directory/$i.err");
}
ok(finish($_), 'the simulations end well') foreach @sessions;
is(join('', map { slurp_file("$directory/$_.err") } 0, 1), '', 'and have nothing to complain of');
my @lines = grep { $_ ne '' } map { split /\n/, slurp_file("$directory/$_.out") } 0, 1;
is(scalar(grep { /^3 told: / } @lines), scalar(@companies), @companies * 3 . ' companies are told');
my @gates = map { /: (\d+) gates passed$/ ? $1 : () } @lines;
is(scalar(@gates), scalar(@companies), 'and judged');
is(scalar(grep { $_ < 3 * 14 } @gates), 0, 'by 14 gates and more each');
is(join("\n", grep { !/^3 told: |gates passed$/ } @lines), '', 'no gate fails, and every fact is proved');

# The report can fail: a company that sells half as dear all of a sudden.
$node->safe_psql('postgres', q{SELECT tellingcube.create_cube('bad'), tellingcube.simulate('Bad AG', starts => '2022-01', months => 36, cube => 'bad')});
my $fails = q{SELECT string_agg(DISTINCT gate, ',' ORDER BY gate) FROM tellingcube.quality_report('Bad AG', cube => 'bad') WHERE pass IS FALSE};
is($node->safe_psql('postgres', $fails), '', 'a sound company passes');
$node->safe_psql('postgres', q{INSERT INTO bad.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
	SELECT company_id, scenario_id, '2024-01-01', 'expense', '2024-01-05', '{"costCenter": "Sales", "account": "marketing", "amount": 5000000, "isCapex": false}' FROM bad.dim_scenario});
like($node->safe_psql('postgres', $fails), qr/margins/, 'one that spends half a year of revenue on marketing does not');

done_testing();
