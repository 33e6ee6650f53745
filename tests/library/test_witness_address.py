"""Which address of the witness jobs are told."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from queueproof.config.checks import place_of
from queueproof.config.load import load_target
from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.history import History
from queueproof.targets.witness import Witness
from queueproof.targets.witness_address import announced

HERE = TargetConfig(urls=("http://127.0.0.1:7860",))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("10.0.0.5", ("10.0.0.5", 0)),
        ("gate:9000", ("gate", 9000)),
        ("::1", ("::1", 0)),
        ("[::1]:9000", ("::1", 9000)),
    ],
)
def test_a_host_comes_with_or_without_a_port(text: str, place: tuple[str, int]) -> None:
    assert place_of(text, "somewhere") == place


@pytest.mark.parametrize(
    "text", ["", ":9000", "gate:no", "gate:0", "gate:70000", "a b", "http://gate", "[::1", "u@gate"]
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write it like"):
        place_of(text, "somewhere")


@pytest.mark.parametrize(
    ("target", "bound", "told"),
    [
        (HERE, ("127.0.0.1", 41), ("127.0.0.1", 41)),
        (replace(HERE, witness_announce="gate:9000"), ("0.0.0.0", 41), ("gate", 9000)),
        (replace(HERE, witness_announce="10.0.0.5"), ("0.0.0.0", 41), ("10.0.0.5", 41)),
        (HERE, ("0.0.0.0", 41), ("127.0.0.1", 41)),
        (replace(HERE, urls=("http://[::1]:7860",)), ("::", 41), ("::1", 41)),
        (replace(HERE, urls=("http://nowhere.invalid",)), ("0.0.0.0", 41), ("127.0.0.1", 41)),
        (replace(HERE, urls=()), ("0.0.0.0", 41), ("127.0.0.1", 41)),
    ],
)
def test_jobs_are_told_what_they_can_reach(
    target: TargetConfig, bound: tuple[str, int], told: tuple[str, int]
) -> None:
    """Never an address that means everywhere."""
    assert announced(target, bound) == told


def test_a_witness_listens_at_one_address_and_tells_another() -> None:
    target = load_target(None, {"QUEUEPROOF_WITNESS_ANNOUNCE": "gate.internal"})

    async def started() -> tuple[str, int]:
        witness = Witness(History())
        await witness.start_for(target)
        await witness.stop()
        return witness.address

    host, port = asyncio.run(started())

    assert host == "gate.internal"
    assert port > 0
