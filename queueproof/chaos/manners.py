"""What clients and onlookers of a chaos run do differently from contract to contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from queueproof.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How jobs of one contract are asked for, read and looked after.

    ways            how jobs are read that nobody cancels, in turn: poll, stream, or wait
    cancelled_ways  how those are read that somebody cancels
    tick_s          pause between the ticks of long jobs
    rereads         whether a reader that lost its connection may ask for the events again
    end_closes      whether an end event follows whatever else a stream says of its end
    health_path     where a server says how it is
    health_notice_s how long a health check may take to notice an outage
    settings        settings of every launched target; a scenario's own win
    """

    ways: tuple[str, str] = ("poll", "stream")
    cancelled_ways: tuple[str, str] = ("poll", "stream")
    tick_s: float = 0.25
    rereads: bool = True
    end_closes: bool = False
    health_path: str = "/health_check"
    health_notice_s: float = 0.0
    settings: Mapping[str, str] = field(default_factory=dict)

    def doors(self, replicas: int) -> tuple[int, ...]:
        """The address that each round of errands is sent to, by its index.

        With workers beside the server there is one address for all, and two rounds.
        """
        return tuple(range(replicas)) if self.rereads else (0, 0)


_MANNERS = {
    # Keys must outlive the outages of most scenarios; those that shall not say so in `settings`.
    "langflow": Manner(settings={"LANGFLOW_REDIS_QUEUE_TTL": "30"}),
    "flowise": Manner(
        ways=("wait", "stream"),
        cancelled_ways=("stream", "stream"),
        tick_s=0.5,
        rereads=False,
        end_closes=True,
        health_path="/api/v1/ping",
        health_notice_s=5.0,
    ),
}
LANGFLOW = _MANNERS["langflow"]


def manner_of(contract: str) -> Manner:
    """The manner of a contract; raises UsageError for one that has none."""
    if contract not in _MANNERS:
        raise UsageError(f"no outages are declared for contract {contract!r}")
    return _MANNERS[contract]
