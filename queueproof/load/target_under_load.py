"""A target under load: launched or reached, with a template for each errand."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import cast

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import HarnessError, NotAssessed, UsageError
from queueproof.load.bounds import fitted
from queueproof.load.profile import Errand
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.own_redis import own_redis
from queueproof.stack.servers import Servers
from queueproof.targets.asking import declare_pace
from queueproof.targets.contracts import contract_named, ready_of
from queueproof.targets.opening import remove_leftovers, tidy, told_left_behind
from queueproof.targets.request_template import RequestTemplate, TemplatedAdapter
from queueproof.targets.transports import declare_transport, directly, told_of_transport
from queueproof.targets.vantage import Vantage


@dataclass(frozen=True, kw_only=True)
class TargetUnderLoad:
    """A target that is ready for load: errands as they fit it, a template for each.

    `notes` tell what earlier runs had left, and once it is closed what could not be removed.
    """

    target: TargetConfig
    errands: tuple[Errand, ...]
    templates: tuple[RequestTemplate, ...]
    version: str | None
    notes: list[str] = field(default_factory=list)


@asynccontextmanager
async def open_target_under_load(
    config: RunConfig, errands: Iterable[Errand]
) -> AsyncIterator[TargetUnderLoad]:
    """The target, prepared for these errands; tidied, and ended if it was launched, afterwards.

    Raises TargetUnreachable or UsageError for a deployment that cannot be spoken to,
    HarnessError for a launch that does not serve.
    """
    notes: list[str] = []
    async with AsyncExitStack() as resources:
        target = config.target
        if config.embedded:
            target = await _launched(resources, config)
        contract = contract_named(target.contract)
        began_s = time.monotonic()
        adapter = contract.adapter(target, witness=None, now_s=lambda: time.monotonic() - began_s)
        if not hasattr(adapter, "request_template"):
            raise UsageError(f"load profiles do not know how to drive contract {target.contract}")
        declare_transport(target)
        for url in target.urls:
            declare_pace(url, target.requests_per_s)
        vantage = Vantage(target.urls[0])
        resources.push_async_callback(vantage.close)
        if not config.embedded:
            resources.callback(lambda: notes.extend(told_left_behind(adapter)))
        resources.push_async_callback(tidy, adapter, target.urls)
        await adapter.prepare(vantage, answer_s=target.timings.answer_s)
        if not config.embedded:
            notes += told_of_transport(target)
            notes += await remove_leftovers(adapter, vantage)
        templated = cast(TemplatedAdapter, adapter)
        played, left_out = await _with_templates(templated, vantage, errands, target)
        notes += left_out
        yield TargetUnderLoad(
            target=target,
            errands=tuple(errand for errand, _ in played),
            templates=tuple(template for _, template in played),
            version=adapter.version,
            notes=notes,
        )


async def _launched(resources: AsyncExitStack, config: RunConfig) -> TargetConfig:
    """The target on a Redis of its own, both for the run alone."""
    target, contract = config.target, contract_named(config.target.contract)
    if target.launch is None:
        raise HarnessError("a target was to be launched without a launch command")
    servers = Servers(redis_binary=config.redis_binary)
    redis = servers.redis()
    resources.push_async_callback(redis.close)
    await redis.start()
    launcher = Launcher(target.launch, ready_path=ready_of(target))
    settings = {**target.launch.environment, **config.settings}
    if contract.workers_setting and target.workers:
        settings[contract.workers_setting] = str(target.workers)
    own = await own_redis(target.launch, servers, resources)
    launcher = launcher.on(redis_port=str(redis.port), **own)
    boot = await launcher.boot(_with_redis_port(settings, redis.port), crew=target.workers or 1)
    resources.push_async_callback(launcher.stop, boot)
    for one in [boot, *boot.crew]:
        _serving(one)
    return replace(
        directly(target),
        urls=(boot.url,),
        redis_url=redis.url(contract.redis_index),
        redis_ours=True,
        process_root=boot.child.pid,
        worker_processes=tuple(member.child.pid for member in boot.crew),
    )


async def _with_templates(
    adapter: TemplatedAdapter, vantage: Vantage, errands: Iterable[Errand], target: TargetConfig
) -> tuple[list[tuple[Errand, RequestTemplate]], list[str]]:
    """Each errand, fitted, with its template, and a note for each that the target has no words for.

    Raises UsageError where there were some and none is left.
    """
    found, notes = [], []
    for errand in (fitted(one, target.timings) for one in errands):
        if errand.does == "cancel" and target.mapping and "cancel" not in target.mapping.calls:
            notes.append("cancels are left out: the mapping names none ([mapping.cancel])")
            continue
        try:
            found.append((errand, await adapter.request_template(vantage, errand.probe)))
        except NotAssessed as reason:
            notes.append(f"a task ({errand.does}) is left out: {reason}")
    if notes and not found:
        raise UsageError(f"nothing of this profile can be played: {'; '.join(notes)}")
    return found, notes


def _serving(boot: Boot) -> None:
    if not boot.serving:
        raise HarnessError(f"the launched target does not serve, {boot.why_mute}")


def _with_redis_port(settings: Mapping[str, str], port: int) -> dict[str, str | None]:
    return {name: value.replace("{redis_port}", str(port)) for name, value in settings.items()}
