#!/usr/bin/env bash
# Kills a training with kill -9 at random moments, resumes it, and compares the weights with those of a training that nobody killed.
# Usage: scripts/kill-and-resume.sh [TRIALS=50] [STEPS=300]
# Ends with 0 when every resumed run ended in the same weights, optimizer state and journal; leaves nothing behind.
set -euo pipefail
trials=${1:-50} steps=${2:-300}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dotnet build "$root/Trainer" -c Release -v quiet --nologo -p:WarningLevel=0 >/dev/null
trainer=$(find "$root/artifacts/bin/Trainer" -name 'Factory.Trainer' -path '*release*' -type f | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Small, fast, and with everything that a checkpoint has to remember: accumulation, validation, the best checkpoint, the guard.
recipe=(--blocks 2 --hidden-size 32 --intermediate-size 64 --sequence-length 32 --batch-size 4 --micro-batch-size 2 --steps "$steps" --save-every 10 --eval-every 25
  --eval-tokens 500 --threads 2 --precision fp32 --kernels plain --schedule wsd)
hash_of() {
  local last
  last=$(find "$1/checkpoints" -maxdepth 1 -name 'step-*' | sort | tail -n 1)
  # The journal without what no two runs have alike: its header, speeds and memory.
  { cat "$last/model.safetensors" "$last/optimizer.safetensors"; tail -n +2 "$1/metrics.jsonl" | sed -E 's/,"(tokens_per_second|mfu|memory)":[^,}]*//g'; } | sha256sum | cut -c 1-16
}

start=$(date +%s.%N)
"$trainer" pretrain --output whole "${recipe[@]}" >/dev/null 2>&1
length=$(echo "$(date +%s.%N) - $start" | bc)
expected=$(hash_of whole)
echo "uninterrupted: $expected in ${length} s"

kills=0
for trial in $(seq "$trials"); do
  run="trial-$trial"
  "$trainer" pretrain --output "$run" "${recipe[@]}" --resume >/dev/null 2>&1 &
  pid=$!
  sleep "$(echo "scale=3; $length * $((RANDOM % 1000)) / 1000" | bc)"
  if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
  wait "$pid" 2>/dev/null || true
  at=$(grep -c '"record":"step"' "$run/metrics.jsonl" 2>/dev/null || true)
  "$trainer" pretrain --output "$run" "${recipe[@]}" --resume >/dev/null 2>log || { cat log; exit 1; }
  found=$(hash_of "$run")
  echo "trial $trial: killed after ${at:-0} steps, resumed to $found"
  [ "$found" = "$expected" ] || { echo "expected $expected"; exit 1; }
  rm -rf "$run"
done
echo "$trials resumes after $kills kills, all ended in $expected"
