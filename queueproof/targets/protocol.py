"""How the suites speak to a deployment: replies, roles and the protocol an adapter implements.

An adapter translates; it never judges. Whatever the target did comes back as a reply, however
wrong it is, so that the case can say what was expected instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Protocol, TypeVar

from queueproof.history import Event, Outcome
from queueproof.json_numbers import as_whole
from queueproof.probe import Probe
from queueproof.targets.answers import TOO_MANY, UNAVAILABLE, Kind, kind_of
from queueproof.targets.asking import AGAIN_WITHIN_S, asked_pause_s
from queueproof.targets.vantage import Vantage

R = TypeVar("R", bound="Reply")

#: No counter is larger; what is, is no number that anybody counted to.
_LARGEST = 1 << 63


class Role(Enum):
    """In whose name a request is made."""

    USER = "user"
    ADMIN = "admin"
    OTHER = "other user"
    NOBODY = "no token"
    FORGER = "forged token"


_SLOWER = "; if that is a limit of requests, declare requests_per_s in the target file"
_TOO_LARGE = 413
_LET_IN = (
    "; what is in front limits the size of a request (nginx: client_max_body_size), and a job of "
    "ours needs up to 32 KiB"
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back.

    `outcome` is OK when the target did what was asked, FAILED when it said it did not, UNKNOWN
    when no whole answer came: then `status` is None and `detail` says what happened instead.
    `front` names what answered in the target's place; `flaw` says why an answer cannot be read.
    `asked_again` counts how often the request was sent anew, `waited_s` is how long it waited
    for its turn, or as it was asked to, before it was sent for the last time.
    """

    outcome: Outcome
    status: int | None = None
    detail: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    front: str = ""
    flaw: str = ""
    asked_again: int = 0
    waited_s: float = 0.0

    @property
    def kind(self) -> Kind:
        """What came back (see `queueproof.targets.answers`); to be asked before anything else."""
        return kind_of(self.status, front=self.front, flaw=self.flaw)

    @property
    def answered(self) -> bool:
        """Whether any answer came at all, be it an error."""
        return self.status is not None

    @property
    def refused(self) -> bool:
        """Whether the target itself answered that it will not do it (4xx)."""
        return self.kind is Kind.REFUSAL

    @property
    def words(self) -> str:
        """The reply in a line, for a failure's `actual`."""
        said = f"{self.status or ''} {self.flaw or self.detail}".strip()
        return f"{said} (asked {self.asked_again + 1} times)" if self.asked_again else said

    @property
    def come_again(self) -> str:
        """For an answer that asks to come again: who answered what, and what helps, in a line."""
        who = self.front or "the target, or something in front of it,"
        helps = _SLOWER if self._limits else ""
        helps = _LET_IN if self.status == _TOO_LARGE else helps
        pause_s = asked_pause_s(self.headers)
        if pause_s is not None and pause_s > AGAIN_WITHIN_S:
            helps = f"; it asks for {pause_s:.0f} s of patience (Retry-After), which no case has"
        return f"{who} answered {self.words}{helps}"

    def become(self, kind: type[R], **told: Any) -> R:
        """The same reply as one of `kind`, with what that one tells besides."""
        shared = {part.name: getattr(self, part.name) for part in fields(Reply)}
        return kind(**{**shared, **told})

    @property
    def _limits(self) -> bool:
        """Whether this is how a limit on the rate of requests says no."""
        return self.status == TOO_MANY or (self.status == UNAVAILABLE and bool(self.front))


@dataclass(frozen=True, kw_only=True)
class SubmitReply(Reply):
    """Answer to a submit; `job_id` when it was accepted.

    `own_connection` says that it came on a connection of its own, which may lead to another worker
    than the one that was lent.
    """

    job_id: str | None = None
    own_connection: bool = False


@dataclass(frozen=True, kw_only=True)
class PollReply(Reply):
    """Answer to one poll; `position` resumes after it, where the target names one."""

    events: tuple[Event, ...] = ()
    position: str | None = None


