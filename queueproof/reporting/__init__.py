"""Reports: one result model, one writer a format.

`model` holds the result, `digest` and `text` what the writers share; `json_report`, `junit`,
`markdown`, `html` and `terminal` write one format each. Writers are imported when they are
needed, since the model is imported everywhere and templates and schemas take their time.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from queueproof.redaction import redacted_all
from queueproof.reporting.files import replace_file
from queueproof.reporting.model import RunResult

HISTORY = "history.jsonl.gz"

_WRITERS = {
    "report.json": "json_report",
    "junit.xml": "junit",
    "summary.md": "markdown",
    "report.html": "html",
}


def write_all(result: RunResult, out_dir: Path) -> dict[str, Path]:
    """Write every file format of `result` into `out_dir`; return the paths by file name.

    No secret of this process is in any of them, whatever the result quotes (`redaction`).
    A history that lies in `out_dir` already becomes the page's timelines. Each file is replaced
    in one step, `report.json`, the source of the others, first. Raises `UsageError` if one
    cannot be written, `HarnessError` if the result cannot be expressed.
    """
    result = redacted_all(result)
    paths = {name: out_dir / name for name in _WRITERS}
    for name, module in _WRITERS.items():
        writer = import_module(f"{__name__}.{module}")
        also = {"history": out_dir / HISTORY} if module == "html" else {}
        replace_file(paths[name], writer.render(result, **also))
    return paths
