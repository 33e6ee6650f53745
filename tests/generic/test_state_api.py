"""APIs that tell states alone, and each other form that a mapping may describe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from queueproof.errors import UsageError
from queueproof.stack.ports import free_port

from ..end_to_end.conftest import serves, wait_until
from .conftest import ROOT, Sample, start
from .test_self_check import check

MAPPING = ROOT / "tests" / "generic" / "state_mapping.toml"
TOKENS = {"QUEUEPROOF_TOKEN": "none-is-asked"}
HEADER = 'job_id_header = "Location"\njob_id_pattern = "/location/([0-9a-f]+)"'


def running_state_api(stack: ExitStack, folder: Path) -> Sample:
    """The API, running until `stack` ends, with the mapping of its first form."""
    port = free_port()
    server = (sys.executable, "-m", "uvicorn", "tests.generic.state_api:app", "--port")
    log = start(stack, folder, "api", *server, str(port), "--no-access-log")
    url = f"http://127.0.0.1:{port}"
    assert wait_until(lambda: serves(url), within_s=30.0), log.read_text("utf-8")
    text = MAPPING.read_text("utf-8").replace("http://127.0.0.1:8001", url)
    return Sample((url,), text, folder)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The API, running, with the mapping of its first form."""
    with ExitStack() as stack:
        yield running_state_api(stack, tmp_path_factory.mktemp("states"))


#: What is otherwise in the mapping of each form, before the first part of its paths is replaced.
FORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "location": (),
    "href": ((HEADER, 'job_id = "links.0.href"\njob_id_pattern = "/href/([^/]+)/"'),),
    "chosen": ((HEADER, ""), ('"POST /location"', '"PUT /chosen/{id}"')),
    "queues": (
        (HEADER, 'job_id = "id"\nalso = { queue = "queue.name" }'),
        ("/location/{job}/status", "/queues/{queue}/{job}"),
        ("/location/{job}/stop", "/queues/{queue}/{job}/stop"),
    ),
}


def mapping_of(api: Sample, name: str) -> str:
    """The mapping of another form of the same API."""
    mapping = api.mapping
    for old, new in FORMS[name]:
        assert old in mapping, old
        mapping = mapping.replace(old, new)
    return mapping.replace("/location", f"/{name}")


@pytest.mark.parametrize("name", FORMS)
def test_each_form_is_accepted_by_the_self_check(api: Sample, name: str) -> None:
    check(api, mapping_of(api, name), **TOKENS)


MISTAKES = [
    ('"Location"', '"X-Job"', r'submit\] job_id_header = "X-Job" is not among .*location'),
    ("([0-9a-f]+)", "(Z+)", r'submit\] job_id_pattern = "/location/\(Z\+\)" found nothing in "/l'),
    ('result = "output.value"', 'result = "output.val"', r'result = "output.val" found nothing'),
    ('result = "output.value"', 'result = "state"', r'found "done" .* has the result'),
    ('completed = ["done"]', 'completed = ["finished"]', r'no word "done"'),
    ('failed = ["error"]', 'failed = ["failed"]', r'no word "error"'),
    ("{job}/status", "{job}/nothing/at/all", r"as a path that nobody serves"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES)
def test_a_mistake_of_a_mapping_without_events_is_named(
    api: Sample, right: str, wrong: str, said: str
) -> None:
    assert right in api.mapping

    with pytest.raises(UsageError, match=said):
        check(api, api.mapping.replace(right, wrong), **TOKENS)


def test_a_second_value_that_is_not_there_is_named(api: Sample) -> None:
    wrong = mapping_of(api, "queues").replace('"queue.name"', '"queue.title"')

    with pytest.raises(UsageError, match=r'submit\] also = "queue: queue.title" found nothing'):
        check(api, wrong, **TOKENS)


def test_a_health_check_that_nobody_serves_is_named(api: Sample) -> None:
    right = api.mapping.replace(
        "[mapping.submit]", '[mapping]\nhealth = "/health"\n\n[mapping.submit]'
    )

    check(api, right, **TOKENS)
    with pytest.raises(UsageError, match=r'\[mapping\] health = "/unwell" is answered 404'):
        check(api, right.replace('"/health"', '"/unwell"'), **TOKENS)


def test_events_that_come_at_the_end_only_are_accepted(api: Sample) -> None:
    """A poll that has nothing to tell until the job is over, and a failed job without events."""
    polled = api.mapping + (
        '\n[mapping.poll]\nrequest = "GET /events/{job}"\nevents = "events"\nstate = "state"\n'
        'whole = true\n[mapping.event]\nkind = "type"\nnumber = "step"\ntick = ["step"]\n'
    )

    check(api, polled, **TOKENS)


def test_states_alone_suffice_to_be_judged(api: Sample) -> None:
    """What needs no events is judged, by the states and the witness; the rest says why not."""
    about = (
        '\n[mapping.about]\nname = "states"\nrequest = "GET /version"\nversion_at = "build.version"'
    )

    run = api.gate(mapping=api.mapping + about, **TOKENS)

    assert run.exit_code == 0, run.output
    rows: dict[str, Any] = {row["id"]: row for row in run.report["requirements"]}
    for name in ("STAT-001", "STAT-003", "SUBM-002", "SUBM-004", "CANC-002"):
        assert rows[name]["verdict"] == "passed", rows[name]
    assert rows["CANC-007"]["verdict"] == "passed_in_part"  # there is one worker to be asked
    assert rows["CANC-002"]["promise"] == 'cancels = "running"'
    for name, word in (("POLL-002", "poll"), ("STRM-002", "stream")):
        reasons = {case["reason"] for case in rows[name]["cases"]}
        assert reasons == {f"the mapping names no {word} ([mapping.{word}])"}
    assert run.report["target"]["version"] == "states 7.3"


def test_a_promise_that_is_not_made_is_not_judged(api: Sample, tmp_path: Path) -> None:
    unpromised = api.mapping.replace('cancels = "running"', "")

    run = api.gate("--only", "CANC-002", "--only", "STAT-001", mapping=unpromised, **TOKENS)

    assert run.exit_code == 0, run.output
    [row] = [row for row in run.report["requirements"] if row["id"] == "CANC-002"]
    assert row["cases"][0]["reason"] == (
        'not promised by the target file: needs [promises] cancels = "running"'
    )
