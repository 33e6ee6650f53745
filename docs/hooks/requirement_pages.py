"""Pages of the requirements, one an area, with a section for each ID that a report leads to.

A section says what is promised and where, what users notice when it does not hold, how it is
judged, on which broken variants the judgement must fail, which public bugs and real systems break
it. All is read from where it is written: the registry, the suites, the variants,
docs/known-bugs.md, the published reports.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from queueproof.reporting import consequences, digest, json_report, markdown
from queueproof.reporting.docs_links import page_of_area
from queueproof.requirements import Requirement, load_registry
from queueproof.requirements.registry import contracts, document_of
from queueproof.verdicts import Verdict

ROOT = Path(__file__).resolve().parents[2]
_ID = re.compile(r"[A-Z]{2,8}-\d{3}")
_GIVES = {
    "http": "a user's login or token",
    "admin": "a superuser's login",
    "redis": "the queue's Redis (`--redis-url`)",
    "proxy": "fault proxies between workers and Redis",
    "process": "the target's processes (`process_root` in the target file)",
    "launch": "a start command (`[launch]` in the target file)",
}


@dataclass(frozen=True)
class JudgingCase:
    """A case: where it is, its docstring's first line, and what the docstring says besides."""

    place: str
    title: str
    more: str


@dataclass(frozen=True)
class BrokenVariant:
    """A variant of the reference that a requirement must fail on, and what is wrong with it."""

    place: str
    contract: str
    incident: str


def area_pages() -> dict[str, str]:
    """Markdown by page name, for every area of every contract."""
    rows: dict[str, dict[str, list[Requirement]]] = defaultdict(lambda: defaultdict(list))
    for contract in contracts():
        for row in load_registry(contract):
            rows[row.area][row.id].append(row)
    cases, variants = judging_cases(), broken_variants()
    bugs, failures = known_bugs(), real_failures()
    pages = {}
    for area, by_id in rows.items():
        parts = [_head(area, next(iter(by_id.values()))[0])]
        for name, same in by_id.items():
            section = _section(same, cases[name], variants[name], bugs[name], failures[name])
            parts.append("\n\n".join(section))
        pages[page_of_area(area).replace(".html", ".md")] = "\n\n".join(parts) + "\n"
    return pages


def judging_cases() -> dict[str, list[JudgingCase]]:
    """Every case of the suites by the requirement that it judges, in the order of the files."""
    found: dict[str, list[JudgingCase]] = defaultdict(list)
    for path in sorted((ROOT / "suites").rglob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for name in _judged(node):
                    place = f"{path.relative_to(ROOT).as_posix()}::{node.name}"
                    title, more = _first_line(ast.get_docstring(node) or "")
                    found[name].append(JudgingCase(place, title, more))
    return found


def broken_variants() -> dict[str, list[BrokenVariant]]:
    """The broken variants by the requirements that must fail on them, in gates or in outages."""
    found: dict[str, list[BrokenVariant]] = defaultdict(list)
    for contract in contracts():
        folder = ROOT / "reference_impl" / "variants" / contract / "faulty"
        for path in sorted(folder.rglob("[!_]*.py"), key=lambda path: path.stem):
            tree = ast.parse(path.read_text("utf-8"))
            incident = " ".join((ast.get_docstring(tree) or "").partition("\n\n")[0].split())
            for name in sorted(set(_must_fail(tree))):
                place = path.relative_to(ROOT).as_posix()
                found[name].append(BrokenVariant(place, contract, incident))
    return found


def known_bugs() -> dict[str, list[str]]:
    """The public bugs that are shown by a requirement: bug and bad release, by its ID."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (ROOT / "docs" / "known-bugs.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if len(cells) >= 5 and _ID.fullmatch(cells[2]):
            found[cells[2]].append(f"{cells[1]}: {cells[3]} ([{cells[0]}](../known-bugs.md))")
    return found


def real_failures() -> dict[str, list[str]]:
    """What published reports on real systems say of a requirement that failed there, by its ID."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "reports" / "published").glob("*/report.json")):
        folder = path.parent.name
        if folder.startswith("reference-"):
            continue
        result = json_report.load(path)
        for row in digest.rows_with(result, Verdict.FAILED):
            seen = markdown.plain(consequences.what_happened(row))
            name = markdown.plain(digest.subject(result))
            page = f"../published/{folder}/report.html#{row.id}"
            found[row.id].append(f"[{name}]({page}): {seen}")
    return found


def _judged(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "requirement":
            yield from (str(word.value) for word in mark.args[:1] if isinstance(word, ast.Constant))


def _must_fail(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        names = {getattr(target, "id", "") for target in getattr(node, "targets", ())}
        if names & {"FAILS", "SCENARIOS"}:
            for word in ast.walk(node):
                if isinstance(word, ast.Constant) and _ID.fullmatch(str(word.value)):
                    yield str(word.value)


def _first_line(docstring: str) -> tuple[str, str]:
    first, _, more = docstring.partition("\n")
    return first.strip(), " ".join(more.split())


def _head(area: str, row: Requirement) -> str:
    words = consequences.known_consequence(row.area, row.id)
    told = f"\n\nIf these do not hold: *{words}*." if words else ""
    return f"# Requirements: {area.replace('_', ' ')}{told}"


def _section(
    rows: list[Requirement],
    cases: list[JudgingCase],
    variants: list[BrokenVariant],
    bugs: list[str],
    failures: list[str],
) -> Iterator[str]:
    row = rows[0]
    yield f"## {row.id}"
    for sentence in dict.fromkeys(each.sentence for each in rows):
        yield f"> {sentence}"
    yield "\n".join(_promised(rows))
    yield f"Needs: {_access(row)}. Judged by {' and '.join(_by(rows))}."
    yield "**How it is judged**" if cases else "It is judged in outages: see [chaos](../chaos.md)."
    if cases:
        yield "\n".join(_case(case) for case in cases)
    if variants:
        yield "**Broken variants that it fails on**"
        yield "\n".join(f"- {each.incident} (`{each.place}`, {each.contract})" for each in variants)
    if bugs:
        yield "**Public bugs that it shows**"
        yield "\n".join(f"- {bug}" for bug in bugs)
    if failures:
        yield "**Real systems that it failed on**"
        yield "\n".join(f"- {failure}" for failure in failures)
    yield (
        f"Ask it alone: `queueproof {rows[0].judged_by[0]} URL"
        + (f" --only {row.id}`." if "gate" in row.judged_by else "`.")
        + f" Pass a failure on: `queueproof report issue {row.id}`."
    )


def _promised(rows: list[Requirement]) -> Iterator[str]:
    for row in rows:
        where = f"*{row.document or document_of(row.contract)}*, section *{row.heading}*"
        must = row.level.value == "MUST"
        yield f"- {row.contract}: {'**MUST**, by' if must else '**SHOULD**, completes'} {where}"


def _access(row: Requirement) -> str:
    needs = [need.replace("_", " ") for need in row.needs]
    told = [f"`{row.access.value}` access: {_GIVES[row.access.value]}", *needs]
    return "; ".join([*told, *(["`--disposable`"] if row.destructive else [])])


def _by(rows: list[Requirement]) -> list[str]:
    return [f"`queueproof {kind}`" for kind in dict.fromkeys(k for r in rows for k in r.judged_by)]


def _case(case: JudgingCase) -> str:
    more = f" {case.more}" if case.more else ""
    return f"- {case.title}{more}<br>`{case.place}`"
