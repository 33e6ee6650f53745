"""The line that reproduces a failure, parsed back by the command line, is the same run."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from queueproof.cli.main import app
from queueproof.config.load import without_password
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import UsageError
from queueproof.exploring.replaying import config_of
from queueproof.exploring.saving import Where
from queueproof.running.target_options import TargetOptions, command_again

SEEN: list[RunConfig] = []
FILE = """
[target]
urls = ["http://127.0.0.1:9"]
worker_header = "x-worker"
[timings]
answer_s = 7
"""


@pytest.fixture(autouse=True)
def nothing_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands keep the run that they were asked for instead of playing it."""
    SEEN.clear()

    def keep(run: Any, *_: Any, **__: Any) -> int:
        SEEN.append(getattr(run, "run", None) or getattr(run, "config", None) or run)
        return 0

    monkeypatch.setattr("queueproof.running.gate.run_gate", keep)
    monkeypatch.setattr("queueproof.chaos.report.run_chaos", keep)
    monkeypatch.setattr("queueproof.exploring.exploration.run_explore", keep)
    monkeypatch.setattr("queueproof.load.run.run_load", keep)
    monkeypatch.setattr("queueproof.lab.running.make_ready", lambda *_: None)
    monkeypatch.setattr("queueproof.lab.running.run_gate", keep)
    monkeypatch.setattr("queueproof.lab.running.run_chaos", keep)


def run_of(words: list[str]) -> RunConfig:
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 0, result.output
    return SEEN.pop()


TARGETS = [
    [],
    ["--workers", "2", "--setting", "A=b c", "--setting", "B=$(x)'\""],
    ["--contract", "flowise"],
    ["http://127.0.0.1:9"],
    ["http://127.0.0.1:9/a/", "http://127.0.0.1:10", "--disposable"],
    ["--config", "{file}"],
    ["http://127.0.0.1:11", "--config", "{file}", "--redis-url", "redis://u@127.0.0.1:6379/3"],
]


@pytest.mark.parametrize("words", TARGETS, ids=lambda words: " ".join(words) or "embedded")
@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("gate", ["--only", "POLL-003"]),
        ("gate", ["--only", "POLL-003", "--strict", "--patience", "7.5", "--parallel", "2"]),
        ("chaos", []),
        ("load", ["--only", "steady", "--rate", "2", "--gate", "submit.p99_ms=9"]),
        ("explore", []),
    ],
)
def test_a_line_describes_the_run_that_it_came_from(
    tmp_path: Path, command: str, more: list[str], words: list[str]
) -> None:
    file = tmp_path / "a target.toml"
    file.write_text(FILE, "utf-8")
    given = [word.format(file=file) for word in words]
    if command == "chaos":
        given = [word for word in given if word not in ("--workers", "2")]
        given += ["--disposable"] if given and "--disposable" not in given else []
    run = run_of([command, *given, *more, "--seed", "41"])

    line = command_again(run, command, *(["--only", "POLL-003"] if command == "gate" else []))

    assert shlex.split(line)[:2] == ["queueproof", command]
    assert run_of(shlex.split(line)[1:]) == run


@pytest.mark.parametrize("more", [["--only", "POLL-003"], ["--chaos", "--only", "CHAOS-001"]])
def test_a_line_of_the_lab_does_too(monkeypatch: pytest.MonkeyPatch, more: list[str]) -> None:
    monkeypatch.setattr(
        "queueproof.lab.booting.target_of",
        lambda _, **given: TargetConfig(workers=given["workers"]),
    )
    run = run_of(["lab", "langflow==1.13.0", "--workers", "2", *more, "--seed", "7"])

    line = command_again(run, "lab", *more[-2:])

    assert line.startswith("queueproof lab langflow==1.13.0 --workers 2 ")
    assert run_of(shlex.split(line)[1:]) == run


def test_a_password_is_in_no_line_and_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUEUEPROOF_REDIS_URL", "redis://:s3cret@127.0.0.1:6379/1")
    run = run_of(["gate", "http://127.0.0.1:9", "--redis-url", "redis://127.0.0.1:6379/1"])

    line = command_again(run, "gate")

    assert "s3cret" not in line
    assert "redis://127.0.0.1:6379/1" in line
    assert run.target.redis_url == "redis://:s3cret@127.0.0.1:6379/1"
    assert run_of(shlex.split(line)[1:]) == run


def test_a_redis_of_the_environment_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUEUEPROOF_REDIS_URL", "redis://:s3cret@127.0.0.1:6379/1")
    run = run_of(["gate", "http://127.0.0.1:9"])

    line = command_again(run, "gate")

    assert "--redis-url redis://127.0.0.1:6379/1" in line
    assert replace(run_of(shlex.split(line)[1:]), again=()) == replace(run, again=())


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("redis://:pw@h:1/2", "redis://h:1/2"),
        ("rediss://u:pw@h/2?password=x&db=3", "rediss://u@h/2?db=3"),
        ("rediss://h/2?ssl_password=x&ssl_keyfile=k.pem", "rediss://h/2?ssl_keyfile=k.pem"),
        ("rediss+sentinel://h/jobs?ssl_password=x", "rediss+sentinel://h:26379/jobs"),
        ("redis://[::1", ""),
    ],
)
def test_a_url_loses_its_password(url: str, bare: str) -> None:
    assert without_password(url) == bare


def test_a_saved_schedule_names_the_whole_target(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text(FILE, "utf-8")
    where = Where(config=str(file), redis_url="redis://h/1", disposable=True)

    run = config_of(Where.of(where.as_dict()))

    assert not run.embedded
    assert run.target.urls == ("http://127.0.0.1:9",)
    assert (run.target.redis_url, run.target.disposable) == ("redis://h/1", True)


@pytest.mark.parametrize("command", ["gate", "chaos", "load", "explore"])
def test_another_contract_than_the_files_is_a_mistake(tmp_path: Path, command: str) -> None:
    file = tmp_path / "t.toml"
    file.write_text('[target]\ncontract = "flowise"\nurls = ["http://127.0.0.1:9"]\n', "utf-8")

    result = CliRunner().invoke(app, [command, "--config", str(file), "--contract", "langflow"])

    assert isinstance(result.exception, UsageError)
    assert "describes a target of the contract flowise" in str(result.exception)


def test_a_file_that_names_no_contract_leaves_it_to_the_option(tmp_path: Path) -> None:
    file = tmp_path / "t.toml"
    file.write_text(FILE, "utf-8")

    target, _ = TargetOptions(config=file, contract="flowise").find()

    assert target.contract == "flowise"


@pytest.mark.parametrize("command", ["gate", "chaos", "load", "explore"])
def test_the_generic_contract_without_a_mapping_is_a_line(command: str) -> None:
    result = CliRunner().invoke(app, [command, "http://127.0.0.1:9", "--contract", "generic"])

    assert isinstance(result.exception, UsageError)
    assert "mapping" in str(result.exception)


def test_load_drives_a_mapped_queue_too() -> None:
    mapping = Path(__file__).resolve().parents[2] / "examples" / "rq_jobs" / "mapping.toml"

    run = run_of(["load", "--config", str(mapping)])

    assert run.target.contract == "generic"
    assert not run.embedded
