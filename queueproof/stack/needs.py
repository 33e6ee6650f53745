"""What a stack must have in place before the workload begins, so that faults can strike later.

A fault that needs more than proxies and processes says so by its name in the scenario's data;
putting it in place later would itself disturb the target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_WIRED = {"reply", "wire"}
_DEFAULT_AFTER_REQUESTS = 40


@dataclass(frozen=True)
class StackNeeds:
    """The additions to a plain stack."""

    wires: bool = False
    standby: bool = False
    clocks: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


def needs_of(specs: Iterable[Mapping[str, object]]) -> StackNeeds:
    """What the faults of a scenario need, from their declared data."""
    specs = list(specs)
    named = {str(spec.get("fault")) for spec in specs}
    recycling = [spec for spec in specs if spec.get("fault") == "recycle"]
    settings = {}
    if recycling:
        after = recycling[0].get("after_requests", _DEFAULT_AFTER_REQUESTS)
        settings["GUNICORN_CMD_ARGS"] = f"--max-requests {after} --max-requests-jitter 0"
    return StackNeeds(
        wires=bool(named & _WIRED),
        standby="failover" in named,
        clocks="clock_offset" in named,
        settings=settings,
    )
