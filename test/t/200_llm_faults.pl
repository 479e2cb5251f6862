# Every fault of a model's server has one outcome: what complete() raises, how often it asked, and
# that the next call is served as if nothing had been.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP;
use Mock;
use TellingCube qw(new_node);
use Test::More;
use Time::HiRes qw(time);

my $node = new_node('faults', "tellingcube.llm_cache_seconds = 0");
my $mock = Mock->new($node->basedir . '/mock');

sub server
{
	my ($name, %options) = @_;
	%options = (api => 'openai', model => 'm', base_url => $mock->url, backoff => '0.02', timeout => '8', max_tries => '3',
		connect_timeout => '2', first_byte_timeout => '3', idle_timeout => '1', max_response_bytes => '2000000', %options);
	my $list = join ', ', map { "$_ '$options{$_}'" } sort keys %options;
	$node->safe_psql('postgres', "CREATE SERVER $name FOREIGN DATA WRAPPER tellingcube_llm OPTIONS ($list)");
	return;
}
server('good');
server('claude', api => 'anthropic');
server('llama', api => 'ollama');
server('slow', timeout => '1.5', first_byte_timeout => '1', max_tries => '2');
$node->safe_psql('postgres', q{SELECT tellingcube.register_prompt($$---
name: pick
variables: {"from": {"default": []}}
schema: {"type": "object", "additionalProperties": false, "required": ["name", "amount"],
  "properties": {"name": {"type": "string", "maxLength": 20}, "amount": {"type": "number", "minimum": 0, "format": "amount"},
                 "note": {"type": "string"}}}
---
# system
You pick.
# user
{{from}}
$$)});

# ask SERVER: (SQLSTATE or "ok", message, seconds). Each in a session of its own, so that no circuit
# stays open.
sub ask
{
	my ($server, $call) = @_;
	$call //= "tellingcube.complete('pick', model => '$server')";
	my $start = time;
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT $call");
	return ('ok', $out, time - $start) if $err !~ /ERROR/;
	$err =~ /ERROR:  ([0-9A-Z]{5}): (.*)/;
	return ($1, $err, time - $start);
}

