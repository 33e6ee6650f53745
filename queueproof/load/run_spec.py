"""The specification of a run: all that a generator must know, as JSON for any machine.

It carries the user's headers, so it is handed over in a file without a name, and is never part of
a report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from queueproof.load.profile import Climb, Errand
from queueproof.load.schedule import Stretch
from queueproof.targets.request_template import RequestTemplate

#: The environment variable that names the spec's file.
RUN_SPEC_VARIABLE = "QUEUEPROOF_LOAD_RUN_SPEC"

#: A file of this name in the run's folder ends the arrivals; its text says why.
STOP_FILE = "stop"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where a run is stopped, whatever its schedule says.

    requests_per_s   more requests in one second than this
    error_ratio      more failed requests than this share, once `errors_after` were made
    in_flight        more jobs under way in one process than this
    """

    requests_per_s: float = 5000.0
    error_ratio: float = 0.5
    errors_after: int = 100
    in_flight: int = 4000


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How long the generator waits, in seconds.

    answer_s      for any request but a held poll or a stream
    poll_s        for a poll
    end_s         for a job's end, beyond the time that the job takes by itself
    reclaimed_s   from a client's leaving to its job's end, where it is looked for
    """

    answer_s: float = 20.0
    poll_s: float = 60.0
    end_s: float = 60.0
    reclaimed_s: float = 150.0


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """One run for its generator; `folder` is where the coordinating process writes.

    `headers`, `authorities` and `proxy` are the way in (see `queueproof.config.transport`).

    With `clients`, arrivals are not scheduled: so many clients each do one errand after another
    for the schedule's length. That tells how much a target carries when it is kept busy, and
    nothing of how long anybody would wait.
    """

    contract: str
    profile: str
    urls: tuple[str, ...]
    folder: str
    errands: tuple[Errand, ...]
    templates: tuple[RequestTemplate, ...]
    stretches: tuple[Stretch, ...]
    spacing: str
    seed: int
    processes: int = 1
    clients: int = 0
    window_s: float = 1.0
    limits: Limits = field(default_factory=Limits)
    bounds: Bounds = field(default_factory=Bounds)
    climb: Climb | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    authorities: str = ""
    proxy: str = field(default="", repr=False)

    @property
    def lasts_s(self) -> float:
        """The schedule's length."""
        return sum(stretch.lasts_s for stretch in self.stretches)

    def end_s(self, errand: Errand) -> float:
        """How long a job's end is waited for."""
        return errand.probe.duration_s + self.bounds.end_s

    def lasts_at_most_s(self, errand: Errand) -> float:
        """How long an errand takes when everything in it is as late as it may be."""
        looking_s = self.bounds.reclaimed_s if errand.does == "abandon" else 0.0
        return self.end_s(errand) + errand.after_s + looking_s + 3 * self.bounds.answer_s

    def as_json(self) -> str:
        """The spec as text; `read_spec` reads it back."""
        return json.dumps(asdict(self))


def read_spec(text: str) -> RunSpec:
    """The spec that `as_json` wrote."""
    raw: Mapping[str, Any] = json.loads(text)
    return RunSpec(
        **{
            **raw,
            "urls": tuple(raw["urls"]),
            "errands": tuple(
                Errand(**{**row, "contracts": tuple(row["contracts"])}) for row in raw["errands"]
            ),
            "templates": tuple(RequestTemplate(**row) for row in raw["templates"]),
            "stretches": tuple(Stretch(**row) for row in raw["stretches"]),
            "limits": Limits(**raw["limits"]),
            "bounds": Bounds(**raw["bounds"]),
            "climb": Climb(**raw["climb"]) if raw["climb"] else None,
        }
    )
