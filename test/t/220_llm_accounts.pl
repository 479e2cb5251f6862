# What a call costs stays on record whatever becomes of its transaction; budgets hold against many
# sessions; a key is used without being seen; memory is bounded.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Mock;
use TellingCube qw(new_node start_psql finish_psql poll run_parallel);
use Test::More;
use PostgreSQL::Test::Utils;

my $key = 'sk-SENTINEL-7f3a91c2d4';
my $node = new_node('accounts', 'log_min_messages = debug5', "shared_preload_libraries = 'tellingcube'", 'max_worker_processes = 8');
my $mock = Mock->new($node->basedir . '/mock');
$node->safe_psql('postgres', "CREATE SERVER gpt FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model 'm', base_url '" . $mock->url . "',
	input_price '1000', output_price '1000', backoff '0.01', max_response_bytes '16000000')");
$node->safe_psql('postgres', "CREATE USER MAPPING FOR PUBLIC SERVER gpt OPTIONS (api_key '$key')");
$node->append_conf('postgresql.conf', "log_statement = all\nlog_min_duration_statement = 0");
$node->reload;

# On record.
is($node->safe_psql('postgres', q{BEGIN; SELECT tellingcube.complete_text('rolled back', model => 'gpt'); ROLLBACK;
	SELECT status, tries, tokens_in, tokens_out, trim_scale(cost) FROM tellingcube.llm_call}),
	"Hello from the mock.\nsucceeded|1|100|20|0.12", 'a rolled-back call is on record, with its price');
is($node->safe_psql('postgres', q{SELECT tellingcube.complete_text('rolled back', model => 'gpt');
	SELECT cache_hit, tries, cost FROM tellingcube.llm_call ORDER BY started DESC LIMIT 1}),
	"Hello from the mock.\nt|0|0.00000000000000", 'an identical one is answered from the cache');
is($mock->seen->{calls}, 1, 'and was not asked again');

# Identical ones wait for one another.
$mock->always({ delay => 0.5 });
run_parallel($node, { map { ("same$_" => q{SELECT tellingcube.complete_text('asked by many', model => 'gpt')}) } 1 .. 4 }, 'four sessions ask the same');
is($mock->seen->{calls}, 1, 'which is asked once');

