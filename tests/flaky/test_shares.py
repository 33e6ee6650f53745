"""The shares that are computed are those that the ledger and chaos's two looks come to."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import Violation
from queueproof.history import History
from queueproof.running.marks import CaseMark
from queueproof.running.result_collector import ResultCollector
from queueproof.running.strain import Strain
from queueproof.verdicts import Verdict
from tests.flaky.shares import Shares, busy, calm

P, TIMES = 0.3, 4000
CASE: Any = SimpleNamespace(id="case", title="title", mark=CaseMark(requirement="POLL-003"))
CALM, BUSY = Strain(), Strain(waiting=0.9)


def looks_of(first: Strain, later: Strain, *, company: bool, alone: bool = True) -> Shares:
    """A flaky case played many times, each as often as the ledger wants another look."""
    dice, tally = random.Random(7), Counter[Verdict]()
    for _ in range(TIMES):
        collected = ResultCollector(
            RunConfig(target=TargetConfig(), embedded=True, seed=1), History()
        )
        for strain, shows in ((first, True), (later, alone), (later, True)):
            seen = Violation(expected="this", actual="that") if dice.random() < P else None
            error = seen if shows else None
            result = collected.enter(CASE, error, 1.0, strain, in_company=company)
            if result is not None:
                tally[result.verdict] += 1
                break
    shares = {verdict: number / TIMES for verdict, number in tally.items()}
    return Shares(
        failed=shares.get(Verdict.FAILED, 0.0),
        inconclusive=shares.get(Verdict.INCONCLUSIVE, 0.0),
        passed=shares.get(Verdict.PASSED, 0.0),
    )


@pytest.mark.parametrize(
    ("look", "computed"),
    [
        (partial(looks_of, CALM, CALM, company=True), calm(P)),
        (partial(looks_of, BUSY, CALM, company=True), busy(P, calm_later=True)),
        (partial(looks_of, BUSY, BUSY, company=True), busy(P, calm_later=False)),
        (partial(looks_of, BUSY, CALM, company=False), busy(P, calm_later=True, company=False)),
        (
            partial(looks_of, BUSY, CALM, company=True, alone=False),
            busy(P, calm_later=True, alone=False),
        ),
    ],
    ids=["calm", "busy at first", "busy throughout", "on a copy of its own", "needs company"],
)
def test_the_ledger_comes_to_the_shares_that_are_computed(
    look: Callable[[], Shares], computed: Shares
) -> None:
    """Within what four thousand plays can tell."""
    seen = look()

    assert seen.failed == pytest.approx(computed.failed, abs=0.03)
    assert seen.inconclusive == pytest.approx(computed.inconclusive, abs=0.03)
    assert seen.passed == pytest.approx(computed.passed, abs=0.03)


def test_the_shares_for_three_in_ten() -> None:
    """The figures of docs/gating.md."""
    assert calm(P) == Shares(failed=0.3, inconclusive=0.0, passed=0.7)
    for shares, failed in (
        (busy(P, calm_later=True), 0.153),
        (busy(P, calm_later=False), 0.09),
        (busy(P, calm_later=True, alone=False), 0.09),
    ):
        assert shares.failed == pytest.approx(failed)
        assert shares.passed == pytest.approx(0.7)


def test_a_fault_that_was_seen_never_passes() -> None:
    """Whatever the later looks say."""
    for p in (0.01, 0.3, 0.9):
        for calm_later in (True, False):
            assert busy(p, calm_later=calm_later).passed == pytest.approx(1 - p)
