"""Whose a job is that was submitted on a connection of the submit's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import cycle
from typing import Any, cast

import pytest

from queueproof.chaos.replicas import ReplicaFleet
from queueproof.config.mapping import load_mapping
from queueproof.config.model import Credentials, Timings
from queueproof.errors import Inconclusive
from queueproof.history import History, Outcome
from queueproof.probe import Probe
from queueproof.targets.fleet import Fleet
from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.events import EventReader
from queueproof.targets.generic.kept_streams import KeptStreams
from queueproof.targets.protocol import Adapter, SubmitReply
from queueproof.targets.system import System
from queueproof.targets.vantage import Vantage
from queueproof.targets.witness import Witness

EVENT = {"kind": "k", "number": "n", "tick": ["t"], "completed": ["done"]}
SUBMIT = {
    "request": "POST /run",
    "job_id": "id",
    "format": "lines",
    "json": {"n": "{ticks}", "every": "{interval_s}"},
}
ANSWER = (
    b'HTTP/1.1 200 OK\r\nX-Worker: two\r\nConnection: close\r\n\r\n{"id":"7","k":"done","n":0}\n'
)


class ByTurns:
    """Leads connections to one and to two, in turn."""

    name = "by turns"
    scratch_jobs = 0
    must_stay_warm = False

    def __init__(self, *keys: str) -> None:
        self._keys = cycle(keys)

    async def keep(self, anchor: Vantage) -> None:
        """Nothing to note."""

    async def identify(self, vantages: Sequence[Vantage], *_: object, **__: object) -> None:
        for vantage in vantages:
            vantage.worker = vantage.worker or next(self._keys)


class Streaming:
    """An adapter whose submits are answered on a connection of their own, by `giver`."""

    contract = "generic"

    def __init__(self, giver: str | None, *, own_connection: bool = True) -> None:
        self._giver = giver
        self._own_connection = own_connection

    async def submit(self, vantage: Vantage, *_: Any, **__: Any) -> SubmitReply:
        vantage.answered_by = self._giver
        return SubmitReply(
            outcome=Outcome.OK, status=200, job_id="7", own_connection=self._own_connection
        )


async def ping(vantage: Vantage) -> None:
    vantage.port = vantage.port or id(vantage)


async def owner_of(giver: str | None, *keys: str, chosen: bool) -> tuple[str, str | None]:
    """The owner of a job that was submitted via the worker `one`, and whom the history names."""
    fleet = Fleet(("http://127.0.0.1:1",), identifier=ByTurns(*keys), ping=ping)
    history = History()
    system = System(
        adapter=cast("Adapter", Streaming(giver)),
        fleet=fleet,
        timings=Timings(),
        history=history,
        witness=Witness(history),
    )
    try:
        await fleet.discover(expected=len(keys))
        first = next(worker for worker in fleet.workers if worker.key == "one")
        job = await system.submit(Probe(), via=first if chosen else None)
        return job.owner.key, history.operations[-1].worker
    finally:
        await fleet.close()


@pytest.mark.parametrize("chosen", [True, False])
def test_a_job_of_which_nobody_says_who_took_it_has_no_certain_owner(chosen: bool) -> None:
    assert asyncio.run(owner_of(None, "one", "two", chosen=chosen)) == ("", None)


def test_who_took_a_job_is_who_says_so() -> None:
    owner, _ = asyncio.run(owner_of("one", "one", "two", chosen=True))
    assert owner == "one"
    with pytest.raises(Inconclusive, match="answered by worker"):
        asyncio.run(owner_of("two", "one", "two", chosen=True))


def test_the_only_worker_has_taken_it() -> None:
    assert asyncio.run(owner_of(None, "one", chosen=True)) == ("one", "a")


@pytest.mark.parametrize("own_connection", [True, False])
def test_of_replicas_it_is_the_one_at_the_url(own_connection: bool) -> None:
    history = History()
    urls = ("http://127.0.0.1:1", "http://127.0.0.1:2")
    replicas = ReplicaFleet(urls)
    system = System(
        adapter=cast("Adapter", Streaming(None, own_connection=own_connection)),
        fleet=cast("Fleet", replicas),
        timings=Timings(),
        history=history,
        witness=Witness(history),
    )
    job = asyncio.run(system.submit(Probe(), via=replicas.workers[1]))
    assert job.owner.key == urls[1]


def test_a_vantage_is_told_who_answered_on_the_submit_s_own_connection() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    async def scenario() -> tuple[str | None, str | None]:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        mapping = load_mapping({"submit": SUBMIT, "event": EVENT}, where="[mapping]")
        streams = KeptStreams(
            GenericClient(mapping, Credentials()), EventReader(mapping, time.monotonic)
        )
        vantage = Vantage(f"http://{host}:{port}", worker_header="X-Worker")
        async with server:
            kept = await streams.submit(
                vantage, {"ticks": 1, "interval_s": 0.1}, chosen_id="", within_s=5.0
            )
        await vantage.close()
        return kept.job_id, vantage.answered_by

    assert asyncio.run(scenario()) == ("7", "two")
