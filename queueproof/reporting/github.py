"""What GitHub Actions shows of a run: annotations in the log, a summary of the job.

Annotations are workflow commands on standard output; GitHub keeps ten of each kind a step. The
summary is `summary.md`, appended to the file that `GITHUB_STEP_SUMMARY` names, which may hold
1 MiB a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from queueproof.errors import UsageError
from queueproof.reporting import digest, markdown
from queueproof.reporting.model import RunResult
from queueproof.reporting.text import shown, shown_in_line
from queueproof.verdicts import Verdict

_MOST_OF_A_KIND = 10
_MESSAGE_LIMIT = 1_000
_SUMMARY_BYTES = 1_000_000
_COMMANDS = {
    Verdict.FAILED: "error",
    Verdict.ERROR: "error",
    Verdict.INCONCLUSIVE: "warning",
}


def workflow_commands(result: RunResult) -> list[str]:
    """The workflow commands for what deserves attention, gravest first."""
    lines: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for entry in result.baseline or ():
        if entry.fails_the_run:
            text = f"{entry.standing.value}: {entry.note}"
            lines["error"].append(_command("error", f"baseline entry {entry.id}", text))
    for verdict, command in _COMMANDS.items():
        lines[command] += [_command(command, *told) for told in _told(result, verdict)]
    if result.accepted:
        known = ", ".join(result.accepted)
        lines["notice"].append(_command("notice", "known and accepted failures", known))
    return [line for kind in lines.values() for line in _capped(kind)]


def append_summary(result: RunResult, environment: Mapping[str, str]) -> None:
    """Append the run's page to the job's summary, where the environment names one.

    Raises `UsageError` if the file cannot be written.
    """
    name = environment.get("GITHUB_STEP_SUMMARY", "")
    if not name:
        return
    page = markdown.render(result)
    if len(page.encode("utf-8", "backslashreplace")) > _SUMMARY_BYTES:
        told = markdown.plain(digest.headline(result))
        page = f"# {result.verdict.words}: {told}\n\nSee the report.\n"
    try:
        with Path(name).open("a", encoding="utf-8", errors="backslashreplace") as summary:
            summary.write(page)
    except OSError as error:
        raise UsageError(f"cannot write GITHUB_STEP_SUMMARY {name}: {error.strerror}") from error


def _told(result: RunResult, verdict: Verdict) -> Iterator[tuple[str, str]]:
    for row, case in digest.cases_with(result, verdict):
        if result.acceptance_of(case) is not None:
            continue
        expected = f"expected {case.expected}\nactual {case.actual}" if case.expected else ""
        told = expected or case.reason or verdict.words
        yield f"{row.id} {row.level} {row.sentence}", f"{told}\nreproduce {case.reproduce}"
    for entry in digest.entries(result):
        if digest.entry_verdict(entry) is verdict:
            yield str(entry.get("id")), str(entry.get("reason") or verdict.words)


def _capped(lines: list[str]) -> list[str]:
    """At most ten, since GitHub drops the rest; the last one then counts what is missing."""
    if len(lines) <= _MOST_OF_A_KIND:
        return lines
    kept = lines[: _MOST_OF_A_KIND - 1]
    kind = lines[0].split(" ")[0].removeprefix("::")
    more = f"{len(lines) - len(kept)} more, see the job's summary and the report"
    return [*kept, _command(kind, "and more", more)]


def _command(name: str, title: str, message: str) -> str:
    # The runner splits properties at `,` and `:` and lines at line breaks, hence their escapes.
    head = _escaped(shown_in_line(title, limit=200)).replace(":", "%3A").replace(",", "%2C")
    return f"::{name} title={head}::{_escaped(shown(message, limit=_MESSAGE_LIMIT))}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
