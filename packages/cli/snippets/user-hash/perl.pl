use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);

# The key is the bytes of the secret as issued: its base64url is not decoded.
my $secret = $ENV{SIGNING_SECRET} || die "SIGNING_SECRET is not set\n";

sub user_hash {
    my ($user_id) = @_;    # bytes: encode characters as UTF-8 first
    return hmac_sha256_hex($user_id, $secret);
}

# User ids on standard input, one on each line.
while (my $line = <STDIN>) {
    chomp $line;
    print user_hash($line), "\n";
}
