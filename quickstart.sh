#!/usr/bin/env bash
# The whole way in one go: build, train a small model, export it, serve it, ask it, score it.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: ./quickstart.sh

Builds Factory, trains the nano preset with LayerNorm Scaling on the bundled Shakespeare text (a few minutes on 2 cores),
exports it to ONNX, starts the server, calls /generate and /eval, and stops the server. Every command is printed before it
runs. Run it again: a finished training is not repeated, an interrupted one continues.

Environment:
  FACTORY_ACCELERATOR  cpu or cuda; default: cuda where an NVIDIA driver is found, else cpu
  FACTORY_STEPS        optimizer steps; default: the preset's
  FACTORY_WORK         where data/, runs/ and models/ are written; default: this directory
  FACTORY_PORT         port of the server; default: 5080
  FACTORY_LIBTORCH, FACTORY_ONNXRUNTIME   use libraries that the machine already has (docs/cuda.md)
TEXT
}

case "${1:-}" in
  "") ;;
  -h|--help) usage; exit 0 ;;
  *) echo "quickstart.sh: expected no argument or --help, found '$1'." >&2; exit 2 ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=${FACTORY_WORK:-$root}
port=${FACTORY_PORT:-5080}
url=http://127.0.0.1:$port
name=quickstart
mkdir -p "$work"
cd "$work"
at=""
[ "$work" = "$root" ] || at="$root/"

fail() { echo "quickstart.sh: $*" >&2; exit 2; }
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# Prints a command as a person would type it, then runs it.
run() {
  local word line='$'
  for word in "$@"; do
    case "$word" in
      *[!A-Za-z0-9_./:=-]*) line+=" '${word//\'/\'\\\'\'}'" ;;
      *) line+=" $word" ;;
    esac
  done
  printf '%s\n' "$line"
  "$@"
}

command -v dotnet >/dev/null || fail "expected the .NET 10 SDK, found no 'dotnet' on PATH. Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again."
(cd "$root" && dotnet --version >/dev/null 2>&1) || fail "expected a .NET 10 SDK (global.json), found: $(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ' - | sed 's/^$/none/'). Install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again."
command -v curl >/dev/null || fail "expected curl, found none on PATH. Install it and run this again."

accelerator=${FACTORY_ACCELERATOR:-}
if [ -z "$accelerator" ]; then
  if [ -n "${FACTORY_LIBTORCH:-}" ] && [ -n "${FACTORY_ONNXRUNTIME:-}" ]; then
    accelerator=cpu
    echo "FACTORY_LIBTORCH and FACTORY_ONNXRUNTIME name the machine's own libraries: the small CPU packages do beside them."
  elif [ -e /proc/driver/nvidia/version ] || nvidia-smi -L >/dev/null 2>&1; then
    accelerator=cuda
    echo "An NVIDIA driver was found: using the CUDA packages. Set FACTORY_ACCELERATOR=cpu to do without."
  else
    accelerator=cpu
    echo "No NVIDIA driver was found: using the CPU packages."
  fi
fi
case "$accelerator" in
  cpu|cuda) ;;
  *) fail "FACTORY_ACCELERATOR: expected cpu or cuda, found '$accelerator'." ;;
esac
# MSBuild reads environment variables as properties: every dotnet command below builds for this accelerator.
export Accelerator=$accelerator DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say "1. Build"
for project in Trainer Exporter InferenceApi Evals; do
  run dotnet build -c Release -v quiet -nologo "$at$project"
done

say "2. Train"
run dotnet run -c Release --no-build --project "${at}Trainer" -- pretrain --preset nano --norm lns --output "runs/$name" --resume ${FACTORY_STEPS:+--steps "$FACTORY_STEPS"}

say "3. Export to ONNX, the depth scale folded into the norm weights, and verify"
run dotnet run -c Release --no-build --project "${at}Exporter" -- --checkpoint "runs/$name" --precision auto --output "models/$name"
run dotnet run -c Release --no-build --project "${at}Exporter" -- verify --model "models/$name"

say "4. Serve"
log=$(mktemp)
server=""
stop() {
  if [ -n "$server" ]; then
    kill -TERM -- "-$server" 2>/dev/null || true # not INT, which is ignored where the script runs in a shell's background
    wait "$server" 2>/dev/null || true
    server=""
  fi
  rm -f "$log"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if curl -s -o /dev/null --max-time 2 "$url/health/live"; then
  fail "expected port $port to be free, found a server on it. Stop it, or set FACTORY_PORT."
fi
echo "\$ dotnet run -c Release --project ${at}InferenceApi -- --model models/$name --urls $url &"
set -m # a process group of its own, so that the server can be stopped as a whole
dotnet run -c Release --no-build --project "${at}InferenceApi" -- --model "models/$name" --urls "$url" >"$log" 2>&1 &
server=$!
set +m
ready=""
for _ in $(seq 240); do
  if curl -sf -o /dev/null --max-time 5 "$url/health/ready"; then ready=yes; break; fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.5
done
if [ -z "$ready" ]; then
  cat "$log" >&2
  fail "expected the server to become ready at $url, found the output above."
fi

say "5. Generate"
run curl -sS --fail-with-body "$url/generate" -H 'content-type: application/json' -d '{"prompt":"ROMEO:\n","max_new_tokens":120,"temperature":0.8,"top_k":40,"seed":1}'
echo

say "6. Evaluate on the bundled samples"
run curl -sS --fail-with-body "$url/eval" -H 'content-type: application/json' -d '{"tasks":["arc_easy","winogrande"],"limit":20}'
echo

stop
trap - EXIT
cat <<TEXT

Done. The run is in $work/runs/$name, the model in $work/models/$name. Next:
  dotnet run -c Release --project ${at}InferenceApi -- --model models/$name      serve it; pages at $url/swagger
  dotnet run -c Release --project ${at}Evals -- run --model models/$name         score it
  dotnet run -c Release --project ${at}Trainer -- pretrain --help                train your own
TEXT
