#!/bin/sh
# Sends a picture to the service and writes the guarded one; the verdicts come in a header.
# Usage: restore.sh PICTURE RESULT.png [http://127.0.0.1:8000]
set -eu
[ $# -ge 2 ] || { sed -n '3s/^# //p' "$0" >&2; exit 2; }
headers=$(mktemp)
trap 'rm -f "$headers"' EXIT
status=$(curl --silent --show-error --max-time 300 \
  ${FACEFIDELITY_KEY:+--header "X-API-Key: $FACEFIDELITY_KEY"} \
  --header 'Accept: image/png' --form "picture=@$1" \
  --dump-header "$headers" --output "$2" --write-out '%{http_code}' \
  "${3:-http://127.0.0.1:8000}/v1/restore")
if [ "$status" != 200 ]; then
  cat "$2" >&2 # the problem, as JSON
  echo >&2
  rm -f "$2"
  exit 1
fi
sed -n 's/^[Ff]acefidelity-[Vv]erdicts: //p' "$headers"
