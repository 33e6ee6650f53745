"""The steps of a reproduction as plain curl, for whoever wants to see it with their own eyes."""

from __future__ import annotations

import json
import shlex
from typing import Any

from queueproof.reproducing.langflow_player import SOURCE

_MOST_POLLS = 6
_MANY_POLLS = 40

_PREPARATION = """\
URL={url}
TOKEN=$(curl -s "$URL/api/v1/login" -d username="$LANGFLOW_USERNAME" \\
  --data-urlencode password="$LANGFLOW_PASSWORD" | jq -r .access_token)
AUTH="Authorization: Bearer $TOKEN" JSON="Content-Type: application/json"
# With an API key, instead: AUTH="x-api-key: $LANGFLOW_API_KEY"

# A flow of one custom component that emits numbered log events.
cat > probe.py <<'PROBE'
{component}PROBE
jq -n --rawfile code probe.py '{{code: $code}}' |
  curl -s "$URL/api/v1/custom_component" -H "$AUTH" -H "$JSON" -d @- > node.json
jq --rawfile code probe.py '{{data: {{edges: [], viewport: {{x: 0, y: 0, zoom: 1}}, nodes: [
  {{id: "Ticks-1", type: "genericNode", position: {{x: 0, y: 0}}, data: {{id: "Ticks-1",
    type: (.type // "NumberedTicks"),
    node: (.data | .template.code.value = $code)}}}}]}}}}' node.json > body.json
FLOW=$(jq '. + {{name: "reproduction"}}' body.json |
  curl -s "$URL/api/v1/flows/" -H "$AUTH" -H "$JSON" -d @- | jq -r .id)
"""

_CLOSING = 'curl -s -X DELETE "$URL/api/v1/flows/$FLOW" -H "$AUTH"'


def commands(case: dict[str, Any], url: str) -> str:
    """A shell script of the case's steps against `url`, a comment for what needs care.

    Every curl opens a connection of its own, so which worker answers is the operating system's
    choice; a comment says which one it was in the record.
    """
    probe = next(iter(case["probes"].values()), {"ticks": 5, "interval_s": 0.1})
    component = SOURCE.format(package="lfx", probe=json.dumps(probe)).lstrip()
    lines = [_PREPARATION.format(url=shlex.quote(url), component=component)]
    for step in case["steps"]:
        lines += _step(step)
    return "\n".join([*lines, "", "# Tidy up.", _CLOSING]) + "\n"


def _step(step: dict[str, Any]) -> list[str]:
    name = step["job"].replace("job ", "JOB")
    worker = f"(worker {' '.join(step['workers'][:_MOST_POLLS])} in the record)"
    path = f"$URL/api/v1/build/${name}"
    if step["kind"] == "submit":
        curl = 'curl -s "$URL/api/v1/build/$FLOW/flow" -H "$AUTH" -H "$JSON" -d @body.json'
        return [f"# Start {step['job']} {worker}.", f"{name}=$({curl} | jq -r .job_id)"]
    if step["kind"] == "poll":
        curl = (
            f'curl -s -m {step["within_s"]:.0f} "{path}/events?event_delivery=polling" -H "$AUTH"'
        )
        return [f"# Poll {_how_often(step)} {worker}.", *_polls(step, curl)]
    if step["kind"] == "stream":
        curl = f'curl -sN -m {step["within_s"]:.0f} "{path}/events?event_delivery=streaming"'
        return [f"# Stream, beside what follows {worker}.", f'{curl} -H "$AUTH" &']
    if step["kind"] == "cancel":
        return [f"# Cancel {worker}.", f'curl -s -X POST "{path}/cancel" -H "$AUTH"']
    return [f"# By hand: {step['words']}"]


def _polls(step: dict[str, Any], curl: str) -> list[str]:
    """As often as the record polled, or until its last word came."""
    number = step.get("polls") or _MANY_POLLS
    if number == 1:
        return [curl]
    last_word = '"end"|"cancelled"' if step.get("until_end") else f'"tick-{step.get("until_tick")}'
    until = f" | tee -a seen.txt; grep -qE '{last_word}' seen.txt && break"
    waits = step.get("until_end") or "until_tick" in step
    return [
        *([": > seen.txt"] if waits else []),
        f"for turn in $(seq {number}); do",
        f"  {curl}{until if waits else ''}",
        "done",
    ]


def _how_often(step: dict[str, Any]) -> str:
    if step.get("until_end"):
        return "again and again until the end event"
    if "until_tick" in step:
        return f"again and again until tick {step['until_tick']}"
    return "once" if step.get("polls") == 1 else f"{step.get('polls')} times"
