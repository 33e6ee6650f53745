"""A good system is accused of nothing because other clients use it meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from queueproof.probe import Probe
from queueproof.targets.langflow.component import component_source, graph_of

from .judging import judge
from .serving import LOGIN, Deployment

_EVERY_S = 2.0


@contextmanager
def other_client(deployment: Deployment) -> Iterator[None]:
    """Somebody who submits a job every two seconds, polls it, and cancels it."""
    over = threading.Event()
    client = threading.Thread(target=_submit_and_cancel, args=(deployment.urls[0], over))
    client.start()
    try:
        yield
    finally:
        over.set()
        client.join()


def _submit_and_cancel(url: str, over: threading.Event) -> None:
    with httpx.Client(base_url=url, trust_env=False, timeout=10.0) as http:
        http.headers["Authorization"] = f"Bearer {_token(http)}"
        flow = http.post("/api/v1/flows/", json={"name": "other", "data": {}}).json()["id"]
        while not over.wait(_EVERY_S):
            with suppress(httpx.HTTPError, KeyError, ValueError):
                answer = http.post(f"/api/v1/build/{flow}/flow", json={"data": _slow_graph(http)})
                job = answer.json()["job_id"]
                http.get(f"/api/v1/build/{job}/events?event_delivery=polling")
                time.sleep(_EVERY_S / 4)
                http.post(f"/api/v1/build/{job}/cancel")


def _token(http: httpx.Client) -> str:
    form = {"username": LOGIN["QUEUEPROOF_USERNAME"], "password": LOGIN["QUEUEPROOF_PASSWORD"]}
    return str(http.post("/api/v1/login", data=form).json()["access_token"])


def _slow_graph(http: httpx.Client) -> dict[str, object]:
    source = component_source(Probe(ticks=100), package="lfx", key="", witness=None)
    made = http.post("/api/v1/custom_component", json={"code": source}).json()
    return dict(graph_of(made["data"], made.get("type", "QueueproofProbe"), source))


def test_counters_beside_other_clients_accuse_nobody(
    three_workers: Deployment, tmp_path: Path
) -> None:
    """Whoever's jobs were counted: none of these is a failure, and one at least says why."""
    with other_client(three_workers):
        verdict = judge(
            *three_workers.urls,
            folder=tmp_path / "gate",
            only=["MONI-004", "MONI-005", "MONI-006", "MONI-008", "MONI-010", "MONI-021"],
            target='worker_header = "x-worker"',
        )

    assert verdict.failed == {}, verdict
    reasons = verdict.reasons("inconclusive")
    assert all("other" in reason or "fell below" in reason for reason in reasons), verdict
