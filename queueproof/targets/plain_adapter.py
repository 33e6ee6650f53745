"""An adapter's beginnings: what an API without logins, monitor and leftovers has to say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import MappingProxyType
from typing import Any

from queueproof.config.model import Credentials
from queueproof.errors import NotAssessed
from queueproof.history import Event
from queueproof.probe import Probe
from queueproof.targets.bodies import pieces
from queueproof.targets.http import streaming
from queueproof.targets.protocol import MonitorReply, PollReply, Reply, Role, StreamOpened
from queueproof.targets.vantage import Vantage


class PlainAdapter:
    """To be derived from: `ping`, `submit` and `cancel` are missing, all else can be replaced.

    `witness` is where probes report to, `now_s` the history's clock.
    """

    operations: frozenset[str] = frozenset()
    version: str | None = None
    troubles: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        credentials: Credentials,
        *,
        witness: tuple[str, int] | None,
        now_s: Callable[[], float],
    ) -> None:
        self.credentials = credentials
        self.witness = witness
        self.now_s = now_s

    def has(self, role: Role) -> bool:
        """The run's own user alone."""
        return role is Role.USER

    async def prepare(self, vantage: Vantage, *, answer_s: float) -> None:
        """Nothing is needed beforehand."""

    async def tidy(self, vantage: Vantage) -> None:
        """Nothing is made that would have to be removed."""

    @property
    def left_behind(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    async def remove_leftovers(self, vantage: Vantage) -> tuple[str, ...]:
        """There are none."""
        return ()

    async def submit_unknown_flow(self, vantage: Vantage, *, within_s: float) -> Reply:
        """There is one kind of job."""
        raise NotAssessed("this contract has one kind of job")

    async def poll(
        self,
        vantage: Vantage,
        job_id: str,
        *,
        role: Role,
        within_s: float,
        after: str | None = None,
    ) -> PollReply:
        """There are no polls."""
        raise NotAssessed("this contract has no polls")

    def stream(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> AbstractAsyncContextManager[StreamOpened]:
        """There are no streams."""
        raise NotAssessed("this contract has no streams")

    async def monitor(self, vantage: Vantage, *, role: Role, within_s: float) -> MonitorReply:
        """There is no monitor."""
        raise NotAssessed("this contract has no monitor")

    async def login(
        self, vantage: Vantage, username: str, password: str, *, within_s: float
    ) -> Reply:
        """There is no login."""
        raise NotAssessed("this contract has no login")

    async def log_in_again(
        self, vantage: Vantage, *, correctly: bool, within_s: float
    ) -> Reply | None:
        """None: there is no login."""
        return None


def expressed(probe: Probe, *names: str) -> dict[str, Any]:
    """The probe's traits of these names, for the body of a submit.

    Raises NotAssessed for a probe with a trait that is not among them: left out silently, it would
    be another probe.
    """
    usual = Probe()
    rest = vars(probe).keys() - {*names}
    if lacking := sorted(name for name in rest if getattr(probe, name) != getattr(usual, name)):
        raise NotAssessed(f"this contract's probes have no {', '.join(lacking)}")
    return {name: getattr(probe, name) for name in names}


@asynccontextmanager
async def streamed_lines(
    vantage: Vantage, path: str, parse: Callable[[bytes], Event], *, within_s: float
) -> AsyncIterator[StreamOpened]:
    """`GET` on a stream of one event a line; `within_s` bounds each silence."""
    async with streaming(vantage, "GET", path, silence_s=within_s) as (answer, response):

        async def events() -> AsyncIterator[Event]:
            rest = b""
            async for piece in pieces(response):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    yield parse(line)

        yield StreamOpened(reply=answer.as_reply(), events=events())
