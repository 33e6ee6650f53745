"""Stand-alone reproductions for Flowise: right steps and symptoms, a script that runs by itself."""

from __future__ import annotations

import ast
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from queueproof.probe import Probe
from queueproof.reproducing.flowise_player import Reader, graph, run, symptoms
from queueproof.reproducing.player_core import CANNOT_TELL, HOLDS, REPRODUCED
from queueproof.reproducing.steps import probes_of, steps_of
from queueproof.stack.ports import free_port
from queueproof.targets.flowise.flow import flow_of
from tests.forks import reference_started
from tests.readiness import answers

from .records import ON_FLOWISE, flowise_report_on

READY_S = 30.0
SYMPTOMS = {
    "PRED-007": ["an unknown flow: no answer"],
    "CANC-008": ["an abort of a job that never existed: a success is claimed"],
    "LIFE-007": ["a prediction is not answered"],
    "LIVE-006": ["a stream loses ticks"],
    "LIFE-005": ["a prediction is not answered", "an abort is not answered"],
}


@pytest.mark.parametrize("requirement", ON_FLOWISE)
def test_the_record_itself_shows_the_symptoms_that_are_looked_for(requirement: str) -> None:
    """Judged by the same function that judges the replay."""
    rows = ON_FLOWISE[requirement]
    steps = steps_of(rows, "flowise")

    seen = [step["recorded"] for step in steps]

    assert symptoms(steps, seen, probes_of(rows, "flowise")) == SYMPTOMS[requirement]


def test_a_fault_is_asked_for_twice_and_its_proof_is_not() -> None:
    """It begins and it ends; that it bit is nothing to do."""
    steps = steps_of(ON_FLOWISE["LIVE-006"], "flowise")

    assert [step["kind"] for step in steps] == [
        *("predict", "submit", "stream", "by_hand", "by_hand", "cancel")
    ]
    assert [step.get("words", "")[-7:] for step in steps[3:5]] == ["applied", " healed"]
    assert steps[3]["after"] == steps[2]["after"] == [1]


def test_a_short_wait_without_an_answer_is_no_symptom() -> None:
    """The case gave up before the job could be over."""
    step = {"kind": "predict", "job": "job 1"}
    seen = {"answered": False, "status": None, "began_s": 0.0, "ended_s": 2.0}
    probe = {"ticks": 5, "interval_s": 1.0}

    assert symptoms([step], [seen], {"job 1": probe}) == []
    assert symptoms([step], [{**seen, "ended_s": 12.0}], {"job 1": probe}) != []


def test_a_failure_that_was_asked_for_is_no_symptom() -> None:
    step = {"kind": "predict", "job": "job 1"}
    seen = {"answered": True, "status": 500}
    probe = {"ticks": 5, "interval_s": 1.0}

    assert symptoms([step], [seen], {"job 1": {**probe, "fail_at": 2}}) == []
    assert symptoms([step], [seen], {"job 1": probe}) == ["a prediction gets 500"]


@pytest.mark.parametrize(
    ("lines", "ticks", "endings"),
    [
        (['{"event": "end", "data": "[DONE]"}'], [], ["end"]),
        (['{"event": "error", "data": "x"}', '{"event": "end"}'], [], ["error", "end"]),
        (['{"event": "agentFlowEvent", "data": "TERMINATED"}'], [], ["cancelled"]),
        (["not JSON", "[]", '{"event": "token", "data": "tick-9"}'], [], []),
        (
            [
                '{"event": "nextAgentFlow", "data": {"nodeLabel": "tick-2", "status": "FINISHED"}}',
                '{"event": "nextAgentFlow", "data": {"nodeLabel": "tick-3", "status": "STOPPED"}}',
            ],
            [2],
            [],
        ),
    ],
)
def test_events_are_heard_as_the_suites_hear_them(
    lines: list[str], ticks: list[int], endings: list[str]
) -> None:
    async def heard() -> Reader:
        reader = Reader()
        for line in lines:
            reader.hear(line)
        return reader

    reader = asyncio.run(heard())

    assert (reader.ticks, reader.endings) == (ticks, endings)


def test_the_flow_is_the_suites_own_but_for_the_witness() -> None:
    """The same nodes, labels and edges."""
    probe = Probe(ticks=3, interval_s=0.2, fail_at=2, slow_start_s=0.5)

    made = graph(vars(probe))
    suites = flow_of(probe, None)

    assert made["edges"] == suites["edges"]
    assert [n["data"]["label"] for n in made["nodes"]] == [
        n["data"]["label"] for n in suites["nodes"]
    ]
    assert '"fail": true' in made["nodes"][3]["data"]["inputs"]["customFunctionJavascriptFunction"]


@pytest.mark.parametrize("requirement", ON_FLOWISE)
def test_a_script_imports_nothing_but_httpx(requirement: str) -> None:
    """Besides the standard library, from one future."""
    tree = ast.parse(flowise_report_on(requirement).script)
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    strangers = {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert strangers == {"httpx"}


def test_the_report_says_how_to_play_it() -> None:
    page = flowise_report_on("LIFE-007").markdown

    assert "Flowise 3.1.2" in page
    assert "python reproduce_life_007.py http://127.0.0.1:3000" in page
    assert "FLOWISE_EMAIL" in page
    assert "curl" not in page


def test_a_script_without_a_target_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == CANNOT_TELL
    assert capsys.readouterr().out.startswith("usage: ")


def test_scripts_tell_a_system_that_does_it_from_one_that_does_not(tmp_path: Path) -> None:
    """Played as whoever gets the report would: on the reference, and on a variant of it."""
    with server(tmp_path / "sound") as url:
        assert played("CANC-008", tmp_path, url) == HOLDS
        assert played("LIVE-006", tmp_path, url) == HOLDS
    with server(tmp_path / "broken", REFERENCE_VARIANT="abort_of_anything_succeeds") as url:
        assert played("CANC-008", tmp_path, url) == REPRODUCED
    assert played("CANC-008", tmp_path, "http://127.0.0.1:1") == CANNOT_TELL


def played(requirement: str, folder: Path, url: str) -> int:
    """The exit code of the script, run apart from everything of ours."""
    made = flowise_report_on(requirement)
    script = folder / made.script_name
    script.write_text(made.script, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(script), url],
        env={"FLOWISE_EMAIL": "owner@example.com", "FLOWISE_PASSWORD": "correct horse"},
        input="\n" * 9,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == "", done.stderr
    return done.returncode


@contextmanager
def server(folder: Path, **settings: str) -> Iterator[str]:
    """The reference in main mode, which needs neither Redis nor workers."""
    folder.mkdir()
    port = free_port()
    places = {"DATABASE_PATH": str(folder), "SECRETKEY_PATH": str(folder), "PORT": str(port)}
    environment = {
        "PATH": os.environ["PATH"],
        **places,
        "REFERENCE_ENVIRONMENT": "test",
        **settings,
    }
    log = folder / "log"
    with log.open("wb") as sink:
        process = reference_started("flowise", "start", out=sink, environment=environment)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + READY_S
    try:
        while not answers(f"{url}/api/v1/ping"):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, "the reference does not serve"
            time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()
