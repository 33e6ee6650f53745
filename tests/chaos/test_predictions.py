"""Outages of the flowise contract: what is declared, planned and judged differently, and a run."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psutil
import pytest

from queueproof.chaos.contract_traits import traits_of
from queueproof.chaos.judging import invariants_of, judge
from queueproof.chaos.outcome import ScenarioResult, entry_of
from queueproof.chaos.plan import Errand, Plan, make_plan
from queueproof.chaos.run import ChaosRun, Part
from queueproof.chaos.scenario import Scenario, for_contract, load_scenarios, scenario_from
from queueproof.checkers.answers import check_cancelled
from queueproof.checkers.findings import Status
from queueproof.checkers.job_outcomes import check_ended, check_refused, check_spared
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING
from queueproof.checkers.readings import check_readings
from queueproof.checkers.service import check_health, check_service
from queueproof.checkers.terminal_events import check_terminal_events
from queueproof.config.chaos import load_chaos
from queueproof.config.model import ReplicaConfig, RunConfig
from queueproof.errors import UsageError
from queueproof.history import EventKind, Operation
from queueproof.processes import sockets
from queueproof.processes.sockets import owner_of
from queueproof.requirements import load_registry
from queueproof.targets.contracts import embedded_target
from queueproof.verdicts import Verdict

from .histories import (
    APPLIED,
    HEALED,
    end,
    frame,
    op,
    outage,
    statuses,
    stream,
    submit,
    ticks,
    words,
    work,
)

HELD, BROKEN = Status.HELD, Status.BROKEN
SCENARIOS = for_contract(load_scenarios(), "flowise")
TRAITS = {
    "everybody": ["a", "worker a", "worker b"],
    "crew": ["worker a", "worker b"],
    "rereads": False,
    "end_closes": True,
    "health_notice_s": 1.0,
}
COMPLETE = [*ticks(0, 1, 2, 3, from_s=2.0), end(6.0)]
DONE = work(0, 1, 2, 3, from_s=2.0)
CUT_OFF = {**TRAITS, "struck": ["a"], "silenced": ["a"]}


def wait(at_s: float, *, took_s: float = 4.5, accepted: bool = True, **rest: object) -> Operation:
    """A prediction that its client waited for."""
    facts = {"key": "k", "errand": 7, "ticks": 4, "lasts_s": 4.0, "accepted": accepted}
    return op("predict", at_s, took_s=took_s, job="j", facts=facts, **rest)


def answered(at_s: float = 1.0) -> Operation:
    """One that was answered with its result."""
    return wait(at_s, events=[end(at_s + 4.5)])


def lookup(at_s: float, *, kept: bool = True, again: bool = False) -> Operation:
    """A look into the database."""
    events = [end(at_s)] if kept else []
    return op("lookup", at_s, job="j", events=events, facts={"again": again})


def worked_by(*hosts: str, numbers: tuple[int, ...] = (0, 1, 2, 3)) -> Operation:
    """What the witness saw, and of whom."""
    seen = work(*numbers, from_s=9.5)
    seen.facts["hosts"] = ["a", *hosts]
    return seen


def broken_off(until_s: float = 10.5) -> Operation:
    """A stream that broke with the server behind it."""
    return stream(9.2, ticks(0, from_s=9.5), until_s=until_s, facts={"ended": "broken"})


# -- what is declared and planned ----------------------------------------------------------


def test_both_contracts_have_outages_of_their_own_and_some_in_common() -> None:
    langflow = for_contract(load_scenarios(), "langflow")

    assert len(SCENARIOS) >= 20
    assert len(langflow) >= 50
    assert len({one.id for one in SCENARIOS} & {one.id for one in langflow}) >= 5


def test_requirements_that_both_contracts_share_are_judged_by_one_checker() -> None:
    for contract in ("langflow", "flowise"):
        judged = {row.id for row in load_registry(contract) if "chaos" in row.judged_by}
        assert judged == set(invariants_of(contract))
    lacking = set(invariants_of("langflow")) - set(invariants_of("flowise"))
    assert lacking == {"RESI-009", "RESI-011"}


def test_workers_beside_the_server_count_as_replicas_behind_it() -> None:
    declared = {"id": "CHAOS-999", "title": "t", "verifies": "v.", "faults": [{"fault": "down"}]}

    assert scenario_from(
        {**declared, "contracts": ["flowise"], "affected_replicas": [2]}, where="here"
    )
    with pytest.raises(UsageError, match="does not have"):
        scenario_from(
            {**declared, "contracts": ["flowise", "langflow"], "affected_replicas": [2]}, where="x"
        )
    with pytest.raises(UsageError, match="which is none"):
        scenario_from({**declared, "contracts": ["celery"]}, where="here")


def test_a_plan_waits_streams_and_aborts_in_each_phase_that_hurts() -> None:
    plan = make_plan(SCENARIOS[0], lasts_s=3.0, seed=1, traits=traits_of("flowise"))

    assert {errand.read for errand in plan.errands} == {"wait", "stream"}
    assert {errand.via for errand in plan.errands} == {0}
    aborted = [errand for errand in plan.errands if errand.cancel_in]
    assert {errand.cancel_in for errand in aborted} == {"during", "recovery", "after"}
    assert {errand.read for errand in aborted} == {"stream"}


def test_worker_programs_are_declared_beside_the_replicas() -> None:
    """They need no address, since not all of them serve one."""
    given = {"replicas": [{"url": "http://127.0.0.1:3000"}], "workers": [{"process_root": 7}]}

    config = load_chaos(given, where="[chaos]")

    assert config.workers == (ReplicaConfig(url="", process_root=7),)
    with pytest.raises(UsageError, match="Toxiproxy"):
        load_chaos({**given, "workers": [{"proxy": "w"}]}, where="[chaos]")


# -- what is judged ------------------------------------------------------------------------


def test_a_prediction_that_is_answered_is_submit_and_reading_at_once() -> None:
    told = outage(answered(), DONE, **TRAITS)

    assert statuses(check_ended(told)) == [HELD]
    assert statuses(check_spared(told)) == [HELD]
    assert statuses(check_terminal_events(told)) == [HELD]
    assert statuses(check_service(told)) == [HELD]
    assert statuses(check_readings(told)) == []


def test_a_prediction_that_is_never_answered_is_lost() -> None:
    """As all are on a system that hears of no completion after a restart of Redis."""
    hung = wait(17.0, took_s=22.0, status=None)

    found = check_ended(outage(hung, work(0, 1, 2, 3, from_s=17.1), **TRAITS))

    assert statuses(found) == [BROKEN]
    assert "4 of 4 ticks were done" in words(found)


def test_a_refused_prediction_was_no_job_and_must_have_no_side_effects() -> None:
    refused = wait(11.0, took_s=0.1, accepted=False, status=503)

    assert statuses(check_ended(outage(refused, **TRAITS))) == []
    seen = op("work", 40.0, facts={"key": "another", "heard": True})
    assert statuses(check_refused(outage(refused, seen, **TRAITS))) == [HELD]
    assert statuses(check_refused(outage(refused, DONE, **TRAITS))) == [BROKEN]


def test_a_prediction_that_failed_as_told_was_not_refused() -> None:
    failed = wait(9.0, status=500, events=[end(13.5, EventKind.ERROR)])
    told = outage(failed, work(0, from_s=9.5), **TRAITS)

    assert statuses(check_ended(told)) == [HELD]
    assert statuses(check_refused(told)) == []
    assert statuses(check_spared(outage(failed, costs="nothing", **TRAITS))) == [BROKEN]


def test_who_loses_his_only_stream_with_the_server_knows_it() -> None:
    """Elsewhere he could ask again, and then must be told."""
    lost = (submit(9.0), broken_off(), worked_by("worker a"))

    assert statuses(check_ended(outage(*lost, **CUT_OFF))) == [HELD]
    assert statuses(check_ended(outage(*lost, **{**CUT_OFF, "rereads": True}))) == [BROKEN]
    assert statuses(check_ended(outage(*lost, **TRAITS))) == [BROKEN]


def test_what_the_database_kept_tells_that_a_job_was_spared() -> None:
    lived = (submit(9.0), broken_off(), worked_by("worker a"))

    kept = outage(*lived, lookup(15.0), costs="nothing", **CUT_OFF)
    gone = outage(*lived, lookup(25.0, kept=False), costs="nothing", **CUT_OFF)

    refused = op("lookup", 15.0, job="j", status=401)
    unknown = outage(*lived, refused, costs="nothing", **CUT_OFF)

    assert statuses(check_spared(kept)) == [HELD]
    assert statuses(check_spared(gone)) == [BROKEN]
    assert statuses(check_spared(unknown)) == [Status.DOUBTFUL]
    later = outage(
        *lived, lookup(15.0, kept=False), lookup(20.0, again=True), costs="nothing", **CUT_OFF
    )
    assert statuses(check_spared(later)) == [HELD]
    early = outage(*lived, lookup(13.0, kept=False), costs="nothing", **CUT_OFF)
    assert statuses(check_spared(early)) == [Status.DOUBTFUL]


def test_the_database_must_not_know_better_than_the_stream() -> None:
    cancelled = [*ticks(0, from_s=2.0), end(3.0, EventKind.CANCELLED), end(3.1)]
    cancel = op("cancel", 2.5, job="j", facts={"claims_success": True})
    aborted = (submit(), stream(1.2, cancelled), cancel, work(0, 1, 2, 3, from_s=2.0))

    assert BROKEN not in statuses(
        check_terminal_events(outage(*aborted, lookup(20.0, kept=False), **TRAITS))
    )
    found = check_terminal_events(outage(*aborted, lookup(20.0, again=True), **TRAITS))
    assert "one was told cancelled, another" in words(found)


def test_an_end_closes_what_an_abort_had_begun_to_tell() -> None:
    """Where an end event always follows, it is not something behind the end."""
    events = [*ticks(0, from_s=2.0), end(3.0, EventKind.CANCELLED), end(3.1)]
    cancel = op("cancel", 2.5, job="j", facts={"claims_success": True})

    assert BROKEN not in statuses(
        check_terminal_events(outage(submit(), stream(1.2, events), cancel, **TRAITS))
    )
    assert BROKEN in statuses(check_terminal_events(outage(submit(), stream(1.2, events), cancel)))
    late = [*events, *ticks(1, from_s=3.2)]
    assert BROKEN in statuses(
        check_terminal_events(outage(submit(), stream(1.2, late), cancel, **TRAITS))
    )


def test_a_worker_that_was_not_struck_must_spare_its_jobs() -> None:
    """Which worker did a job is known where the witness could see it."""
    told = [*ticks(0, from_s=9.5), end(13.0, EventKind.ERROR), end(13.0)]
    struck = {**TRAITS, "struck": ["worker a"]}

    def judged(*hosts: str) -> list[Status]:
        lived = (submit(9.0), stream(9.2, told), worked_by(*hosts, numbers=(0,)))
        return statuses(check_spared(outage(*lived, **struck)))

    assert judged("worker a") == []
    assert judged("worker b") == [BROKEN]
    assert judged("worker a", "worker b") == []


def test_an_abort_need_not_reach_a_worker_that_is_cut_off() -> None:
    cancel = op("cancel", 11.0, job="j", facts={"claims_success": True})
    struck = {**TRAITS, "struck": ["worker a"]}

    def judged(host: str) -> list[Status]:
        seen = work(*range(8), from_s=9.5, every_s=0.6)
        seen.facts["hosts"] = ["a", host]
        return statuses(check_cancelled(outage(submit(9.0, ticks=40), cancel, seen, **struck)))

    assert judged("worker a") == [HELD]
    assert judged("worker b") == [BROKEN]


@pytest.mark.parametrize(
    ("worker", "at_s", "status", "found"),
    [
        ("a", 1.0, 503, [BROKEN]),
        ("a", 10.5, 200, []),
        ("a", 11.5, 200, [BROKEN]),
        ("a", 11.5, 503, [HELD]),
        ("a", 16.1, 503, [BROKEN]),
        ("worker a", 16.1, 503, []),
        ("worker a", HEALED + 6.1, 503, [BROKEN]),
    ],
)
def test_health_is_judged_once_it_can_have_noticed(
    worker: str, at_s: float, status: int, found: list[Status]
) -> None:
    """Service may be whole while one worker of two is still coming back."""
    look = op("health", at_s, worker=worker, status=status)

    assert statuses(check_health(outage(look, wedges=True, **TRAITS))) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (wait(APPLIED + 2, took_s=HEALED - APPLIED), [BROKEN]),
        (wait(APPLIED + 2, took_s=1.5, events=[end(APPLIED + 3.5)]), []),
    ],
)
def test_a_prediction_that_hung_until_the_heal_was_not_accepted_in_the_outage(
    asked: Operation, found: list[Status]
) -> None:
    """Who was answered, or whose work was seen, in the midst of it had a health check say well."""
    look = op("health", APPLIED + 3, status=200)

    assert statuses(check_health(outage(look, asked, wedges=True, **CUT_OFF))) == found


def test_verdicts_are_given_for_the_contracts_own_requirements() -> None:
    judged = {one.requirement for one in judge([*frame(**TRAITS), answered(), DONE], "flowise")}

    assert "RESI-001" in judged
    assert "RESI-009" not in judged


# -- who did it ----------------------------------------------------------------------------


def refusing(*_: object) -> str:
    """A kernel that tells of no sockets."""
    raise PermissionError


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("asked", [True, False], ids=["kernel", "tables"])
def test_the_process_that_holds_a_connection_is_found(
    monkeypatch: pytest.MonkeyPatch, host: str, asked: bool
) -> None:
    """By the system's own word; a connection that nobody holds has no owner."""
    if not Path("/proc/self/net/tcp").exists():
        pytest.skip("needs /proc")
    if not asked:
        monkeypatch.setattr(sockets, "inode_of", refusing)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.create_server((host, 0), family=family) as server,
        socket.create_connection(server.getsockname()[:2]) as client,
    ):
        ends = client.getsockname()[:2], client.getpeername()[:2]
        assert owner_of(*ends, [psutil.Process().ppid(), os.getpid()]) == os.getpid()
        assert owner_of((host, 1), ends[1], [os.getpid()]) is None
        assert owner_of(*ends, [psutil.Process().ppid()]) is None


