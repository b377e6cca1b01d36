#!/usr/bin/env bash
# Trains a small model with each method, exports, verifies and serves it, scores it over HTTP, analyses it, and judges it by a baseline:
# the steps of .github/workflows/evaluation.yml, one at a time or all together.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/evaluate.sh STEP [METHOD]

Steps, in their order:
  build            build the executables once
  train METHOD     train a model                     -> runs/METHOD
  export METHOD    export it                         -> models/METHOD
  verify METHOD    replay its probe
  score METHOD     serve it, score it over HTTP      -> reports/METHOD.json
  analyze          variance, angles, pruning of all  -> analysis/
  report           all reports on one page           -> report/
  gate             judge reports/$FACTORY_CANDIDATE.json by $FACTORY_BASELINE  -> gate.md; exit code 1: failed
  summary          Markdown of all that is there     -> summary.md
  method METHOD    train, export, verify and score
  all              everything, for each method

Environment (defaults in brackets):
  FACTORY_WORK       folder for everything that is written [.]
  FACTORY_METHODS    methods, separated by spaces [lns pre]
  FACTORY_PRESET     preset of the training [nano]
  FACTORY_STEPS      optimizer steps [the preset's]
  FACTORY_TRAIN      more options for 'Trainer pretrain' []
  FACTORY_TASKS      tasks [arc_easy,boolq,hellaswag,piqa,winogrande,mmlu_high_school_geography]
  FACTORY_LIMIT      documents of each task [all]
  FACTORY_DATA       folder with the full data sets [the samples that come with Factory]
  FACTORY_BASELINE   report that the gate holds the candidate against; without one the gate passes and says so []
  FACTORY_CANDIDATE  method that the gate judges [the first of FACTORY_METHODS]
  FACTORY_RULES      rules of the gate in JSON [sensible ones]
  FACTORY_ACCELERATOR  cpu or cuda [cpu]
  FACTORY_CONFIGURATION  Release or Debug [Release]
TEXT
}

fail() { echo "evaluate.sh: $*" >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=${FACTORY_WORK:-.}
read -r -a methods <<<"${FACTORY_METHODS:-lns pre}"
preset=${FACTORY_PRESET:-nano}
tasks=${FACTORY_TASKS:-arc_easy,boolq,hellaswag,piqa,winogrande,mmlu_high_school_geography}
accelerator=${FACTORY_ACCELERATOR:-cpu}
configuration=${FACTORY_CONFIGURATION:-Release}
case "$accelerator" in cpu|cuda) ;; *) fail "FACTORY_ACCELERATOR: expected cpu or cuda, found '$accelerator'." ;; esac
mkdir -p "$work"
cd "$work"
server=""
# Ends the server and waits until it is gone.
stop() { [ -z "$server" ] || { kill "$server"; wait "$server"; } 2>/dev/null || true; server=""; }
trap stop EXIT

# The executable of a project, as the build left it.
program() {
  local found
  found=$(find "$root/artifacts/bin/$1" -maxdepth 2 -name "Factory.$1.dll" -path "*/$(tr '[:upper:]' '[:lower:]' <<<"$configuration")*" 2>/dev/null | head -n 1)
  [ -n "$found" ] || fail "expected a build of $1 ($configuration), found none. Run: scripts/evaluate.sh build"
  echo "$found"
}
factory() { local name=$1 dll; shift; dll=$(program "$name"); dotnet exec "$dll" "$@"; }
need() { [ -n "${1:-}" ] || fail "expected a method after '$step' (one of: ${methods[*]}), found none."; }

build() {
  for project in Trainer Exporter Evals InferenceApi; do
    dotnet build "$root/$project" -c "$configuration" -p:Accelerator="$accelerator" -v quiet --nologo
  done
}

