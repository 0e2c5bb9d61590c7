<?php

declare(strict_types=1);

// The key is the bytes of the secret as issued: its base64url is not decoded.
$secret = getenv('SIGNING_SECRET') ?: throw new RuntimeException('SIGNING_SECRET is not set');

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

function userJwt(string $userId, string $secret): string
{
    $header = ['alg' => 'HS256', 'typ' => 'JWT'];
    $claims = ['user_id' => $userId, 'exp' => time() + 300];
    $parts = array_map(fn (array $part) => base64url(json_encode($part, JSON_THROW_ON_ERROR)), [$header, $claims]);
    $content = implode('.', $parts);
    return $content . '.' . base64url(hash_hmac('sha256', $content, $secret, true));
}

// User ids on standard input, one on each line.
while (($line = fgets(STDIN)) !== false) {
    echo userJwt(rtrim($line, "\n"), $secret), "\n";
}
