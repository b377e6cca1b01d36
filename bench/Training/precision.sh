#!/usr/bin/env bash
# Does bfloat16 train as float32 does? The same run in both, with several seeds; prints how far the curves of one seed lie apart beside how far
# those of the seeds do, and writes the table to OUTPUT/precision.tsv.
#   bench/Training/precision.sh OUTPUT [seeds] [options of 'Trainer pretrain' …]
# Runs that are finished are not done again. Needs jq. TRAINER names the program; by default it is built here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[[ ${1:-} == -* || -z ${1:-} ]] && { sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"; exit $([[ ${1:-} == --help ]] && echo 0 || echo 2); }
output=$1 seeds=${2:-3}
shift $(($# < 2 ? $# : 2))
if [[ -z ${TRAINER:-} ]]; then
  dotnet build Trainer -c Release -v q >&2
  TRAINER="dotnet run -c Release --no-build --project Trainer --"
fi
mkdir -p "$output"
for ((seed = 1; seed <= seeds; seed++)); do
  for precision in fp32 bf16; do
    run=$output/$precision-$seed
    [[ -f $run/done ]] && continue
    rm -rf "$run"
    # Intentionally split: the program may be a command with arguments.
    $TRAINER pretrain --preset nano --steps 500 --eval-every 100 --precision "$precision" --seed "$seed" --output "$run" "$@" >"$run.log" 2>&1 || { tail -5 "$run.log" >&2; exit 1; }
    touch "$run/done"
  done
done
# Means of a hundred updates' training losses, and the validations, a line each: step, seed, precision, loss.
for run in "$output"/*/done; do
  run=$(dirname "$run")
  name=$(basename "$run")
  jq -r --arg name "$name" 'select(.record == "step") | [((.step - 1) / 100 | floor + 1) * 100, ($name | split("-"))[1], ($name | split("-"))[0], .loss, "train"] | @tsv' "$run/metrics.jsonl"
  jq -r --arg name "$name" 'select(.record == "validation") | [.step, ($name | split("-"))[1], ($name | split("-"))[0], .loss, "validation"] | @tsv' "$run/metrics.jsonl"
done | awk -F'\t' '
  { key = $5 "\t" $1; sum[key, $2, $3] += $4; n[key, $2, $3]++; keys[key] = 1; seeds[$2] = 1 }
  END {
    printf "loss\tstep\tfp32 mean\tbf16 mean\tdeviation over seeds\tlargest |bf16 - fp32| of a seed\n"
    for (key in keys) {
      count = total = totalB = square = largest = 0
      for (seed in seeds) if (n[key, seed, "fp32"] && n[key, seed, "bf16"]) {
        a = sum[key, seed, "fp32"] / n[key, seed, "fp32"]; b = sum[key, seed, "bf16"] / n[key, seed, "bf16"]
        count++; total += a; totalB += b; square += a * a
        d = b > a ? b - a : a - b; if (d > largest) largest = d
      }
      if (!count) continue
      mean = total / count
      deviation = count > 1 ? sqrt((square - count * mean * mean) / (count - 1)) : 0
      printf "%s\t%.4f\t%.4f\t%.4f\t%.4f\n", key, mean, totalB / count, deviation, largest
    }
  }' | { read -r head; echo "$head"; sort -t$'\t' -k1,1 -k2,2n; } >"$output/precision.tsv"
column -t -s$'\t' "$output/precision.tsv"
echo "The table is in $output/precision.tsv; the runs beside it can be drawn: Trainer plot $output/*-*"
