"""Pages that are written nowhere twice: the requirements from the registry, the architecture from
the file that developers read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from queueproof.requirements import Requirement, load_registry  # noqa: E402
from queueproof.requirements.registry import contracts, document_of  # noqa: E402

_LEVELS = {
    "MUST": "the contract's document says so",
    "SHOULD": "a client needs it to be correct, though no document says so",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    pages = {f"requirements/{name}.md": _contract_page(name) for name in contracts()}
    pages["requirements/index.md"] = _index_page()
    pages["architecture.md"] = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


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
        parts.append(f"## {area.replace('_', ' ')}\n\n{_table(rows)}")
    return "\n".join(parts)


def _table(rows: Iterable[Requirement]) -> str:
    lines = ["| ID | level | requirement | section | access |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        access = ", ".join([row.access.value, *row.needs, *(["disposable"] * row.destructive)])
        name = f'<a id="{row.id.lower()}"></a>{row.id}'
        lines.append(f"| {name} | {row.level.value} | {row.sentence} | {row.heading} | {access} |")
    return "\n".join(lines) + "\n"
