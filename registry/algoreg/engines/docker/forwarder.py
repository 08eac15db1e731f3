"""The only way out of a pod: a TCP port on its loopback that leads to PostgreSQL's socket, and nowhere else.

In Perl because both the local and the public PostgreSQL image have it, and nothing else of the kind.
"""

from __future__ import annotations

READY = b"ready\n"

# A process per direction: one process that blocks while writing one way would stop reading the other.
PROGRAM = r"""
use strict; use warnings; use Socket;
my ($port, $path) = @ARGV;
$SIG{CHLD} = 'IGNORE';
socket(my $server, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
bind($server, sockaddr_in($port, INADDR_LOOPBACK)) or die "bind: $!";
listen($server, 128) or die "listen: $!";
syswrite(STDOUT, "ready\n");
sub pump {
  my ($from, $to) = @_;
  while (my $count = sysread($from, my $bytes, 65536)) {
    for (my $sent = 0; $sent < $count;) {
      my $more = syswrite($to, $bytes, $count - $sent, $sent);
      exit 1 unless defined $more;
      $sent += $more;
    }
  }
  shutdown($to, 1);
  exit 0;
}
while (1) {
  accept(my $client, $server) or next;
  my $child = fork;
  if (!defined $child) { close $client; select(undef, undef, undef, 0.1); next }
  if ($child) { close $client; next }
  close $server;
  socket(my $database, PF_UNIX, SOCK_STREAM, 0) or exit 1;
  connect($database, sockaddr_un($path)) or exit 1;
  my $other = fork;
  exit 1 unless defined $other;
  $other ? pump($client, $database) : pump($database, $client);
}
"""

# Standard input and output to a socket; waits for the socket, so that it can be called before PostgreSQL is up.
RELAY = r"""
use strict; use warnings; use Socket;
my ($path, $patience) = @ARGV;
my $database;
for (my $tries = 0; ; $tries++) {
  socket($database, PF_UNIX, SOCK_STREAM, 0) or exit 1;
  last if connect($database, sockaddr_un($path));
  exit 1 if $tries * 0.02 >= $patience;
  select(undef, undef, undef, 0.02);
}
my $child = fork;
exit 1 unless defined $child;
my ($from, $to) = $child ? (\*STDIN, $database) : ($database, \*STDOUT);
while (my $count = sysread($from, my $bytes, 65536)) {
  for (my $sent = 0; $sent < $count;) {
    my $more = syswrite($to, $bytes, $count - $sent, $sent);
    exit 1 unless defined $more;
    $sent += $more;
  }
}
if ($child) { shutdown($database, 1); waitpid($child, 0) }
"""
