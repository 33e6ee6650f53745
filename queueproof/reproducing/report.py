"""A bug report for the people who make the target: what, where, how to see it without us."""

from __future__ import annotations

import ast
import json
import pprint
import shlex
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from queueproof.errors import UsageError
from queueproof.reporting import markdown
from queueproof.reporting.model import CaseResult, RequirementResult, RunResult
from queueproof.reporting.text import shown, shown_in_line
from queueproof.reproducing import curl, player_core
from queueproof.reproducing.steps import (
    Row,
    connections_of,
    last_look,
    probes_of,
    replay_of,
    steps_of,
)
from queueproof.targets.workload_traits import ReplayTraits
from queueproof.verdicts import Verdict

_TRACE_LINES = 40
_FUTURE = "from __future__ import annotations"
_WITH_SCRIPT = (
    "The script below needs httpx alone: {run}. {how}, and exits with 1 when the same goes wrong."
)
_WITH_CURL = (
    "Every curl opens a connection of its own, so the operating system chooses the worker; repeat "
    "what depends on it."
)
#: Access to a target that a script does not have.
_BEYOND_HTTP = ("launch", "process")
_PLACEHOLDER = "CASE: dict[str, Any] = {}\n"
_SCRIPT_HEAD = '''\
#!/usr/bin/env python3
"""{title}

Reproduces what queueproof {tool} found on {subject}, run {run}.
Needs Python 3.11 and httpx (pip install httpx), nothing else:

    export {login}
    python {file} {url}

Behind an access proxy: export TARGET_HEADERS='Name: value' (one a line), SSL_CERT_FILE for a
private authority, TARGET_PROXY=http://… for an HTTP proxy.

Exit code 1: reproduced. 0: not reproduced. 125: it could not be told (see `git bisect run`).
"""
'''


@dataclass(frozen=True)
class BugReport:
    """The report as Markdown, and the stand-alone script under its file name."""

    markdown: str
    script: str
    script_name: str


def bug_report(
    result: RunResult, rows: list[Row], requirement: str, *, case: str = ""
) -> BugReport:
    """The report on one failed requirement; `case` picks among several failed cases.

    Raises `UsageError` if there is no such failure in the run.
    """
    row, failed = find(result, requirement, case)
    mine = last_look([each for each in rows if each.get("case") == failed.id])
    name = f"reproduce_{row.id.lower().replace('-', '_')}.py"
    player = replay_of(result.target.contract)
    played = _case_data(row, failed, mine, result, player)
    if player and player.by_mapping:
        played["mapping"] = _mapping_in(rows)
    can = player and _playable(played) and not _why_no_script(row, player, played)
    script = _script(result, row, played, name, player) if player and can else ""
    return BugReport(_page(result, row, failed, played, script, name), script, name)


def _mapping_in(rows: list[Row]) -> dict[str, Any] | None:
    """The mapping that the run has set down."""
    noted = next((row for row in rows if row["kind"] == "mapping"), None)
    return noted.get("facts") if noted else None


def _why_no_script(row: RequirementResult, player: ReplayTraits, played: dict[str, Any]) -> str:
    """Why a script that speaks by a mapping cannot do what the case did; empty if it can."""
    if not player.by_mapping:
        return ""
    mapping = played["mapping"]
    if mapping is None:
        return "the run has set down no mapping that it could speak by"
    if mapping.get("submit_format"):
        return "it reads no stream that is the answer to a submit"
    by_hand = any(step["kind"] == "by_hand" for step in played["steps"])
    if row.access in _BEYOND_HTTP and not by_hand:
        return f"the case had more than HTTP (access: {row.access}), and started or struck programs"
    return ""


def find(
    result: RunResult, requirement: str, case: str = ""
) -> tuple[RequirementResult, CaseResult]:
    """The failed case that is meant. Raises `UsageError` if there is none."""
    rows = {row.id: row for row in result.requirements}
    if requirement not in rows:
        raise UsageError(f"run {result.run.id} knows no requirement {requirement}")
    failed = [each for each in rows[requirement].cases if each.verdict is Verdict.FAILED]
    chosen = [each for each in failed if case in each.id]
    if not chosen:
        names = ", ".join(each.id.rsplit("::", 1)[-1] for each in failed) or "none"
        verdict = rows[requirement].verdict.words
        raise UsageError(f"{requirement} ({verdict}): no such failed case; failed: {names}")
    return rows[requirement], chosen[0]


