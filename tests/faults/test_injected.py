"""A fault is applied, proven to have bitten, and healed, whatever happens between."""

from __future__ import annotations

import asyncio

import pytest

from queueproof.errors import Inconclusive, Violation
from queueproof.faults.base import Unconfirmed, injected
from queueproof.history import History


class Scripted:
    """A fault that writes down what is done with it."""

    name = "a scripted fault"

    def __init__(self, *, bites: bool = True, applies: bool = True) -> None:
        self.done: list[str] = []
        self._bites = bites
        self._applies = applies

    async def apply(self) -> None:
        self.done.append("apply")
        if not self._applies:
            raise Inconclusive("it could not be applied")

    async def confirm(self) -> str:
        self.done.append("confirm")
        if not self._bites:
            raise Unconfirmed("nothing was cut")
        return "three connections were cut"

    async def heal(self) -> None:
        self.done.append("heal")


def play(fault: Scripted, error: Exception | None = None) -> History:
    history = History()

    async def body() -> None:
        async with injected(fault, history):
            fault.done.append("body")
            if error is not None:
                raise error

    asyncio.run(body())
    return history


def test_its_effect_is_confirmed_after_the_body_and_before_it_is_healed() -> None:
    fault = Scripted()

    history = play(fault)

    assert fault.done == ["apply", "body", "confirm", "heal"]
    assert [note.detail for note in history.operations] == [
        "a scripted fault applied",
        "a scripted fault confirmed: three connections were cut",
        "a scripted fault healed",
    ]


def test_a_fault_without_effect_leaves_the_case_inconclusive_and_is_healed() -> None:
    fault = Scripted(bites=False)

    with pytest.raises(Inconclusive, match="nothing was cut"):
        play(fault)

    assert fault.done[-1] == "heal"


def test_a_body_that_raised_is_healed_and_keeps_its_verdict() -> None:
    fault = Scripted()

    with pytest.raises(Violation):
        play(fault, Violation(expected="this", actual="that"))

    assert fault.done == ["apply", "body", "heal"]


def test_what_was_applied_in_part_is_healed() -> None:
    fault = Scripted(applies=False)

    with pytest.raises(Inconclusive, match="could not be applied"):
        play(fault)

    assert fault.done == ["apply", "heal"]
