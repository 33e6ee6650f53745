"""Reports through Redis: heard in order, confirmed, and never in the way of a job's cancel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
from redis.asyncio import Redis

from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.history import History, Outcome
from queueproof.probe import Probe
from queueproof.running.target_options import TargetOptions
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets import opening
from queueproof.targets.generic.probe_values import probe_values
from queueproof.targets.langflow.component import component_source
from queueproof.targets.opening import open_system
from queueproof.targets.protocol import SubmitReply
from queueproof.targets.witness import Witness
from queueproof.targets.witness_address import stream_of, through_redis
from queueproof.targets.witness_relay import WitnessRelay
from queueproof.waiting import eventually
from reference_impl.generic.worker import Worker


@asynccontextmanager
async def relayed(query: str = "") -> AsyncIterator[tuple[RedisServer, Witness, WitnessRelay]]:
    server = RedisServer(find_redis_binary())
    history = History()
    witness = Witness(history)
    try:
        await server.start()
        relay = WitnessRelay(witness, history, server.url(1) + query)
        await relay.start()
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


def test_a_job_that_nobody_hears_makes_no_stream_and_does_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At another index than its queue's, and after the run: it would stay there for ever."""

    async def scenario() -> None:
        async with relayed() as (server, _, relay):
            reports: list[Any] = [
                component_of(relay, server.url(2), monkeypatch)._witness,
                component_of(relay, server.url(1), monkeypatch)._witness,
            ]
            for index, report in zip((2, 1), reports, strict=True):
                if index == 1:
                    await relay.stop()
                monkeypatch.setenv("LANGFLOW_REDIS_QUEUE_URL", server.url(index))
                async with Redis.from_url(server.url(index)) as client:
                    worker = Worker(cast(Any, SimpleNamespace(redis=client)), cast(Any, None))
                    async with asyncio.timeout(1.0):
                        await report(0)
                        await worker.report(f"{relay.address[0]}/k/0")
                    assert await client.dbsize() == 0

    asyncio.run(scenario())


def test_a_stream_that_was_flushed_is_made_anew_and_ends_by_itself() -> None:
    async def scenario() -> None:
        async with relayed() as (server, witness, relay), Redis.from_url(server.url(1)) as client:
            assert 0 < await client.ttl(relay.stream) <= 3600

            await client.flushdb()
            _, back = await eventually(lambda: client.ttl(relay.stream), _ends, within_s=5.0)
            assert back
            assert await client.xadd(relay.stream, {"key": "k", "tick": 0}, nomkstream=True)

            _, heard = await eventually(lambda: _ticks(witness), [0].__eq__, within_s=5.0)
            assert heard

    asyncio.run(scenario())


def test_what_comes_together_is_of_one_moment_and_confirmed_at_once() -> None:
    async def scenario() -> None:
        async with relayed() as (server, witness, relay), Redis.from_url(server.url(1)) as client:
            async with client.pipeline(transaction=True) as pipeline:
                for tick in range(100):
                    pipeline.xadd(relay.stream, {"key": "k", "tick": tick, "heard": f"t{tick}"})
                await pipeline.execute()
            for tick in range(100):
                assert await client.blpop([f"{relay.stream}:t{tick}"], timeout=2)

            assert await _ticks(witness) == list(range(100))
            assert len({seen.at_s for seen in witness.sightings("k")}) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("query", ["?protocol=3", "?protocol=3&legacy_responses=false"])
def test_it_hears_by_the_third_protocol_too_and_takes_no_odd_digit_for_a_tick(query: str) -> None:
    async def scenario() -> None:
        async with (
            relayed(query) as (server, witness, relay),
            Redis.from_url(server.url(1)) as client,
        ):
            for tick in ("²", 7):
                await client.xadd(relay.stream, {"key": "k", "tick": tick})
            _, heard = await eventually(lambda: _ticks(witness), [7].__eq__, within_s=5.0)
            assert heard, witness.trouble
            assert witness.trouble == ""

    asyncio.run(scenario())


def test_whatever_goes_wrong_is_told_and_it_goes_on() -> None:
    async def scenario() -> None:
        async with relayed() as (server, witness, relay), Redis.from_url(server.url(1)) as client:
            # More digits than Python reads.
            for tick in ("9" * 5000, 1):
                await client.xadd(relay.stream, {"key": "k", "tick": tick})
            _, heard = await eventually(lambda: _ticks(witness), [1].__eq__, within_s=5.0)
            assert heard
            assert "digits" in witness.trouble

    asyncio.run(scenario())


def test_a_user_who_may_make_no_stream_is_told_before_any_case() -> None:
    async def scenario() -> None:
        async with relayed() as (server, witness, _):
            async with Redis.from_url(server.url(1)) as client:
                rules = ("on", ">pw", "~*", "&*", "+@all", "-xadd")
                await client.execute_command("ACL", "SETUSER", "reader", *rules)  # type: ignore[no-untyped-call]
            url = server.url(1).replace("redis://", "redis://reader:pw@")
            relay = WitnessRelay(witness, History(), url)

            with pytest.raises(UsageError, match=r"no stream can be made there: .*xadd") as refused:
                await relay.start()
            assert "\n" not in str(refused.value)

    asyncio.run(scenario())


def test_a_cluster_is_refused_before_any_job() -> None:
    """Nobody would hear, and each step of a job would wait for it."""
    target = TargetConfig(
        urls=("http://127.0.0.1:1",), redis_url="redis+cluster://one:7000", witness_through="redis"
    )

    async def scenario() -> None:
        history = History()
        async with open_system(target, history=history, witness=Witness(history)):
            pass

    with pytest.raises(
        UsageError, match='witness_through = "redis": Redis is a Cluster'
    ) as refused:
        asyncio.run(scenario())
    assert "\n" not in str(refused.value)


def test_jobs_report_to_nobody_where_redis_may_be_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scratch job did not show that it is the queue's."""
    submitted: list[Probe] = []

    async def nothing(*_: Any, **__: Any) -> Any:
        return ()

    async def another(_: Any) -> str:
        return "it is not the target's Redis"

    async def submit(_: Any, probe: Probe, **__: Any) -> SubmitReply:
        submitted.append(probe)
        return SubmitReply(outcome=Outcome.FAILED, status=503)

    adapter = SimpleNamespace(prepare=nothing, submit=submit, ping=nothing)
    for name in ("expect_one_deployment", "find_workers", "tidy"):
        monkeypatch.setattr(opening, name, nothing)
    monkeypatch.setattr(opening, "acquaint", another)
    monkeypatch.setattr(opening, "make_adapter", lambda *_, **__: adapter)

    async def scenario() -> None:
        async with relayed() as (server, witness, _):
            target = TargetConfig(
                urls=("http://127.0.0.1:1",), redis_url=server.url(1), witness_through="redis"
            )
            async with open_system(target, history=History(), witness=witness) as system:
                await system.try_submit(Probe(witnessed=True))
            assert [probe.witnessed for probe in submitted] == [False]
            assert "not the target's Redis" in witness.trouble

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


def _ends(ttl_s: int) -> bool:
    return ttl_s > 0


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
