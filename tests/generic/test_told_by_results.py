"""A queue whose jobs reach neither queueproof nor Redis: what their results alone can show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from queueproof.errors import UsageError
from queueproof.running.target_options import TargetOptions
from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import find_redis_binary

from ..end_to_end.conftest import GateRun, run_gate, serves, wait_until
from .conftest import ROOT, USERS, start, start_reference

REFERENCE = ROOT / "queueproof" / "targets" / "generic" / "generic_reference.toml"
ASKED = ("PROM-026", "PROM-027", "PROM-029")
HEARD = ("PROM-024", "SUBM-002")


def described(*urls: str) -> str:
    """The reference's own description, as of a queue that somebody else has started."""
    text = REFERENCE.read_text("utf-8")
    launch, mapping = text.index("[launch]"), text.index("[mapping]")
    whole = text[:launch] + text[mapping:]
    head = f'[target]\nurls = {json.dumps(urls)}\nwitness_through = "result"\n'
    return whole.replace("disposable = true\n", "").replace("[target]\n", head)


@contextmanager
def running(folder: Path, *, variant: str = "") -> Iterator[str]:
    """The reference with two workers; its URL."""
    with ExitStack() as stack:
        redis, port = free_port(), free_port()
        server = (find_redis_binary(), "--port", str(redis), "--bind", "127.0.0.1", "--save", "")
        start(stack, folder, "redis", *server, "--dir", str(folder))
        settings = {
            "JOBS_REDIS_URL": f"redis://127.0.0.1:{redis}/0",
            "JOBS_USERS": "token-of-ann=ann,token-of-bob=bob",
            **({"REFERENCE_ENVIRONMENT": "test", "REFERENCE_VARIANT": variant} if variant else {}),
        }
        start_reference(stack, folder, "front", "front", "--port", str(port), **settings)
        logs = [
            start_reference(stack, folder, f"worker-{number}", "worker", **settings)
            for number in range(2)
        ]
        url = f"http://127.0.0.1:{port}"
        assert wait_until(lambda: serves(url), within_s=60.0)
        ready = "waiting for jobs"
        assert wait_until(lambda: all(ready in log.read_text() for log in logs), within_s=60.0)
        yield url


def judged(url: str, folder: Path) -> GateRun:
    file = folder / "target.toml"
    file.write_text(described(url), "utf-8")
    chosen = [word for name in (*ASKED, *HEARD) for word in ("--only", name)]
    return run_gate("--config", str(file), *chosen, out=folder / "out", **USERS)


def test_that_a_job_was_run_is_told_by_what_it_alone_computes(tmp_path: Path) -> None:
    """And what a result cannot show is not assessed, with that reason."""
    with running(tmp_path) as url:
        run = judged(url, tmp_path)

    assert run.exit_code == 0, run.output
    assert {name: run.verdict_of(name) for name in ASKED} == dict.fromkeys(ASKED, "passed")
    for name in HEARD:
        [row] = [row for row in run.report["requirements"] if row["id"] == name]
        assert row["verdict"] == "not_assessed"
        assert "a result, which is told once and after the end" in row["cases"][0]["reason"]


@pytest.mark.parametrize(
    ("variant", "broken"),
    [
        ("names_kept_after_completion", "PROM-026"),
        ("names_kept_after_failure", "PROM-027"),
        ("names_are_cut_short", "PROM-029"),
    ],
)
def test_a_name_that_is_never_free_again_is_found_without_a_witness(
    variant: str, broken: str, tmp_path: Path
) -> None:
    with running(tmp_path, variant=variant) as url:
        run = judged(url, tmp_path)

    assert run.exit_code == 1, run.output
    verdicts = {name: run.verdict_of(name) for name in ASKED}
    assert verdicts == {name: "failed" if name == broken else "passed" for name in ASKED}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[target]\nurls = ["http://127.0.0.1:1"]\n', "it needs a mapping with results"),
        (
            described("http://127.0.0.1:1").replace('result = "result"\n', ""),
            "mapping with results",
        ),
        (REFERENCE.read_text("utf-8"), "leave it out"),
    ],
)
def test_where_results_tell_nothing_it_is_refused(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    if "witness_through" not in text:
        text = text.replace("[target]\n", '[target]\nwitness_through = "result"\n')
    file.write_text(text, "utf-8")

    with pytest.raises(UsageError, match=said):
        TargetOptions(config=file).find()
