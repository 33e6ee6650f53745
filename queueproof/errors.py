"""The exception tree: whose fault it is belongs to the type.

    QueueproofError
      UsageError            the command line or the configuration; exit code 2
      TargetUnreachable     nobody answers at the target's address; exit code 4
      HarnessError          queueproof itself, or something it started; exit code 5
      CaseOutcome           raised inside a case to end it with a verdict
        Violation           the target broke the requirement   -> failed
        Inconclusive        the question could not be settled  -> inconclusive
        NotAssessed         the question could not be asked    -> not assessed

A case never lets another exception escape on purpose: whatever else escapes is our error.
"""

from __future__ import annotations

import errno
import traceback
from typing import ClassVar

from queueproof.verdicts import ExitCode, Verdict


class QueueproofError(Exception):
    """Base of all; its text is one line that says what to do."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL


class UsageError(QueueproofError):
    """A mistake in the command line, the configuration file or the environment."""

    exit_code = ExitCode.USAGE


class TargetUnreachable(QueueproofError):
    """The target does not answer, or what answers is not the target."""

    exit_code = ExitCode.UNREACHABLE


class HarnessError(QueueproofError):
    """Something of ours failed; it says nothing about the target."""


class CaseOutcome(QueueproofError):
    """Ends a case with the verdict of its type."""

    verdict: ClassVar[Verdict]


class Violation(CaseOutcome):
    """The target broke the requirement that the case judges.

    `expected` and `actual` are one line each, in the words of the person who has to fix the
    target; `job_ids` name the jobs whose history is the evidence. `coincidence` says what other
    than the target may have led to it by chance: it is a failure only where it is seen twice then.
    `events` are those of the history that were wrong first. `printed` is set by who runs the case:
    the last that a target which was launched here printed meanwhile.
    """

    verdict = Verdict.FAILED

    def __init__(
        self,
        *,
        expected: str,
        actual: str,
        job_ids: tuple[str, ...] = (),
        coincidence: str = "",
        events: tuple[object, ...] = (),
    ) -> None:
        super().__init__(f"expected {expected}; actual {actual}")
        self.expected = expected
        self.actual = actual
        self.job_ids = job_ids
        self.coincidence = coincidence
        self.events = events
        self.printed: tuple[str, ...] = ()


class Inconclusive(CaseOutcome):
    """The case could not be settled: a precondition failed, or a fault showed no effect."""

    verdict = Verdict.INCONCLUSIVE


class NotAssessed(CaseOutcome):
    """The case could not be asked with the access, capabilities or patience given."""

    verdict = Verdict.NOT_ASSESSED


#: A file system that takes nothing, or nothing more, and what Python says where there is none.
_TAKES_NOTHING = (errno.EROFS, errno.ENOSPC, errno.EDQUOT)
_NO_PLACE = "No usable temporary directory"


def describe_own_error(error: BaseException) -> str:
    """An exception that should not have been, in one line that says where."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    text = " ".join(str(error).split())
    return f"queueproof's own error{where}: {type(error).__name__}: {text}"


def known_error(error: BaseException) -> QueueproofError | None:
    """The error that says whose fault it was, also out of a group of nothing but such errors."""
    if isinstance(error, QueueproofError):
        return error
    if isinstance(error, BaseExceptionGroup):
        leaves = [known_error(each) for each in error.exceptions]
        if all(leaves):
            return leaves[0]
    if isinstance(error, OSError) and (why := _why_not_written(error)):
        place = f"cannot write {error.filename}: " if error.filename else ""
        return UsageError(f"{place}{why}; give TMPDIR, and --out, a folder that can be written")
    return None


def _why_not_written(error: OSError) -> str:
    """What this machine lacks, as a container whose file system may only be read."""
    if _NO_PLACE in str(error):
        return "there is no folder for temporary files"
    return error.strerror or "" if error.errno in _TAKES_NOTHING else ""
