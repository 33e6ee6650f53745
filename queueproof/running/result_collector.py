"""The collector of a run's results: one a case, none lost, and doubts kept until they are settled.

A violation seen when the run was not calm (`strain.py`) is a doubt: the case is asked again, alone,
once everybody else has finished. Seen twice it is a failure. Some faults show only in company:
where the second look passes, and others ran beside the first, there is a third, with them. A
violation seen then by a calm machine is a failure; one seen by a strained machine proves nothing,
since whoever starved the first look is back. What was seen is told whatever the later looks say,
and is never less than inconclusive.

So is a violation to which other clients may have led by chance (`Violation.coincidence`), however
calm the machine.

A case that came to no verdict then is asked again likewise, and has the verdict of that: a
violation seen then for the first time, under strain once more, is still in doubt. So is one that
was met by a standstill of the target (`standstill.py`), however calm the machine, and one whose
moments its own neighbours may have spoilt, if another look costs little.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from queueproof.config.model import RunConfig
from queueproof.errors import CaseOutcome, HarnessError, Inconclusive, NotAssessed, Violation
from queueproof.history import History
from queueproof.reporting.model import CaseResult
from queueproof.running.collected import Case
from queueproof.running.outcome import result_of, words_of
from queueproof.running.standstill import MetStandstill
from queueproof.running.strain import Strain
from queueproof.running.target_options import command_again

# What a run that is not calm is not believed at once.
_IN_DOUBT = (Violation, Inconclusive)
# A look that came to no verdict beside others is repeated alone if it was no longer than that.
_SHORT_LOOK_S = 20.0
_ALONE, _BESIDE = "on a second look, alone,", "on a third, beside the cases that ran with it first,"


@dataclass
class _Doubt:
    """What was seen of a case so far, and whether any of it was a violation."""

    seen: Violation | None
    told: list[str] = field(default_factory=list)
    wants_company: bool = False

    def add(self, look: str, error: BaseException | None) -> None:
        """One more look, and what it came to."""
        self.told.append(f"{look} {'it passed' if error is None else words_of(error)}")

    def __str__(self) -> str:
        return "; ".join(self.told)


class ResultCollector:
    """Turns what became of each case into its result."""

    def __init__(self, config: RunConfig, history: History) -> None:
        self.results: list[CaseResult] = []
        self._config = config
        self._history = history
        self._doubts: dict[str, _Doubt] = {}
        self._done: set[str] = set()

    def doubted(self, cases: Iterable[Case]) -> list[Case]:
        """Those of `cases` that want a second look."""
        return [case for case in cases if case.id in self._doubts and case.id not in self._done]

    def wanting_company(self, cases: Iterable[Case]) -> list[Case]:
        """Those of `cases` that want a third look, with those that ran beside them at first."""
        return [case for case in self.doubted(cases) if self._doubts[case.id].wants_company]

    def enter(
        self,
        case: Case,
        error: BaseException | None,
        took_s: float,
        strain: Strain,
        *,
        in_company: bool = False,
    ) -> CaseResult | None:
        """The result of a case that took `took_s` seconds; None when it wants another look.

        `in_company`: others ran beside the case when it was looked at first, and can again.
        """
        doubt = self._doubts.get(case.id)
        if doubt is None:
            beside_s = took_s if in_company else math.inf
            if why := _why_doubt(error, strain, beside_s=beside_s):
                seen = error if isinstance(error, Violation) else None
                self._doubts[case.id] = _Doubt(seen, [why])
                return None
        elif doubt.wants_company:
            doubt.add(_BESIDE, error)
            error = _third(doubt, error, strain)
        elif doubt.seen is not None and error is None and in_company:
            doubt.add(_ALONE, error)
            doubt.wants_company = True
            return None
        else:
            doubt.add(_ALONE, error)
            if doubt.seen is not None:
                # Alone, a machine that is merely slow is no excuse any more.
                strain = replace(strain, waiting=0.0, pulse_s=0.0)
            error = _second(doubt, error)
        return self._settle(case, error, took_s, strain)

    def close(self, cases: Iterable[Case], why: str) -> None:
        """Cases that never got a verdict say why.

        What was seen once, in doubt, is not forgotten because a later look never came.
        """
        for case in cases:
            if case.id not in self._done:
                doubt = self._doubts.get(case.id)
                error = Inconclusive(str(doubt)) if doubt is not None else NotAssessed(why)
                self._settle(case, error, 0.0, Strain())

    def _settle(
        self, case: Case, error: BaseException | None, took_s: float, strain: Strain
    ) -> CaseResult:
        result = result_of(
            case_id=case.id,
            title=case.title,
            mark=case.mark,
            error=error,
            duration_s=took_s,
            strain=strain,
            history=self._history,
            reproduce=self._reproduce(case),
        )
        self.results.append(result)
        self._done.add(case.id)
        return result

    def _reproduce(self, case: Case) -> str:
        command = "lab" if self._config.lab else "gate"
        return command_again(self._config, command, "--only", case.mark.requirement)


def _why_doubt(error: BaseException | None, strain: Strain, *, beside_s: float) -> str:
    """Why a first look is not believed at once, with what it saw; empty where it is.

    `beside_s`: how long it was at work beside others; endless for one that was alone.
    """
    if isinstance(error, MetStandstill):
        return str(error)
    if not strain.calm and isinstance(error, _IN_DOUBT):
        return f"{strain} while it saw: {error}"
    if isinstance(error, Violation) and error.coincidence:
        return f"{error.coincidence}, and the case saw: {error}"
    if isinstance(error, Inconclusive) and beside_s <= _SHORT_LOOK_S:
        return f"others ran beside it, and it came to no verdict: {error}"
    return ""


def _second(doubt: _Doubt, error: BaseException | None) -> BaseException | None:
    """What a case's second look makes of the first.

    Nothing but a second violation settles a first one. A doubt without one has the verdict of the
    second look, though no less than inconclusive where that could not even be asked.
    """
    if doubt.seen is None:
        return Inconclusive(str(doubt)) if isinstance(error, NotAssessed) else error
    if isinstance(error, Violation):
        return error
    return _unsettled(doubt, error)


def _third(doubt: _Doubt, error: BaseException | None, strain: Strain) -> BaseException:
    if isinstance(error, Violation) and not strain.severe:
        return error
    if isinstance(error, Violation):
        return Inconclusive(f"{doubt}, while {strain}")
    return _unsettled(doubt, error)


def _unsettled(doubt: _Doubt, error: BaseException | None) -> BaseException:
    """Every look in words; our own error stays one."""
    ours = error is not None and not isinstance(error, CaseOutcome)
    return HarnessError(str(doubt)) if ours else Inconclusive(str(doubt))
