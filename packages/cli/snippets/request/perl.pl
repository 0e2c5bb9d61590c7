use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex sha256_hex);
use Time::HiRes ();

# The key is the bytes of the secret as issued: nothing of it is decoded.
my $secret = $ENV{SIGNING_SECRET} || die "SIGNING_SECRET is not set\n";
my $key    = $ENV{INTEGRATOR_KEY} || die "INTEGRATOR_KEY is not set\n";

sub signed_headers {
    my ($method, $path, $body) = @_;    # bytes
    my $timestamp = int(Time::HiRes::time() * 1000);
    my $content   = join '.', $timestamp, uc $method, $path, sha256_hex($body);
    my $signature = hmac_sha256_hex($content, $secret);
    return "X-Integrator-Key: $key\nX-Timestamp: $timestamp\nX-Signature: sha256=$signature\n";
}

# Method and path with its query as arguments, the raw body on standard input.
binmode STDIN;
print signed_headers(@ARGV, do { local $/; <STDIN> } // '');
