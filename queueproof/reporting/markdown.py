"""summary.md: the run on one page, for a job summary or a pull request (GitHub, GitLab).

Foreign text goes into fenced blocks wherever it may span lines, since nothing inside a fence is
interpreted; elsewhere each character with a meaning in Markdown or HTML is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from queueproof.reporting import consequences, digest, quantities, what_broke
from queueproof.reporting.figures import figures_of
from queueproof.reporting.model import CaseResult, RequirementResult, RunResult, Standing
from queueproof.reporting.text import clipped, seconds, shown, shown_in_line
from queueproof.reporting.what_broke import BrokenPromise
from queueproof.verdicts import Verdict

_FIELD_LIMIT = 1_000
_TRACE_LINES = 12
_SPECIAL = re.compile(r"[\\`*_\[\]|~>$]|^[#+=:-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", "://": "&#58;//", "www.": "www&#46;", "@": "@\u200b"}


def render(result: RunResult) -> str:
    """The page. No string of the target's can become markup, a link or a mention in it."""
    parts = [
        *_head(result),
        *_counts(result),
        *_failed(result),
        *_baseline(result),
        *_doubts(result, Verdict.ERROR),
        *_doubts(result, Verdict.INCONCLUSIVE),
        *_entries(result),
        *_quantities(result),
        *_variants(result),
        *_in_part(result),
        *_unassessed(result),
        *_coverage(result),
    ]
    return "\n\n".join(parts) + "\n"


def _head(result: RunResult) -> Iterator[str]:
    sign = digest.SYMBOLS[result.verdict]
    yield f"# {sign} {result.verdict.words.capitalize()}: {plain(digest.headline(result))}"
    for note in digest.standstills(result):
        yield f"**{plain(note[:1].upper() + note[1:])}**"
    if result.run.interrupted:
        yield f"**Interrupted:** {plain(result.run.interrupted)}"
    target, run = result.target, result.run
    urls = ", ".join(code(url) for url in target.urls)
    workers = plain(digest.workers_in_words(result))
    yield (
        f"**{plain(digest.subject(result))}** at {urls or 'no URL'} · "
        f"workers {workers} · {plain(result.kind)} run {code(run.id)} · "
        f"{seconds(run.duration_s)} · seed {run.seed}"
    )
    yield fenced(run.command, "sh")
    if groups := consequences.failed(result):
        told = (f"{plain(group.words)} ({len(group.rows)})" for group in groups)
        yield f"**What it means:** {' · '.join(told)}"


def _counts(result: RunResult) -> Iterator[str]:
    if not result.requirements:
        return
    header = [verdict.words for verdict in digest.READING_ORDER]
    lines = [f"| | {' | '.join(header)} | all |", f"|---|{'--:|' * (len(header) + 1)}"]
    for label, level in (("MUST", "MUST"), ("SHOULD", "SHOULD"), ("all", None)):
        counts = result.counts(level)
        cells = [str(counts[verdict.value]) for verdict in digest.READING_ORDER]
        lines.append(f"| **{label}** | {' | '.join(cells)} | {sum(counts.values())} |")
    yield "\n".join(lines)
    if share := digest.share(result):
        yield f"{plain(share)}."


def _failed(result: RunResult) -> Iterator[str]:
    if promises := what_broke.promises_broken(result):
        yield from _broken_by_outages(promises)
        return
    failures = [
        (row, case)
        for row, case in digest.cases_with(result, Verdict.FAILED)
        if result.acceptance_of(case) is None
    ]
    if failures:
        yield f"## Failed ({len({row.id for row, _ in failures})})"
    for row, case in failures:
        yield from _title(row)
        yield fenced(_account(row, case), "text")
        if case.reproduce:
            yield "Reproduce:"
            yield fenced(clipped(case.reproduce, _FIELD_LIMIT), "sh")


def _broken_by_outages(promises: list[BrokenPromise]) -> Iterator[str]:
    """Each requirement with the outages that broke it; what was seen is told of the first."""
    yield f"## Failed ({len(promises)})"
    for broken in promises:
        yield from _title(broken.row)
        yield "\n".join(f"- {plain(outage)}" for outage in broken.outages)
        yield fenced(_account(broken.row, broken.first), "text")
        if broken.commands:
            yield "Reproduce:"
            yield fenced("\n".join(clipped(each, _FIELD_LIMIT) for each in broken.commands), "sh")


def _title(row: RequirementResult) -> Iterator[str]:
    yield f"### {plain(row.id)} {plain(row.level)}: {plain(row.sentence)}"
    yield f"Source: {plain(row.source)}"
    if row.promise:
        yield f"Promised: {plain(row.promise)}"


def _baseline(result: RunResult) -> Iterator[str]:
    """Entries that are out of date, then the failures that were accepted."""
    entries = result.baseline or ()
    outdated = [entry for entry in entries if entry.fails_the_run]
    if outdated:
        yield f"## Baseline out of date ({len(outdated)})"
        yield "\n".join(
            f"- **{plain(entry.id)}** {entry.standing.value}: {plain(entry.note)}"
            for entry in outdated
        )
    changed = [entry for entry in entries if entry.standing is Standing.CHANGED]
    if changed:
        yield f"## Known failures that show otherwise now ({len(changed)})"
        yield "\n".join(f"- **{plain(entry.id)}** {plain(entry.note)}" for entry in changed)
    accepted = [entry for entry in entries if entry.standing is Standing.ACCEPTED]
    if accepted:
        yield f"## Known and accepted ({len(accepted)})"
        yield "\n".join(
            f"- **{plain(entry.id)}** {plain(entry.words)} {plain(entry.link)}".rstrip()
            for entry in accepted
        )


