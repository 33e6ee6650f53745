"""A handle on a job that never existed can always be had."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.history import History
from queueproof.targets.system import System
from queueproof.targets.worker import ANY_WORKER, Worker

A = Worker("a", "key")


@pytest.mark.parametrize(("workers", "owner"), [((A,), A), ((), ANY_WORKER)])
def test_it_is_anybodys_where_the_last_worker_is_gone(
    workers: tuple[Worker, ...], owner: Worker
) -> None:
    given: dict[str, Any] = dict.fromkeys(("adapter", "timings", "witness"))
    fleet = cast(Any, SimpleNamespace(workers=workers))
    system = System(fleet=fleet, history=History(), **given)

    job = system.unknown_job()

    assert (job.owner, job.system) == (owner, system)