my $good = '{"name": "rye", "amount": 1.5}';
sub says { return { text => $_[0] }; }
sub status { my ($status, $body, @headers) = @_; return { status => $status, body => $body // '', headers => \@headers }; }

my @table;
# fault NUMBER, NAME, STEP(S), SQLSTATE, CALLS: all steps alike when there is one; CALLS undef: not counted.
sub fault
{
	my ($number, $name, $step, $expected, $calls, $server, $call) = @_;
	if (ref $step eq 'ARRAY') { $mock->script(@$step); } else { $mock->always($step); }
	my ($state, $message, $seconds) = ask($server // 'good', $call);
	my $seen = $mock->seen;
	is($state, $expected, "$number: $name gives $expected") or diag($message);
	is($seen->{calls}, $calls, "$number: and was asked $calls times") if defined $calls;
	cmp_ok($seconds, '<', 10, "$number: in time");
	push @table, sprintf('%-4s %-52s %-6s %2s calls', $number, $name, $state, $seen->{calls});
	return $message;
}

# Connection and TLS.
server('nowhere', base_url => 'https://no-such-host.invalid');
fault(1, 'name does not resolve', {}, '08006', 0, 'nowhere');
server('refuses', base_url => $mock->url('refuses'));
fault(3, 'connection refused', {}, '08006', 0, 'refuses');
fault(5, 'closed without a byte', { fault => 5 }, '08006', undef);
fault(6, 'reset without a byte', { fault => 6 }, '08006', undef);
foreach my $case ([7, 'self_signed', '08001'], [8, 'wrong_host', '08001'], [9, 'expired', '08001'], ['10a', 'old_tls', '08001'], [11, 'http', '08001'])
{
	my ($number, $name, $state) = @$case;
	server("tls_$name", base_url => 'https://localhost:' . $mock->port($name), ca_file => $mock->ca_file);
	fault($number, "TLS: $name", {}, $state, 0, "tls_$name");
}
server('tls_stalls', base_url => 'https://localhost:' . $mock->port('stalls'), ca_file => $mock->ca_file, timeout => '2', connect_timeout => '0.5');
fault('10b', 'TLS: handshake stalls', {}, '08006', 0, 'tls_stalls');
server('tls_good', base_url => 'https://localhost:' . $mock->port('tls'), ca_file => $mock->ca_file);
fault('-', 'TLS: good, with its authority', {}, 'ok', 1, 'tls_good');
server('tls_unknown', base_url => 'https://localhost:' . $mock->port('tls'));
fault('-', 'TLS: authority not trusted', {}, '08001', 0, 'tls_unknown');
server('rebound', base_url => 'https://evil.localhost:' . $mock->port('tls'), ca_file => $mock->ca_file);
fault(12, 'name resolves to an address inside', {}, '42501', 0, 'rebound');
fault(14, 'redirect to the metadata service', { fault => 14 }, '42501', 1);
fault(15, 'redirect to a file', { fault => 15 }, '42501', 1);
fault(16, '307 to another host', { fault => 16 }, '42501', 1);
fault(17, 'redirect to itself', { fault => 17 }, '42501', 1);

# Status codes.
my $context = '{"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}}';
fault(18, '400', status('400 Bad Request', '{"error": {"message": "no such field"}}'), 'TC403', 1);
fault(19, '400 context_length_exceeded', status('400 Bad Request', $context), '54000', 1);
fault(20, '401', status('401 Unauthorized', '{"error": {"message": "Incorrect API key provided: sk-abc"}}'), '28000', 1);
fault(21, '429 insufficient_quota', status('429 Too Many Requests', '{"error": {"code": "insufficient_quota"}}'), '53000', 1);
fault(22, '404', status('404 Not Found'), 'TC403', 1);
fault(23, '408', status('408 Request Timeout'), '08006', 3);
fault(24, '413', status('413 Too Large'), '54000', 1);
fault(25, '422', status('422 Unprocessable'), 'TC403', 1);
fault(26, '429 with Retry-After: 1, then good', [status('429 Slow Down', '', ['Retry-After', '1']), {}], 'ok', 2);
fault(27, '429 with a date far away', status('429 Slow Down', '', ['Retry-After', 'Wed, 21 Oct 2099 07:28:00 GMT']), '53400', 1);
fault(28, "429 with Retry-After: $_", status('429 Slow Down', '', ['Retry-After', $_]), '53400', 3) foreach ('0', '-5', '1e9', 'soon');
my $asks = fault(29, '429 with retry-after-ms', status('429 Slow Down', '', ['retry-after-ms', '90000'], ['x-ratelimit-reset-tokens', '6m0s']), '53400', 1);
like($asks, qr/asks to wait 90 s/, 'the error says how long');
fault(31, $_, status("$_ x"), '08006', 3) foreach (500, 502, 503, 529);
my $html = fault(32, '503 with a web page', status('503 x', '<html><h1>PROXY</h1></html>'), '08006', 3);
unlike($html, qr/PROXY/, 'the page is not shown');
fault(33, '200 with an error', { body => '{"error": {"code": 503, "message": "x"}}' }, '08006', 3);
fault(33, '200 with a final error', { body => '{"error": {"code": "invalid_api_key"}}' }, '28000', 1);
fault(34, '204', { fault => 34 }, '08006', 3);
fault(35, '100 Continue for ever', { fault => 35 }, '08006', undef, 'slow');
fault(36, 'not HTTP', { fault => 36 }, 'TC403', 1);

# Time.
fault(37, 'no header', { fault => 37 }, '08006', undef, 'slow');
fault(38, 'header drips', { fault => 38 }, '08006', undef, 'slow');
fault(39, 'body stalls', { fault => 39 }, '08006', undef, 'slow');
fault(40, 'body drips', { fault => 40 }, '08006', undef, 'slow');

# Transport of the body.
fault(44, 'reset in the body', { fault => 44 }, '08006', 3);
fault(45, 'end before Content-Length', { fault => 45 }, '08006', 3);
fault(46, 'end without Content-Length', { fault => 46 }, '08006', 3);
fault(47, 'Content-Length too short', { fault => 47 }, '08006', 3);
fault(48, 'two Content-Lengths', { fault => 48 }, '08006', 3);
fault(49, 'chunked and Content-Length', { fault => 49 }, 'ok', 1);
fault(50, 'odd chunk size', { fault => 50 }, '08006', 3);
fault(51, 'no last chunk', { fault => 51 }, '08006', 3);
fault(52, 'gzip', { fault => 52 }, 'ok', 1);
fault(53, 'gzip bomb', { fault => 53 }, '54000', 1);
fault(54, 'gzip cut short', { fault => 54 }, '08006', 3);
fault(55, 'gzip corrupt', { fault => 55 }, '08006', 3);
fault(56, 'unknown encoding', { fault => 56 }, '08006', 3);
fault(57, '200 MB', { fault => 57 }, '54000', 1);
fault(58, 'a header of 400 kB', { fault => 58 }, '54000', 1);
server('h2', base_url => 'https://localhost:' . $mock->port('h2'), ca_file => $mock->ca_file);
fault(59, 'HTTP/2 GOAWAY', { fault => 59 }, '08006', undef, 'h2');
fault(60, 'HTTP/2 RST_STREAM', { fault => 60 }, '08006', undef, 'h2');
fault(61, 'JSON called text/html', { fault => 61 }, 'ok', 1);

# Encoding and JSON: three requests, two of them repairs.
fault(62, 'half a surrogate', says('{"name": "\ud800", "amount": 1}'), '22P02', 3);
fault(63, 'U+0000', says('{"name": "\u0000", "amount": 1}'), '22P02', 3);
fault(64, 'BOM', says("\x{feff}$good"), 'ok', 1);
fault(65, 'UTF-16', { fault => 65 }, '08006', 3);
fault(67, 'content cut off', says('{"name": "rye", "am'), '22P02', 3);
fault(68, 'fence with prose', says("Here:\n```json\n$good\n```\nBye"), 'ok', 1);
fault(69, 'two objects', says("$good$good"), '22P02', 3);
fault(69, 'object and text', says("$good and more"), '22P02', 3);
fault(70, $_, says("{\"name\": \"rye\", \"amount\": $_}"), '22P02', 3) foreach ('NaN', '-Infinity');
fault(71, '1e400', says('{"name": "rye", "amount": 1e400}'), '22P02', 3);
is(fault(72, 'decimals', says('{"name": "rye", "amount": 0.3000}'), 'ok', 1), '{"name": "rye", "amount": 0.3}', 'are exact');
fault(73, 'duplicate keys', says('{"name": "rye", "amount": 1, "amount": 9}'), '22P02', 3);
fault(74, 'deep nesting', says('{"a":' . ('[' x 100000)), '22P02', 3);
fault(75, 'a million elements', says('{"a":[' . ('0,' x 400000) . '0]}'), '22P02', 3);
fault(76, $_, says($_), '22P02', 3) foreach ('{"name": "rye", "amount": 1,}', "{'name': 'rye'}", '{"a": 1 /* x */}', '{a: 1}');
fault(77, $_, says("{\"name\": \"rye\", \"amount\": $_}"), $_ =~ /^"/ ? '22023' : '22P02', 3) foreach ('"450"', '4,50');

# Envelopes.
fault(78, 'no choices', { envelope => { choices => [] } }, '08006', 3);
fault(79, 'content null', { choice => { message => { content => undef } } }, '08006', 3);
fault(79, 'content empty', { text => '' }, '08006', 3);
fault(79, 'content in parts', { choice => { message => { content => [{ type => 'text', text => $good }] } } }, 'ok', 1);
fault(80, 'refusal', { choice => { message => { content => undef, refusal => 'No.' } } }, 'TC403', 1);
fault(80, 'refusal in words', says("I'm sorry, but I can't help with that."), 'TC403', 1);
fault(81, 'length', { text => $good, choice => { finish_reason => 'length' } }, '54000', 2);
fault(82, 'content_filter', { text => $good, choice => { finish_reason => 'content_filter' } }, 'TC403', 1);
fault(82, 'tool_calls', { text => $good, choice => { finish_reason => 'tool_calls' } }, '22P02', 3);
fault(82, 'unknown finish', { text => $good, choice => { finish_reason => 'whim' } }, 'TC403', 1);
fault(83, 'another model', { text => $good, envelope => { model => 'other' } }, 'ok', 1);
server('strict', require_model => 'true');
fault(83, 'another model, where it matters', { text => $good, envelope => { model => 'other' } }, 'TC403', 1, 'strict');
fault(84, 'usage absurd', { text => $good, envelope => { usage => { prompt_tokens => -1, completion_tokens => '9e30' } } }, 'ok', 1);
is($node->safe_psql('postgres', q{SELECT count(*) FROM tellingcube.llm_call WHERE tokens_in < 0}), '0', 'no absurd count is stored');

# Content against the schema.
foreach my $text ('{"name": "rye"}', '{"name": "rye", "amount": 1, "extra": 1}', '{"name": 1, "amount": 1}', '{"name": null, "amount": 1}',
	'{"name": "rye", "amount": -1}', '{"name": "rye", "amount": 0.00001}')
{
	fault('86', $text, says($text), '22023', 3);
}
my $repaired = fault('86', 'wrong once, then right', [says('{"name": "rye"}'), says($good)], 'ok', 2);
is($repaired, '{"name": "rye", "amount": 1.5}', 'a repaired answer is the right one');
like($mock->seen->{bodies}[1], qr/amount is missing/, 'the repair names what was wrong');

# Streams.
my $stream = "string_agg(s, '') FROM tellingcube.stream('Say hello', model => 'SERVER') s";
foreach my $server ('good', 'claude', 'llama')
{
	(my $call = $stream) =~ s/SERVER/$server/;
	fault('-', "stream of $server", {}, 'ok', 1, $server, $call);
	is(fault(96, 'cut anywhere', { fault => 96, text => "Gr\x{fc}\x{df}e \x{1f35e}" }, 'ok', 1, $server, $call), "Gr\xc3\xbc\xc3\x9fe \xf0\x9f\x8d\x9e", "the text of $server is whole");
	fault(98, 'closed in the middle', { fault => 98 }, '08006', undef, $server, $call);
	fault(99, 'error in the middle', { fault => 99 }, '08006', undef, $server, $call);
}
(my $call = $stream) =~ s/SERVER/good/;
fault(100, 'data after [DONE]', { fault => 100 }, 'ok', 1, 'good', $call);
$call =~ s/good/slow/;
fault(101, 'nothing but pings', { fault => 101 }, '08006', undef, 'slow', $call);

# Sequences.
fault(102, '500, 500, good', [status('500 x'), status('500 x'), {}], 'ok', 3);
server('patient', max_tries => '6', timeout => '10');
fault(103, '429, reset, truncated, good', [status('429 x', '', ['retry-after-ms', '100']), { fault => 44 }, { fault => 46 }, {}], 'ok', 4, 'patient');

# All that was asked is on record, and what is good stays good.
is($node->safe_psql('postgres', q{SELECT count(*) FROM tellingcube.llm_call WHERE status = 'running'}), '0', 'no call is left running on record');
fault('-', 'good at the end', {}, 'ok', 1, $_) foreach ('good', 'claude', 'llama');

note("fault → outcome\n" . join "\n", @table);
$mock->stop;
$node->stop;
done_testing();
