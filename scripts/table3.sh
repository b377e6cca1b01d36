#!/usr/bin/env bash
# The rows of the paper's Table 3: pretrain each method, fine-tune it on instructions, score the seven tasks before and after.
# Started again it goes on where it stopped; what is finished is not done again.
#   scripts/table3.sh TOKENS INSTRUCTIONS,… EVALUATION-DATA OUTPUT [options of 'Trainer compare' …]
#   METHODS=pre,lns  SEEDS=2  TUNINGS="full lisa lora"  TUNE="options of 'Trainer finetune'"  LIMIT=all, or so many documents a task (of MMLU: a subject)
set -euo pipefail
if [ $# -lt 4 ] || [ "$1" = --help ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0"
  [ "${1:-}" = --help ] && exit 0 || exit 2
fi
# Instructions are files, or directories of them, with commas between them and no white space.
tokens=$1 instructions=$2 data=$3 output=$4
shift 4
methods=${METHODS:-pre,lns} seeds=${SEEDS:-2} tunings=${TUNINGS:-full lisa lora} limit=${LIMIT:-all}
root=$(cd "$(dirname "$0")/.." && pwd)
run() { dotnet run -c Release --project "$root/$1" -- "${@:2}"; }
limited() { [ "$limit" = all ] || echo "--limit $limit"; }

run Trainer compare --methods "$methods" --seeds "$seeds" --data "$tokens" --output "$output" "$@"
names=()
for seed in $(seq "$seeds"); do
  for method in ${methods//,/ }; do
    base=$method-seed$seed
    names+=("$base")
    for tuning in $tunings; do
      # A run that is finished is known by its export.
      if [ ! -e "$output/models/$base-$tuning/manifest.json" ]; then
        # shellcheck disable=SC2086
        run Trainer finetune --checkpoint "$output/$base" --data ${instructions//,/ } --output "$output/$base-$tuning" --resume --method "$tuning" --seed "$seed" ${TUNE:-}
      fi
      names+=("$base-$tuning")
    done
  done
done
mkdir -p "$output/reports"
reports=()
for name in "${names[@]}"; do
  model=$output/models/$name report=$output/reports/$name.json
  [ -e "$model/manifest.json" ] || run Exporter --checkpoint "$output/$name" --output "$model"
  # shellcheck disable=SC2046
  [ -e "$report" ] || run Evals run --model "$model" --tasks paper --data "$data" --cache none --output "$report" $(limited)
  reports+=("$report")
done
IFS=,
run Evals report --inputs "${reports[*]}" --output "$output/table3"
