"""Reports through Redis: heard in order, confirmed, and never in the way of a job's cancel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis

from queueproof.errors import UsageError
from queueproof.history import History
from queueproof.probe import Probe
from queueproof.running.target_options import TargetOptions
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.generic.probe_values import probe_values
from queueproof.targets.langflow.component import component_source
from queueproof.targets.witness import Witness
from queueproof.targets.witness_address import stream_of, through_redis
from queueproof.targets.witness_relay import WitnessRelay
from queueproof.waiting import eventually


@asynccontextmanager
async def relayed() -> AsyncIterator[tuple[RedisServer, Witness, WitnessRelay]]:
    server = RedisServer(find_redis_binary())
    history = History()
    witness = Witness(history)
    try:
        await server.start()
        relay = WitnessRelay(witness, history, server.url(1))
        relay.start()
        yield server, witness, relay
        await relay.stop()
    finally:
        await server.close()


def component_of(relay: WitnessRelay, url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The component's own functions, as a worker with that queue executes them."""
    monkeypatch.setenv("LANGFLOW_REDIS_QUEUE_URL", url)
    probe = Probe(witnessed=True)
    source = component_source(probe, package="lfx", key="k", witness=relay.address)
    without_langflow = "\n".join(
        line for line in source.splitlines() if not line.startswith("from lfx")
    )
    scope: dict[str, Any] = {"Component": object, "Output": lambda **_: None, "Data": dict}
    exec(without_langflow, scope)
    return SimpleNamespace(**scope)


def test_what_a_job_told_is_known_before_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As over HTTP; and nothing but what expires stays in Redis."""

    async def scenario() -> None:
        async with relayed() as (server, witness, relay):
            component = component_of(relay, server.url(1), monkeypatch)
            for tick in range(3):
                await component._witness(tick)
                assert [seen.tick for seen in witness.sightings("k")] == list(range(tick + 1))
            async with Redis.from_url(server.url(1)) as client:
                names = [name async for name in client.scan_iter("*")]
                assert names == [relay.stream.encode()]
                assert 0 < await client.ttl(relay.stream) <= 3600
                await relay.stop()
                assert await client.dbsize() == 0

    asyncio.run(scenario())


def test_a_cancel_is_never_lost_in_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the client it is, where it meets a reply; the job would go on, and be accused."""

    async def scenario() -> None:
        async with relayed() as (server, _, relay):
            component = component_of(relay, server.url(1), monkeypatch)

            async def work() -> None:
                for tick in range(10_000):
                    await component._witness(tick)

            for number in range(150):
                job = asyncio.create_task(work())
                await asyncio.sleep(0.003 + number % 50 / 10_000)
                job.cancel()
                done, _ = await asyncio.wait({job}, timeout=1.0)
                assert done, f"cancel {number} was lost"
                with suppress(asyncio.CancelledError):
                    job.result()

    asyncio.run(scenario())


def test_the_relay_goes_on_where_it_was_when_its_connection_breaks() -> None:
    async def scenario() -> None:
        async with relayed() as (server, witness, relay), Redis.from_url(server.url(1)) as client:
            for tick in range(20):
                await client.xadd(relay.stream, {"key": "k", "tick": tick})
                if tick % 5 == 0:
                    await client.execute_command("CLIENT", "KILL", "TYPE", "normal")  # type: ignore[no-untyped-call]
            _, heard = await eventually(
                lambda: _ticks(witness), list(range(20)).__eq__, within_s=10.0
            )
            assert heard, await _ticks(witness)

    asyncio.run(scenario())


async def _ticks(witness: Witness) -> list[int]:
    return [seen.tick for seen in witness.sightings("k")]


def test_a_task_is_told_the_stream_and_its_key() -> None:
    place = through_redis("queueproof:witness:1")

    told = probe_values(Probe(witnessed=True), key="k", witness=place)

    assert told["witness"] == "redis:queueproof:witness:1/k"
    assert stream_of(place) == "queueproof:witness:1"
    assert stream_of(("127.0.0.1", 80)) == ""


@pytest.mark.parametrize(
    ("contract", "lines", "said"),
    [
        ("flowise", 'redis_url = "redis://127.0.0.1"', "reach no Redis"),
        ("langflow", "", "needs the queue's Redis"),
        ("langflow", 'redis_url = "redis://127.0.0.1"\ndisposable = true', "disposable"),
    ],
)
def test_where_it_proves_nothing_it_is_refused(
    contract: str, lines: str, said: str, tmp_path: Any
) -> None:
    file = tmp_path / "target.toml"
    file.write_text(
        f'[target]\ncontract = "{contract}"\nurls = ["http://127.0.0.1:1"]\n'
        f'witness_through = "redis"\n{lines}\n'
    )

    with pytest.raises(UsageError, match=said):
        TargetOptions(config=file).find()
