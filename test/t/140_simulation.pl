# simulate() on a real server: the same digest whatever the session's time zone and locale and however many sessions tell at
# once, and a cancel that leaves nothing, or whole quarters.
use strict;
use warnings;
use TellingCube qw(new_node check_sound);
use IPC::Run qw(start finish);
use Test::More;

my $node = new_node('simulation');

sub told
{
	my ($cube, $company, $more) = @_;
	return qq{SELECT digest FROM tellingcube.simulate('$company', 'Industrials', starts => '2022-01', months => 18, cube => '$cube'$more)};
}

# One after the other, in sessions of different settings.
my @settings = (q{}, q{SET TimeZone = 'Pacific/Kiritimati'; SET lc_numeric = 'de_DE.UTF-8'; SET lc_time = 'de_DE.UTF-8'; SET lc_monetary = 'de_DE.UTF-8'; SET DateStyle = 'German'; SET IntervalStyle = 'sql_standard'; SET extra_float_digits = -5;},
	q{SET TimeZone = 'America/St_Johns'; SET DateStyle = 'SQL, DMY'; SET bytea_output = 'escape'; SET search_path = '';});
my @digests;
foreach my $i (0 .. $#settings)
{
	$node->safe_psql('postgres', qq{SELECT tellingcube.create_cube('alone_$i')});
	# A locale that is not installed is refused, and the others stand.
	my (undef, $digest) = $node->psql('postgres', $settings[$i] . told("alone_$i", 'Weber AG', q{}), on_error_stop => 0);
	push @digests, $digest;
}
like($digests[0], qr/^[0-9a-f]{64}$/, 'a simulation has a digest');
is($digests[$_], $digests[0], "setting $_ of the session does not change it") foreach 1 .. $#settings;
my $stored = q{SELECT tellingcube.events_digest('Weber AG', 'Actual', 'alone_1')};
is($node->safe_psql('postgres', $stored), $digests[0], 'and it is that of the stored events');
$node->safe_psql('postgres', q{INSERT INTO alone_1.events (company_id, scenario_id, event_month, event_type, event_ts, payload)
	SELECT company_id, scenario_id, '2022-03-01', 'cash_movement', '2022-03-05', '{"category": "gift", "amount": 0.01, "direction": "in"}' FROM alone_1.dim_scenario});
isnt($node->safe_psql('postgres', $stored), $digests[0], 'which one cent more changes');

# Four at once, each another company into the same cube; beside the same one by one.
my @companies = map { "Company $_" } 1 .. 4;
$node->safe_psql('postgres', q{SELECT tellingcube.create_cube('one'), tellingcube.create_cube('four')});
my %alone = map { $_ => $node->safe_psql('postgres', told('one', $_, q{})) } @companies;
is(scalar(keys %{{ reverse %alone }}), 4, 'companies of different names are told differently');
my (%out, @running);
foreach my $company (@companies)
{
	push @running, start(['psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', told('four', $company, q{})], '<', '/dev/null', '>', \$out{$company});
}
ok(finish($_), 'a simulation beside three others ends well') foreach @running;
is($out{$_}, "$alone{$_}\n", "$_ told beside three others has the digest of the same told alone") foreach @companies;
check_sound($node, 'four', 'after four at once');

# Cancelled.
my $long = q{SELECT months FROM tellingcube.simulate('Slow AG', 'Industrials', 'large', starts => '2015-01', months => 120, cube => 'one'};
my ($code, undef, $complaint) = $node->psql('postgres', "SET statement_timeout = '900ms'; $long)");
isnt($code, 0, 'a long simulation can be cancelled');
like($complaint, qr/canceling statement due to statement timeout/, 'as any statement');
is($node->safe_psql('postgres', q{SELECT count(*) FROM one.dim_company WHERE name = 'Slow AG'}), '0', 'and leaves nothing');
# Cancelled sooner or later, until that is between its first quarter and its last.
my ($months, $warning) = ('', '');
for (my $patience = 400; $months eq '' && $patience < 60_000; $patience *= 1.3)
{
	(undef, $months, $warning) = $node->psql('postgres', sprintf("SET statement_timeout = '%dms'; %s, on_cancel => 'keep')", $patience, $long));
}
cmp_ok($months, '<', 120, 'a cancelled simulation told to keep ends early');
like($warning, qr/the simulation was cancelled; the months up to 20\d\d-(03|06|09|12) are kept/, 'says what it keeps');
is($months % 3, 0, 'which is whole quarters');
is($node->safe_psql('postgres', q{SELECT months FROM one.dim_scenario JOIN one.dim_company c USING (company_id) WHERE c.name = 'Slow AG'}), $months, 'the scenario ends there');
my $whole = $node->safe_psql('postgres', $long =~ s/months FROM/digest FROM/r =~ s/120, cube => 'one'/$months, cube => 'four'/r . ')');
is($node->safe_psql('postgres', q{SELECT tellingcube.events_digest('Slow AG', 'Actual', 'one')}), $whole, 'as if no more had been asked for');
check_sound($node, 'one', 'after a cancel');

done_testing();
