"""A chaos stack made of a user's deployment, as the [chaos] table of its target file tells.

Nothing is touched unless the target is declared disposable. What a killed run left is healed
first; then everything must be as it should be, for a fault on top of a fault proves nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from queueproof.config.cluster_url import names_cluster
from queueproof.config.model import ChaosConfig, ReplicaConfig, TargetConfig
from queueproof.config.redis_url import CLUSTER_REASON
from queueproof.config.sentinel_url import names_sentinels
from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.executors.declared_keeper import DeclaredKeeper
from queueproof.executors.executor_keeper import ExecutorKeeper
from queueproof.executors.workforce import Workforce, workforce_of
from queueproof.stack.chaos_stack import ChaosStack
from queueproof.stack.journal import Journal, Thaw, heal_leftovers
from queueproof.stack.needs import StackNeeds
from queueproof.stack.proxies import Proxy
from queueproof.stack.redis_place import RedisPlace
from queueproof.stack.redis_proxy.proxy import RedisProxies
from queueproof.stack.replica import Keeper, Replica
from queueproof.stack.sentinel_servers import SentinelServers
from queueproof.stack.toxiproxy_api import OUR_PREFIX, ProxyState, ToxiproxyApi
from queueproof.stack.toxiproxy_binary import HOW_TO_GET
from queueproof.targets.contracts import contract_named
from queueproof.targets.predictions import HEALTH_OF_A_WORKER
from queueproof.targets.redis_opening import greet
from queueproof.targets.redis_view import RedisView
from queueproof.targets.serving import serves
from queueproof.targets.worker_programs import worker_label


@asynccontextmanager
async def declared_stack(target: TargetConfig, needs: StackNeeds) -> AsyncIterator[ChaosStack]:
    """Take hold of the deployment; raises UsageError when it is not ready for that."""
    if not target.disposable:
        raise UsageError(
            "chaos disturbs and may destroy what the target holds: say that it is disposable "
            "(--disposable, or disposable = true in its target file)"
        )
    config = target.chaos or _by_urls(target)
    async with AsyncExitStack() as resources:
        api = await _reach(config, resources)
        place, no_redis = None, ""
        if names_cluster(target.redis_url):
            no_redis = CLUSTER_REASON
        elif target.redis_url:
            place = RedisPlace(RedisView(target.redis_url), config=config)
            resources.push_async_callback(place.close)
        workforce = _workforce(target, resources)
        servers = _sentinel_servers(target, config)
        thaws = [each.thaw_called for each in (workforce, servers) if each is not None]
        told = list(
            await heal_leftovers(
                api=api,
                redis=place.view if place else None,
                thaw=_first_of(thaws) if thaws else None,
            )
        )
        if place and (no_redis := await _why_not_disturbed(place.view)):
            place = None
        journal, redis_proxies = Journal(), RedisProxies()
        resources.push_async_callback(redis_proxies.stop)
        replicas = []
        for index, row in enumerate((*config.replicas, *config.workers)):
            proxy = await _take(api, row, journal, told, resources) if row.proxy and api else None
            if needs.redis_proxies:
                await _insert_redis_proxy(index, proxy, redis_proxies, resources)
            number = index - len(config.replicas)
            keeper = await _keeper(row, workforce)
            replicas.append(_replica(index, row, proxy, keeper, target.contract, worker=number))
        yield ChaosStack(
            target,
            replicas,
            journal=journal,
            api=api,
            redis=place,
            no_redis=no_redis,
            redis_proxies=redis_proxies,
            sentinel_servers=servers if place else None,
            workforce=workforce,
            leftovers=tuple(told),
        )


def _replica(
    index: int,
    row: ReplicaConfig,
    proxy: Proxy | None,
    keeper: Keeper,
    contract: str,
    *,
    worker: int,
) -> Replica:
    """A replica, or the worker program with that number when it is none below 0."""
    path = contract_named(contract).ready_path
    if worker >= 0:
        path = HEALTH_OF_A_WORKER if row.url else ""
    return Replica(
        index,
        row.url,
        keeper=keeper,
        proxy=proxy,
        ready_path=path,
        label=worker_label(worker) if worker >= 0 else "",
    )


def _sentinel_servers(target: TargetConfig, config: ChaosConfig) -> SentinelServers | None:
    if not (config.redis_servers and names_sentinels(target.redis_url)):
        return None
    return SentinelServers(target.redis_url, config.redis_servers)


def _first_of(thaws: Sequence[Thaw]) -> Thaw:
    """Whoever knows what is called so."""

    async def thaw(called: str) -> bool | None:
        answers = [await one(called) for one in thaws]
        return next((answer for answer in answers if answer is not None), None)

    return thaw


async def _why_not_disturbed(view: RedisView) -> str:
    """Why this Redis is left alone, empty when it is not; raises UsageError as `greet` does."""
    return await greet(view) or (CLUSTER_REASON if view.cluster is not None else "")


def _workforce(target: TargetConfig, resources: AsyncExitStack) -> Workforce | None:
    """The executor's, which is one for all replicas; rows with commands of their own need none."""
    if target.executor is None:
        return None
    workforce = workforce_of(
        target, ready_path=contract_named(target.contract).ready_path, serves=serves
    )
    if workforce is not None:
        resources.push_async_callback(workforce.close)
    return workforce


