#!/usr/bin/env bash
# The action's one step: from inputs (INPUT_*) to `queueproof gate`, and its outcome as outputs.
# Summary and annotations are queueproof's own doing, since it sees GITHUB_STEP_SUMMARY.
set -euo pipefail

arguments=(--contract "$INPUT_CONTRACT" --out "$INPUT_OUT")
[ -z "${INPUT_CONFIG:-}" ] || arguments+=(--config "$INPUT_CONFIG")
[ -z "${INPUT_BASELINE:-}" ] || arguments+=(--baseline "$INPUT_BASELINE")
read -r -a words <<<"${INPUT_ONLY:-}"
for word in "${words[@]}"; do arguments+=(--only "$word"); done
read -r -a words <<<"${INPUT_ARGUMENTS:-}"
arguments+=("${words[@]}")
[ -z "${INPUT_URL:-}" ] || arguments=("$INPUT_URL" "${arguments[@]}")

code=0
queueproof gate "${arguments[@]}" || code=$?
report=$(find "$INPUT_OUT" -mindepth 2 -maxdepth 2 -name report.json -printf '%T@ %h\n' 2>/dev/null |
    sort -rn | head -n 1 | cut -d ' ' -f 2-)
{ echo "exit-code=$code"; echo "report=$report"; } >>"$GITHUB_OUTPUT"
exit "$code"
