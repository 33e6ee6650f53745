"""Pages that are written nowhere twice: requirements from the registry, architecture and changelog
from the files that developers read, findings from the published reports.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from docs.hooks.requirement_pages import area_pages  # noqa: E402
from queueproof.reporting import (  # noqa: E402
    consequences,
    digest,
    html,
    json_report,
    markdown,
    matrix,
    outage_matrix,
)
from queueproof.reporting.docs_links import page_of_area  # noqa: E402
from queueproof.reporting.matrix import Column  # noqa: E402
from queueproof.reporting.model import RequirementResult  # noqa: E402
from queueproof.reporting.text import seconds  # noqa: E402
from queueproof.requirements import Requirement, load_registry  # noqa: E402
from queueproof.requirements.registry import contracts, document_of  # noqa: E402

_PUBLISHED = ROOT / "reports" / "published"
_QUEUES = _PUBLISHED / "queues"
_FINDINGS = "<!-- findings: one section per published report of a real system -->"
_LEVELS = {
    "MUST": "the contract's document says so",
    "SHOULD": "a client needs it to be correct, though no document says so",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = {f"requirements/{name}.md": _contract_page(name) for name in contracts()}
    pages["requirements/index.md"] = _index_page()
    pages |= area_pages()
    pages["architecture.md"] = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    pages["changelog.md"] = (ROOT / "CHANGELOG.md").read_text("utf-8")
    pages |= {f"published/{column.name}/report.html": _report(column) for column in _real_systems()}
    pages["published/matrix.html"] = matrix.render(matrix.collect(_PUBLISHED))
    pages |= _queue_pages()
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(text: str, **_: object) -> str:
    """Fill in the findings."""
    if _FINDINGS not in text:
        return text
    return text.replace(_FINDINGS, "\n".join(_findings(column) for column in _real_systems()))


def _real_systems() -> list[Column]:
    """The published reports, without those of the reference."""
    columns = matrix.collect(_PUBLISHED)
    return [column for column in columns if not column.name.startswith("reference-")]


def _report(column: Column) -> str:
    """The report in today's layout, whatever it was published in."""
    folder = _PUBLISHED / column.name
    result = json_report.load(folder / "report.json")
    return html.render(result, history=folder / "history.jsonl.gz")


def _queue_pages() -> dict[str, str]:
    """The matrix of queues, and the reports that its cells lead to."""
    pages = {
        f"published/{path.relative_to(_PUBLISHED).as_posix()}": path.read_text("utf-8")
        for path in _QUEUES.rglob("report.html")
    }
    found = outage_matrix.collect(_QUEUES)
    return pages | {f"published/queues/{outage_matrix.PAGE}": outage_matrix.render(found)}


def _findings(column: Column) -> str:
    result = column.result
    counts = result.counts()
    judged = (
        f"{counts['passed']} of {result.assessed} judged requirements hold, "
        f"{counts['failed']} fail, {counts['inconclusive']} could not be settled; "
        f"{seconds(result.run.duration_s)}, {result.run.started_at[:10]}."
    )
    link = f"[The whole report](published/{column.name}/report.html). Made by"
    made = f"```sh\n{result.run.command}\n```"
    lines = [f"## {markdown.plain(digest.subject(result))}", "", f"{judged} {link}", "", made, ""]
    for group in consequences.failed(result):
        lines += [f"### {group.words}", "", "| ID | level | the promise | what happened |"]
        lines += ["| --- | --- | --- | --- |", *(_finding(column, row) for row in group.rows), ""]
    return "\n".join(lines)


def _finding(column: Column, row: RequirementResult) -> str:
    link = f"[{row.id}](published/{column.name}/report.html#{row.id})"
    seen = markdown.plain(consequences.what_happened(row)).replace("|", "\\|")
    return f"| {link} | {row.level} | {markdown.plain(row.sentence)} | {seen} |"


def _index_page() -> str:
    rows = [
        f"| [{name}]({name}.md) | {len(load_registry(name))} | {document_of(name)} |"
        for name in contracts()
    ]
    levels = [f"- **{level}**: {meaning}." for level, meaning in _LEVELS.items()]
    return "\n".join(
        [
            "# Requirements",
            "",
            "What is judged, by contract. An ID is permanent: never renamed, never used again.",
            "",
            *levels,
            "",
            "| contract | requirements | document |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _contract_page(name: str) -> str:
    registry = load_registry(name)
    parts = [f"# Requirements of {name}\n\n{len(registry)} requirements of {document_of(name)}.\n"]
    for area in registry.areas:
        rows = [row for row in registry if row.area == area]
        parts.append(f"## {area.replace('_', ' ')}\n\n{_if_broken(rows[0])}{_table(rows)}")
    return "\n".join(parts)


def _if_broken(row: Requirement) -> str:
    """What users notice when the requirements of the area do not hold."""
    words = consequences.known_consequence(row.area)
    return f"If these fail: *{words}*.\n\n" if words else ""


def _table(rows: Iterable[Requirement]) -> str:
    lines = ["| ID | level | requirement | section | access |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        access = ", ".join([row.access.value, *row.needs, *(["disposable"] * row.destructive)])
        page = page_of_area(row.area).removeprefix("requirements/").replace(".html", ".md")
        name = f'<a id="{row.id.lower()}"></a>[{row.id}]({page}#{row.id.lower()})'
        lines.append(f"| {name} | {row.level.value} | {row.sentence} | {row.heading} | {access} |")
    return "\n".join(lines) + "\n"
