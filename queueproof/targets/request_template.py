"""The request that submits a probe, as load sends it many times without an adapter in between.

An adapter makes a template once; the generator sends nothing but its bytes, so that the cost of
speaking stays small beside the target's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from queueproof.probe import Probe
from queueproof.targets.vantage import Vantage


@dataclass(frozen=True, kw_only=True)
class RequestTemplate:
    """How jobs of one probe are submitted.

    path      where to POST
    body      the request's JSON; what differs from job to job is the player's to add
    headers   in the user's name, hence secret
    tells_steps  whether readers are told each of a job's ticks
    flow      the flow's id
    """

    path: str
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    flow: str = ""
    tells_steps: bool = True


class TemplatedAdapter(Protocol):
    """An adapter that makes templates of its submits."""

    async def request_template(self, vantage: Vantage, probe: Probe) -> RequestTemplate:
        """The template for jobs of `probe`; after `prepare`."""
