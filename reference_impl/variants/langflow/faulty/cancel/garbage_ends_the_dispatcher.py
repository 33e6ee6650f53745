"""One message that is no JSON, and the dispatcher's task is over: nobody looks after it.

An operator's ``PUBLISH`` by hand, or a newer worker beside an older one, and cancels cross no more.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store.messages import CancelMessage, MalformedMessage

FAILS = frozenset({"CANC-021"})
PLAYS = ("CANC-001",)


class BrittleDispatcher(CancelDispatcher):
    """Understands everything or nothing."""

    async def run(self) -> None:
        """Listen until something is not understood."""
        try:
            await super().run()
        except MalformedMessage:
            self.running = False
            await asyncio.Event().wait()

    async def listen(self) -> None:
        """As ever, but for what cannot be read."""
        subscription = self.subscribe()
        try:
            await subscription.open()
            self.connected()
            async for text in subscription.messages():
                try:
                    message = CancelMessage.decode(text)
                except MalformedMessage:
                    self.running = False
                    await asyncio.Event().wait()
                    raise
                self.dispatch(message)
        finally:
            self.running = False
            await subscription.close()


class VariantAssembly(Assembly):
    """Hears through it."""

    dispatcher_class = BrittleDispatcher
