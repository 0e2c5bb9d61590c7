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

user_hash() { printf %s "$1" | hmac_sha256; }

# User ids on standard input, one on each line.
while IFS= read -r user_id || [[ -n $user_id ]]; do user_hash "$user_id"; done
