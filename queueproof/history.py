"""What was done to the target and what came of it: the evidence every verdict rests on.

An operation is recorded as it is invoked and as it ends. It ends ok, failed, or unknown: a
submit that timed out may have happened, and no checker may assume either. Instants are seconds
on the run's own monotonic clock, zero at the start of the run.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import shutil
import tempfile
import time
import weakref
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from pathlib import Path
from typing import IO, Any

from queueproof.errors import UsageError
from queueproof.redaction import redacted_all

_EVENT_TEXT_LIMIT = 160

#: How the text of an event begins that was none: what came instead follows.
NO_EVENT = "not an event: "

current_case: ContextVar[str] = ContextVar("current_case", default="")

#: What every operation of the running task carries besides, such as whose errand it is.
current_facts: ContextVar[Mapping[str, Any] | None] = ContextVar("current_facts", default=None)


#: How an operation's detail ends where a connection that had carried an answer before was lost: its
#: server may have closed it in the moment of the request, as servers do with idle ones.
ON_KEPT = ", a kept one"
CONNECTION_LOST = "connection lost"
#: The kind of the note that a case left its job unread on purpose.
LEFT_ALONE = "left alone"
#: Beside `history.jsonl.gz` to be, and of the same form: what has been set down so far.
PART = "history.part.jsonl.gz"
_MEASURED = "measured"


class EventKind(Enum):
    """What an event of a job says, whatever the contract calls it."""

    START = "start"
    TICK = "tick"
    ERROR = "error"
    END = "end"
    CANCELLED = "cancelled"
    OTHER = "other"


@dataclass(frozen=True)
class Event:
    """One event as a reader received it; `at_s` is when, `tick` is set for ticks only.

    `size` is its length on the wire in bytes; `checksum` is that of the text a tick carries (see
    `checksum_of`), where the contract has a place for one.
    """

    kind: EventKind
    at_s: float
    tick: int | None = None
    text: str = ""
    size: int = 0
    checksum: int | None = None


def checksum_of(text: str) -> int:
    """A short number by which two texts are compared, however long they are."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


