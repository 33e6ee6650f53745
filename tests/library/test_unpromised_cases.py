"""A case on jobs that a queue need not have is no case of one that does not promise them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.config.model import RunConfig
from queueproof.config.promises import Promises
from queueproof.running.marks import CaseMark
from queueproof.running.plugin import ConformanceRun
from queueproof.running.progress import NullProgress
from queueproof.targets.contracts import embedded_target

AGAIN = CaseMark(requirement="CANC-017", promises=("retries",))
AGAIN_LATE = replace(AGAIN, promises=("retries", "delay_late_s"))
PLAIN = replace(AGAIN, promises=())


@pytest.mark.parametrize(
    ("promises", "asked"),
    [
        (Promises(), [PLAIN]),
        (Promises(retries=2), [PLAIN, AGAIN]),
        (Promises(delay_late_s=1.0), [PLAIN]),
        (Promises(retries=2, delay_late_s=1.0), [PLAIN, AGAIN, AGAIN_LATE]),
        (None, [PLAIN, AGAIN, AGAIN_LATE]),
    ],
    ids=["nothing", "retries", "delays", "both", "a document of its own"],
)
def test_it_is_asked_where_all_is_promised_that_it_needs(
    promises: Promises | None, asked: list[CaseMark]
) -> None:
    target = replace(embedded_target("generic"), promises=promises)
    run = ConformanceRun(RunConfig(target=target, embedded=True), NullProgress())

    given = [mark for mark in (PLAIN, AGAIN, AGAIN_LATE) if run._is_asked(mark, {"CANC-017"})]

    assert given == asked
