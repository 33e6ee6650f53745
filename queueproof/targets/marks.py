"""The names of what a run makes on a target, so that a later run knows what is nobody's any more.

A name tells when it was made and by which process of which machine. What is older than a day, or
was made on this machine by a process that is gone, belongs to no run and may be removed. A name
that does not bear the whole mark is somebody's own and is never touched.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psutil

_FORM = "%Y%m%dT%H%M%SZ"
_MARK = re.compile(
    r"queueproof[ -](?:probe[ -])?(\d{8}T\d{6}Z)-([0-9a-f]{10})-(\d+)-([0-9a-f]+)-[0-9a-f]{10}"
)
_PROCESS = re.compile(r"([0-9a-f]{10})-(\d+)-([0-9a-f]+)")
_AGE = timedelta(days=1)
#: Which word of `/proc/PID/stat`, counted behind the program's name, tells it (proc(5)).
_STARTED = 19


def marked(head: str) -> str:
    """`head` (`queueproof probe `, `queueproof-`) and this run's mark."""
    made = datetime.now(UTC).strftime(_FORM)
    return f"{head}{made}-{process_mark()}-{uuid.uuid4().hex[:10]}"


def process_mark() -> str:
    """Which process of which machine this is."""
    return f"{_place()}-{os.getpid()}-{_began(os.getpid()):x}"


def is_of_gone_process(mark: str) -> bool:
    """Whether a text is the mark of a process of this machine that is gone."""
    found = _PROCESS.fullmatch(mark)
    return found is not None and _is_gone(found[1], found[2], found[3])


def is_of_here(mark: str) -> bool:
    """Whether a text is the mark of a process of this machine, living or gone."""
    found = _PROCESS.fullmatch(mark)
    return found is not None and found[1] == _place()


def is_nobodys(name: str, *, now: datetime | None = None) -> bool:
    """Whether a name bears the mark of a run that is gone."""
    found = _MARK.fullmatch(name)
    if found is None:
        return False
    try:
        made = datetime.strptime(found[1], _FORM).replace(tzinfo=UTC)
    except ValueError:
        return False
    if (now or datetime.now(UTC)) - made > _AGE:
        return True
    return _is_gone(found[2], found[3], found[4])


def rows_of_gone_runs(rows: Any, what: str, path: str, *, by: str) -> list[tuple[str, str]]:
    """Path and name of those rows that belong to a run that is gone."""
    listed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [
        (f"{path}{row['id']}", f"{what} {row[by]!r}")
        for row in listed
        if row.get("id") and is_nobodys(str(row.get(by)))
    ]


def _is_gone(place: str, pid: str, began: str) -> bool:
    """Elsewhere a number says nothing; here it may be another process's by now."""
    return place == _place() and f"{_began(int(pid)):x}" != began


def _began(pid: int) -> int:
    """When the process of that number began, in hundredths of a second; 0 without one.

    Counted from the start of the machine where that is told: a clock that is set in mid-run must
    not make a living process look like another.
    """
    with suppress(OSError, ValueError, IndexError):
        words = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return int(words[_STARTED])
    with suppress(psutil.Error, OverflowError):
        return round(psutil.Process(pid).create_time() * 100)
    return 0


@cache
def _place() -> str:
    """Where a process number means the same process: this boot, this namespace of processes."""
    told = [socket.gethostname()]
    for path in ("/proc/sys/kernel/random/boot_id", "/etc/machine-id"):
        with suppress(OSError):
            told.append(Path(path).read_text("utf-8").strip())
    with suppress(OSError):
        told.append(os.readlink("/proc/self/ns/pid"))  # noqa: PTH115  (not a path)
    return hashlib.sha256(" ".join(told).encode()).hexdigest()[:10]
