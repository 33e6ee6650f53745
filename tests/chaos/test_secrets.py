"""The files and the words of a chaos run hold no secret, whatever the target said."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from queueproof.chaos.judging import judge
from queueproof.chaos.outcome import ScenarioResult
from queueproof.chaos.progress import PlainChaos
from queueproof.chaos.report import result_of, write_report
from queueproof.chaos.run import ChaosRun, Part
from queueproof.checkers.history_parser import read_story
from queueproof.config.model import Credentials
from queueproof.redaction import known_secrets
from queueproof.running.run_folder import RunFolder
from queueproof.running.target_options import command_again
from queueproof.verdicts import Verdict
from tests.end_to_end.canaries import canary, leaks, leaks_below

from .histories import frame, stream, submit, ticks
from .test_runs import config, scenario, short_plan


@pytest.fixture(autouse=True)
def only_the_tests_secrets() -> Iterator[None]:
    """What other tests have learned hides nothing here, and the other way round."""
    known_secrets.forget()
    yield
    known_secrets.forget()


def test_a_chaos_run_holds_no_secret(tmp_path: Path) -> None:
    """Operations, reasons, doubts, evidence, notes and commands are quoted in every format."""
    token, password, setting = canary(), canary('é"&<'), canary()
    echo = f"500 {{'authorization': 'Bearer {token}'}} password={password}"
    known_secrets.learn_settings({"X_SECRET": setting})
    given = config(tmp_path / "out")
    target = replace(given.target, credentials=Credentials(token=token, password=password))
    given = replace(given, target=target, again=("--setting", f"X_SECRET={setting}"))
    played = scenario()
    parts = [Part(scenario=played, name=name) for name in ("CHAOS-999", "CHAOS-998")]
    sink = io.StringIO()
    console = Console(file=sink, width=160)
    run = ChaosRun(given, PlainChaos(console))
    operations = [
        *frame(),
        submit(12.0, status=500, job=None, detail=echo, asked={"headers": token}),
        submit(),
        stream(1.2, ticks(0, 0, 3, from_s=1.2), detail=echo),
    ]
    run.history.operations = operations
    again = command_again(given, "chaos", "--only", "CHAOS-999")
    judged = ScenarioResult(
        name="CHAOS-999",
        scenario=played,
        plan=short_plan(),
        judgements=judge(operations, "langflow"),
        outage=read_story(operations),
        confirmation=(f"the proxy said {echo}",),
        doubt=echo,
        reproduce=again,
        notes=(f"process 1, frozen: {echo}",),
    )
    broken = ScenarioResult(
        name="CHAOS-998", scenario=played, failure=Verdict.ERROR, reason=echo, reproduce=again
    )
    for result in (judged, broken):
        run.results[result.name] = result
        run.progress.finished(result.name, result)
    run_folder = RunFolder.below(given.out)

    write_report(run, result_of(run, parts, run_folder), run_folder.path, console)

    names = {path.name for path in run_folder.path.rglob("*")}
    assert {"report.json", "report.html", "history.jsonl.gz", "CHAOS-999.json"} <= names
    assert "***" in (run_folder.path / "report.json").read_text("utf-8")
    assert leaks_below(tmp_path, [token, password, setting]) == {}
    assert leaks(sink.getvalue(), [token, password, setting]) == set()
