"""The results of a run's cases: one each, none lost, and doubts kept until they are settled.

A violation seen under strain (`strain.py`) is a doubt: the case is asked again, alone, once
everybody else has finished. Seen twice it is a failure, seen once it is inconclusive. A case that
came to no verdict under strain is asked again likewise, and has the verdict of that: a violation
seen then for the first time, under strain once more, is still in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from queueproof.config.model import RunConfig
from queueproof.errors import Inconclusive, Violation
from queueproof.history import History
from queueproof.reporting.model import CaseResult
from queueproof.running.collected import Case
from queueproof.running.outcome import result_of
from queueproof.running.strain import Strain
from queueproof.verdicts import Verdict

# What a strained run is not believed at once.
_IN_DOUBT = (Violation, Inconclusive)


class Ledger:
    """Turns what became of each case into its result."""

    def __init__(self, config: RunConfig, history: History) -> None:
        self.results: list[CaseResult] = []
        self._config = config
        self._history = history
        self._doubts: dict[str, str] = {}
        self._seen: set[str] = set()

    def doubted(self, cases: Iterable[Case]) -> list[Case]:
        """Those of `cases` that want a second look."""
        return [case for case in cases if case.id in self._doubts]

    def enter(
        self, case: Case, error: BaseException | None, took_s: float, strain: Strain
    ) -> CaseResult | None:
        """The result of a case that took `took_s` seconds; None when it wants a second look."""
        if case.id in self._seen:
            # Seen twice, the second time alone: a machine that is merely slow is no excuse.
            strain = replace(strain, waiting=0.0, pulse_s=0.0)
            error = error or Inconclusive(
                f"{self._doubts[case.id]}; on a second look, alone, it passed"
            )
        elif case.id not in self._doubts and strain.severe and isinstance(error, _IN_DOUBT):
            self._doubts[case.id] = f"{strain} while it saw: {error}"
            if isinstance(error, Violation):
                self._seen.add(case.id)
            return None
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
        return result

    def close(self, cases: Iterable[Case], why: str) -> None:
        """Cases that never got a verdict say why.

        What was seen once, in doubt, is not forgotten because the second look never came.
        """
        done = {result.id for result in self.results}
        for case in cases:
            if case.id not in done:
                doubt = self._doubts.get(case.id, "")
                self.results.append(
                    CaseResult(
                        id=case.id,
                        requirement=case.mark.requirement,
                        title=case.title,
                        verdict=Verdict.INCONCLUSIVE if doubt else Verdict.NOT_ASSESSED,
                        duration_s=0.0,
                        alone=case.mark.alone,
                        reason=doubt or why,
                    )
                )

    def _reproduce(self, case: Case) -> str:
        target = self._config.target
        if self._config.lab:
            return (
                f"queueproof lab {self._config.lab} --workers {target.workers} "
                f"--only {case.mark.requirement} --seed {self._config.seed}"
            )
        where = "" if self._config.embedded else " ".join(target.urls) + " "
        where += f"--config {target.file} " if target.mapping else ""
        given = "".join(f"--setting {name}={v} " for name, v in self._config.settings.items())
        return (
            f"queueproof gate {where}{given}--contract {target.contract} "
            f"--only {case.mark.requirement} --seed {self._config.seed}"
        )
