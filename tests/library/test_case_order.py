"""Cases that look come before the crowd, those that disturb after it, those that kill last."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import RunConfig, Timings
from queueproof.history import History
from queueproof.requirements import load_registry
from queueproof.running.case_order import PATIENT_S, CaseSlots, arrange
from queueproof.running.environment import Environment
from queueproof.running.marks import CaseMark
from queueproof.targets.contracts import embedded_target

REGISTRY = load_registry("langflow")


def case(
    requirement: str, *, alone: bool = False, closing: bool = False, wait_s: float = 0.0
) -> Any:
    mark = CaseMark(requirement=requirement, alone=alone, closing=closing, wait=lambda _: wait_s)
    return SimpleNamespace(id=requirement, mark=mark)


CROWD = [case("POLL-003"), case("TTL-005", wait_s=24.0)]
LOOKS = [case("MONI-005", alone=True), case("WDOG-003", alone=True, wait_s=14.0)]
KILLS, CUTS = case("LIFE-001", alone=True), case("CANC-018", alone=True)
GRACE = case("GRACE-001", alone=True)


def test_who_looks_comes_first_and_who_kills_comes_last() -> None:
    cases = [KILLS, *CROWD, CUTS, *LOOKS, GRACE]

    turns = arrange(cases, registry=REGISTRY, timings=Timings(), apart=False)

    assert [one.id for one in turns.first] == ["WDOG-003", "MONI-005"]
    assert [one.id for one in turns.together] == ["TTL-005", "POLL-003"]
    assert [one.id for one in turns.last] == ["GRACE-001", "CANC-018", "LIFE-001"]


def test_with_targets_of_their_own_all_come_side_by_side() -> None:
    cases = [KILLS, *CROWD, *LOOKS]

    turns = arrange(cases, registry=REGISTRY, timings=Timings(), apart=True)

    assert (turns.first, turns.last) == ((), ())
    assert {one.id for one in turns.together} == {one.id for one in cases}


@pytest.mark.parametrize("apart", [True, False])
def test_who_judges_what_a_run_has_left_behind_closes_it(apart: bool) -> None:
    """On the target that all have shared, whether or not others have targets of their own."""
    closing = case("SUBM-009", closing=True)

    turns = arrange([closing, *CROWD, KILLS], registry=REGISTRY, timings=Timings(), apart=apart)

    assert turns.closing == (closing,)
    assert closing not in (*turns.first, *turns.together, *turns.last)


def test_who_mostly_waits_takes_no_place_from_who_works() -> None:
    places = CaseSlots(1, Timings())
    busy, patient = case("POLL-003", wait_s=PATIENT_S - 1), case("TTL-005", wait_s=PATIENT_S)

    assert places.of(busy) is places.of(CROWD[0])
    assert places.of(patient) is places.of(CROWD[1])
    assert places.of(busy) is not places.of(patient)


def test_who_waits_for_a_lane_of_its_own_takes_no_place_from_the_others() -> None:
    async def waiting_for_lanes() -> tuple[bool, bool]:
        places = CaseSlots(1, Timings(), lanes=1)
        lane = places.of(KILLS)
        async with lane:
            return lane.locked(), places.of(CROWD[0]).locked()

    assert asyncio.run(waiting_for_lanes()) == (True, False)


@pytest.mark.parametrize(("later", "wide"), [(0, 2), (1, 2), (5, 5)])
def test_lanes_are_more_when_nobody_else_is_at_work_where_that_is_said(
    later: int, wide: int
) -> None:
    """Whoever declares how many targets a machine bears gets no more of them."""

    async def at_once(*, widened: bool) -> int:
        places = CaseSlots(1, Timings(), lanes=2, later_lanes=later)
        if widened:
            places.widen()
        lanes, taken = places.of(KILLS), 0
        while not lanes.locked():
            await lanes.acquire()
            taken += 1
        return taken

    assert [asyncio.run(at_once(widened=widened)) for widened in (False, True)] == [2, wide]


def test_without_lanes_who_is_to_be_alone_takes_a_place_as_anybody_does() -> None:
    places = CaseSlots(1, Timings())

    assert not places.in_lane(KILLS)
    assert places.of(KILLS) is places.of(CROWD[0])


@pytest.mark.parametrize(
    ("lanes", "later", "at_once"), [(5, 10, 10), (2, 0, 2), (0, 10, 0), (12, 10, 12)]
)
def test_a_run_has_no_more_lanes_than_its_launch_says(lanes: int, later: int, at_once: int) -> None:
    """`--parallel 2`, or `lanes = 2` in a target file, is a bound of the machine."""
    target = embedded_target("langflow")
    assert target.launch is not None
    launch = replace(target.launch, lanes=lanes, later_lanes=later)
    config = RunConfig(target=replace(target, launch=launch), embedded=True)

    environment = Environment(config, History())

    assert environment.later_lane_count == at_once
    assert environment._lane_turn._value == max(at_once, 1)