# -- a run ---------------------------------------------------------------------------------


def test_an_outage_is_played_on_server_and_workers(tmp_path: Path) -> None:
    """A worker is killed under running jobs, one of them waited for, and comes back."""
    [killed] = [scenario for scenario in SCENARIOS if scenario.id == "CHAOS-101"]
    running = [errand(0, BEFORE, "stream", 8), errand(1, BEFORE, "wait", 8)]
    later = [errand(2, DURING, "wait", 2), errand(3, AFTER, "stream", 2)]
    plan = Plan(scenario=killed.id, seed=1, steady_s=1.0, lasts_s=1.0, errands=(*running, *later))
    config = RunConfig(target=embedded_target("flowise"), embedded=True, seed=1, out=tmp_path)
    run = ChaosRun(config, Quiet())

    run.play([Part(scenario=killed, name=killed.id, plan=plan)])

    result = run.results[killed.id]
    assert result.verdict is Verdict.PASSED, entry_of(result)
    assert "is gone" in "; ".join(result.confirmation)
    assert result.outage is not None
    hosts = {host for life in result.outage.accepted for host in life.hosts}
    assert {"a", "worker a", "worker b"} >= hosts > {"a"}
    seen = {look.worker for look in result.outage.of_kind("health") if look.status == 200}
    assert seen == {"a", "worker a", "worker b"}


def errand(number: int, phase: str, read: str, count: int) -> Errand:
    """A job of so many ticks, a quarter of a second each."""
    return Errand(
        number=number,
        phase=phase,
        at_s=0.0,
        via=0,
        read=read,
        read_via=0,
        ticks=count,
        interval_s=0.25,
    )


class Quiet:
    """A progress that tells nothing."""

    def started(self, name: str, scenario: Scenario) -> None:
        """Nothing."""

    def phase(self, name: str, phase: str) -> None:
        """Nothing."""

    def finished(self, name: str, result: ScenarioResult) -> None:
        """Nothing."""
