#!/usr/bin/env bash
# Factory's training step beside PyTorch's, in turns, so that a machine whose speed drifts is fair to both. Prints the medians of ROUNDS turns.
#   bench/Training/compare.sh [rounds] [shape options of bench/Training …]
# Needs python3 with torch (PYTHONPATH may name it) and jq; torch.compile needs a C++ compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rounds=${1:-3}
shift || true
dotnet build bench/Training -c Release -v q >&2
ours=(dotnet run -c Release --no-build --project bench/Training -- --json)
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for ((round = 1; round <= rounds; round++)); do
  for precision in fp32 bf16; do
    "${ours[@]}" --precision "$precision" "$@" >"$results/factory-$precision-$round.json"
    for mode in eager compile; do
      python3 bench/Training/peer.py --mode "$mode" --precision "$precision" "$@" >"$results/pytorch-$mode-$precision-$round.json"
    done
  done
done
printf '%-22s %12s %10s %14s %10s\n' "" "tokens/s" "ms" "GEMM GFLOP/s" "RSS MB"
for name in factory-fp32 pytorch-eager-fp32 pytorch-compile-fp32 factory-bf16 pytorch-eager-bf16 pytorch-compile-bf16; do
  key=gemm_fp32_gflops
  [[ $name == *bf16 ]] && key=gemm_bf16_gflops
  jq -s --arg key "$key" 'def median: sort | .[length / 2 | floor];
    [(map(.tokens_per_second) | median), (map(.median_ms) | median), (map(.[$key]) | median), (map(.peak_rss_mb) | max)] | @tsv' -r "$results/$name"-*.json |
    awk -v name="$name" '{ printf "%-22s %12.0f %10.1f %14.0f %10.0f\n", name, $1, $2, $3, $4 }'
done
