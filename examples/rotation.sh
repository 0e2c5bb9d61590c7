#!/usr/bin/env bash
# A whole rotation, step by step as README.md tells it. Needs a running Cutover and its access token in CUTOVER_TOKEN.
set -euo pipefail

: "${CUTOVER_TOKEN:?set it to the access token that the first start printed}"
url=${CUTOVER_URL:-http://127.0.0.1:8080}

api() { curl -sS --fail-with-body -H "Authorization: Bearer $CUTOVER_TOKEN" -H 'Content-Type: application/json' "$@"; }
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }

spring=$(api "$url/secure_mode_secrets" -d '{"name":"Spring","supports_web":true}')
spring_id=$(echo "$spring" | field id)
spring_secret=$(echo "$spring" | field secret)
echo "Secret $spring_id has ${#spring_secret} characters."

spring_hash=$(printf %s user_1 | openssl dgst -sha256 -hmac "$spring_secret" | sed 's/.* //')

verify() { api "$url/v1/verifications" -d '{"platform":"web","userId":"user_1","userHash":"'"$1"'"}'; echo; }
verify "$spring_hash" | grep '"verified":true'

autumn=$(api "$url/secure_mode_secrets" -d '{"name":"Autumn","supports_web":true}')
autumn_secret=$(echo "$autumn" | field secret)
autumn_hash=$(printf %s user_1 | openssl dgst -sha256 -hmac "$autumn_secret" | sed 's/.* //')

verify "$spring_hash" | grep '"verified":true'
verify "$autumn_hash" | grep '"verified":true'

api -X DELETE -D - "$url/secure_mode_secrets/$spring_id" | grep -io '^cutover-revocation-epoch: [0-9]*'

verify "$spring_hash" | grep '"verified":false'
verify "$autumn_hash" | grep '"verified":true'

echo 'Stop the server now: Ctrl-C in its terminal.'
while curl -s -o /dev/null "$url/livez"; do sleep 0.2; done
echo 'It is down. Start it again: npm start'
until curl -sf -o /dev/null "$url/readyz"; do sleep 0.2; done

api "$url/secure_mode_secrets" | grep -o '"name":"[^"]*"'
verify "$spring_hash" | grep '"verified":false'
verify "$autumn_hash" | grep '"verified":true'
