"""A subscription by a pattern instead of a channel's name, for variants that listen so."""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.store.redis_client import REDIS_ERRORS
from reference_impl.store.redis_pubsub import PONG_WITHIN_S, Subscription, SubscriptionLost


class PatternSubscription(Subscription):
    """Hears the channel by a pattern that matches it; `PUBSUB CHANNELS` does not name it."""

    async def open(self) -> None:
        """Connect and subscribe to the pattern."""
        try:
            self._connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            await self._connection.connect()
            pattern = f"{self._channel[:-1]}?"
            await self._connection.send_command("PSUBSCRIBE", pattern, check_health=False)
            await self._reply(PONG_WITHIN_S)
        except REDIS_ERRORS as error:
            raise SubscriptionLost(str(error)) from error

    async def messages(self) -> AsyncIterator[str]:
        """Yield messages; raises SubscriptionLost as that by a name does."""
        try:
            while True:
                reply = await self._next()
                if reply[0] == "pmessage":
                    yield reply[3]
        except REDIS_ERRORS as error:
            raise SubscriptionLost(str(error) or type(error).__name__) from error