train() {
  local options=(--preset "$preset" --norm "$1" --output "runs/$1")
  [ -z "${FACTORY_STEPS:-}" ] || options+=(--steps "$FACTORY_STEPS")
  # Unquoted on purpose: several options in one variable.
  # shellcheck disable=SC2086
  factory Trainer pretrain "${options[@]}" ${FACTORY_TRAIN:-}
}

export_bundle() { factory Exporter --checkpoint "runs/$1" --output "models/$1"; }
verify() { factory Exporter verify --model "models/$1"; }

score() {
  local log="server-$1.log" url="" options=(--tasks "$tasks" --output "reports/$1.json" --cache none)
  [ -z "${FACTORY_LIMIT:-}" ] || options+=(--limit "$FACTORY_LIMIT")
  [ -z "${FACTORY_DATA:-}" ] || options+=(--data "$FACTORY_DATA")
  mkdir -p reports
  local dll
  dll=$(program InferenceApi)
  # Not through the function: $! would be its subshell, and the server would outlive it.
  dotnet exec "$dll" --model "models/$1" --urls http://127.0.0.1:0 >"$log" 2>&1 &
  server=$!
  # The server says where it listens once the probe was replayed.
  while url=$(sed -n 's/.* at \(http:\/\/127\.0\.0\.1:[0-9]*\).*/\1/p' "$log" | head -n 1); [ -z "$url" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$log" >&2; fail "expected the server to start, found it ended (see above)."; }
    sleep 0.2
  done
  factory Evals run --server "$url" "${options[@]}" | tee "reports/$1.txt"
  stop
}

join() { local IFS=,; echo "$*"; }
bundles() { local list=(); for method in "${methods[@]}"; do [ ! -d "models/$method" ] || list+=("models/$method"); done; join "${list[@]}"; }
reports() { local list=(); for method in "${methods[@]}"; do [ ! -f "reports/$method.json" ] || list+=("reports/$method.json"); done; join "${list[@]}"; }

analyze() { factory Evals analyze curse --model "$(bundles)" --output analysis ${FACTORY_SEQUENCES:+--limit "$FACTORY_SEQUENCES"}; }
report() { factory Evals report --inputs "$(reports)" --output report; }

gate() {
  local candidate="reports/${FACTORY_CANDIDATE:-${methods[0]}}.json"
  if [ -z "${FACTORY_BASELINE:-}" ]; then
    printf '### Gate: passed\n\nThere is no baseline yet to hold %s against.\n' "$candidate" >gate.md
    echo "Gate: passed, as there is no baseline yet. Keep $candidate as the next one's: FACTORY_BASELINE=$candidate"
    return
  fi
  factory Evals gate --baseline "$FACTORY_BASELINE" --candidate "$candidate" --markdown gate.md --output gate.json ${FACTORY_RULES:+--rules "$FACTORY_RULES"}
}

summary() {
  {
    echo "## Evaluation"
    [ ! -f gate.md ] || { echo; cat gate.md; }
    [ ! -f report/report.md ] || { echo; sed '/^\*\*The paper/,$d' report/report.md; }
    [ ! -f analysis/curse.json ] || { echo; echo "Depth: see analysis/index.html in the artifact."; }
  } >summary.md
  echo "Summary: summary.md"
}

step=${1:-}
case "$step" in
  -h|--help|"") usage; [ -n "$step" ] || exit 2 ;;
  build|analyze|report|gate|summary) "$step" ;;
  train|verify|score) need "${2:-}"; "$step" "$2" ;;
  export) need "${2:-}"; export_bundle "$2" ;;
  method) need "${2:-}"; train "$2"; export_bundle "$2"; verify "$2"; score "$2" ;;
  all)
    build
    for method in "${methods[@]}"; do train "$method"; export_bundle "$method"; verify "$method"; score "$method"; done
    analyze; report
    gate && failed=0 || failed=$?
    summary
    echo "Everything is in $(pwd): report/index.html, analysis/index.html, summary.md."
    exit "$failed"
    ;;
  *) fail "expected a step (see --help), found '$step'." ;;
esac
