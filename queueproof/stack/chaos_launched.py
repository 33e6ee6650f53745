"""A chaos stack that the run launches: Redis, Toxiproxy, and replicas that share one database.

Where workers are programs of their own, the first replica is the server, the others its workers.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from queueproof.config.model import TargetConfig
from queueproof.errors import HarnessError
from queueproof.stack import clock_shim
from queueproof.stack.chaos_stack import ChaosStack
from queueproof.stack.journal import Journal, heal_leftovers
from queueproof.stack.launched_keeper import LaunchedKeeper
from queueproof.stack.launcher import Launcher
from queueproof.stack.needs import StackNeeds
from queueproof.stack.own_redis import own_redis
from queueproof.stack.proxies import Proxy
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_proxy.proxy import RedisProxies
from queueproof.stack.redis_server import RedisServer
from queueproof.stack.replica import Replica
from queueproof.stack.sentinels import watching
from queueproof.stack.servers import Servers
from queueproof.stack.toxiproxy import ToxiproxyServer
from queueproof.targets.contracts import (
    contract_named,
    programs_of,
    ready_of,
    ready_path_of,
    workers_stand_apart,
)
from queueproof.targets.redis_view import RedisView
from queueproof.targets.transports import directly
from queueproof.targets.worker_programs import worker_label

_SHIM = str(Path(clock_shim.__file__).parent)
# Everything else ends with the run: a stopped process alone cannot even be told to end.
_OUTLIVES_US = frozenset({"signal"})


@asynccontextmanager
async def launched_stack(
    target: TargetConfig,
    needs: StackNeeds,
    *,
    servers: Servers,
    replicas: int,
    workers_each: int,
    settings: Mapping[str, str],
) -> AsyncIterator[ChaosStack]:
    """Launch it all; raises HarnessError when something does not start."""
    if target.launch is None:
        raise HarnessError("a chaos stack was to be launched without a launch command")
    leftovers = await heal_leftovers()
    contract = contract_named(target.contract)
    launcher = Launcher(target.launch, ready_path=ready_of(target))
    apart = workers_stand_apart(target)
    async with AsyncExitStack() as resources:
        journal = Journal(keeps=_OUTLIVES_US)
        redis = await _redis(resources, servers)
        launcher = launcher.on(**await own_redis(target.launch, servers, resources))
        standby = await _redis(resources, servers) if needs.standby or needs.sentinels else None
        if standby is not None:
            await standby.follow(redis)
        sentinels, asking = None, dict[str, str]()
        if needs.sentinels:
            sentinels = await watching(redis, servers, resources)
            asking = target.launch.sentinel_environment
            launcher = launcher.on(sentinels=sentinels.hosts, sentinel_service=sentinels.service)
        toxiproxy = servers.toxiproxy()
        resources.push_async_callback(toxiproxy.close)
        await toxiproxy.start()
        redis_proxies = RedisProxies()
        resources.push_async_callback(redis_proxies.stop)
        proxies = [
            await _proxy(
                index, toxiproxy, journal, redis, redis_proxies if needs.redis_proxies else None
            )
            for index in range(programs_of(target, replicas))
        ]
        data = launcher.new_data()
        resources.callback(shutil.rmtree, data, ignore_errors=True)
        workers = {contract.workers_setting: str(workers_each)} if contract.workers_setting else {}
        chosen = {**workers, **settings, **needs.settings, **asking}
        keepers = [
            _keeper(
                launcher,
                index,
                chosen,
                proxy,
                data,
                needs,
                worker=apart and index > 0,
            )
            for index, proxy in enumerate(proxies)
        ]
        for keeper in keepers:
            resources.push_async_callback(keeper.stop)
        # The first prepares the database that the others then find ready.
        await keepers[0].start()
        await asyncio.gather(*(keeper.start() for keeper in keepers[1:]))
        place = RedisPlace(RedisView(redis.url(contract.redis_index), ours=True), server=redis)
        resources.push_async_callback(place.close)
        yield ChaosStack(
            _target(target, keepers, place.view.url, workers_each),
            [
                _replica(index, keeper, proxy, ready_path_of(target), target.launch.worker_ready)
                for index, (keeper, proxy) in enumerate(zip(keepers, proxies, strict=True))
            ],
            journal=journal,
            api=toxiproxy.api,
            redis=place,
            redis_proxies=redis_proxies,
            standby=standby,
            sentinels=sentinels,
            leftovers=leftovers,
        )


async def _redis(resources: AsyncExitStack, servers: Servers) -> RedisServer:
    server = servers.redis()
    resources.push_async_callback(server.close)
    await server.start()
    return server


async def _proxy(
    index: int,
    toxiproxy: ToxiproxyServer,
    journal: Journal,
    redis: RedisServer,
    redis_proxies: RedisProxies | None,
) -> Proxy:
    upstream = f"127.0.0.1:{redis.port}"
    if redis_proxies is not None:
        upstream = (await redis_proxies.add(index, upstream)).listen
    state = await toxiproxy.api.create(f"queueproof-{index}", upstream=upstream)
    return Proxy.of(toxiproxy.api, state, journal)


def _keeper(
    launcher: Launcher,
    index: int,
    settings: Mapping[str, str],
    proxy: Proxy,
    data: Path,
    needs: StackNeeds,
    *,
    worker: bool,
) -> LaunchedKeeper:
    merged = {**launcher.config.environment, **settings}
    port = proxy.listen.rpartition(":")[2]
    filled: dict[str, str | None] = {
        name: value.replace("{redis_port}", port) for name, value in merged.items()
    }
    clock_file = data / f"clock-{index}" if needs.clocks else None
    if clock_file is not None:
        clock_file.write_text("+0", "ascii")
        paths = [_SHIM, merged.get("PYTHONPATH", "")]
        filled["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        filled["FAKETIME_TIMESTAMP_FILE"] = str(clock_file)
    launcher = launcher.on(redis_port=port)
    return LaunchedKeeper(launcher, filled, data=data, clock_file=clock_file, worker=worker)


def _replica(
    index: int, keeper: LaunchedKeeper, proxy: Proxy, ready_path: str, worker_ready: str
) -> Replica:
    path = worker_ready if worker_ready.startswith("/") else ""
    return Replica(
        index,
        keeper.url,
        keeper=keeper,
        proxy=proxy,
        ready_path=path if keeper.worker else ready_path,
        label=worker_label(index - 1) if keeper.worker else "",
    )


def _target(
    target: TargetConfig, keepers: list[LaunchedKeeper], redis_url: str, workers_each: int
) -> TargetConfig:
    return replace(
        directly(target),
        urls=tuple(keeper.url for keeper in keepers if not keeper.worker),
        redis_url=redis_url,
        redis_ours=True,
        # The replicas' masters are our children, so the whole family is below ourselves.
        process_root=os.getpid(),
        disposable=True,
        workers=(sum(keeper.worker for keeper in keepers) or len(keepers)) * workers_each,
    )
