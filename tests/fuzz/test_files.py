"""Whatever stands in a file, it is read, or refused in one line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueproof import paths
from queueproof.chaos.plan import make_plan
from queueproof.chaos.scenario import load_scenarios, read_scenarios
from queueproof.chaos.schedule import read_schedule
from queueproof.config.load import load_target
from queueproof.exploring.saving import load as load_saved
from queueproof.load.profile import read_profile
from queueproof.reporting.baseline import load_baseline
from queueproof.verdicts import ExitCode

from .inputs import BOUNDED, SECRET, VALUES, as_toml, changed, command, judge, refused_in_a_line
from .inputs import write as _write

TARGET = tomllib.loads(
    """
[target]
contract = "langflow"
urls = ["http://127.0.0.1:1"]
workers = 3
worker_header = "x-worker"
redis_url = "redis://127.0.0.1:1/1"
process_root = 4711
worker_processes = [4712]
worker_urls = ["http://127.0.0.1:1"]
disposable = true
witness_host = "127.0.0.1"
cases_at_once = 3
[timings]
answer_s = 5
startup_grace_s = 2.5
stream_ttl_s = 60
[launch]
command = ["program", "--port", "{port}"]
environment = {A = "1", API_TOKEN = "x", LANGFLOW_SECRET_KEY = "y"}
worker_command = ["worker"]
worker_ready = "created"
boot_s = 10
lanes = 1
at_once = 1
for_cases = true
[chaos]
toxiproxy = "http://127.0.0.1:1"
redis_pid = 4713
redis_stop = ["stop"]
redis_start = ["start"]
[[chaos.replicas]]
url = "http://127.0.0.1:1"
proxy = "a"
process_root = 4711
kill = ["kill", "{pid}"]
"""
)
MAPPING = tomllib.loads(
    (paths.root() / "examples" / "rq_jobs" / "mapping.toml").read_text("utf-8")
    if (paths.root() / "examples" / "rq_jobs" / "mapping.toml").is_file()
    else next((paths.root() / "examples" / "rq_jobs").glob("*.toml")).read_text("utf-8")
)
BASELINE = tomllib.loads(
    """
[[accept]]
id = "POLL-003"
case = "suites/polling/test_x.py::test_y"
symptom = "# deliveries"
reason = "known"
link = "https://example.org/1"
until = 2027-03-31
"""
)
SCENARIOS = tomllib.loads((paths.folder("chaos") / "processes.toml").read_text("utf-8"))
PROFILES = [
    tomllib.loads((paths.folder("load") / "profiles" / f"{name}.toml").read_text("utf-8"))
    for name in ("mixed", "knee", "soak")
]
SAVED = f"""
TARGET = {{'urls': ['http://127.0.0.1:1'], 'settings': {{'TOKEN': '{SECRET}'}}, 'workers': 3}}
SCHEDULE = (
    Step(Kind.SUBMIT, via='a', ticks=3),
    Step(Kind.POLL, job=0, via='b'),
)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file that is written anew for each example."""
    return tmp_path_factory.mktemp("fuzz") / "file"


@BOUNDED
@given(document=st.one_of(changed(TARGET), st.dictionaries(st.text(max_size=8), VALUES)))
def test_a_target_file_is_read_or_refused_in_a_line(file: Path, document: Any) -> None:
    _write(file, as_toml(document))
    with refused_in_a_line():
        load_target(file, {})


@BOUNDED
@given(document=changed(MAPPING))
def test_a_mapping_is_read_or_refused_in_a_line(file: Path, document: Any) -> None:
    _write(file, as_toml(document))
    with refused_in_a_line():
        load_target(file, {})


@BOUNDED
@given(document=changed(BASELINE))
def test_a_baseline_is_read_or_refused_in_a_line(file: Path, document: Any) -> None:
    _write(file, as_toml(document))
    with refused_in_a_line():
        load_baseline(file)


@BOUNDED
@given(document=changed(SCENARIOS))
def test_a_scenario_is_read_or_refused_in_a_line(file: Path, document: Any) -> None:
    _write(file, as_toml(document))
    with refused_in_a_line():
        read_scenarios(file)


@BOUNDED
@given(document=st.sampled_from(PROFILES).flatmap(changed), contract=st.sampled_from(["langflow"]))
def test_a_load_profile_is_read_or_refused_in_a_line(
    file: Path, document: Any, contract: str
) -> None:
    _write(file, as_toml(document))
    with refused_in_a_line():
        read_profile(file, contract)


def _schedule() -> dict[str, Any]:
    plan = make_plan(load_scenarios()[0], lasts_s=1.0, seed=3)
    return {
        "schedule_version": 1,
        "plan": json.loads(json.dumps(plan.as_dict())),
        "failing": ["CHAOS-001"],
        "evidence": {"1": True},
    }


@BOUNDED
@given(document=changed(_schedule()))
def test_a_recorded_schedule_is_read_or_refused_in_a_line(file: Path, document: Any) -> None:
    _write(file, json.dumps(document, default=str))
    with refused_in_a_line():
        read_schedule(file)


_SPLICES = st.tuples(
    st.integers(0, len(SAVED)), st.integers(0, 12), st.one_of(VALUES.map(repr), st.text())
)


@BOUNDED
@given(splices=st.lists(_SPLICES, min_size=1, max_size=3))
def test_a_saved_schedule_is_read_or_refused_in_a_line(
    file: Path, splices: list[tuple[int, int, str]]
) -> None:
    text = SAVED
    for at, length, instead in splices:
        text = text[:at] + instead + text[at + length :]
    _write(file, text)
    with refused_in_a_line():
        load_saved(file)


@BOUNDED
@given(content=st.binary(max_size=60))
def test_bytes_of_any_kind_are_refused_in_a_line(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    for read in (load_baseline, read_scenarios, read_schedule, load_saved):
        with refused_in_a_line():
            read(file)
    with refused_in_a_line():
        load_target(file, {})


@pytest.mark.parametrize(
    ("option", "content"),
    [
        ("--config", b"a = " + b"[" * 5_000 + b"]" * 5_000),
        ("--config", b"\xff\xfe[target]"),
        ("--config", b"[target"),
        ("--config", None),
        ("--baseline", b"a = " + b"[" * 5_000 + b"]" * 5_000),
        ("--baseline", b"\xff"),
        ("--baseline", b"[[accept]]\nid = 1\n"),
        ("--baseline", None),
    ],
)
def test_the_command_refuses_a_file_in_a_line(
    tmp_path: Path, option: str, content: bytes | None
) -> None:
    """Exit code 2, whether the file is nested, no UTF-8, no TOML, or a folder."""
    path = tmp_path / "file.toml"
    path.mkdir() if content is None else path.write_bytes(content)

    judge(command("gate", option, str(path), "--out", str(tmp_path / "out")), codes=(2,))


@BOUNDED
@given(document=changed(TARGET))
def test_a_gate_with_any_target_file_ends_as_documented(file: Path, document: Any) -> None:
    """It would run, or says in one line why not; what was planted is not told."""
    _write(file, as_toml(document))
    with mock.patch("queueproof.running.gate.run_gate", return_value=ExitCode.PASSED):
        judge(command("gate", "--config", str(file)), codes=(0, 2))
