"""Stand-alone reproductions for any queue: symptoms, and scripts played on sound and broken."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from queueproof.config.mapping import load_mapping, publishable
from queueproof.config.mapping_tables import PROBE_NAMES
from queueproof.probe import Probe
from queueproof.redaction import redacted
from queueproof.reproducing.generic_player import run
from queueproof.reproducing.heard_events import Observed
from queueproof.reproducing.player_core import CANNOT_TELL, HOLDS, OVER, REPRODUCED
from queueproof.reproducing.queue_symptoms import symptoms
from queueproof.reproducing.report import BugReport
from queueproof.reproducing.steps import last_look, probes_of, steps_of
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import find_redis_binary
from queueproof.targets.contracts import embedded_target
from queueproof.targets.generic.events import EventReader
from queueproof.targets.generic.probe_values import probe_values

from ..end_to_end.conftest import serves, wait_until
from ..generic.conftest import start, start_reference
from .records import ON_ANY_QUEUE, queue_report_on

READY_S = 30.0
LOST = "a job is not done to its end"
#: What each record shows, and the variant that it was made on.
SHOWN = {
    "SUBM-002": ("a job is run more often than was asked", "jobs_are_run_twice"),
    "CANC-002": (
        "a cancel that claims success does not stop the job",
        "cancels_of_running_jobs_only_say_so",
    ),
    "STRM-013": ("a stream loses ticks", "streams_skip_when_they_are_behind"),
    "PROM-004": ("a delayed job is begun before its time", "delays_halved"),
    "PROM-001": ("a result is not what the job computed", "results_of_the_job_before"),
    "CANC-008": ("a cancel of a job that never existed succeeds", "cancels_of_nothing_succeed"),
    "STAT-001": ("a job is never told to have ended", "states_lag_behind_the_end"),
    "SUBM-003": ("a job of an unknown kind is accepted", "unknown_tasks_are_accepted"),
}


@pytest.mark.parametrize("requirement", ON_ANY_QUEUE)
def test_the_record_itself_shows_the_symptom_that_is_looked_for(requirement: str) -> None:
    """Judged by the same function that judges the replay."""
    rows = ON_ANY_QUEUE[requirement]
    steps = steps_of(rows, "generic")
    for step in steps:
        step["effect_s"] = 1.5

    seen = [step["recorded"] for step in steps]

    assert symptoms(steps, seen, probes_of(rows, "generic")) == [SHOWN[requirement][0]]


def test_jobs_that_did_nothing_are_lost_once_they_would_be_over() -> None:
    """Not before: they may have to wait."""
    rows = lost_jobs()
    steps = steps_of(rows, "generic")
    seen = [step["recorded"] for step in steps]
    early = [{**o, "ended_s": o["ended_s"] - 60.0} for o in seen]

    assert symptoms(steps, seen, probes_of(rows, "generic")) == [LOST]
    assert symptoms(steps, early, probes_of(rows, "generic")) == []


def test_what_a_fault_may_do_to_a_job_is_no_symptom() -> None:
    """Such as a second run."""
    rows = ON_ANY_QUEUE["SUBM-002"]
    fault = {"kind": "fault", "detail": "kill: applied", "invoked_s": 0.0, "ended_s": 0.0}
    steps = steps_of([fault, *rows], "generic")

    assert symptoms(steps, [s["recorded"] for s in steps], probes_of(rows, "generic")) == []


@pytest.mark.parametrize("requirement", ON_ANY_QUEUE)
def test_a_script_imports_nothing_but_httpx(requirement: str) -> None:
    tree = ast.parse(queue_report_on(requirement).script)
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} - set(sys.stdlib_module_names) == {"httpx"}


def test_the_report_says_how_to_play_it() -> None:
    page = queue_report_on("CANC-002").markdown

    assert "python reproduce_canc_002.py http://127.0.0.1:8001" in page
    assert "TARGET_TOKEN" in page
    assert "TARGET_WITNESS" in page
    assert "token-of-ann" not in page


def test_a_run_without_its_mapping_gets_a_report_that_says_why_there_is_no_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such as one of an older version."""
    monkeypatch.setattr("tests.reproducing.records.MAPPED", [])

    made = queue_report_on("CANC-002")

    assert made.script == ""
    assert "There is no script: the run has set down no mapping" in made.markdown


