"""The sweep of any queue's job: which commands are its own, and what can be done to a target."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.chaos.sweep_life import STROKES, label_of, own_commands, strokes_for
from queueproof.stack.redis_proxy.proxy import RedisCommand
from queueproof.targets.contracts import embedded_target
from tests.preforked import preforked

from ..deployments.serving import bare_environment

JOB, KEY, OTHER = "0f" * 16, "3a" * 16, "5b" * 16
SHA = "ab12" * 10


def command(*words: str) -> RedisCommand:
    encoded = tuple(word.encode() for word in words)
    return cast(RedisCommand, SimpleNamespace(words=encoded, name=words[0]))


def deployment(*seen: RedisCommand, promises: object = None) -> Any:
    """One whose proxies have seen these commands."""
    return SimpleNamespace(
        stack=SimpleNamespace(redis_proxies=SimpleNamespace(commands=list(seen))),
        system=SimpleNamespace(promises=promises),
    )


def test_a_job_of_any_queue_is_known_by_everything_that_its_first_command_names() -> None:
    """Its id and the key that its witness knows it by; a script's digest is nobody's."""
    own = own_commands(deployment(command("EVALSHA", SHA, f"job:{OTHER}"), promises=object()))

    assert not own(command("EVALSHA", SHA, "waiting"))
    assert own(command("EVALSHA", SHA, f"job:{JOB}", f'{{"report_to": "http://w/{KEY}"}}'))
    assert own(command("HGETALL", f"job:{JOB}"))
    assert own(command("PUBLISH", KEY))
    assert not own(command("HGETALL", f"job:{OTHER}"))


def test_a_command_is_labelled_without_the_id() -> None:
    assert label_of(command("EVALSHA", SHA, f"job:{JOB}")) == "EVALSHA job:…"


def test_workers_that_are_no_programs_of_their_own_are_not_killed() -> None:
    target = embedded_target("generic")
    assert target.launch is not None

    assert strokes_for(target) == STROKES
    alone = strokes_for(replace(target, launch=replace(target.launch, worker_command=())))
    assert {stroke.action for stroke in alone} == {"cut", "hold", "drop"}


@pytest.mark.parametrize(("variant", "exit_code"), [("", 0), ("leases_never_end", 1)])
def test_the_sweep_tells_a_queue_that_keeps_its_promises_from_one_that_does_not(
    variant: str, exit_code: int, tmp_path: Path
) -> None:
    """A worker is killed while it does the job: it is run again, or never told of."""
    settings = {"REFERENCE_ENVIRONMENT": "test", "REFERENCE_VARIANT": variant} if variant else {}
    given = [word for name, value in settings.items() for word in ("--setting", f"{name}={value}")]
    swept = ("--sweep", "--cell", "10-kill-after", "--cell", "1-cut-after", "--out", str(tmp_path))

    done = preforked().run(
        ["chaos", "--contract", "generic", *swept, *given],
        environment=bare_environment(),
        timeout_s=150,
    )

    assert done.returncode == exit_code, done.stdout + done.stderr
    [path] = tmp_path.glob("*/report.json")
    rows = json.loads(path.read_text("utf-8"))["requirements"]
    failed = {row["id"] for row in rows if row["verdict"] == "failed"}
    assert failed == ({"OUTG-001"} if variant else set())
    assert {row["verdict"] for row in rows if row["id"] == "OUTG-003"} == {"passed"}
