"""What a stack must have in place before the workload begins, so that faults can act later.

A fault that needs more than proxies and processes declares it where it is registered; putting it
in place later would itself disturb the target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StackNeeds:
    """The additions to a plain stack.

    redis_proxies   proxies that understand Redis, between each replica and its server
    standby         a second Redis that follows the first
    sentinels       one that Sentinels watch with the first; the replicas ask them for the master
    clocks          a wall clock of each replica's own
    settings        environment of the replicas
    """

    redis_proxies: bool = False
    standby: bool = False
    sentinels: bool = False
    clocks: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: StackNeeds) -> StackNeeds:
        """What both want; of a setting that both name, this one's value."""
        return StackNeeds(
            redis_proxies=self.redis_proxies or other.redis_proxies,
            standby=self.standby or other.standby,
            sentinels=self.sentinels or other.sentinels,
            clocks=self.clocks or other.clocks,
            settings={**other.settings, **self.settings},
        )
