"""A sweep that ends early is reported as far as it came."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from queueproof.chaos import sweep_report
from queueproof.chaos.judging import judge
from queueproof.chaos.sweep import CellResult, Sweep
from queueproof.chaos.sweep_life import Cell
from queueproof.chaos.sweep_report import run_sweep
from queueproof.config.model import RunConfig
from queueproof.errors import HarnessError
from queueproof.targets.contracts import embedded_target
from queueproof.verdicts import ExitCode

from .histories import frame
from .test_scenarios import TWICE, WHOLE

COMMANDS = ["SET job:…", "GET job:…", "DEL job:…"]


class Nowhere:
    """What a sweep is played on here."""

    async def __aenter__(self) -> Nowhere:
        return self

    async def __aexit__(self, *_: object) -> None:
        return


class CutShort(Sweep):
    """Lives two cells; then somebody sends SIGINT, and the third one never ends."""

    lived = (WHOLE, WHOLE)

    def _deployment(self, *_: object) -> Any:
        return Nowhere()

    async def _undisturbed(self, *_: object) -> None:
        self.commands = list(COMMANDS)

    async def _one(self, _: object, cell: Cell, **__: object) -> CellResult:
        if len(self.results) == len(self.lived):
            await self.come_to_grief()
        operations = [*frame(), *self.lived[len(self.results)]]
        return CellResult(cell=cell, command="SET job:…", judgements=judge(operations))

    async def come_to_grief(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()


class CutShortAtOnce(CutShort):
    """The undisturbed life does not come to its end."""

    async def _undisturbed(self, *_: object) -> None:
        await self.come_to_grief()


class SeenBroken(CutShort):
    """What was lived until then has shown something."""

    lived = (WHOLE, TWICE)


class WithoutServer(CutShort):
    """A program of ours is missing from the third cell on."""

    async def come_to_grief(self) -> None:
        raise HarnessError("redis-server ended")


async def warmed(_: object) -> None:
    return


def swept(
    kind: type[Sweep], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[ExitCode, str]:
    """The exit code of a sweep with one stack, and what it printed."""
    monkeypatch.setattr("queueproof.chaos.sweep.warm_up", warmed)
    monkeypatch.setattr(sweep_report, "Sweep", kind)
    printed = io.StringIO()
    config = RunConfig(target=embedded_target("langflow"), embedded=True, seed=1, out=tmp_path)

    code = run_sweep(config, Console(file=printed, width=200), at_once=1)

    return code, printed.getvalue()


def report(tmp_path: Path) -> dict[str, Any]:
    [path] = tmp_path.glob("*/report.json")
    return dict(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize(
    ("kind", "code"), [(CutShort, ExitCode.INCONCLUSIVE), (SeenBroken, ExitCode.FAILED)]
)
def test_an_interrupted_sweep_reports_what_had_been_played(
    kind: type[CutShort], code: ExitCode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, printed = swept(kind, tmp_path, monkeypatch)

    told = report(tmp_path)
    assert found is code
    assert told["run"]["interrupted"] == "interrupted by SIGINT after 2 of 18 cells"
    assert sum(len(entry["cells"]) for entry in told["scenarios"]) == 2
    assert "interrupted by SIGINT after 2 of 18 cells" in printed
    [table] = tmp_path.glob("*/sweep.md")
    assert "**Cut short:** interrupted by SIGINT" in table.read_text("utf-8")


def test_one_that_is_interrupted_before_its_first_cell_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _ = swept(CutShortAtOnce, tmp_path, monkeypatch)

    assert code is ExitCode.INCONCLUSIVE
    assert report(tmp_path)["run"]["interrupted"].endswith("SIGINT before the first cell")


def test_an_error_of_ours_loses_nothing_of_what_was_seen_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _ = swept(WithoutServer, tmp_path, monkeypatch)

    told = report(tmp_path)
    assert code is ExitCode.INTERNAL
    assert told["run"]["interrupted"] == "redis-server ended after 2 of 18 cells"


def test_an_error_before_the_first_cell_leaves_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WithoutServer, "lived", ())

    with pytest.raises(ExceptionGroup, match="unhandled errors"):
        swept(WithoutServer, tmp_path, monkeypatch)

    assert list(tmp_path.glob("*/report.json")) == []
