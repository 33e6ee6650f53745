"""Published reports: real runs, kept with the project, and the pages over all of them.

`publish` takes a run's folder under a lasting name (`langflow-1.13.0`). Folders of the machine
that made the run are cut from every path, so that a report names files, not somebody's home;
nothing else is changed. `write_index` writes the matrix and the README over what is there.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from queueproof.errors import UsageError
from queueproof.reporting import HISTORY, digest, json_report, markdown, matrix, write_all
from queueproof.reporting.files import replace_file
from queueproof.reporting.matrix import Column
from queueproof.reporting.model import RunResult
from queueproof.reporting.text import seconds, shown_in_line
from queueproof.reporting.timeline import read_history

_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_FOLDER = re.compile(r"(?<![\w:/.])(/(?:[\w.@+-]+/)+)(?=[\w.@+-]+)")
_INTRODUCTION = """\
# Published reports

Each folder is one real run, made by the command it names and published by

```sh
queueproof report publish RUN_FOLDER --name NAME
```

NAME is the target and its version, as `langflow-1.13.0`. The command also writes this page and
[matrix.html](matrix.html), the targets side by side. Paths are cut to file names; nothing else
differs from what the run wrote. `report.json` is the source of the other formats,
`history.jsonl.gz` has every operation.
"""


def publish(run: Path, name: str, folder: Path) -> Path:
    """Put the run in the folder `run` below `folder` as `name`, replacing an older one.

    Raises `UsageError` for a name that is no plain word, or a run without report or history.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"--name {name!r}: small letters, digits, dots and hyphens, please")
    result = json_report.load(run / "report.json")
    folders = machine_folders(result.run.command)
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    source = place / "report.json"
    replace_file(source, _without(json_report.render(result), folders))
    _copy_history(run / HISTORY, place / HISTORY, folders)
    write_all(json_report.load(source), place)
    write_index(folder)
    return place


def write_index(folder: Path) -> list[Path]:
    """Write `matrix.html` and `README.md` over the reports below `folder`."""
    columns = matrix.collect(folder)
    page, readme = folder / "matrix.html", folder / "README.md"
    replace_file(page, matrix.render(columns))
    replace_file(readme, _readme(columns))
    return [page, readme]


def machine_folders(command: str) -> list[str]:
    """The folders that a command names by an absolute path, the longest first."""
    return sorted(set(_FOLDER.findall(f" {command}")), key=len, reverse=True)


def _without(text: str, folders: list[str]) -> str:
    for each in folders:
        text = text.replace(each, "")
    return text


def _copy_history(source: Path, target: Path, folders: list[str]) -> None:
    rows = read_history(source)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    text = _without(text, folders)
    # Without a name and a time the same history gives the same bytes.
    with target.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as sink:
        sink.write(text.encode("utf-8", "backslashreplace"))


def _holds(result: RunResult) -> str:
    """How many hold of those that were judged; in part told apart."""
    in_part = f" and {result.in_part} in part," if result.in_part else ""
    return f"{result.counts()['passed']}{in_part} of {result.assessed}"


def _readme(columns: list[Column]) -> str:
    lines = ["| report | target | holds | fails | took | made by |", "|---|---|--:|--:|--:|---|"]
    for column in columns:
        result = column.result
        subject = digest.subject(result)
        counts = result.counts()
        command = markdown.code(result.run.command.replace("|", "\\|"))
        lines.append(
            f"| [{column.name}]({column.name}/summary.md) | {markdown.plain(subject)} | "
            f"{_holds(result)} | {counts['failed']} | "
            f"{seconds(result.run.duration_s)} | {command}, queueproof "
            f"{shown_in_line(result.run.tool_version)}, {result.run.started_at[:10]} |"
        )
    return _INTRODUCTION + "\n" + "\n".join(lines) + "\n"
