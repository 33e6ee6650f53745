"""Putting a finished report where it belongs, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from queueproof.errors import UsageError


def replace_file(path: Path, text: str) -> None:
    """Write `text` (UTF-8) to `path` in one step, replacing what was there.

    Whoever reads `path` sees the old content or the new, never a part, even if the process is
    killed meanwhile. Missing folders are made. Raises `UsageError` if it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_through(part, text)
        part.replace(path)
    except OSError as error:
        raise UsageError(
            f"cannot write {path}: {error.strerror or error}; "
            "make it writable or choose another place with --out"
        ) from error
    finally:
        _discard(part)


def _write_through(part: Path, text: str) -> None:
    # An unpaired surrogate has no UTF-8 form; as an escape it is valid JSON and reads back.
    with part.open("wb") as stream:
        stream.write(text.encode("utf-8", "backslashreplace"))
        stream.flush()
        os.fsync(stream.fileno())


def _discard(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        # What matters has been written or reported; a stray part file is not worth a second error.
        return
