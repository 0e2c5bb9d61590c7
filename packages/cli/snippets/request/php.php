<?php

declare(strict_types=1);

// The key is the bytes of the secret as issued: nothing of it is decoded.
$secret = getenv('SIGNING_SECRET') ?: throw new RuntimeException('SIGNING_SECRET is not set');
$key = getenv('INTEGRATOR_KEY') ?: throw new RuntimeException('INTEGRATOR_KEY is not set');

function signedHeaders(string $key, string $secret, string $method, string $path, string $body): array
{
    $timestamp = (string) (int) (microtime(true) * 1000);
    $content = implode('.', [$timestamp, strtoupper($method), $path, hash('sha256', $body)]);
    return [
        "X-Integrator-Key: $key",
        "X-Timestamp: $timestamp",
        'X-Signature: sha256=' . hash_hmac('sha256', $content, $secret),
    ];
}

// Method and path with its query as arguments, the raw body on standard input.
[, $method, $path] = $argv;
echo implode("\n", signedHeaders($key, $secret, $method, $path, stream_get_contents(STDIN))), "\n";
