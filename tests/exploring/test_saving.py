"""A saved schedule is a pytest file, and reads back as what was saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from queueproof.errors import Inconclusive, UsageError, Violation
from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.replaying import config_of, raise_for
from queueproof.exploring.saving import Where, load, path_of, save
from queueproof.exploring.trial import Trial
from queueproof.redaction import known_secrets
from tests.end_to_end.canaries import canary, leaks_below

from .test_shrinking import LONG_WINDED

FINDING = ModelFinding(
    rule="polls' order",
    requirement="POLL-003",
    expected="once each",
    actual='tick 0 again """ \\ via c',
)


def saved(folder: Path, where: Where) -> Path:
    return kept(folder, FINDING, where)


def kept(folder: Path, finding: ModelFinding, where: Where) -> Path:
    path = path_of(folder, finding, number=1)
    save(path, finding, LONG_WINDED, where=where, seed=5)
    return path


def test_a_saved_schedule_reads_back(tmp_path: Path) -> None:
    """With the target it failed on."""
    where = Where(contract="langflow", settings={"REFERENCE_VARIANT": "x"}, workers=2)

    assert load(saved(tmp_path, where)) == (LONG_WINDED, where)


def test_the_file_is_python_that_pytest_collects(tmp_path: Path) -> None:
    """Whatever the target said, quotes included."""
    path = saved(tmp_path, Where(contract="langflow"))

    compile(path.read_text("utf-8"), str(path), "exec")
    assert path.name.startswith("test_poll_003")
    assert "def test_poll_003_polls_order():" in path.read_text("utf-8")


def test_a_saved_schedule_holds_no_secret(tmp_path: Path) -> None:
    """Neither of the target's words nor of the settings; who replays it is told which to give."""
    secret, setting = canary('é"&<'), canary()
    known_secrets.learn(secret)
    known_secrets.learn_settings({"X_SECRET": setting})
    finding = replace(FINDING, actual=f"500 Bearer {secret}", expected=f"no {secret!a}")

    try:
        path = kept(tmp_path, finding, Where(settings={"X_SECRET": setting}))
    finally:
        known_secrets.forget()

    assert leaks_below(tmp_path, [secret, setting]) == {}
    assert load(path)[1].masked == ["X_SECRET"]


def test_a_schedule_that_cannot_be_saved_is_a_line(tmp_path: Path) -> None:
    """A full disk looks the same."""
    (tmp_path / "file").write_text("in the way", "utf-8")

    with pytest.raises(UsageError, match="cannot write"):
        saved(tmp_path / "file", Where(contract="langflow"))


@pytest.mark.parametrize("text", ["", "x = 1", "TARGET = {}\nSCHEDULE = (open('x'),)", "(("])
def test_a_file_that_was_not_saved_here_is_refused(tmp_path: Path, text: str) -> None:
    """It is read, never run."""
    path = tmp_path / "test_other.py"
    path.write_text(text, "utf-8")

    with pytest.raises(UsageError, match="not a file"):
        load(path)


def test_the_target_is_the_one_it_failed_on() -> None:
    """A URL, or an embedded target with its settings."""
    at_url = config_of(Where(contract="langflow", urls=("http://127.0.0.1:1",)))
    embedded = config_of(Where(contract="langflow", settings={"A": "b"}))

    assert (at_url.embedded, at_url.target.urls) == (False, ("http://127.0.0.1:1",))
    assert embedded.target.launch is not None
    assert embedded.target.launch.environment["A"] == "b"


def test_a_replay_fails_for_a_finding_and_doubts_a_doubt() -> None:
    """A play in doubt accuses nobody, and does not pass either."""
    broken = Judgement(findings=[FINDING])
    clean = Trial(name="s", schedule=LONG_WINDED)
    doubtful = Trial(name="s", schedule=LONG_WINDED, judgement=broken, doubt="starved")

    raise_for([doubtful, clean])
    with pytest.raises(Inconclusive, match="starved"):
        raise_for([doubtful])
    with pytest.raises(Violation, match="POLL-003"):
        raise_for([Trial(name="s", schedule=LONG_WINDED, judgement=broken)])