def test_a_case_that_started_or_struck_programs_gets_no_script() -> None:
    """Without the kill it would show that nothing is wrong."""
    made = queue_report_on("CANC-002", access="launch")

    assert made.script == ""
    assert "There is no script: the case had more than HTTP" in made.markdown


def test_only_the_last_look_is_played() -> None:
    """A case that saw a failure on a busy machine has looked again."""

    def row(kind: str, at_s: float, **facts: Any) -> dict[str, Any]:
        return {"kind": kind, "invoked_s": at_s, "facts": facts}

    first = [row("submit", 1.0), row("work", 2.0), row("cancel", 3.0, tidying=True)]
    last = [row("submit", 4.0), row("work", 5.0)]

    assert last_look([*first, *last]) == last
    assert last_look([*first, row("submit", 4.0)]) == first
    assert last_look([row("submit", 1.0)]) == [row("submit", 1.0)]


def test_a_secret_that_stands_in_a_mapping_is_not_passed_on() -> None:
    """Names and braces are; what is written out under the name of a secret is not."""
    mapping = embedded_target("generic").mapping
    assert mapping is not None
    call = replace(mapping.calls["submit"], headers={"X-Api-Key": "s3cret", "X-Kind": "probe"})
    told = publishable(
        replace(mapping, calls={"submit": call}, credentials={"Cookie": "sid={cookie}"})
    )

    assert told["calls"]["submit"]["headers"] == {"X-Api-Key": "***", "X-Kind": "probe"}
    assert told["credentials"] == {"Cookie": "sid={cookie}"}


def test_no_secret_of_a_mapping_is_passed_on_wherever_it_stands() -> None:
    """In lists, in the query of a path, beside braces; what was masked is known from then on."""
    told = publishable(
        load_mapping(
            {
                "submit": {
                    "request": "POST /run?kind=probe&api_key=lit12345",
                    "json": {
                        "secrets": [{"password": "inlist99", "n": 1}],
                        "tokens": ["bare7777", "{witness}"],
                        "routing_key": "jobs",
                        "probe": ["{ticks}", "{interval_s}"],
                    },
                    "job_id": "id",
                },
                "status": {"request": "GET /jobs/{job}?token={job}", "state": "state"},
                "state": {"completed": ["done"]},
                "credentials": {
                    "Cookie": "org=abcorg; t={token}",
                    "Authorization": "Bearer {token}",
                },
                "ready": "/up?access_token=ready555",
            },
            where="[mapping]",
        )
    )

    submit = told["calls"]["submit"]
    assert submit["path"] == "/run?kind=probe&api_key=***"
    assert submit["json"] == {
        "secrets": [{"password": "***", "n": 1}],
        "tokens": ["***", "{witness}"],
        "routing_key": "***",
        "probe": ["{ticks}", "{interval_s}"],
    }
    assert told["calls"]["status"]["path"] == "/jobs/{job}?token={job}"
    assert told["credentials"] == {
        "Cookie": "org=***; t={token}",
        "Authorization": "Bearer {token}",
    }
    assert told["ready"] == "/up?access_token=***"
    echoed = "lit12345 inlist99 bare7777 abcorg ready555"
    assert redacted(echoed) == "*** *** *** *** ***"
    assert redacted("two jobs of kind probe") == "two jobs of kind probe"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "step", "step": 3},
        {"type": "step", "step": "3"},
        {"type": "step", "step": True},
        {"type": "step"},
        {"type": "finished"},
        {"type": "failed", "reason": "x"},
        {"type": "cancelled"},
        {"type": "other"},
        {"no": "kind"},
    ],
)
def test_events_are_heard_as_the_suites_hear_them(body: dict[str, Any]) -> None:
    mapping = embedded_target("generic").mapping
    assert mapping is not None
    heard = Observed()

    heard.hear(publishable(mapping), body)

    events = EventReader(mapping, lambda: 0.0).read(body)
    assert heard.ticks == [event.tick for event in events if event.tick is not None]
    ends = [event.kind.value for event in events if event.kind.value in OVER]
    assert heard.endings == ends


