"""Golden files: what a writer wrote when a person last looked at it.

Set `QUEUEPROOF_UPDATE_GOLDEN=1` to rewrite them, then read the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent / "golden"


def assert_golden(name: str, text: str) -> None:
    """`text` is what the golden file `name` holds, to the byte."""
    path, written = _FOLDER / name, text.encode("utf-8", "backslashreplace")
    if os.environ.get("QUEUEPROOF_UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written)
    assert path.is_file(), f"{path} is missing: set QUEUEPROOF_UPDATE_GOLDEN=1 once"
    assert written == path.read_bytes(), f"{name} changed: see tests/reporting/golden.py"
