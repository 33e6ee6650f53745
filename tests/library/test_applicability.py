"""What access a run has, and in which words a case is not asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import RunConfig, TargetConfig, Timings
from queueproof.errors import CaseOutcome, Inconclusive, NotAssessed
from queueproof.requirements import Access, Level, Requirement
from queueproof.running import applicability
from queueproof.running.applicability import (
    access_levels,
    disturbs,
    missing_workers,
    why_not_to_ask,
)
from queueproof.running.capabilities import Capabilities
from queueproof.running.marks import CaseMark
from queueproof.targets.protocol import Role

ALL = frozenset({Role.USER, Role.ADMIN, Role.OTHER, Role.NOBODY})
PATIENCE_S = 30.0


def system(**given: Any) -> Any:
    """A target of three workers, of which nothing but its answers is known."""
    down = given.pop("down", ())
    fleet = SimpleNamespace(
        identifier=given.pop("identifier", object()),
        unsorted_because="they share a front",
        addresses=SimpleNamespace(
            down=down, out_of_service=f"{', '.join(down)} refuses connections" if down else ""
        ),
        found=given.pop("found", 3),
    )
    roles = given.pop("roles", ALL)
    adapter = SimpleNamespace(
        has=lambda role: role in roles, operations=given.pop("operations", {"poll", "monitor"})
    )
    rest = {
        "redis": None,
        "redis_reason": "",
        "processes": None,
        "crew": (),
        "workforce": None,
        "workers": ("a", "b", "c"),
        "timings": Timings(stale_threshold_s=7.0),
    }
    return SimpleNamespace(fleet=fleet, adapter=adapter, **{**rest, **given})


def launch(*, for_cases: bool = False, lanes: int = 0) -> Any:
    return SimpleNamespace(for_cases=for_cases, lanes=lanes, worker_command=())


def levels(*, target: TargetConfig | None = None, **given: Any) -> frozenset[Access]:
    config = RunConfig(target=target or TargetConfig(), embedded=False)
    return access_levels(config, system(**given))


def test_what_is_given_is_what_may_be_used() -> None:
    http = {Access.HTTP}

    assert levels(roles={Role.USER}) == http
    assert levels() == http | {Access.ADMIN}
    assert levels(roles={Role.USER}, redis=object()) == http | {Access.REDIS}
    assert levels(roles={Role.USER}, processes=object()) == http | {Access.PROCESS}
    assert levels(roles={Role.USER}, workforce=object()) == http | {Access.PROCESS}
    members = (SimpleNamespace(pid=None), SimpleNamespace(pid=4711))
    assert levels(roles={Role.USER}, crew=members) == http | {Access.PROCESS}
    assert levels(roles={Role.USER}, crew=members[:1]) == http


def test_who_may_start_targets_of_his_own_may_do_to_them_what_he_likes() -> None:
    own = {Access.LAUNCH, Access.REDIS, Access.PROCESS}

    assert levels(target=TargetConfig(launch=launch(for_cases=True))) == {
        *own,
        *(Access.HTTP, Access.ADMIN),
    }
    assert levels(roles={Role.USER}, target=TargetConfig(launch=launch())) == {Access.HTTP}


def requirement(access: Access = Access.HTTP, **more: Any) -> Requirement:
    return Requirement(
        id="TEST-001",
        level=Level.MUST,
        area="testing",
        sentence="It is so.",
        contract="langflow",
        heading="Tests",
        access=access,
        **more,
    )


def why(
    row: Requirement,
    *,
    needs: tuple[str, ...] = (),
    workers: int = 1,
    alone: bool = False,
    wait_s: float | None = None,
    able: Capabilities | None = None,
    target: TargetConfig | None = None,
    **given: Any,
) -> CaseOutcome | None:
    """Why this requirement's case is not asked of the target."""
    marked: dict[str, Any] = {} if wait_s is None else {"wait": lambda _: wait_s}
    mark = CaseMark(requirement=row.id, needs=needs, workers=workers, alone=alone, **marked)
    return why_not_to_ask(
        row,
        mark,
        config=RunConfig(target=target or TargetConfig(), embedded=False, patience_s=PATIENCE_S),
        system=system(**given),
        able=able or Capabilities(frozenset({"monitor"})),
    )


def not_asked(outcome: CaseOutcome | None) -> str:
    assert isinstance(outcome, NotAssessed)
    return str(outcome)


def test_a_case_of_the_monitor_wants_a_monitor_that_answers() -> None:
    admin, nothing = requirement(Access.ADMIN), Capabilities()

    assert why(admin) is None
    assert not_asked(why(admin, able=nothing)).startswith("needs monitor: a superuser's token")
    assert why(admin, able=nothing, operations={"poll"}) is None, "it has none"
    assert why(requirement(), able=nothing) is None, "the case does not look at it"


@pytest.mark.parametrize(
    ("needs", "told"),
    [
        (("witness",), "needs witness: the target must be able to reach the witness (witness_host"),
        (("monitor", "cursor"), "needs cursor: the target's polls name no position"),
        (("of_tomorrow",), "needs of_tomorrow: of_tomorrow"),
    ],
)
def test_what_is_lacking_is_named_with_what_gives_it(needs: tuple[str, ...], told: str) -> None:
    assert not_asked(why(requirement(), needs=needs)).startswith(told)


