#!/usr/bin/env bash
# The key is the bytes of the secret as issued: its base64url is not decoded. The HMAC (RFC 2104) is spelled out:
# `openssl dgst -hmac` takes the key as an argument, which everybody on the machine can see.
set -euo pipefail
export LC_ALL=C
key=$(printf %s "${SIGNING_SECRET:?}" | od -An -v -tx1 | tr -d ' \n')
if ((${#key} > 128)); then key=$(printf %s "$SIGNING_SECRET" | openssl dgst -sha256 -r | cut -c 1-64); fi

pad() {
  local block i byte
  printf -v block %-128s "$key"
  block=${block// /0}
  for ((i = 0; i < 128; i += 2)); do
    printf -v byte '\\x%02x' $((16#${block:i:2} ^ $1))
    printf %b "$byte"
  done
}

hmac_sha256() {
  { pad 0x5c; { pad 0x36; cat; } | openssl dgst -sha256 -binary; } | openssl dgst -sha256 -r | cut -c 1-64
}

signed_headers() {
  local timestamp=$((${EPOCHREALTIME/[.,]/} / 1000)) method=${1^^} path=$2 body_sha256
  body_sha256=$(openssl dgst -sha256 -r | cut -c 1-64)
  printf 'X-Integrator-Key: %s\n' "${INTEGRATOR_KEY:?}"
  printf 'X-Timestamp: %s\n' "$timestamp"
  printf 'X-Signature: sha256=%s\n' "$(printf %s "$timestamp.$method.$path.$body_sha256" | hmac_sha256)"
}

# Method and path with its query as arguments, the raw body on standard input.
signed_headers "$@"
