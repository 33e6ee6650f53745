"""What was given and does not work is told apart from what was not given."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import CaseOutcome, Inconclusive, NotAssessed
from queueproof.history import Event, EventKind, History, Outcome
from queueproof.probe import Probe
from queueproof.requirements import Access, Level, Requirement
from queueproof.running import capabilities as module
from queueproof.running.applicability import why_not_to_ask
from queueproof.running.capabilities import Capabilities, find_capabilities
from queueproof.running.environment import Environment
from queueproof.running.marks import CaseMark
from queueproof.targets.job import Job
from queueproof.targets.predictions import DashboardReply
from queueproof.targets.protocol import MonitorReply, PollReply, Role, SubmitReply
from queueproof.targets.system import System
from queueproof.targets.worker import ANY_WORKER

ROW = Requirement(
    id="TEST-001",
    level=Level.MUST,
    area="test",
    sentence="It holds.",
    contract="langflow",
    heading="Anywhere",
    access=Access.ADMIN,
)
OK = {"outcome": Outcome.OK, "status": 200}


class Target:
    """A system whose answers are chosen."""

    def __init__(self, **chosen: Any) -> None:
        self.submitted = SubmitReply(**OK, job_id="1")
        self.first = PollReply(**OK, position="1-0")
        self.last = PollReply(**OK, events=(Event(kind=EventKind.END, at_s=0.0),))
        self.monitored = MonitorReply(**OK)
        self.seen: list[object] = [object()]
        self.troubles: dict[str, str] = {}
        self.roles = {Role.ADMIN, Role.OTHER}
        self.shown = DashboardReply(**OK)
        self.operations = {"poll", "monitor", "dashboard"}
        vars(self).update(chosen)
        self.adapter = SimpleNamespace(
            operations=self.operations, troubles=self.troubles, has=self.roles.__contains__
        )
        self.crew: tuple[object, ...] = ()
        self.workforce = None
        self.workers = (ANY_WORKER,)
        self.history = History()
        self.timings = SimpleNamespace(
            poll_hold_s=1.0, answer_s=1.0, startup_grace_s=1.0, recovery_s=0.5
        )
        self.patience_s = 1.0
        self.redis = self.processes = None
        self.witness = SimpleNamespace(
            sightings=lambda _: self.seen,
            address=("127.0.0.1", 7),
            place="127.0.0.1:7",
            trouble="",
        )
        self.polls = iter([self.first])

    def within(self, _probe: Probe) -> float:
        return 1.0

    async def try_submit(self, probe: Probe) -> tuple[Job | None, SubmitReply]:
        if self.submitted.job_id is None:
            return None, self.submitted
        system = cast(System, self)
        job = Job(id="1", key="1", probe=probe, owner=ANY_WORKER, submitted_s=0.0, system=system)
        return job, self.submitted

    async def poll(self, *_: object, **__: object) -> PollReply:
        return next(self.polls, self.last)

    async def monitors(self) -> dict[object, MonitorReply]:
        return {"a": self.monitored}


def capabilities(
    monkeypatch: pytest.MonkeyPatch, *, embedded: bool = True, **chosen: Any
) -> Capabilities:
    target = Target(**chosen)

    async def shown(_: object) -> DashboardReply:
        return target.shown

    async def no_tls() -> bool:
        return False

    monkeypatch.setattr(module, "_WITNESS_S", 0.0)
    monkeypatch.setattr(module, "dashboard", shown)
    config = RunConfig(target=TargetConfig(), embedded=embedded)
    servers = SimpleNamespace(redis_has_tls=no_tls)
    environment = SimpleNamespace(main=target, config=config, servers=servers)
    return asyncio.run(find_capabilities(cast(Environment, environment)))


def test_all_that_works_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    able = capabilities(monkeypatch)

    assert able.found == {
        "witness",
        "proof_of_work",
        "cursor",
        "monitor",
        "other_user",
        "dashboard",
        "runs_once",
    }
    assert able.broken == {}


def test_a_monitor_that_errs_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    said = MonitorReply(outcome=Outcome.FAILED, status=500, detail="oops")

    able = capabilities(monkeypatch, monitored=said)

    assert able.broken == {"monitor": "the monitor of worker a answered 500 oops"}


def test_what_the_adapter_met_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    able = capabilities(monkeypatch, troubles={"other_user": "answered 500"}, roles={Role.ADMIN})

    assert "other_user" not in able.found
    assert able.broken == {"other_user": "answered 500"}


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_dashboard_that_is_not_given_is_missing(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    able = capabilities(monkeypatch, shown=DashboardReply(outcome=Outcome.FAILED, status=status))

    assert "dashboard" not in able.found | able.broken.keys()


@pytest.mark.parametrize("status", [500, 502, None])
def test_a_dashboard_that_errs_is_broken(
    monkeypatch: pytest.MonkeyPatch, status: int | None
) -> None:
    able = capabilities(monkeypatch, shown=DashboardReply(outcome=Outcome.FAILED, status=status))

    assert "dashboard" in able.broken


def test_a_witness_that_nobody_reaches_is_broken_where_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "127.0.0.1:7" in capabilities(monkeypatch, seen=[]).broken["witness"]


def test_a_witness_on_loopback_is_not_given_to_a_target_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    able = capabilities(monkeypatch, seen=[], embedded=False)

    assert "witness" not in able.found | able.broken.keys()


def test_a_job_that_is_refused_says_nothing_of_the_witness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = SubmitReply(outcome=Outcome.FAILED, status=503, detail="later")

    able = capabilities(monkeypatch, submitted=refusal, embedded=False)

    assert "503 later" in able.broken["witness"]


def test_the_witness_does_not_hang_on_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A submit that is lost on its way is made again; one that is refused is not."""
    left = [SubmitReply(outcome=Outcome.UNKNOWN, detail="connection lost")]
    accepted = SubmitReply(outcome=Outcome.OK, status=200, job_id="1")
    taken = Target.try_submit

    async def try_submit(self: Target, probe: Probe) -> tuple[Job | None, SubmitReply]:
        self.submitted = left.pop() if left else accepted
        return await taken(self, probe)

    monkeypatch.setattr(Target, "try_submit", try_submit)

    assert "witness" in capabilities(monkeypatch).found


