"""How jobs of one contract are driven: what its clients do in outages, under load, in a replay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class WorkloadTraits:
    """How jobs of one contract are asked for, read and looked after in an outage.

    ways            how jobs are read that no client cancels, in turn: poll, stream, or wait
    cancelled_ways  how those are read that a client cancels
    tick_s          pause between the ticks of long jobs
    rereads         whether a reader that lost its connection may ask for the events again
    end_closes      whether an end event follows whatever else a stream says of its end
    health_path     where a server says how it is
    health_notice_s how long a health check may take to notice an outage
    settings        settings of every launched target; a scenario's own win
    sweeps          whether a job's life can be swept command by command (`chaos --sweep`)
    """

    ways: tuple[str, str] = ("poll", "stream")
    cancelled_ways: tuple[str, str] = ("poll", "stream")
    tick_s: float = 0.25
    rereads: bool = True
    end_closes: bool = False
    health_path: str = "/health_check"
    health_notice_s: float = 0.0
    settings: Mapping[str, str] = field(default_factory=dict)
    sweeps: bool = False

    def doors(self, replicas: int) -> tuple[int, ...]:
        """The address that each round of errands is sent to, by its index.

        With workers beside the server there is one address for all, and two rounds.
        """
        return tuple(range(replicas)) if self.rereads else (0, 0)


@dataclass(frozen=True, kw_only=True)
class LoadTraits:
    """How the load generator drives a contract.

    client         where the generator finds its client, as `module:Class`: called with a spec and
                   the schedule's clock, in the generator's own process
    does           what an arrival may do: stream, poll, predict, cancel, abandon, submit
    keys_expire    whether what a job wrote into Redis goes after `stream_ttl_s`, and not at its end
    """

    client: str
    does: frozenset[str]
    keys_expire: bool = False


@dataclass(frozen=True, kw_only=True)
class ReplayTraits:
    """How a recorded failure of one contract is played again without queueproof.

    player      the module whose text becomes a script of its own, by name
    wire        the module that describes the HTTP interface, by name: its text comes before
    operations  the kinds of recorded operations that it can repeat
    url, login  what stands in the script's instructions
    how         what it does, in half a sentence
    with_curl   whether the steps are written as curl commands, too
    besides     modules that the player needs besides, by name: their texts come before its own
    by_mapping  whether it speaks by the mapping that the record must then hold
    """

    player: str
    wire: str
    operations: tuple[str, ...]
    url: str
    login: str
    how: str
    with_curl: bool = False
    besides: tuple[str, ...] = ()
    by_mapping: bool = False
