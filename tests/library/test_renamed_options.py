"""One word a thing on the command line; the old words are understood for a release."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from queueproof.cli.main import app
from queueproof.cli.renamed import RENAMED, renamed


def parsed(*words: str) -> Any:
    """The values that a command line gives to the command's parameters."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("queueproof", list(words))
    name, command, rest = group.resolve_command(context, list(words))
    found = command.make_context(name, rest, parent=context)
    return found.params


def options_of(command: str) -> set[str]:
    group: Any = typer.main.get_command(app)
    context = group.make_context("queueproof", [command])
    _, found, _ = group.resolve_command(context, [command])
    return {option for parameter in found.params for option in parameter.opts}


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (("gate", "--lanes", "2"), "parallel", 2),
        (("gate", "--lanes=2", "--only", "cancel"), "only", ["cancel"]),
        (("chaos", "--at-once", "3"), "parallel", 3),
        (("chaos", "--scenario", "CHAOS-001", "--scenario=CHAOS-002"), "only", None),
        (("explore", "--minutes", "0.5"), "duration", "0.5m"),
        (("load", "--profile", "knee"), "only", "knee"),
        (("load", "--processes", "4"), "parallel", 4),
        (("lab", "langflow", "--chaos", "--scenario", "CHAOS-001"), "only", ["CHAOS-001"]),
    ],
)
def test_an_old_word_is_understood_with_a_warning(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], name: str, value: object
) -> None:
    found = parsed(*words)[name]

    assert found == (value or ["CHAOS-001", "CHAOS-002"])
    assert "goes with the next release" in capsys.readouterr().err


def test_a_new_word_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    assert parsed("chaos", "--only", "CHAOS-001", "--parallel", "2")["parallel"] == 2
    assert capsys.readouterr().err == ""


def test_what_comes_after_a_double_dash_is_nobodys_option() -> None:
    told: list[str] = []

    assert renamed("gate", ["--", "--lanes", "2"], told.append) == ["--", "--lanes", "2"]
    assert told == []


@pytest.mark.parametrize("command", RENAMED)
def test_the_new_words_are_options_and_the_old_ones_are_not(command: str) -> None:
    names = options_of(command)

    assert set(RENAMED[command].values()) <= names
    assert not RENAMED[command].keys() & names


def test_every_run_says_what_with_the_same_words() -> None:
    """What to play, how many side by side, where to report: whichever run it is."""
    common = {"--contract", "--config", "--redis-url", "--disposable", "--setting"}
    common |= {"--seed", "--out", "--parallel"}

    for command in ("gate", "chaos", "explore", "load"):
        assert common <= options_of(command), command
    for command in ("gate", "chaos", "load", "lab"):
        assert "--only" in options_of(command), command
    for command in ("explore", "load"):
        assert "--duration" in options_of(command), command
