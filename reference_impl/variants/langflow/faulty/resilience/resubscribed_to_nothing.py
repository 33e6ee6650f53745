"""The dispatcher reconnects, says that it runs, and hears nothing: it has not subscribed again.

The connection pool hands out a fresh connection; what was subscribed was the old one. rq #1836
and Celery #8030 tell of workers that are connected and deaf for days.
"""

from __future__ import annotations

from functools import cached_property

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.patrol import MarkerPatrol
from reference_impl.store.redis_client import REDIS_ERRORS
from reference_impl.store.redis_pubsub import PONG_WITHIN_S, Subscription, SubscriptionLost

SCENARIOS = {"CHAOS-029": frozenset({"RESI-007"})}


class Connected(Subscription):
    """A connection, and nothing besides."""

    async def open(self) -> None:
        """Connect, and see that Redis answers."""
        try:
            self._connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            await self._connection.connect()
            await self._connection.send_command("PING", check_health=False)
            await self._reply(PONG_WITHIN_S)
        except REDIS_ERRORS as error:
            raise SubscriptionLost(str(error)) from error


class AtTheStart(MarkerPatrol):
    """Looks for a marker as a job starts."""

    async def check_all(self) -> None:
        """Later there is the channel."""

    async def check_missed(self) -> None:
        """What was missed was missed."""


class VariantAssembly(Assembly):
    """Subscribes in its first life."""

    patrol_class = AtTheStart

    @cached_property
    def _lives(self) -> list[Subscription]:
        return []

    def subscribe(self) -> Subscription:
        """A subscription; from the second on, a connection."""
        if self._lives:
            self.subscription_class = Connected
        self._lives.append(super().subscribe())
        return self._lives[-1]
