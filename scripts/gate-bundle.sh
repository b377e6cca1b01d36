#!/usr/bin/env bash
# What action.yml does: scores $BUNDLE on $TASKS, and judges it by $BASELINE where there is one. Exit code 1: it is worse.
# Environment: BUNDLE, TASKS, OUTPUT; BASELINE, RULES, LIMIT and DATA may be empty. Paths are relative to where it is started.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${BUNDLE:?expected the directory of a bundle in BUNDLE, found none}" "${TASKS:?expected tasks in TASKS, found none}" "${OUTPUT:=factory-gate}"
mkdir -p "$OUTPUT"
dotnet build "$root/Evals" -c Release -v quiet --nologo
evals() { dotnet exec "$root/artifacts/bin/Evals/release/Factory.Evals.dll" "$@"; }

evals run --model "$BUNDLE" --tasks "$TASKS" --output "$OUTPUT/report.json" ${LIMIT:+--limit "$LIMIT"} ${DATA:+--data "$DATA"}
evals report --inputs "$OUTPUT/report.json" --output "$OUTPUT/page"
[ -z "${GITHUB_OUTPUT:-}" ] || echo "report=$OUTPUT/report.json" >>"$GITHUB_OUTPUT"
failed=0
if [ -n "${BASELINE:-}" ]; then
  evals gate --baseline "$BASELINE" --candidate "$OUTPUT/report.json" --markdown "$OUTPUT/gate.md" --output "$OUTPUT/gate.json" ${RULES:+--rules "$RULES"} || failed=$?
else
  printf '### Gate: passed\n\nThere is no baseline yet. Keep %s as one.\n' "$OUTPUT/report.json" >"$OUTPUT/gate.md"
fi
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$OUTPUT/gate.md" >>"$GITHUB_STEP_SUMMARY"
echo "Report: $OUTPUT/report.json, page: $OUTPUT/page/index.html, verdict: $OUTPUT/gate.md"
exit "$failed"