async def _keeper(row: ReplicaConfig, workforce: Workforce | None) -> Keeper:
    """The row's own commands and processes, else the executor.

    Which instance a row means may be unknown: then what needs it says so.
    """
    own = row.kill or row.stop or row.start or row.process_root or row.pid_command
    if workforce is None or own:
        return DeclaredKeeper(row)
    keeper = ExecutorKeeper(workforce, row)
    with suppress(NotAssessed):
        await keeper.find()
    return keeper


def _by_urls(target: TargetConfig) -> ChaosConfig:
    """Without a [chaos] table: the URLs alone, for faults on Redis."""
    return ChaosConfig(replicas=tuple(ReplicaConfig(url=url) for url in target.urls))


async def _reach(config: ChaosConfig, resources: AsyncExitStack) -> ToxiproxyApi | None:
    if not config.toxiproxy:
        return None
    api = ToxiproxyApi(config.toxiproxy)
    resources.push_async_callback(api.close)
    try:
        await api.version()
    except HarnessError as error:
        raise UsageError(
            f"{error}: start it (toxiproxy-server -proxy-metrics) or correct [chaos] toxiproxy; "
            f"to get it, {HOW_TO_GET}"
        ) from None
    return api


async def _take(
    api: ToxiproxyApi,
    row: ReplicaConfig,
    journal: Journal,
    told: list[str],
    resources: AsyncExitStack,
) -> Proxy:
    known = await api.proxies()
    if row.proxy not in known:
        have = ", ".join(sorted(known)) or "none"
        raise UsageError(f"Toxiproxy at {api.url} has no proxy {row.proxy!r}; it has: {have}")
    told += await _free_of_ours(api, known[row.proxy])
    state = await api.proxy(row.proxy)
    if state.toxics:
        raise UsageError(
            f"proxy {row.proxy} already has toxics that are not ours ({', '.join(state.toxics)}): "
            "remove them first"
        )
    if not state.enabled:
        raise UsageError(f"proxy {row.proxy} is disabled: enable it first")
    proxy = Proxy.of(api, state, journal)
    resources.push_async_callback(_leave_clean, proxy)
    return proxy


async def _free_of_ours(api: ToxiproxyApi, state: ProxyState) -> list[str]:
    """Toxics with our name and no note: a run on another machine left them."""
    ours = [toxic for toxic in state.toxics if toxic.startswith(OUR_PREFIX)]
    for toxic in ours:
        await api.remove(state.name, toxic)
    return [f"toxic {toxic}, left on proxy {state.name}, is removed" for toxic in ours]


async def _leave_clean(proxy: Proxy) -> None:
    """Whatever happened: no toxic of ours stays, and the proxy listens."""
    with suppress(HarnessError):
        await _free_of_ours(proxy.api, await proxy.api.proxy(proxy.name))
        await proxy.join()


async def _insert_redis_proxy(
    index: int, proxy: Proxy | None, redis_proxies: RedisProxies, resources: AsyncExitStack
) -> None:
    if proxy is None:
        raise NotAssessed("faults at chosen commands need a proxy for every replica")
    if not proxy.api.url.startswith(("http://127.", "http://localhost", "http://[::1]")):
        raise NotAssessed("faults at chosen commands need Toxiproxy on this machine")
    true_upstream = proxy.upstream
    redis_proxy = await redis_proxies.add(index, true_upstream)
    resources.push_async_callback(proxy.point_at, true_upstream, restored=True)
    await proxy.point_at(redis_proxy.listen)