def test_a_probe_has_every_brace() -> None:
    """Those of the suites and of the scripts are the same."""
    made = probe_values(Probe(witnessed=True), key="k", witness=("h", 1))

    assert set(made) == PROBE_NAMES
    assert made["witness"] == "http://h:1/k"


def test_a_script_without_a_target_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == CANNOT_TELL
    assert capsys.readouterr().out.startswith("usage: ")


def test_scripts_do_not_accuse_a_sound_queue(tmp_path: Path) -> None:
    """All of them, one after another, on the reference."""
    with reference(tmp_path) as url:
        told = {name: played(queue_report_on(name), tmp_path, url) for name in SHOWN}
        lost = played(queue_report_on("SUBM-002", lost_jobs()), tmp_path, url)
    assert told == dict.fromkeys(SHOWN, HOLDS)
    assert lost == HOLDS
    assert played(queue_report_on("CANC-002"), tmp_path, "http://127.0.0.1:1") == CANNOT_TELL


def test_a_script_tells_lost_jobs(tmp_path: Path) -> None:
    """Of a queue that accepts jobs and does none; and not of one that does them."""
    made = queue_report_on("SUBM-002", lost_jobs())
    assert f"'symptoms': ['{LOST}']" in made.script
    with reference(tmp_path, workers=False) as url:
        assert played(made, tmp_path, url) == REPRODUCED


@pytest.mark.parametrize(
    "requirement", ["SUBM-002", "CANC-002", "CANC-008", "STRM-013", "STAT-001"]
)
def test_a_script_reproduces_what_it_was_made_of(requirement: str, tmp_path: Path) -> None:
    """On the variant of the reference that does it."""
    variant = {"REFERENCE_ENVIRONMENT": "test", "REFERENCE_VARIANT": SHOWN[requirement][1]}
    with reference(tmp_path, **variant) as url:
        assert played(queue_report_on(requirement), tmp_path, url) == REPRODUCED


def lost_jobs() -> list[dict[str, Any]]:
    """A record in which no job did anything for a minute."""
    return [
        {**row, "events": [], "invoked_s": row["invoked_s"] + 60, "ended_s": row["ended_s"] + 60}
        if row["kind"] in ("work", "cancel")
        else row
        for row in ON_ANY_QUEUE["SUBM-002"]
    ]


def played(made: BugReport, folder: Path, url: str) -> int:
    """The exit code of the script, run apart from everything of ours, its target in a variable."""
    script = folder / made.script_name
    script.write_text(made.script, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(script)],
        env={"TARGET_TOKEN": "token-of-ann", "TARGET_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stderr == "", done.stderr
    return done.returncode


@contextmanager
def reference(folder: Path, *, workers: bool = True, **settings: str) -> Iterator[str]:
    """The generic reference on a Redis of its own; its address."""
    with ExitStack() as stack:
        redis, port = free_port(), free_port()
        binary = (find_redis_binary(), "--port", str(redis), "--bind", "127.0.0.1", "--save", "")
        start(stack, folder, "redis", *binary, "--dir", str(folder))
        settings |= {
            "JOBS_REDIS_URL": f"redis://127.0.0.1:{redis}/0",
            "JOBS_USERS": "token-of-ann=ann,token-of-bob=bob",
            "JOBS_FRONTS": "2",
        }
        start_reference(stack, folder, "front", "front", "--port", str(port), **settings)
        url = f"http://127.0.0.1:{port}"
        up = wait_until(lambda: serves(url), within_s=READY_S)
        assert up, (folder / "front.log").read_text("utf-8")
        log = folder / "worker.log"
        if workers:
            start_reference(stack, folder, "worker", "worker", **settings)
        up = not workers or wait_until(lambda: "waiting" in log.read_text("utf-8"), within_s=30)
        assert up, log.read_text("utf-8")
        yield url
