#!/usr/bin/env bash
# Our bundles beside llama.cpp with the same weights, in alternating runs: one JSON object a line for each run, the last line of a block the newest.
#   bench/Inference/precisions.sh CHECKPOINT PEER_DIR OUT.jsonl [ROUNDS]
# CHECKPOINT: a run or checkpoint whose method folds into a plain LLaMA (any weights do; 'Trainer pretrain --preset 130m --steps 1' makes random ones).
# PEER_DIR: a folder with a program that answers 'dotnet run -c Release -- bench FILE.gguf --batch ROWS' with JSON (prefill, decode1, decodeBatch); outside this repository.
set -euo pipefail
[ $# -ge 3 ] || { sed -n '2,5p' "$0"; exit 2; }
checkpoint=$(realpath "$1") peer=$(realpath "$2") out=$(realpath -m "$3") rounds=${4:-3}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release Exporter -v q
dotnet build -c Release bench/Inference -v q
export=(dotnet run -c Release --no-build --project Exporter -- --checkpoint "$checkpoint")
for precision in fp32 fp16 int8 int4; do "${export[@]}" --precision $precision --output "$work/$precision"; done
"${export[@]}" --precision int4 --prefill-copy --output "$work/int4-copy"
for precision in fp32 int8 int4-rtn; do "${export[@]}" --target gguf --precision $precision --output "$work/gguf-$precision"; done
for round in $(seq "$rounds"); do
  for precision in fp32 fp16 int8 int4 int4-copy; do
    dotnet run -c Release --no-build --project bench/Inference -- --model "$work/$precision" --json >> "$out"
  done
  for precision in fp32 int8 int4-rtn; do
    for rows in 8 32; do
      (cd "$peer" && dotnet run -c Release -- bench "$work"/gguf-$precision/*.gguf --batch $rows) >> "$out"
    done
  done
done
echo "Written: $out. Compare medians by model; runs alternate, so that a machine that drifts does so for all." >&2