@dataclass(frozen=True, kw_only=True)
class CancelReply(Reply):
    """Answer to a cancel; `claims_success` is what the body says, not what happened."""

    claims_success: bool = False
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class MonitorReply(Reply):
    """Answer of the monitor; `body` as it came, `counters` flattened."""

    body: dict[str, Any] = field(default_factory=dict)

    @property
    def counters(self) -> dict[str, int]:
        """The numeric fields, the nested cancel counters included."""
        nested = self.body.get("cancel_stats")
        flat = {**self.body, **(nested if isinstance(nested, dict) else {})}
        whole = {name: as_whole(value) for name, value in flat.items()}
        return {
            name: value
            for name, value in whole.items()
            if value is not None and abs(value) < _LARGEST
        }


@dataclass(frozen=True, kw_only=True)
class StreamOpened:
    """A stream that the target agreed to: its status and the events as they arrive."""

    reply: Reply
    events: AsyncIterator[Event]


class Adapter(Protocol):
    """One contract's HTTP interface.

    Every method uses the one connection of the vantage it is given, and raises only
    TargetUnreachable (nobody listens), HarnessError (our own mistake), Inconclusive and
    NotAssessed (what was given does not do, such as a token that has expired), UsageError
    (credentials that no request can carry); a stream also httpx.HTTPError, when it breaks.

    `operations` names what not every contract has: `poll`, `stream` (`stream_once` where a job's
    submitter alone gets it) and `monitor`; `steps`, where
    polls or streams tell each of them; `status` and `result` (`queueproof.targets.statuses`), and
    those of `queueproof.targets.predictions`. What is not there raises.
    """

    contract: str
    operations: frozenset[str]

    @property
    def version(self) -> str | None:
        """The version the target names, if it does."""

    @property
    def troubles(self) -> Mapping[str, str]:
        """What it was given and does not work, by the name of the need, and what was answered."""

    async def prepare(self, vantage: Vantage, *, answer_s: float) -> None:
        """Log in, check that this is the contract's system, make the probe flow."""

    async def tidy(self, vantage: Vantage) -> None:
        """Remove what `prepare` made, as far as it is not removed yet."""

    @property
    def left_behind(self) -> tuple[str, ...]:
        """What was made and is not removed yet, and how to remove it."""

    async def remove_leftovers(self, vantage: Vantage) -> tuple[str, ...]:
        """Remove what runs that are gone have left (see `marks`); the names of that."""

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""

    async def ping(self, vantage: Vantage) -> Reply:
        """A cheap request that every healthy worker answers."""

    async def submit(
        self, vantage: Vantage, probe: Probe, *, key: str, role: Role, within_s: float
    ) -> SubmitReply:
        """Start a probe job that reports to the witness under `key`."""

    async def submit_unknown_flow(self, vantage: Vantage, *, within_s: float) -> Reply:
        """Submit in the user's name for a flow that does not exist."""

    async def poll(
        self,
        vantage: Vantage,
        job_id: str,
        *,
        role: Role,
        within_s: float,
        after: str | None = None,
    ) -> PollReply:
        """One poll; `after` resumes behind a position that the target named earlier."""

    def stream(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> AbstractAsyncContextManager[StreamOpened]:
        """Open a stream; leaving the context closes its connection."""

    async def cancel(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> CancelReply:
        """Ask for the job to be cancelled."""

    async def monitor(self, vantage: Vantage, *, role: Role, within_s: float) -> MonitorReply:
        """Read the monitor of the worker behind the vantage."""

    async def login(
        self, vantage: Vantage, username: str, password: str, *, within_s: float
    ) -> Reply:
        """Try to log in; the token itself stays inside the adapter."""

    async def log_in_again(
        self, vantage: Vantage, *, correctly: bool, within_s: float
    ) -> Reply | None:
        """Log in as the run's user once more, with a wrong password unless `correctly`.

        A token won correctly replaces the user's. `outcome` is OK only when a token came. None
        when the run was given a token instead of a name and a password.
        """