def _case_data(
    row: RequirementResult,
    case: CaseResult,
    rows: list[Row],
    result: RunResult,
    player: ReplayTraits | None,
) -> dict[str, Any]:
    """What the player plays: see the players of the contracts."""
    contract = result.target.contract
    steps, probes = steps_of(rows, contract), probes_of(rows, contract)
    for step in steps:
        # A script prints them, and a shell reads them: they may be a target's words.
        step["workers"] = [shown_in_line(worker) for worker in step["workers"]]
        step |= {"words": shown_in_line(step["words"])} if "words" in step else {}
    for step in steps if player and player.by_mapping else ():
        if step["kind"] == "cancel":
            step["effect_s"] = result.target.timings.get("cancel_effect_s", 0.0)
    recorded = [step["recorded"] for step in steps]
    return {
        "requirement": row.id,
        "sentence": shown_in_line(row.sentence),
        "expected": shown(case.expected),
        "actual": shown(case.actual),
        "symptoms": _module_of(player).symptoms(steps, recorded, probes) if player else [],
        "probes": probes,
        "connections": connections_of(steps),
        "steps": steps,
    }


def _playable(played: dict[str, Any]) -> bool:
    """Whether a job is asked for, or something is wrong with a request that concerns none."""
    asks = any(step["kind"] in ("submit", "predict") for step in played["steps"])
    return asks or bool(played["symptoms"])


def _module_of(player: ReplayTraits) -> Any:
    return import_module(player.player)


def _script(
    result: RunResult,
    row: RequirementResult,
    played: dict[str, Any],
    name: str,
    player: ReplayTraits,
) -> str:
    besides = [import_module(name) for name in player.besides]
    parts = (player_core, import_module(player.wire), *besides, _module_of(player))
    body = "\n\n".join((_FUTURE, *map(_body, parts)))
    data = pprint.pformat(json.loads(json.dumps(played)), width=110, compact=True, sort_dicts=False)
    head = _SCRIPT_HEAD.format(
        title=_quotable(f"{row.id} {row.level}: {row.sentence}"),
        tool=_quotable(result.run.tool_version),
        subject=_quotable(_subject(result)),
        run=_quotable(result.run.id),
        file=name,
        login=player.login,
        url=player.url,
    )
    return head + "\n" + body.replace(_PLACEHOLDER, f"CASE: dict[str, Any] = {data}\n", 1)


def _body(module: ModuleType) -> str:
    """A module as it stands in a script: without its docstring, and without imports of ours."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    ours = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.ImportFrom)
        and (node.module == "__future__" or str(node.module).startswith("queueproof"))
    ]
    gone = {line for node in ours for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    lines = enumerate(source.splitlines(), 1)
    kept = "\n".join(line for number, line in lines if number not in gone)
    return kept.split('"""', 2)[2].strip() + "\n"


def _quotable(text: str) -> str:
    """`text` as it may stand in a docstring."""
    return shown_in_line(text).replace("\\", "/").replace('"', "'")


def _word(url: str) -> str:
    """A URL as a shell takes it for one word."""
    return shlex.quote(shown_in_line(url))


def _subject(result: RunResult) -> str:
    return f"{result.target.contract.capitalize()} {result.target.version or '(version unknown)'}"


def _page(
    result: RunResult,
    row: RequirementResult,
    case: CaseResult,
    played: dict[str, Any],
    script: str,
    name: str,
) -> str:
    plain, fenced = markdown.plain, markdown.fenced
    player = replay_of(result.target.contract)
    default = player.url if player else ""
    url = next((url for url in result.target.urls if url.startswith("http")), default)
    parts = [
        f"# {plain(row.sentence)} ({plain(row.id)}): not so on {plain(_subject(result))}",
        f"**Expected** {plain(case.expected)}",
        f"**Actual** {plain(case.actual)}",
        f"*Why it should*: {plain(row.source)} ({row.level}).",
        _circumstances(result),
    ]
    if script and player:
        how = _WITH_SCRIPT.format(run=markdown.code(f"python {name} {_word(url)}"), how=player.how)
        parts += ["## Steps, with a script", how]
    if player and not script and (why := _why_no_script(row, player, played)):
        parts.append(f"There is no script: {plain(why)}.")
    if script and player and player.with_curl:
        parts += ["## Steps, with curl", _WITH_CURL, fenced(curl.commands(played, url), "sh")]
    parts += ["## What was seen", fenced(_trace(case, played), "text")]
    if case.reproduce:
        parts += ["With queueproof itself:", fenced(case.reproduce, "sh")]
    if script:
        parts.append(
            f"<details><summary>{name}</summary>\n\n{fenced(script, 'python')}\n\n</details>"
        )
    return "\n\n".join(parts) + "\n"


def _circumstances(result: RunResult) -> str:
    target, run = result.target, result.run
    timings = ", ".join(f"{name} {value:g}" for name, value in target.timings.items())
    by = markdown.plain(f"queueproof {run.tool_version} on Python {run.python}, {run.started_at}")
    return "\n".join(
        (
            f"- {markdown.plain(_subject(result))}, {len(target.workers)} workers seen",
            f"- declared timings: {markdown.plain(timings) or 'none'}",
            f"- found by {by}",
        )
    )


def _trace(case: CaseResult, played: dict[str, Any]) -> str:
    lines = list(case.trace[:_TRACE_LINES])
    return "\n".join([*lines, *(f"wrong: {words}" for words in played["symptoms"])])
