"""What a look into a shared Redis costs, and whose keys are flushed."""

from __future__ import annotations

from typing import Any, cast

import pytest
from redis.asyncio import Redis

from queueproof.errors import Inconclusive, NotAssessed
from queueproof.faults.flush import EmptiedRedis, FlushedIndex
from queueproof.faults.redis_restart import RedisRestart
from queueproof.stack.redis_place import RedisPlace
from queueproof.targets import redis_budget
from queueproof.targets.key_patterns import KeyPatterns
from queueproof.targets.redis_opening import acquaint

from .redis_looks import looking, nothing, populate, run, server, target, written

FOREIGN_HASHES = """
for number = 1, ARGV[1] do redis.call("HSET", "bull:tenants:" .. number, "data", "private") end
"""


# -- what a look costs -------------------------------------------------------------------------


def test_looks_into_a_million_foreign_keys_on_two_indexes_are_few_commands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Learned once, within its bound; then a dozen commands a look, none of them a SCAN.

    Commands are counted; how long they take is this machine's affair.
    """
    monkeypatch.setattr("queueproof.targets.redis_opening.LEARNING_MS", 600_000.0)

    async def scenario() -> None:
        async with server() as made:
            await populate(made, 0)
            await populate(made, 1)
            async with looking(made.url(1)) as view:
                here = cast(Any, target(view, made))
                before = await written(made)
                assert await acquaint(here) == ""
                assert view.budget.commands < redis_budget.LEARNING_COMMANDS
                # Three keys of the scratch job: what the target wrote, and nothing besides.
                assert await written(made) - before == 3
                job, _ = await here.try_submit(None)
                seen = view.budget.commands
                look = await view.look(job.id, everywhere=True)
                assert [key.name for key in look.keys] == [f"lf:job:{job.id}:stream"]
                assert {key.index for key in look.keys} == {1}
                assert not look.complete
                assert view.budget.commands - seen <= 20

    run(scenario())


def test_an_index_collision_is_seen_beside_a_million_keys() -> None:
    async def scenario() -> set[int]:
        async with server() as made:
            await populate(made, 0)
            async with looking(made.url(1)) as view:
                here = cast(Any, target(view, made))
                await acquaint(here)
                job, _ = await here.try_submit(None)
                async with Redis.from_url(made.url(0)) as client:
                    await client.set(f"lf:cancel:{job.id}", "1")
                return {key.index for key in (await view.look(job.id, everywhere=True)).keys}

    assert run(scenario()) == {0, 1}


def test_of_a_hundred_thousand_foreign_hashes_none_is_read() -> None:
    async def scenario() -> None:
        async with server() as made:
            async with Redis.from_url(made.url(1)) as client:
                await client.execute_command("EVAL", FOREIGN_HASHES, 0, 100_000)
                assert await client.dbsize() == 100_000
                await client.config_resetstat()
            async with looking(made.url(1)) as view:
                here = cast(Any, target(view, made, flowise=True))
                # The scratch job is read to its end by its reader, which this target has not.
                with pytest.MonkeyPatch.context() as patched:
                    patched.setattr("queueproof.targets.redis_opening.read_stream", nothing)
                    assert await acquaint(here) == ""
                job, _ = await here.try_submit(None)
                name, fields = await view.hash_with(job.key, within_s=1.0)
                assert name == "bull:queue:8"
                assert fields == {"data", "name", "opts", "timestamp"}
                assert await view.hash_with("of nobody", within_s=0.2) == ("", set())
                async with Redis.from_url(made.url()) as client:
                    calls = (await client.info("commandstats"))["cmdstat_hgetall"]["calls"]
                assert calls <= 5

    run(scenario())


def test_a_redis_too_large_to_learn_from_says_what_a_look_would_cost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("queueproof.targets.redis_opening.LEARNING_COMMANDS", 100)

    async def scenario() -> str:
        async with server() as made:
            await populate(made, 1)
            async with looking(made.url(1)) as view:
                reason = await acquaint(target(view, made))
                assert view.budget.commands <= 110
                return reason

    reason = run(scenario())
    assert "Redis holds 1,000,00" in reason
    assert "one look through them would take 1,001 commands and " in reason


def test_a_run_asks_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("queueproof.targets.redis_budget.RUN_COMMANDS", 5)

    async def scenario() -> None:
        async with server() as made, looking(made.url(1)) as view:
            for _ in range(9):
                await view.keys_of("nobody")

    with pytest.raises(Inconclusive, match="as much as it may: 5 commands"):
        run(scenario())


# -- whose keys are flushed --------------------------------------------------------------------


@pytest.mark.parametrize("foreign", [True, False])
def test_a_flush_spares_other_peoples_keys(foreign: bool) -> None:
    """--disposable is said of the target, not of what else its Redis holds."""

    async def scenario() -> int:
        async with server() as made, looking(made.url(1)) as view:
            await acquaint(target(view, made))
            async with Redis.from_url(made.url(1)) as client:
                await client.set("lf:of-the-target", "1")
                if foreign:
                    await client.set("tenant:order:17", "1")
                faults = (
                    FlushedIndex(view, 1),
                    EmptiedRedis(view),
                    RedisRestart(RedisPlace(view), keep_data=False, down_s=0.0),
                )
                for fault in faults if foreign else faults[:1]:
                    if foreign:
                        with pytest.raises(NotAssessed, match="not flushed: 1 of 5 keys"):
                            await fault.apply()
                    else:
                        await fault.apply()
                    await fault.heal()
                return int(await client.dbsize())

    assert run(scenario()) == (5 if foreign else 0)


def test_a_large_index_is_not_flushed() -> None:
    async def scenario() -> None:
        async with server() as made:
            await populate(made, 0, 100_000)
            async with looking(made.url(1)) as view:
                with pytest.raises(NotAssessed, match="100,000 keys at index 0"):
                    await FlushedIndex(view, 0).apply()
                assert await view.size(0) == 100_000

    run(scenario())


def test_names_that_the_target_shares_with_others_are_not_its_own() -> None:
    patterns = KeyPatterns.of_job("7c1", ["lf:job:7c1:stream"], ["bull:flowise-queue:12"])

    assert patterns.owns("lf:worker:3")
    assert patterns.owns("bull:flowise-queue:meta")
    assert not patterns.owns("bull:tenants:12")
    assert not patterns.owns("session:7")
    tagged = KeyPatterns.of_job("7c1", ["{bull}:ours:7c1"], ["{bull}:flowise-queue:12"])
    assert tagged.owns("{bull}:flowise-queue:meta")
    assert not tagged.owns("{bull}:tenants:12")
