"""A worker's death is told to who reads just then, and not written down: a thawed owner goes on.

Without a fencing token the first readers hear that the build is lost, later ones see it finish.
"""

from __future__ import annotations

from reference_impl.core.events import Closing, EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller, failed_answer
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store.base import Entry, View
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"LIFE-003"})
PLAYS = ("LIFE-001", "LIFE-003", "LIFE-004", "LIFE-002", "POLL-001")


class ForgetfulStore(RedisStore):
    """Declares nobody dead for good."""

    async def lose(self, job_id: str, closing: Closing) -> bool:
        """The job stays its owner's."""
        return False


class TellingPoller(Poller):
    """Tells its own client."""

    async def answer(self, job_id: str, view: View | None, *, arrived: float) -> PollAnswer | None:
        """The owner looks dead: this reading is over."""
        if view is not None and view.ownerless and not view.entries:
            return failed_answer(job_id, view.after, EndReason.OWNER_DIED)
        return await super().answer(job_id, view, arrived=arrived)


class TellingReader(StreamReader):
    """Tells its own client."""

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        view = await self.store.read(job_id, after=after, limit=1)
        if view is not None and view.ownerless and not view.entries:
            raise Ended(EndReason.OWNER_DIED)
        return await super()._more(job_id, after=after, arrived=arrived)


class VariantAssembly(Assembly):
    """Without fences."""

    redis_store_class = ForgetfulStore
    poller_class = TellingPoller
    reader_class = TellingReader
