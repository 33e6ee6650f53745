"""The parts of a worker that run, keep, read and end builds."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from functools import cached_property

from reference_impl.core.rules import LeaseRule, StaleRule
from reference_impl.langflow.attention import Attention
from reference_impl.langflow.background import Background
from reference_impl.langflow.bridge import Bridge
from reference_impl.langflow.canceller import Canceller
from reference_impl.langflow.caretaker import Caretaker, Reachability
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.database import Database, make_engine
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.langflow.lifecycle import Lifecycle
from reference_impl.langflow.patrol import MarkerPatrol
from reference_impl.langflow.poller import Poller
from reference_impl.langflow.reader import StreamReader
from reference_impl.langflow.readers_count import ReadersCount
from reference_impl.langflow.reaper import Reaper
from reference_impl.langflow.runner import BuildRunner
from reference_impl.langflow.settings import Settings
from reference_impl.langflow.watchdog import Watchdog
from reference_impl.store import redis_keys
from reference_impl.store.base import Store
from reference_impl.store.keeper import Keeper, Kept
from reference_impl.store.memory import MemoryStore
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import RedisPlan
from reference_impl.store.redis_pubsub import Subscription


class QueueAssembly:
    """Half of an assembly: everything that is not HTTP.

    The classes of the parts are named once, here, so that a variant exchanges one by a line.
    """

    background_class: type[Background] = Background
    readers_class: type[ReadersCount] = ReadersCount
    runner_class: type[BuildRunner] = BuildRunner
    desk_class: type[BuildDesk] = BuildDesk
    bridge_class: type[Bridge] = Bridge
    attention_class: type[Attention] = Attention
    poller_class: type[Poller] = Poller
    reader_class: type[StreamReader] = StreamReader
    canceller_class: type[Canceller] = Canceller
    patrol_class: type[MarkerPatrol] = MarkerPatrol
    dispatcher_class: type[CancelDispatcher] = CancelDispatcher
    subscription_class: type[Subscription] = Subscription
    stale_rule_class: type[StaleRule] = StaleRule
    watchdog_class: type[Watchdog] = Watchdog
    reaper_class: type[Reaper] = Reaper
    caretaker_class: type[Caretaker] = Caretaker
    redis_store_class: type[RedisStore] = RedisStore
    memory_store_class: type[MemoryStore] = MemoryStore
    keeper_class: type[Keeper] = Keeper

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.worker_id = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.stats = CancelStats()
        self.background = self.background_class()
        self.lifecycle = Lifecycle()
        self.readers = self.readers_class()
        self.reachability = Reachability()

    # -- what is kept -------------------------------------------------------------------------

    @cached_property
    def redis_plan(self) -> RedisPlan:
        """How to reach Redis, and the timings kept there."""
        s = self.settings
        # A heartbeat must outlive the threshold at which its age is judged.
        activity_ttl_s = max(s.ttl_s, int(2 * s.stale_threshold_s + s.watchdog_interval_s) + 1)
        return RedisPlan(
            url=s.queue_address,
            db=s.queue_index,
            answer_timeout_s=s.answer_timeout_s,
            ttl_s=s.ttl_s,
            activity_ttl_s=activity_ttl_s,
            marker_ttl_s=s.cancel_marker_ttl_s,
            settle_s=s.owner_lease_s,
            lease=LeaseRule(s.owner_lease_s),
        )

    @cached_property
    def redis_store(self) -> RedisStore | None:
        """The store in Redis, if this deployment uses one."""
        if not self.settings.on_redis:
            return None
        return self.redis_store_class(self.redis_plan, worker_id=self.worker_id)

    @cached_property
    def store(self) -> Store:
        """Where jobs are kept."""
        if self.redis_store is not None:
            return self.redis_store
        s = self.settings
        return self.memory_store_class(
            ttl_s=s.ttl_s, marker_ttl_s=s.cancel_marker_ttl_s, settle_s=s.owner_lease_s
        )

    @cached_property
    def database(self) -> Database:
        """Where users and flows are kept."""
        return Database(make_engine(self.settings))

    # -- running builds -----------------------------------------------------------------------

    @cached_property
    def runner(self) -> BuildRunner:
        """What runs components."""
        return self.runner_class()

    @cached_property
    def desk(self) -> BuildDesk:
        """The builds of this worker, with the bridge that carries their events."""
        desk = self.desk_class(store=self.store, worker_id=self.worker_id, runner=self.runner)
        desk.connect(self.make_bridge(desk))
        return desk

    def make_bridge(self, desk: BuildDesk) -> Bridge:
        """From local queues into streams."""
        return self.bridge_class(
            store=self.store,
            patience_s=self.settings.outage_patience_s,
            last_words_s=float(self.settings.ttl_s),
            halt=desk.halt,
        )

    # -- reading them -------------------------------------------------------------------------

    @cached_property
    def attention(self) -> Attention:
        """Client heartbeats."""
        threshold_s = self.settings.stale_threshold_s
        return self.attention_class(store=self.store, stats=self.stats, threshold_s=threshold_s)

    @cached_property
    def poller(self) -> Poller:
        """Reading by polls."""
        return self.poller_class(
            store=self.store,
            attention=self.attention,
            lifecycle=self.lifecycle,
            grace_s=self.settings.startup_grace_s,
            hold_s=self.settings.poll_hold_s,
            settle_s=self.settings.owner_lease_s,
        )

    @cached_property
    def reader(self) -> StreamReader:
        """Reading as a stream."""
        return self.reader_class(
            store=self.store,
            attention=self.attention,
            lifecycle=self.lifecycle,
            grace_s=self.settings.startup_grace_s,
            patience_s=self.settings.outage_patience_s,
        )

    # -- ending them --------------------------------------------------------------------------

    @cached_property
    def channel_enabled(self) -> bool:
        """Whether cancel signals cross workers."""
        return self.settings.on_redis and self.settings.cancel_channel_enabled

    @cached_property
    def canceller(self) -> Canceller:
        """Cancelling for clients."""
        return self.canceller_class(
            store=self.store,
            desk=self.desk,
            stats=self.stats,
            background=self.background,
            crosses_workers=self.channel_enabled,
            answer_timeout_s=self.settings.answer_timeout_s,
            patience_s=self.settings.outage_patience_s,
        )

    @cached_property
    def patrol(self) -> MarkerPatrol | None:
        """Looks for cancel markers."""
        if not self.channel_enabled:
            return None
        return self.patrol_class(
            store=self.store, desk=self.desk, stats=self.stats, background=self.background
        )

    @cached_property
    def dispatcher(self) -> CancelDispatcher | None:
        """Hears cancel signals."""
        if self.redis_store is None or self.patrol is None:
            return None
        return self.dispatcher_class(
            subscribe=self.subscribe,
            desk=self.desk,
            patrol=self.patrol,
            stats=self.stats,
            background=self.background,
        )

    def subscribe(self) -> Subscription:
        """A new subscription to the cancel channel, not yet open."""
        assert self.redis_store is not None
        channel = redis_keys.cancel_channel(self.redis_plan.db)
        return self.subscription_class(self.redis_store.client, channel)

    @cached_property
    def watchdog(self) -> Watchdog:
        """Reclaims abandoned builds."""
        return self.watchdog_class(
            store=self.store,
            desk=self.desk,
            stats=self.stats,
            background=self.background,
            rule=self.stale_rule_class(self.settings.stale_threshold_s),
            reachability=self.reachability,
        )

    @cached_property
    def reaper(self) -> Reaper:
        """Declares the jobs of dead workers lost."""
        return self.reaper_class(store=self.store)

    @cached_property
    def caretaker(self) -> Caretaker:
        """Draws the consequences of lease renewals."""
        return self.caretaker_class(
            store=self.store,
            desk=self.desk,
            background=self.background,
            reachability=self.reachability,
        )

    def make_keeper(self, on_kept: Callable[[Kept], None]) -> Keeper | None:
        """Renews this worker's lease; calls ``on_kept`` in its own thread."""
        if self.redis_store is None:
            return None
        return self.keeper_class(self.redis_plan, worker_id=self.worker_id, on_kept=on_kept)
