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
  { pad 0x5c; { pad 0x36; cat; } | openssl dgst -sha256 -binary; } | openssl dgst -sha256 -binary
}

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

quote() {
  local text=${1//\\/\\\\} code char
  text=${text//\"/\\\"}
  for ((code = 1; code < 32; code++)); do
    printf -v char "\\x$(printf %02x "$code")"
    text=${text//"$char"/\\u$(printf %04x "$code")}
  done
  printf '"%s"' "$text"
}

user_jwt() {
  local content
  content=$(printf '{"alg":"HS256","typ":"JWT"}' | base64url)
  content+=.$(printf '{"user_id":%s,"exp":%d}' "$(quote "$1")" $((EPOCHSECONDS + 300)) | base64url)
  printf '%s.%s\n' "$content" "$(printf %s "$content" | hmac_sha256 | base64url)"
}

# User ids on standard input, one on each line.
while IFS= read -r user_id || [[ -n $user_id ]]; do user_jwt "$user_id"; done