# Budgets. A call may cost 4.1 USD at most and costs 0.12; 2 USD are left for none.
$mock->always({});
my ($code, $out, $err) = $node->psql('postgres', q{SELECT tellingcube.set_budget('all', 'total', usd => 1)});
($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT tellingcube.complete_text('too dear', model => 'gpt')");
like($err, qr/ERROR:  TC401: the budget for all per total/, 'a budget refuses with a SQLSTATE of its own');
is($mock->seen->{calls}, 0, 'before anything is sent');
$node->safe_psql('postgres', q{SELECT tellingcube.set_budget('all', 'total'); SELECT tellingcube.set_budget('role:postgres', 'total', tokens => 20000);
	SELECT tellingcube.register_prompt(E'---\nname: brief\nmax_tokens: 900\nvariables: {"n": {}}\n---\n# user\nSay {{n}}.\n')});
my $used = $node->safe_psql('postgres', q{SELECT used_tokens FROM tellingcube.budget_status WHERE scope = 'role:postgres'});
$mock->always({ delay => 0.01 });
my %spenders = map {
	my $n = $_;
	("spender$n" => "DO \$\$ BEGIN FOR i IN 1 .. 60 LOOP BEGIN PERFORM tellingcube.complete_text('brief', jsonb_build_object('n', $n * 1000 + i), 'gpt'); EXCEPTION WHEN SQLSTATE 'TC401' THEN NULL; END; END LOOP; END \$\$")
} 1 .. 8;
run_parallel($node, \%spenders, 'eight sessions spend one budget');
my ($spent) = $node->safe_psql('postgres', q{SELECT used_tokens FROM tellingcube.budget_status WHERE scope = 'role:postgres'});
cmp_ok($spent, '<=', 20000, "they do not overshoot it ($spent)");
cmp_ok($spent, '>', 18000, 'but use it up');
is($node->safe_psql('postgres', q{SELECT sum(tokens_in + tokens_out) FROM tellingcube.llm_call WHERE status = 'succeeded' AND NOT cache_hit}), $spent, 'and the account is what the calls used');
cmp_ok($node->safe_psql('postgres', q{SELECT count(*) FROM tellingcube.llm_call WHERE status = 'refused'}), '>', 100, 'refusals are on record');
$node->safe_psql('postgres', q{SELECT tellingcube.set_budget('role:postgres', 'total', tokens => 100000); SELECT tellingcube.set_budget('purpose:complete', 'day', tokens => 26000, action => 'warn')});
($code, $out, $err) = $node->psql('postgres', q{SELECT tellingcube.complete_text('near the limit', model => 'gpt')});
like($err, qr/NOTICE:  .* of the budget for purpose:complete per day are used/, 'a budget that is nearly used up warns');

# The circuit is shared when the library is preloaded.
$mock->always({ status => '401 x', body => '{"error": {"message": "bad key ' . $key . '"}}' });
($code, $out, $err) = $node->psql('postgres', q{SELECT tellingcube.complete_text('with a bad key', model => 'gpt')});
unlike($err, qr/SENTINEL/, 'a key that the server says back is not shown');
($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\nSELECT tellingcube.complete_text('after a bad key', model => 'gpt')");
like($err, qr/ERROR:  TC406/, 'a refused key opens the circuit for all sessions');
is($mock->seen->{calls}, 1, 'which ask no more');
is($node->safe_psql('postgres', 'SELECT server, circuit, shared, running FROM tellingcube.llm_breaker'), 'gpt|open|t|0', 'as the view says');
$node->safe_psql('postgres', "CREATE SERVER gpt2 FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model 'm', base_url '" . $mock->url . "', concurrency '2')");
$node->safe_psql('postgres', "CREATE USER MAPPING FOR PUBLIC SERVER gpt2 OPTIONS (api_key '$key')");
$mock->always({ delay => 0.3 });
is($node->safe_psql('postgres', q{SELECT tellingcube.complete_text('the next one', model => 'gpt, gpt2')}), 'Hello from the mock.', 'the next model of the route is asked');
run_parallel($node, { map { ("guest$_" => "SELECT tellingcube.complete_text('guest $_', model => 'gpt2')") } 1 .. 6 }, 'six sessions at a server for two');
is($mock->seen->{most_running}, 2, 'come two at a time');

# Memory: a flood does not take twice the cap of 16 MB. What a session's first call takes, whatever its answer, is not the flood's.
$mock->always({});
my $quiet = "\$\$ BEGIN PERFORM tellingcube.complete_text('%s', model => 'gpt2'); EXCEPTION WHEN OTHERS THEN NULL; END \$\$";
my $session = $node->background_psql('postgres');
$session->query(q{CREATE FUNCTION rss() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s+(\d+)')::bigint $$});
$session->query('DO ' . sprintf($quiet, 'a first call'));
my $before = $session->query('SELECT rss()');
$mock->always({ fault => 57 });
$session->query('DO ' . sprintf($quiet, 'a flood'));
my $growth = $session->query('SELECT rss()') - $before;
$session->quit;
cmp_ok($growth, '<', 32768, "a flood of 200 MB takes $growth kB");

# Nobody sees the key but the server it is for.
$node->safe_psql('postgres', q{CREATE ROLE plain LOGIN; GRANT USAGE ON FOREIGN SERVER gpt2 TO plain});
$mock->always({});
is($node->safe_psql('postgres', q{SELECT tellingcube.complete_text('as a plain role', model => 'gpt2')}, extra_params => ['-U', 'plain']), 'Hello from the mock.', 'a role with USAGE may use the key');
like($mock->bytes, qr/Authorization: Bearer \Q$key\E/, 'which is sent');
my $seen = '';
foreach my $table (split /\n/, $node->safe_psql('postgres', q{SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'v', 'm', 'p') AND has_table_privilege('plain', c.oid, 'SELECT') AND n.nspname IN ('pg_catalog', 'information_schema', 'tellingcube')
		AND c.relname NOT IN ('pg_stats_ext_exprs')}))
{
	my ($rc, $rows) = $node->psql('postgres', "SELECT t::text FROM $table t WHERE t::text LIKE '%' || upper('sentinel') || '%' LIMIT 1", extra_params => ['-U', 'plain']);
	$seen .= "$table " if $rows =~ /SENTINEL/;
}
is($seen, '', 'a plain role sees the key in no table');
is($node->safe_psql('postgres', q{SELECT count(*) FROM tellingcube.llm_call c WHERE c::text LIKE '%SENTINEL%'}), '0', 'nor does the record have it');
is($node->safe_psql('postgres', q{SELECT count(*) FROM tellingcube.llm_call WHERE role <> 'plain'}, extra_params => ['-U', 'plain']), '0', 'a role sees its own calls alone');
my @lines = grep { /SENTINEL/ && !/CREATE USER MAPPING|LIKE '%SENTINEL%'/ } split /\n/, slurp_file($node->logfile);
is(join("\n", @lines), '', 'the log has the key where the user wrote it, and nowhere else');

$mock->stop;
$node->stop;
done_testing();
