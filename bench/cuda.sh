#!/usr/bin/env bash
# One visit to a GPU machine, unattended: doctors, the tests that need a GPU, every method against golden values on the device, the training step of
# 130m and 350m beside PyTorch's, the fp16 bundle's prefill and decode. What fails is noted and the visit goes on. Writes one JSON file.
#   bench/cuda.sh [--device cuda|cpu] [--small] [--output FILE]
# --device cpu --small rehearses all of it on a machine without a GPU. Needs the .NET SDK; python3 with torch for the peer (skipped without).
# docs/cuda.md says how the libraries get there.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
device=cuda small=false output=cuda-visit.json
while (($#)); do
  case $1 in
    --device) device=$2; shift 2 ;;
    --small) small=true; shift ;;
    --output) output=$2; shift 2 ;;
    --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "$0: expected --device, --small, --output or --help, found '$1'." >&2; exit 2 ;;
  esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/steps"

# step NAME COMMAND…: runs it, keeps its end and how it ended. A JSON object on stdout is kept whole.
step() {
  local name=$1 start code
  shift
  echo "== $name: $*" >&2
  start=$(date +%s)
  "$@" >"$work/out" 2>"$work/err"
  code=$?
  tail -n 3 "$work/out" "$work/err" >&2
  python3 - "$name" "$code" "$(($(date +%s) - start))" "$work" <<'PY' >"$work/steps/$(printf '%03d' "$(ls "$work/steps" | wc -l)").json"
import json, sys
name, code, seconds, work = sys.argv[1:5]
out, err = (open(f"{work}/{part}", errors="replace").read() for part in ("out", "err"))
try:
    result = json.loads(out)
except ValueError:
    result = out[-4000:]
json.dump(dict(step=name, exit_code=int(code), seconds=int(seconds), result=result, stderr=err[-2000:]), sys.stdout)
PY
}

run() { dotnet run -c Release --no-build --project "$@"; }

step build dotnet build Factory.sln -c Release -v q
step trainer-doctor run Trainer -- doctor
step server-doctor run InferenceApi -- doctor
[[ $device == cuda* ]] && step cuda-tests dotnet test --project tests/Trainer.Tests -c Release --no-build -- --filter-trait Device=Cuda

golden=${FACTORY_GOLDEN_DATA:-}
if [[ -z $golden ]]; then
  golden=$work/golden
  python3 -m zipfile -e tests/Golden/method_golden.zip "$golden"
fi
step verify run Trainer -- verify --reference "$golden/method_golden" --device "$device" --dtype float32

if $small; then
  shapes=("nano 2048 4 4")
  steps=3
else
  shapes=("130m 32000 64 64" "350m 32000 64 32")
  steps=20
fi
declare -A peer=(
  [nano]="--hidden 128 --intermediate 344 --blocks 8 --heads 4"
  [130m]="--hidden 768 --intermediate 2048 --blocks 12 --heads 12"
  [350m]="--hidden 1024 --intermediate 2736 --blocks 24 --heads 16"
)
for shape in "${shapes[@]}"; do
  read -r preset vocabulary batch micro <<<"$shape"
  common=(--vocabulary "$vocabulary" --batch "$batch" --micro-batch "$micro" --steps "$steps" --precision bf16 --device "$device")
  step "train-$preset" run bench/Training -- --preset "$preset" "${common[@]}" --json
  if python3 -c 'import torch' 2>/dev/null; then
    for mode in eager compile; do
      # shellcheck disable=SC2086
      step "pytorch-$preset-$mode" python3 bench/Training/peer.py ${peer[$preset]} "${common[@]}" --mode "$mode"
    done
  fi
done

# Speed does not depend on what a model knows: one update is enough. A prompt and what is decoded after it must fit nano's 512 positions.
if $small; then model=(nano 128 2); else model=(130m 512 5); fi
step pretrain run Trainer -- pretrain --preset "${model[0]}" --steps 1 --batch-size 1 --micro-batch-size 1 --device "$device" --output "$work/run"
step export run Exporter -- --checkpoint "$work/run" --precision fp16 --output "$work/bundle"
step inference run bench/Inference -- --model "$work/bundle" --prompt "${model[1]}" --rounds "${model[2]}" --json

python3 - "$output" "$device" "$work"/steps/*.json <<'PY'
import json, sys
output, device, *files = sys.argv[1:]
steps = [json.load(open(file)) for file in files]
json.dump(dict(device=device, steps=steps), open(output, "w"), indent=2)
failed = [step["step"] for step in steps if step["exit_code"]]
print(f"{len(steps)} steps, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}. Written: {output}.")
sys.exit(1 if failed else 0)
PY
