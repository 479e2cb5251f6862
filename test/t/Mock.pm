# A model's server for tests: test/llm/mock.py, driven from here.
package Mock;

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename;
use File::Path qw(make_path);
use IO::Socket::INET;
use IPC::Open2;
use JSON::PP;
use Time::HiRes qw(sleep);

my $json = JSON::PP->new->utf8->canonical;

# new DIRECTORY: starts one that keeps its files there.
sub new
{
	my ($class, $directory) = @_;
	my $script = dirname(abs_path(__FILE__)) . '/../llm/mock.py';
	make_path($directory);
	my $pid = open2(my $out, my $in, 'python3', '-B', $script, $directory);
	my $self = bless { pid => $pid, in => $in, directory => $directory }, $class;
	for (my $i = 0; $i < 600 && !-e "$directory/ports.json"; $i++) { sleep 0.05; }
	$self->{ports} = $json->decode(slurp("$directory/ports.json"));
	$self->{control} = IO::Socket::INET->new(PeerHost => '127.0.0.1', PeerPort => $self->port('control'))
	  or die "the mock does not listen: $!";
	return $self;
}

sub slurp
{
	my ($file) = @_;
	open my $handle, '<:raw', $file or die "$file: $!";
	local $/ = undef;
	return scalar <$handle>;
}

sub port { return $_[0]{ports}{ $_[1] }; }
sub url { return 'http://127.0.0.1:' . $_[0]->port($_[1] // 'http'); }
sub ca_file { return "$_[0]{directory}/ca.pem"; }
sub bytes { return slurp("$_[0]{directory}/bytes"); }

# command {…}: one line of the control port; see mock.py.
sub command
{
	my ($self, $command) = @_;
	my $control = $self->{control};
	print $control $json->encode($command), "\n";
	return $json->decode(scalar <$control>);
}

# script STEP, …: what the next calls get, after which everything is good; forgets what was counted.
sub script
{
	my ($self, @steps) = @_;
	$self->command({ reset => JSON::PP::true });
	return $self->command({ do => \@steps });
}

sub always
{
	my ($self, $step) = @_;
	$self->command({ reset => JSON::PP::true });
	return $self->command({ always => $step });
}
sub seen { return $_[0]->command({ read => JSON::PP::true }); }

sub stop
{
	my ($self) = @_;
	return if !$self->{in};
	close delete $self->{in};
	waitpid $self->{pid}, 0;
	return;
}
sub DESTROY { local $?; $_[0]->stop; return; }

1;
