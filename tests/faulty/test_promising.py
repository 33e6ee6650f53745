"""A variant may be judged by other promises than the reference makes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from queueproof.config.load import load_target
from tests.faulty.catalogue import Kind, Variant
from tests.faulty.playing import Plan, command
from tests.faulty.promising import TOKENS, write_target_file

PROMISED = {"delivery": '"at-most-once"'}


def test_the_file_promises_what_the_variant_says_and_starts_the_reference(tmp_path: Path) -> None:
    target = load_target(write_target_file(PROMISED, tmp_path), TOKENS)

    assert target.promises is not None
    assert target.promises.delivery == "at-most-once"
    assert target.promises.stop == "drain"
    assert target.launch is not None
    assert target.launch.command[0] == sys.executable
    assert (target.worker_slots, target.launch.environment["JOBS_SLOTS"]) == (3, "3")


def test_a_promise_that_the_reference_does_not_make_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="has no speed"):
        write_target_file({"speed": "1"}, tmp_path)


def test_a_run_is_given_the_file_where_there_are_such_promises_alone(tmp_path: Path) -> None:
    plan = Plan(contract="generic", out=tmp_path, at_once=1, seed=1)
    own = Variant(
        name="v",
        kind=Kind.FAULTY,
        incident="seen",
        scenario="CHAOS-201",
        promises=tuple(PROMISED.items()),
    )
    plain = Variant(name="v", kind=Kind.FAULTY, incident="seen", scenario="CHAOS-201")

    assert str(tmp_path / "target.toml") in command(own, (), plan, tmp_path)
    assert "--config" not in command(plain, (), plan, tmp_path)
