use strict;
use warnings;
use Digest::SHA qw(hmac_sha256);
use JSON::PP;
use MIME::Base64 qw(encode_base64url);

# The key is the bytes of the secret as issued: its base64url is not decoded.
my $secret = $ENV{SIGNING_SECRET} || die "SIGNING_SECRET is not set\n";
my $json = JSON::PP->new->utf8;

sub user_jwt {
    my ($user_id) = @_;    # characters
    my $claims  = { user_id => $user_id, exp => time + 300 };
    my $content = join '.', map { encode_base64url($json->encode($_)) } { alg => 'HS256', typ => 'JWT' }, $claims;
    return "$content." . encode_base64url(hmac_sha256($content, $secret));
}

# User ids on standard input, one on each line.
binmode STDIN, ':encoding(UTF-8)';
while (my $line = <STDIN>) {
    chomp $line;
    print user_jwt($line), "\n";
}
