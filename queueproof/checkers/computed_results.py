"""Results of jobs in an outage: what a job computed that is told to have completed."""

from __future__ import annotations

from collections import Counter

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import JobHistory, OutageHistory
from queueproof.history import Operation

_GONE = (404, 410)
#: What a history keeps of a result that is none.
_NONE = ("", "None")


def check_results(outage: OutageHistory) -> list[Finding]:
    """Whoever asks for the result of a completed job, as long as it is kept, is told it.

    Where data is destroyed it may be gone, but is no other. Of two jobs with one id nobody knows
    whose result it is.
    """
    ids = Counter(submit.job for submit in outage.of_kind("submit"))
    return [
        finding
        for life in outage.accepted
        if life.results and ids[life.job] == 1
        for finding in [_result(outage, life)]
        if finding is not None
    ]


def _result(outage: OutageHistory, life: JobHistory) -> Finding | None:
    answered = [one for one in life.results if _told(one) is not None or one.status in _GONE]
    if not answered:
        at_s = life.results[-1].invoked_s
        return doubtful(at_s, actual="a result was not told", job=life.job)
    first, last = life.results[0], answered[-1]
    if (told := _told(last)) == last.facts.get("wanted"):
        return held(last.invoked_s, job=life.job or "")
    missing = told is None or told in _NONE
    if missing and _may_be_gone(outage, first, last):
        return None
    if missing and last.invoked_s - first.invoked_s < outage.timings["recovery_s"] / 2:
        return doubtful(last.invoked_s, actual="its result was not waited for", job=life.job)
    return broken(
        last.invoked_s,
        expected="the result of a job that is told to have completed is what it computed",
        actual=f"{last.invoked_s - first.invoked_s:.1f} s after its end was told: "
        + (f"{last.status}, none" if missing else f"{told!r}, not {last.facts.get('wanted')!r}"),
        job=life.job,
        errand=life.errand,
    )


def _may_be_gone(outage: OutageHistory, first: Operation, last: Operation) -> bool:
    """Whether it may have gone with the data, or need not be kept for so long."""
    kept_s = float(outage.traits.get("promises", {}).get("results_s") or 0.0)
    return outage.costs == "data" or last.invoked_s - first.invoked_s > kept_s


def _told(asked: Operation) -> str | None:
    """What an answer told; None where it was none."""
    told = asked.facts.get("result")
    return None if told is None else str(told)
