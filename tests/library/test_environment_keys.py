"""Runs described by variables alone: keys of a target file, and options of commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from queueproof.cli.main import command_named
from queueproof.cli.option_variables import COMMANDS, option_of
from queueproof.config.environment_keys import keys_of_environment, settable, variable_of
from queueproof.config.load import load_target
from queueproof.errors import UsageError


def commands() -> dict[str, Any]:
    return {name: command_named(name) for name in COMMANDS}


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    file.write_text("[target]\nurls = ['http://one']\nwitness_port = 1\n[timings]\nanswer_s = 7\n")

    config = load_target(
        file,
        {
            "QUEUEPROOF_URLS": "http://two, http://three",
            "QUEUEPROOF_WITNESS_PORT": "41",
            "QUEUEPROOF_AT_LEAST_ONCE": "true",
            "QUEUEPROOF_REQUESTS_PER_S": "8",
            "QUEUEPROOF_STREAM_TTL_S": "24",
            "QUEUEPROOF_WORKER_HEADER": "",
        },
    )

    assert config.urls == ("http://two", "http://three")
    assert (config.witness_port, config.at_least_once, config.requests_per_s) == (41, True, 8.0)
    assert (config.timings.stream_ttl_s, config.timings.answer_s) == (24.0, 7.0)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("QUEUEPROOF_WITNESS_PORT", "many", "must be a whole number"),
        ("QUEUEPROOF_WITNESS_PORT", "70000", "at most 65535"),
        ("QUEUEPROOF_ANSWER_S", "nan", "must be a number"),
        ("QUEUEPROOF_AT_LEAST_ONCE", "perhaps", "must be true or false"),
        ("QUEUEPROOF_URLS", "somewhere", "no http or https URL"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, value: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        keys_of_environment({variable: value})

    assert variable in str(raised.value)


def test_options_of_every_command_that_runs_something_have_a_variable() -> None:
    """The same name in each; none is also read as a key of the file."""
    keys = {variable_of(key) for keys in settable().values() for key in keys}
    seen: set[str] = set()
    for name, command in commands().items():
        variables = {option_of(each): each.envvar for each in command.params if each.envvar}
        assert variables["--wait-ready"] == "QUEUEPROOF_WAIT_READY", name
        assert all(variable_of(o.removeprefix("--")) == v for o, v in variables.items())
        assert "--redis-url" not in variables
        seen |= set(variables.values())
    assert not seen & keys


def test_an_option_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUEUEPROOF_ONLY", "cancel POLL-003")
    monkeypatch.setenv("QUEUEPROOF_PATIENCE", "12.5")
    monkeypatch.setenv("QUEUEPROOF_DISPOSABLE", "false")

    given = commands()["gate"].make_context("gate", ["http://127.0.0.1:1"]).params

    assert (given["only"], given["patience"]) == (["cancel", "POLL-003"], 12.5)
    assert given["disposable"] is False