def test_what_a_requirement_needs_its_cases_need() -> None:
    assert "needs witness" in not_asked(why(requirement(needs=("witness",))))


def test_the_first_of_what_was_given_and_does_not_work_is_told() -> None:
    able = Capabilities(broken={"witness": "no tick came", "monitor": "it answered 500"})

    outcome = why(requirement(), needs=("witness", "monitor"), able=able)

    assert isinstance(outcome, Inconclusive)
    assert str(outcome) == "no tick came"


@pytest.mark.parametrize(
    ("access", "told"),
    [
        (Access.ADMIN, "needs admin access: a superuser's token (QUEUEPROOF_ADMIN_TOKEN"),
        (Access.REDIS, "needs redis access: the queue's Redis URL (--redis-url"),
        (Access.PROCESS, "needs process access: the target's master process id"),
        (Access.LAUNCH, "needs launch access: a start command ([launch] in the target file)"),
    ],
)
def test_an_access_that_was_not_given_is_named_with_what_gives_it(
    access: Access, told: str
) -> None:
    assert not_asked(why(requirement(access), roles={Role.USER})).startswith(told)


def test_a_redis_that_was_given_and_cannot_be_used_says_why() -> None:
    told = why(requirement(Access.REDIS), redis_reason="its password is wrong")

    assert not_asked(told) == "its password is wrong"


def test_a_copy_of_the_target_brings_its_own_redis() -> None:
    """Where the case is alone and there are copies; not elsewhere."""
    row = requirement(Access.REDIS)
    copies = TargetConfig(launch=launch(for_cases=True, lanes=1))
    none = TargetConfig(launch=launch(for_cases=True))

    assert why(row, alone=True, target=copies) is None
    assert "needs redis" in not_asked(why(row, alone=False, target=copies))
    assert "needs redis" in not_asked(why(row, alone=True, target=none))
    assert "needs redis" in not_asked(why(row, alone=True))
    assert why(row, redis=object()) is None


def test_who_disturbs_needs_the_owners_word() -> None:
    row, mine = requirement(destructive=True), TargetConfig(disposable=True)

    assert not_asked(why(row)) == "disturbs the whole target: say that it is --disposable"
    assert why(row, target=mine) is None
    assert disturbs(row, Access.HTTP)
    assert not disturbs(row, Access.LAUNCH)
    assert not disturbs(requirement(), Access.HTTP)


def test_as_many_workers_as_there_are_suffice() -> None:
    assert why(requirement(), workers=3) is None
    assert not_asked(why(requirement(), workers=4)) == "needs 4 workers, found 3"
    unsorted = why(requirement(), workers=4, identifier=None)
    assert not_asked(unsorted) == "needs 4 known workers: they share a front"


def test_what_a_case_starts_by_itself_has_the_workers_it_wants() -> None:
    own = TargetConfig(launch=launch(for_cases=True), workers=5)

    assert why(requirement(Access.LAUNCH), workers=9, target=own) is None


def test_workers_that_should_be_there_leave_open_what_needs_them() -> None:
    declared = TargetConfig(workers=4)
    outcome = why(requirement(), workers=4, target=declared)

    assert isinstance(outcome, Inconclusive)
    assert str(outcome).startswith("needs 4 workers: 4 workers are declared, 3 found")
    assert why(requirement(), workers=3, target=declared) is None


def test_a_wait_as_long_as_the_patience_is_waited() -> None:
    assert why(requirement(), wait_s=PATIENCE_S) is None
    told = "waits 31 s with the declared timings, more than --patience 30"
    assert not_asked(why(requirement(), wait_s=31.0)) == told


def test_a_wait_depends_on_the_declared_timings() -> None:
    mark = CaseMark(requirement="TEST-001", wait=lambda timings: 10 * timings.stale_threshold_s)
    config = RunConfig(target=TargetConfig(), embedded=False, patience_s=PATIENCE_S)

    told = why_not_to_ask(requirement(), mark, config=config, system=system(), able=Capabilities())

    assert "waits 70 s" in not_asked(told)


def missing(declared: int | None, **given: Any) -> str:
    config = RunConfig(target=TargetConfig(workers=declared), embedded=False)
    return missing_workers(config, system(**given))


def test_what_is_declared_of_workers_and_was_not_found_is_told() -> None:
    assert missing(4).startswith("4 workers are declared, 3 found")
    assert missing(3) == ""
    assert missing(2) == ""
    assert missing(None) == ""
    assert missing(4, identifier=None) == ""
    assert missing(None, down=("http://b", "http://c")) == "http://b, http://c refuses connections"


def test_where_workers_are_programs_beside_the_server_those_of_the_server_are_not_counted() -> None:
    config = RunConfig(target=TargetConfig(workers=4, worker_processes=(4711,)), embedded=False)

    assert missing_workers(config, system()) == ""


def test_what_a_description_decides_is_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    row, target = requirement(Access.LAUNCH), TargetConfig()

    def by_description(asked: Requirement, of: TargetConfig) -> str:
        assert asked is row
        assert of is target
        return "the mapping names no poll"

    monkeypatch.setattr(applicability, "why_not_by_description", by_description)

    assert not_asked(why(row, needs=("witness",), target=target)) == "the mapping names no poll"