def _account(row: RequirementResult, case: CaseResult) -> str:
    lines = [*case.history_refs, *digest.shortened(case.trace, _TRACE_LINES)]
    told = {
        "case": case.id if len(row.cases) > 1 else "",
        "expected": case.expected,
        "actual": case.actual,
        "trace": "\n".join(clipped(line, _FIELD_LIMIT) for line in lines),
    }
    return "\n".join(
        f"{label:<9} {_indented(text if label == 'trace' else clipped(text, _FIELD_LIMIT))}"
        for label, text in told.items()
        if text
    )


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + " " * 10)


def _doubts(result: RunResult, verdict: Verdict) -> Iterator[str]:
    cases = list(digest.cases_with(result, verdict))
    if not cases:
        return
    yield f"## {verdict.words.capitalize()} ({len({row.id for row, _ in cases})})"
    yield "\n".join(
        f"- **{plain(row.id)}** {plain(row.level)} {plain(row.sentence)}: "
        f"{plain(case.reason or 'no reason recorded')}"
        for row, case in cases
    )


def _entries(result: RunResult) -> Iterator[str]:
    if entries := digest.entries(result):
        yield f"## {'Scenarios' if result.scenarios else 'Load profiles'}"
        yield "\n".join(
            f"- {digest.SYMBOLS[digest.entry_verdict(entry)]} **{plain(str(entry.get('id')))}** "
            f"{digest.entry_verdict(entry).words}"
            + (f": {plain(str(entry['title']))}" if entry.get("title") else "")
            + "".join(f"\n  - {plain(line)}" for line in figures_of(entry))
            for entry in entries
        )


def _quantities(result: RunResult) -> Iterator[str]:
    if not result.quantities:
        return
    yield "## Times"
    lines = [f"| | measured | {' | '.join(f'p{share}' for share in quantities.PERCENTILES)} |"]
    lines.append(f"|---|--:|{'--:|' * len(quantities.PERCENTILES)}")
    for quantity in result.quantities:
        cells = [f"{quantity.percentile_s(share):.2f} s" for share in quantities.PERCENTILES]
        words, number = plain(quantities.words_of(quantity)), len(quantity.values_s)
        lines.append(f"| {words} | {number} | {' | '.join(cells)} |")
    yield "\n".join(lines)


def _variants(result: RunResult) -> Iterator[str]:
    if not result.variants:
        return
    yield f"## Variants ({len(result.variants)})"
    lines = ["| | variant | must fail | asked | wrong |", "|---|---|---|--:|---|"]
    for entry in result.variants:
        sign = digest.SYMBOLS[digest.entry_verdict(entry)]
        must = plain(", ".join(entry["must_fail"])) or "nothing"
        said = [entry["reason"]] if entry["reason"] else []
        if before := entry.get("left_open_before"):
            said.append(f"second run: the first could not judge {', '.join(before)}")
        asked, wrong = len(entry["verdicts"]), plain("; ".join(said))
        lines.append(f"| {sign} | {plain(entry['id'])} | {must} | {asked} | {wrong} |")
    yield "\n".join(lines)


def _in_part(result: RunResult) -> Iterator[str]:
    """What passed in part, with what was not asked of it."""
    rows = digest.rows_with(result, Verdict.PASSED_IN_PART)
    if rows:
        yield f"## Passed in part ({len(rows)})"
        yield "\n".join(
            f"- **{plain(row.id)}** {plain(row.level)} {plain(row.sentence)}"
            + "".join(f"\n  - not asked: {plain(told)}" for told in digest.unasked_of(row))
            for row in rows
        )


def _unassessed(result: RunResult) -> Iterator[str]:
    groups = digest.unassessed(result)
    if groups:
        yield f"## Not assessed ({sum(len(ids) for ids in groups.values())})"
        yield "\n".join(
            f"- {plain(reason)} ({len(ids)}): {plain(', '.join(ids))}"
            for reason, ids in groups.items()
        )


def _coverage(result: RunResult) -> Iterator[str]:
    grids, notes = digest.coverage_grids(result), result.coverage.notes
    if grids or notes:
        yield "## Coverage"
    if grids:
        lines = ["| operation | worker pairs used | not used (submitted via → acted via) |"]
        lines.append("|---|--:|---|")
        for grid in grids:
            missing = ", ".join(f"{submit} → {act}" for submit, act in grid.missing) or "none"
            used = f"{grid.covered} of {grid.possible}"
            lines.append(f"| {plain(grid.operation)} | {used} | {plain(missing)} |")
        yield "\n".join(lines)
    if notes:
        yield "\n".join(f"- {plain(note)}" for note in notes)


def plain(text: str) -> str:
    """`text` on one line, with nothing in it that Markdown or HTML would act on."""
    escaped = _SPECIAL.sub(r"\\\g<0>", shown_in_line(text, limit=_FIELD_LIMIT))
    for special, entity in _ENTITIES.items():
        escaped = escaped.replace(special, entity)
    return escaped


def code(text: str) -> str:
    """`text` on one line as a code span, whatever backticks it holds."""
    line = shown_in_line(text, limit=_FIELD_LIMIT)
    ticks = "`" * (_longest_run(line) + 1)
    return f"{ticks} {line} {ticks}" if "`" in line else f"`{line}`"


def fenced(text: str, language: str) -> str:
    """`text` as a code block whose fence is longer than any inside it."""
    body = shown(text)
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
