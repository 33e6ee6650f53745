"""Reports: one result model, one writer a format.

`model` holds the result, `digest` and `text` what the writers share; `json_report`, `junit`,
`markdown`, `html` and `terminal` write one format each. Writers are imported when they are
needed, since the model is imported everywhere and templates and schemas take their time.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from queueproof.errors import UsageError
from queueproof.plugins import plugins
from queueproof.redaction import known_secrets, redacted_all
from queueproof.reporting.files import replace_file

if TYPE_CHECKING:
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
    cannot be written, `HarnessError` if the result cannot be expressed. Plugins' formats come last.
    """
    result = redacted_all(result)
    paths = {name: out_dir / name for name in _WRITERS}
    for name, module in _WRITERS.items():
        writer = import_module(f"{__name__}.{module}")
        also = {"history": out_dir / HISTORY} if module == "html" else {}
        replace_file(paths[name], writer.render(result, **also))
    return paths | _write_others(result, out_dir)


def _write_others(result: RunResult, out_dir: Path) -> dict[str, Path]:
    """The formats of plugins: a function `(result, *, history)` that gives the text of a file."""
    paths: dict[str, Path] = {}
    for plugin in plugins("writers"):
        name = plugin.name
        if name in (*_WRITERS, HISTORY) or Path(name).name != name:
            raise UsageError(f"plugin {name} ({plugin.origin}): a report cannot have a file {name}")
        try:
            text = str(plugin.load()(result, history=out_dir / HISTORY))
        except UsageError:
            raise
        except Exception as error:
            said = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise UsageError(f"plugin {name} ({plugin.origin}) could not write: {said}") from error
        paths[name] = out_dir / name
        replace_file(paths[name], known_secrets.redacted(text))
    return paths