def test_a_first_poll_that_errs_says_nothing_of_the_position(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    able = capabilities(monkeypatch, first=PollReply(outcome=Outcome.FAILED, status=500))

    assert "cursor" in able.broken


def why_not(
    able: Capabilities, *, needs: tuple[str, ...] = (), **chosen: Any
) -> CaseOutcome | None:
    return why_not_to_ask(
        replace(ROW, needs=needs),
        CaseMark(requirement="TEST-001"),
        config=RunConfig(target=TargetConfig(), embedded=True),
        system=cast(System, Target(**chosen)),
        able=able,
    )


def test_what_works_is_asked() -> None:
    assert why_not(Capabilities(frozenset({"monitor", "witness"})), needs=("witness",)) is None


def test_what_was_not_given_is_not_assessed() -> None:
    able = Capabilities(frozenset({"monitor"}))

    assert isinstance(why_not(able, needs=("witness",)), NotAssessed)
    assert isinstance(why_not(able, roles=set()), NotAssessed)


def test_what_was_given_and_does_not_work_is_inconclusive_with_the_answer() -> None:
    outcome = why_not(Capabilities(broken={"monitor": "the monitor answered 500"}))

    assert isinstance(outcome, Inconclusive)
    assert str(outcome) == "the monitor answered 500"


def test_what_was_not_given_outranks_what_does_not_work() -> None:
    able = Capabilities(broken={"monitor": "the monitor answered 500"})

    assert isinstance(why_not(able, needs=("witness",)), NotAssessed)
