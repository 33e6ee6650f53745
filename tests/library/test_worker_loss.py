"""Jobs whose worker is killed are at work when that is done, however long it takes."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from queueproof.case_helpers.worker_loss import WORK, victim_and_work
from queueproof.executors.executor import Instance
from queueproof.probe import Probe
from queueproof.targets.system import System

from .. import virtual_time

PODS = (Instance(name="a"), Instance(name="b"))


@pytest.mark.parametrize("listed_after_s", [0.0, 0.4, 3.0])
def test_jobs_outlast_an_executor_that_takes_its_time(listed_after_s: float) -> None:
    """One that lists, kills and lists again: as long as twice what finding a victim took."""

    async def scenario() -> Probe:
        async def apart_from(_: object) -> tuple[Instance, ...]:
            await asyncio.sleep(listed_after_s)
            return PODS

        target = SimpleNamespace(
            history=SimpleNamespace(now_s=asyncio.get_running_loop().time),
            workforce=SimpleNamespace(apart_from=apart_from, noun="pod"),
            crew=(),
            fleet=SimpleNamespace(addresses=SimpleNamespace(urls=())),
        )
        return (await victim_and_work(cast("System", target)))[1]

    work = virtual_time.run(scenario)

    left_s = work.duration_s - 2 * listed_after_s
    assert left_s == pytest.approx(WORK.duration_s, abs=WORK.interval_s)
