"""What launched programs print, and when, so that a report can show the lines near a failure.

Logs have clocks and formats of their own. So in an outage the files are looked at twice a second,
and a line has the instant, on the history's clock, at which it was first seen there. A case ends
when it fails: what was printed until then, since it began, is near enough.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from queueproof.redaction import redacted

_LOOK_EVERY_S = 0.5
_MOST_KEPT = 5_000
#: Of one look at one file: a program that floods its log is not read for ever.
_MOST_BYTES = 65_536
_LONGEST_LINE = 240
_SHOWN_OF_A_CASE = 12
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_FOLDERS = re.compile(r"(?<![\w:/.])/(?:[\w.@+-]+/)+")


@dataclass(frozen=True)
class LogLine:
    """One line, by which program, and the instant at which it was seen in the file."""

    at_s: float
    program: str
    text: str

    def __str__(self) -> str:
        return f"{self.at_s:.1f}s {self.program}: {self.text}"


class LogFollower:
    """Follows the logs of programs; `now` is the history's clock, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._read: dict[Path, int] = {}
        self._lines: deque[LogLine] = deque(maxlen=_MOST_KEPT)

    async def follow(self, logs: Callable[[], Iterable[tuple[str, Path]]]) -> None:
        """Look again and again, until cancelled, at the logs there are then."""
        while True:
            self.look(logs())
            await asyncio.sleep(_LOOK_EVERY_S)

    def look(self, logs: Iterable[tuple[str, Path]]) -> None:
        """Keep the lines that are new; what a log held when it was first seen is old."""
        for program, path in logs:
            for text in self._news(path):
                self._lines.append(LogLine(self._now(), program, text))

    def near(
        self, at_s: float, *, before_s: float = 3.0, after_s: float = 2.0, most: int = 12
    ) -> tuple[str, ...]:
        """The lines around an instant, those next to it if there are more than `most`."""
        lines = [line for line in self._lines if -before_s <= line.at_s - at_s <= after_s]
        by_distance = sorted(range(len(lines)), key=lambda place: abs(lines[place].at_s - at_s))
        return tuple(str(lines[place]) for place in sorted(by_distance[:most]))

    def _news(self, path: Path) -> list[str]:
        try:
            if path not in self._read:
                self._read[path] = path.stat().st_size
                return []
            begin, told = _told_since(path, self._read[path])
        except OSError:
            return []
        whole = told.rfind(b"\n") + 1
        self._read[path] = begin + whole
        return [_shown(line) for line in told[:whole].decode("utf-8", "replace").splitlines()]


class PrintedSince:
    """What programs print from now on; of those that are named later, from their start."""

    def __init__(self, logs: Iterable[tuple[str, Path]]) -> None:
        self._from = {each: _size(each[1]) for each in logs}

    def last(
        self, also: Iterable[tuple[str, Path]] = (), *, most: int = _SHOWN_OF_A_CASE
    ) -> tuple[str, ...]:
        """The last lines of each program; where there are several, with its name."""
        logs = self._from | {each: 0 for each in also if each not in self._from}
        told = {each[0]: _lines_since(each[1], begin)[-most:] for each, begin in logs.items()}
        told = {program: lines for program, lines in told.items() if lines}
        if len(logs) == 1:
            return tuple(line for lines in told.values() for line in lines)
        return tuple(f"{program}: {line}" for program, lines in told.items() for line in lines)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _lines_since(path: Path, begin: int) -> list[str]:
    try:
        _, told = _told_since(path, begin)
    except OSError:
        return []
    lines = (_shown(line) for line in told.decode("utf-8", "replace").splitlines())
    return [line for line in lines if line]


def _told_since(path: Path, known: int) -> tuple[int, bytes]:
    """Where the part of a log begins that comes after `known` bytes, and that part.

    A log that is shorter has begun anew; of much there is only the end. Raises OSError.
    """
    size = path.stat().st_size
    begin = max(known if known <= size else 0, size - _MOST_BYTES)
    if begin == size:
        return begin, b""
    with path.open("rb") as log:
        log.seek(begin)
        return begin, log.read(size - begin)


def without_colours(text: str) -> str:
    """A text as it reads without a terminal."""
    return _COLOURS.sub("", text)


def without_folders(text: str) -> str:
    """A text without the folders of this machine: paths are cut to file names."""
    return _FOLDERS.sub("", text)


def _shown(line: str) -> str:
    # A secret is found while it is whole: what looks like a folder may be a part of one.
    return without_folders(redacted(without_colours(line))).strip()[:_LONGEST_LINE]
