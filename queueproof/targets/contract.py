"""A contract's row: what the engine must know of it besides its requirements.

Each contract is a package with one `CONTRACT` of this type, and a `contract.toml` beside it with
the name of its document (docs/writing-a-target.md). `contracts` finds them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from queueproof.config.model import Credentials, TargetConfig, Timings
from queueproof.targets.protocol import Adapter
from queueproof.targets.workload_traits import LoadTraits, ReplayTraits, WorkloadTraits

Settings = Mapping[str, str | None]


class AdapterMaker(Protocol):
    """Makes the adapter for one run."""

    def __call__(
        self,
        config: TargetConfig,
        *,
        witness: tuple[str, int] | None,
        now_s: Callable[[], float],
    ) -> Adapter:
        """The adapter; `witness` is where probes report to, `now_s` the history's clock."""


class CredentialsAdapterMaker(Protocol):
    """Makes an adapter that needs no more of the configuration than the credentials."""

    def __call__(
        self,
        credentials: Credentials,
        *,
        witness: tuple[str, int] | None,
        now_s: Callable[[], float],
    ) -> Adapter:
        """The adapter (see AdapterMaker)."""


def as_declared(settings: Settings, base: Timings) -> Timings:  # noqa: ARG001  (a row's signature)
    """The timings of a contract whose settings say nothing about them."""
    return base


@dataclass(frozen=True, kw_only=True)
class Contract:
    """How systems of one contract are started, spoken to, and driven.

    adapter            what speaks its HTTP interface
    ready_path         what a started server answers with 200 once it serves
    workers_setting    the setting that says how many workers to run, if there is one
    workers_apart      whether workers are programs beside the server, not behind its address
    redis_index        the database index that queues use in launched targets
    timings_under      the timings that a launch's settings declare
    needs_mapping      whether a deployment must be described by a mapping in its target file
    workload           how its clients behave in outages; None: no outage is played
    load               how it is driven under load; None: no profile is played
    replay             how its failures are played again; None: a bug report has no script
    reference          the target that a run without a URL starts, with so many workers; None where
                       nothing embodies the contract
    cancel_settles_s   how many seconds cancels keep away from the start of their job and from one
                       another on a target that is not disposable; 0 where they harm nobody
    through_redis      whether its jobs can report to the witness through their queue's Redis
    documented         settings of that target as the document has them, where short waits are not
                       wanted
    """

    adapter: AdapterMaker
    ready_path: str
    workers_setting: str = ""
    redis_index: int = 0
    timings_under: Callable[[Settings, Timings], Timings] = as_declared
    workers_apart: bool = False
    needs_mapping: bool = False
    workload: WorkloadTraits | None = None
    load: LoadTraits | None = None
    replay: ReplayTraits | None = None
    reference: Callable[[int | None], TargetConfig] | None = None
    cancel_settles_s: float = 0.0
    through_redis: bool = False
    documented: Mapping[str, str] = field(default_factory=dict)

    def programs(self, replicas: int) -> int:
        """How many programs a stack of so many replicas has; replica 0 is then the server."""
        return replicas + self.workers_apart


def by_credentials(make: CredentialsAdapterMaker) -> AdapterMaker:
    """An adapter that is made from the credentials alone."""

    def made(
        config: TargetConfig, *, witness: tuple[str, int] | None, now_s: Callable[[], float]
    ) -> Adapter:
        return make(config.credentials, witness=witness, now_s=now_s)

    return made
