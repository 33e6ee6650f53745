"""Who ran beside whom: the company in which a case that saw something once is looked at again.

A race between a case and its neighbours shows neither alone nor, on a busy machine, beyond doubt.
So whoever ran beside the case at first runs beside it once more, for company only: what these
cases see then is nobody's verdict.
"""

from __future__ import annotations

from queueproof.running.collected import Case

#: As many as keep a target busy, and few enough not to starve a small machine by themselves.
MOST = 6


class Company:
    """When each case was at work on the target that all share."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[Case, float, float]] = {}

    def note(self, case: Case, began_s: float, ended_s: float) -> None:
        """A case was at work for that span; only its first counts."""
        if not case.mark.alone:
            self._spans.setdefault(case.id, (case, began_s, ended_s))

    def of(self, case: Case) -> tuple[Case, ...]:
        """Those that ran beside `case`, the longest first; none for a case that was alone."""
        span = self._spans.get(case.id)
        if span is None:
            return ()
        _, began_s, ended_s = span
        shared = (
            (min(ended_s, other_ended_s) - max(began_s, other_began_s), other)
            for other, other_began_s, other_ended_s in self._spans.values()
            if other.id != case.id
        )
        beside = sorted((each for each in shared if each[0] > 0), key=lambda each: -each[0])
        return tuple(other for _, other in beside[:MOST])
