# Whatever a call waits for, a cancel, a timeout, the end of the session and of the server are served
# at once; other sessions notice nothing; and the call stays on record.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Mock;
use TellingCube qw(new_node start_psql finish_psql poll);
use Test::More;
use Time::HiRes qw(time sleep);

my $limit = 0.5;    # 200 ms, and what a busy machine adds to starting and reading
my $node = new_node('interrupts', 'tellingcube.llm_cache_seconds = 0');
my $mock = Mock->new($node->basedir . '/mock');

sub server
{
	my ($name, $url, $more) = @_;
	$node->safe_psql('postgres', "CREATE SERVER $name FOREIGN DATA WRAPPER tellingcube_llm
		OPTIONS (api 'openai', model 'm', base_url '$url', timeout '60'" . ($more // '') . ')');
	return;
}
server('plain', $mock->url);
server('handshake', 'https://localhost:' . $mock->port('stalls'));
server('backoff', $mock->url, ", backoff '50'");
server('limited', $mock->url, ", requests_per_minute '1'");

# A call that waits in this place, and the step that makes it wait.
my %places = (
	'a TLS handshake' => ['handshake', {}],
	'the header' => ['plain', { fault => 37 }],
	'the body' => ['plain', { fault => 39 }],
	'a dripping body' => ['plain', { fault => 40 }],
	'a backoff' => ['backoff', { status => '429 x', body => '', headers => [['Retry-After', '50']] }],
	'its own rate limit' => ['limited', {}]);

foreach my $place (sort keys %places)
{
	my ($server, $step) = @{ $places{$place} };
	my $call = "SELECT tellingcube.complete_text('Say hi', model => '$server')";
	$call = "$call; $call" if $server eq 'limited';

	foreach my $way ('pg_cancel_backend', 'pg_terminate_backend')
	{
		$mock->always($step);
		my $session = start_psql($node, "SET application_name = 'waits'; $call;");
		poll($node, "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'waits' AND state = 'active' AND wait_event = 'Extension' AND clock_timestamp() - query_start > interval '0.3 s'", "a call waits for $place");
		my $start = time;
		$node->safe_psql('postgres', "SELECT $way(pid) FROM pg_stat_activity WHERE application_name = 'waits'");
		my $error = finish_psql($session);
		my $seconds = time - $start;
		cmp_ok($seconds, '<', $limit, "$way is served while a call waits for $place") or diag($seconds);
		like($error, $way eq 'pg_cancel_backend' ? qr/canceling statement due to user request/ : qr/terminating connection due to administrator command/, 'in the server\'s own words');
	}
	$mock->always($step);
	my $start = time;
	my ($code, $out, $error) = $node->psql('postgres', "\\set VERBOSITY verbose\nSET statement_timeout = '300ms';\n$call;");
	like($error, qr/57014: canceling statement due to statement timeout/, "statement_timeout is served while a call waits for $place");
	cmp_ok(time - $start, '<', 0.3 + $limit, 'in time');
}
poll($node, q{SELECT NOT EXISTS (SELECT FROM tellingcube.llm_call WHERE status = 'running')}, 'all calls have ended on record');
cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM tellingcube.llm_call WHERE status = 'cancelled'}), '>=', 17, 'and as cancelled');

# Another database goes while a call is stalled.
$node->safe_psql('postgres', 'CREATE DATABASE other');
$mock->always({ fault => 37 });
my $stalled = start_psql($node, q{SET application_name = 'waits'; SELECT tellingcube.complete_text('Say hi', model => 'plain');});
poll($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'waits' AND wait_event = 'Extension'}, 'a call is stalled');
my $start = time;
$node->safe_psql('postgres', 'DROP DATABASE other');
cmp_ok(time - $start, '<', 1, 'DROP DATABASE does not wait for it');

# The recorder is in nobody's way.
$node->safe_psql('postgres', 'CREATE DATABASE brief');
$node->safe_psql('brief', 'CREATE EXTENSION tellingcube; CREATE SERVER m FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model $$m$$, base_url $$' . $mock->url . '$$)');
$mock->always({});
is($node->safe_psql('brief', q{SELECT tellingcube.complete_text('Say hi', model => 'm')}), 'Hello from the mock.', 'a call in another database');
$start = time;
$node->safe_psql('postgres', 'DROP DATABASE brief');
cmp_ok(time - $start, '<', 5, 'which can be dropped soon after');

$start = time;
$node->stop('fast');
cmp_ok(time - $start, '<', 3, 'a fast shutdown does not wait for a stalled call');
isnt(finish_psql($stalled), '', 'which ends with it');
$mock->stop;
done_testing();