class Outcome(Enum):
    """How an operation ended, as far as its caller can know."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(kw_only=True)
class Operation:
    """One operation; `ended_s` is None while it is under way.

    `facts` is whatever else a checker needs, as JSON knows it; `asked` holds the parameters that
    somebody needs who wants to do the same again.
    """

    number: int
    case: str
    kind: str
    job: str | None
    worker: str | None
    invoked_s: float
    ended_s: float | None = None
    outcome: Outcome = Outcome.UNKNOWN
    status: int | None = None
    detail: str = ""
    events: list[Event] = field(default_factory=list)
    asked: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        """The operation as one line of `history.jsonl.gz`."""
        row = {key: value for key, value in vars(self).items() if key != "events"}
        row["outcome"] = self.outcome.value
        row["events"] = [
            [event.kind.value, event.tick, round(event.at_s, 4), event.text[:_EVENT_TEXT_LIMIT]]
            for event in self.events
        ]
        if not self.facts:
            del row["facts"]
        return redacted_all(row)

    def as_line(self) -> str:
        """The operation as a person reads it in a trace."""
        took = "under way" if self.ended_s is None else f"{self.ended_s - self.invoked_s:.3f}s"
        via = f" via {self.worker}" if self.worker else ""
        status = f" {self.status}" if self.status else ""
        ticks = [event.tick for event in self.events if event.kind is EventKind.TICK]
        heard = f" ticks {_spans(ticks)}" if ticks else ""
        others = [
            e.kind.value for e in self.events if e.kind not in (EventKind.TICK, EventKind.OTHER)
        ]
        ends = f" [{', '.join(others)}]" if others else ""
        detail = f" {self.detail}" if self.detail else ""
        return (
            f"{self.invoked_s:.3f}s {self.kind}{via}{status} {self.outcome.value} "
            f"in {took}{heard}{ends}{detail}"
        )


class History:
    """The record of a whole run; safe to use from many coroutines of one loop.

    An operation takes some 1.5 KiB. A run of hours sets down what it needs no longer (`set_down`),
    case by case: that is then in a file, and part of what is written at the end. In `folder`, if
    there is one, this file has a name (`PART`), so that a run which is killed leaves it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._epoch = time.monotonic()
        self._numbers = count()
        self._part = folder / PART if folder else None
        self._set_down: IO[bytes] | None = None
        self.operations: list[Operation] = []

    def now_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._epoch

    @contextmanager
    def operation(
        self,
        kind: str,
        *,
        job: str | None = None,
        worker: str | None = None,
        asked: dict[str, Any] | None = None,
    ) -> Iterator[Operation]:
        """Record one operation; what the body leaves unsaid stays `unknown`."""
        operation = Operation(
            number=next(self._numbers),
            case=current_case.get(),
            kind=kind,
            job=job,
            worker=worker,
            invoked_s=self.now_s(),
            asked=dict(asked or {}),
            facts=dict(current_facts.get() or {}),
        )
        self.operations.append(operation)
        try:
            yield operation
        finally:
            operation.ended_s = self.now_s()

    def note(self, kind: str, detail: str, *, job: str | None = None, **facts: Any) -> None:
        """Record something that happened at one instant, such as a fault."""
        with self.operation(kind, job=job) as operation:
            operation.outcome = Outcome.OK
            operation.detail = detail
            operation.facts.update(facts)

    def measure(self, name: str, values_s: Iterable[float]) -> None:
        """Record how long something took, in seconds: what reports tell beside the verdicts."""
        told = [round(value, 4) for value in values_s]
        if told:
            self.note(_MEASURED, name, values_s=told)

    def of_case(self, case: str) -> list[Operation]:
        """The operations of one case, in the order of their invocation."""
        return [operation for operation in self.operations if operation.case == case]

    def set_down(self, case: str) -> None:
        """Put the operations of a case that is over into a file, and keep them no longer.

        Those still under way stay. Raises UsageError where the folder takes no more.
        """
        try:
            self._write_down(case)
        except OSError as error:
            raise UsageError(
                f"cannot write {self._part or tempfile.gettempdir()}: {error.strerror or error}; "
                "choose another place with --out"
            ) from error

    def _write_down(self, case: str) -> None:
        if self._set_down is None:
            # Without a name it goes with the history that it is a part of.
            named = self._part
            self._set_down = named.open("w+b") if named else tempfile.TemporaryFile()  # noqa: SIM115
            weakref.finalize(self, self._set_down.close)
        self._set_down.seek(0, os.SEEK_END)
        with gzip.open(self._set_down, "wt", encoding="utf-8", compresslevel=1) as sink:
            kept = []
            for operation in self.operations:
                if operation.case == case and operation.ended_s is not None:
                    sink.write(_line(operation))
                else:
                    kept.append(operation)
        self._set_down.flush()
        self.operations = kept

    def write(self, path: Path) -> None:
        """Write every operation as one JSON line, compressed; those set down come first.

        Raises UsageError when it cannot be written.
        """
        try:
            self._write(path)
        except OSError as error:
            raise UsageError(
                f"cannot write {path}: {error.strerror or error}; choose another place with --out"
            ) from error

    def _write(self, path: Path) -> None:
        with path.open("wb") as whole:
            if self._set_down is not None:
                self._set_down.seek(0)
                # Members of a gzip file stand one behind the other.
                shutil.copyfileobj(self._set_down, whole)
            with gzip.open(whole, "wt", encoding="utf-8") as sink:
                for operation in self.operations:
                    sink.write(_line(operation))
        if self._part is not None:
            self._part.unlink(missing_ok=True)


def measured_in(operations: Iterable[Operation]) -> dict[str, list[float]]:
    """Everything that was measured, in seconds, by name."""
    measured: defaultdict[str, list[float]] = defaultdict(list)
    for operation in operations:
        if operation.kind == _MEASURED:
            measured[operation.detail] += operation.facts["values_s"]
    return measured


def _line(operation: Operation) -> str:
    row = operation.as_row()
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError:
        # A target's answer may hold NaN, which no reader of a history knows as a number.
        return json.dumps(_expressible(row), ensure_ascii=False, allow_nan=False) + "\n"


def _expressible(value: Any) -> Any:
    """The same with numbers that JSON does not know as texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _expressible(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_expressible(each) for each in value]
    return value


def _spans(ticks: list[int | None]) -> str:
    """Tick numbers with runs folded: 0..4 9 10..12."""
    numbers = [tick for tick in ticks if tick is not None]
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return " ".join(str(a) if a == b else f"{a}..{b}" for a, b in spans)
