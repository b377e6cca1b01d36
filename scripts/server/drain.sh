#!/usr/bin/env bash
# SIGTERM under load: every stream must end whole or with an error event, and the server with 0 within the drain time.
#   scripts/server/drain.sh MODEL [STREAMS]
# MODEL is a bundle directory. Needs curl and a release build of InferenceApi ('dotnet build -c Release InferenceApi').
set -u
model=${1:?usage: scripts/server/drain.sh MODEL [STREAMS]}; streams=${2:-32}; drain=5
root=$(cd "$(dirname "$0")/../.." && pwd); work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
dotnet "$root/artifacts/bin/InferenceApi/release/Factory.InferenceApi.dll" --model "$model" --urls http://127.0.0.1:0 --drain $drain --state "$work/state" 2>"$work/log" &
server=$!
until grep -q '^Serving ' "$work/log"; do kill -0 $server 2>/dev/null || { cat "$work/log"; exit 1; }; sleep 0.1; done
url=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/log" | head -1)
most=$(curl -s "$url/models" | grep -o '"context_length":[0-9]*' | head -1 | cut -d: -f2)
clients=()
for i in $(seq "$streams"); do
  # Short and endless ones mixed.
  tokens=$(( i % 2 ? 8 : most ))
  curl -sN "$url/generate" -H 'content-type: application/json' -d "{\"prompt\":\"The\",\"max_new_tokens\":$tokens,\"stream\":true}" >"$work/$i" & clients+=($!)
done
sleep 1; started=$(date +%s); kill -TERM $server; wait $server; code=$?; took=$(( $(date +%s) - started ))
wait "${clients[@]}"
broken=0
for i in $(seq "$streams"); do
  last=$(grep '^event: ' "$work/$i" | tail -1)
  # A client that came after the end was refused at once: it got nothing.
  case "$last" in 'event: end'|'event: error'|'') ;; *) broken=$((broken + 1));; esac
done
ended=$(cat "$work"/[0-9]* | grep -c '^event: end'); errors=$(cat "$work"/[0-9]* | grep -c '^event: error')
echo "exit code $code after $took s; $ended streams ended whole, $errors with an error event, $broken were cut."
[ $code = 0 ] && [ $took -le $((drain + 10)) ] && [ $broken = 0 ] && [ $((ended + errors)) -gt 0 ]
