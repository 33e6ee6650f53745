"""Run spec, lives and records for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent

from queueproof.checkers.jobs import LoadFinding, check_life
from queueproof.load.judging import Evidence
from queueproof.load.profile import Errand, Profile, Stage
from queueproof.load.records import Records
from queueproof.load.run_spec import Limits, RunSpec
from queueproof.load.schedule import Stretch
from queueproof.targets.request_template import RequestTemplate

EFFECT_S = 3.0


def spec(url: str, folder: Path, **other: Any) -> RunSpec:
    """A spec for streams of three ticks; by default forty evenly spaced jobs in half a second."""
    values: dict[str, Any] = {
        "contract": "langflow",
        "profile": "test",
        "urls": (url,),
        "folder": str(folder),
        "errands": (Errand(does="stream", ticks=3, interval_s=0.0),),
        "templates": (RequestTemplate(path="/api/v1/build/flow/flow", body={"data": {}}),),
        "stretches": (Stretch(name="all", lasts_s=0.5, rate=80.0, to=80.0),),
        "spacing": "even",
        "seed": 7,
        "limits": Limits(errors_after=10_000),
    }
    return RunSpec(**values | other)


def generated(made: RunSpec, *, act: Callable[[Any], None] | None = None) -> Evidence:
    """Play a spec in this process; `act` gets the generator before it begins."""
    from load.generator import Generator

    records, lives = Records(), []

    def sink(message: dict[str, Any]) -> None:
        records.add(message)
        lives.extend(message.get("lives", ()))

    generator = Generator(made, index=0, sink=sink, told=lambda *_: None)
    playing = gevent.spawn(_play, generator, act)
    playing.join()
    if playing.exception is not None:
        raise playing.exception
    findings: list[LoadFinding] = [f for life in lives for f in check_life(life, effect_s=EFFECT_S)]
    return Evidence(records=records, jobs=len(lives), findings=tuple(findings))


def _play(generator: Any, act: Callable[[Any], None] | None) -> None:
    if act is not None:
        act(generator)
    generator.play()


def profile(**other: Any) -> Profile:
    """A profile with nothing special."""
    values: dict[str, Any] = {
        "id": "test",
        "title": "a test",
        "verifies": "what it is for",
        "errands": (Errand(does="stream"),),
        "stages": (Stage(name="all"),),
    }
    return Profile(**values | other)


def life(
    errand: str = "stream", *, ticks: int = 3, readings: tuple[dict[str, Any], ...] = ()
) -> list[dict[str, Any]]:
    """A job's rows: an accepted submit, and whatever else came."""
    plan = {"errand": errand, "ticks": ticks}
    return [row("submit", at_s=0.0, facts=plan), *readings]


def reading(
    *spans: tuple[int, int], told: str | None = "end", kind: str = "stream", **other: Any
) -> dict[str, Any]:
    """What one reader received, as spans of ticks and the end that it was told."""
    facts = {"requests": 1, "spans": [list(span) for span in spans], "told": told}
    return row(kind, at_s=0.1, facts=facts, **other)


def row(kind: str, *, at_s: float, took_s: float = 0.5, **other: Any) -> dict[str, Any]:
    """One operation."""
    values: dict[str, Any] = {
        "kind": kind,
        "job": "j1",
        "invoked_s": at_s,
        "ended_s": at_s + took_s,
        "outcome": "ok",
        "status": 200,
        "detail": "",
        "events": [],
        "facts": {},
    }
    return values | other
