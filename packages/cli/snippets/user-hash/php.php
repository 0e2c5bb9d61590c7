<?php

declare(strict_types=1);

// The key is the bytes of the secret as issued: its base64url is not decoded.
$secret = getenv('SIGNING_SECRET') ?: throw new RuntimeException('SIGNING_SECRET is not set');

function userHash(string $userId, string $secret): string
{
    return hash_hmac('sha256', $userId, $secret);
}

// User ids on standard input, one on each line.
while (($line = fgets(STDIN)) !== false) {
    echo userHash(rtrim($line, "\n"), $secret), "\n";
}
