"""What another user's list of dead letters shows, and when it shows nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive, NotAssessed, Violation
from queueproof.history import Outcome
from queueproof.targets.job import Ending
from queueproof.targets.protocol import Role
from queueproof.targets.statuses import StatusReply

CASE: Any = import_module("suites.access.test_strangers")


def told(status: int | None, ids: list[str] | None = None) -> StatusReply:
    outcome = Outcome.OK if status == 200 else Outcome.FAILED
    return StatusReply(outcome=outcome, status=status, result=ids)


class Mine(SimpleNamespace):
    """The job, and all that a failure is about."""

    def __iter__(self) -> Iterator[Mine]:
        yield self


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The case of a job `mine`, by what each user is told."""

    def judged(own: StatusReply, other: StatusReply) -> None:
        async def dead_letters(_: Any, *, via: Any, role: Role = Role.USER) -> StatusReply:
            return other if role is Role.OTHER else own

        monkeypatch.setattr(CASE, "dead_letters", dead_letters)
        job = Mine(id="mine", system=SimpleNamespace(patience_s=0.1))
        asyncio.run(CASE._expect_a_list_of_their_own(job, "a"))

    return judged


@pytest.mark.parametrize("other", [told(403), told(404), told(200, []), told(200, ["another"])])
def test_a_refusal_and_a_list_without_the_job_are_right(judge: Any, other: StatusReply) -> None:
    judge(told(200, ["mine"]), other)


def test_a_list_with_the_job_is_wrong(judge: Any) -> None:
    with pytest.raises(Violation, match="told the job's id among 1"):
        judge(told(200, ["mine"]), told(200, ["mine"]))


@pytest.mark.parametrize("other", [told(500), told(None), told(429), told(200)])
def test_no_list_shows_nothing(judge: Any, other: StatusReply) -> None:
    with pytest.raises(Inconclusive, match="told another user no list"):
        judge(told(200, ["mine"]), other)


@pytest.mark.parametrize("own", [told(500), told(200), told(200, []), told(200, ["another"])])
def test_a_list_that_its_own_user_does_not_get_shows_nothing(judge: Any, own: StatusReply) -> None:
    with pytest.raises(Inconclusive, match="did not list the job for its own user"):
        judge(own, told(200, []))


def test_a_status_that_its_own_user_does_not_get_shows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another user who is refused it is refused what nobody gets."""

    async def status(_: Any, *, via: Any, role: Role = Role.USER) -> StatusReply:
        return told(404 if role is Role.OTHER else 500)

    async def given(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(ending=Ending.FAILED)

    target = SimpleNamespace(
        adapter=SimpleNamespace(operations={"status"}), promises=None, submit=given
    )
    monkeypatch.setattr(CASE, "status", status)
    monkeypatch.setattr(CASE, "read_job", given)

    with pytest.raises(Inconclusive, match="worker a told its own user no status"):
        asyncio.run(CASE.test_another_user_is_told_neither_the_status_nor_the_failure(target, "a"))


def test_one_list_for_all_is_asked_for_only_where_each_user_is_promised_their_own() -> None:
    target = SimpleNamespace(
        adapter=SimpleNamespace(operations={"dead"}),
        promises=SimpleNamespace(own_dead_letters=False),
    )
    case = CASE.test_another_user_is_told_neither_the_status_nor_the_failure

    with pytest.raises(NotAssessed, match="own_dead_letters"):
        asyncio.run(case(target, ("a",)))
