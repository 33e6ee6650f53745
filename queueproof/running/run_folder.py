"""The folder of a run, which begins with it: where its report goes, and when that was."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from queueproof import __version__
from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.reporting.model import CaseResult, RequirementResult, RunInfo
from queueproof.requirements import Requirement
from queueproof.running.declared import promise_beside

_MOST_IN_A_SECOND = 100
#: A report takes more in any case.
_ROOM = 64 * 1024


@dataclass(frozen=True)
class RunFolder:
    """Where a run's report goes, and when the run began; the folder's name is the run's id."""

    path: Path
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock_s: float = field(default_factory=time.monotonic)

    @classmethod
    def below(cls, out: Path) -> RunFolder:
        """Begin a run with a new folder below `out`.

        Raises UsageError, before anything runs, when there cannot be one.
        """
        started = datetime.now(UTC)
        return cls(_new_folder(out, started.strftime("%Y%m%d-%H%M%S")), started)

    @property
    def duration_s(self) -> float:
        """How long ago that was."""
        return time.monotonic() - self._clock_s

    def info(self, *, seed: int, interrupted: str = "", command: str = "") -> RunInfo:
        """The run as it stands now; the command is the process's own unless it is said."""
        return RunInfo(
            id=self.path.name,
            started_at=self.started.isoformat(timespec="milliseconds"),
            duration_s=round(self.duration_s, 2),
            # As it was given: secrets never travel in arguments.
            command=command or "queueproof " + " ".join(sys.argv[1:]),
            seed=seed,
            tool_version=__version__,
            python=platform.python_version(),
            interrupted=interrupted,
        )

    def expect_room(self) -> None:
        """Raise UsageError where the folder takes no more: then that is what went wrong."""
        probe = self.path / ".room"
        try:
            probe.write_bytes(b"\0" * _ROOM)
        except OSError as error:
            raise UsageError(
                f"cannot write {self.path}: {error.strerror}; choose another place with --out"
            ) from None
        finally:
            with suppress(OSError):
                probe.unlink(missing_ok=True)

    def forget(self) -> None:
        """Remove a folder that nothing was written to."""
        with suppress(OSError):
            self.path.rmdir()


def row_of(
    requirement: Requirement,
    cases: Iterable[CaseResult],
    *,
    reason: str = "",
    target: TargetConfig | None = None,
) -> RequirementResult:
    """The registry's row with these cases, beside what `target` promises of it."""
    return RequirementResult(
        id=requirement.id,
        level=requirement.level.value,
        area=requirement.area,
        sentence=requirement.sentence,
        source=requirement.source,
        access=requirement.access.value,
        cases=tuple(cases),
        reason=reason,
        promise=promise_beside(requirement, target) if target else "",
    )


def _new_folder(out: Path, name: str) -> Path:
    try:
        folder = _first_free(
            out / name, *(out / f"{name}-{turn}" for turn in range(2, _MOST_IN_A_SECOND))
        )
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        raise UsageError(f"--out {out}: cannot write there ({error.strerror})") from None
    return folder


def _first_free(*folders: Path) -> Path:
    """Make the first that is not there yet: two runs may begin in the same second."""
    for folder in folders[:-1]:
        with suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
    folders[-1].mkdir(parents=True)
    return folders[-1]
