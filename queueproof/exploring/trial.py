"""Playing a schedule and judging it: one trial, on the main target or on one of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from queueproof.errors import Inconclusive, NotAssessed, TargetUnreachable
from queueproof.exploring.model import Judgement, ModelFinding, judge
from queueproof.exploring.player import Player
from queueproof.exploring.steps import Schedule
from queueproof.history import current_case
from queueproof.requirements import load_registry
from queueproof.running.strain import StrainMeter
from queueproof.targets.system import System


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One schedule, played and judged; `doubt` says why it proves nothing, if so.

    `name` is its case in the history, `keys` are those by which the witness knows its jobs.
    """

    name: str
    schedule: Schedule
    judgement: Judgement = field(default_factory=Judgement)
    began_s: float = 0.0
    took_s: float = 0.0
    doubt: str = ""
    job_ids: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def finding(self) -> ModelFinding | None:
        """The first thing that may not have been; None when there is none or it is in doubt."""
        return next(iter(self.judgement.findings), None) if not self.doubt else None

    def overlaps(self, other: Trial) -> bool:
        """Whether the two were under way at the same time."""
        if other is self:
            return False
        began_first = self.began_s < other.began_s + other.took_s
        return began_first and other.began_s < self.began_s + self.took_s

    def breaks(self, rule: str) -> bool:
        """Whether the trial breaks this rule of the model."""
        return not self.doubt and any(f.rule == rule for f in self.judgement.findings)


async def try_schedule(
    system: System,
    schedule: Schedule,
    *,
    name: str,
    meter: StrainMeter,
    witnessed: bool,
    again: bool = False,
) -> Trial:
    """Play a schedule and judge what was observed.

    A strained harness accuses nobody; what was seen before and is seen `again` counts on a slow
    machine too, if the harness itself was in time. Raises TargetUnreachable when nobody listens.
    """
    current_case.set(name)
    began = time.monotonic()
    player = Player(system, witnessed=witnessed)
    try:
        record = await player.play(schedule)
    except TargetUnreachable:
        if not player.record.disturbances and not await system.healthy():
            raise
        return Trial(name=name, schedule=schedule, doubt="a connection was refused")
    except (Inconclusive, NotAssessed) as doubt:
        return Trial(name=name, schedule=schedule, doubt=str(doubt))
    promised = {requirement.id for requirement in load_registry(system.adapter.contract)}
    judgement = judge(record).of(promised)
    strain = meter.since(began)
    if again:
        strain = replace(strain, waiting=0.0, pulse_s=0.0)
    return Trial(
        name=name,
        schedule=schedule,
        judgement=judgement,
        began_s=began,
        took_s=time.monotonic() - began,
        job_ids=tuple(job.id for job in record.jobs.values()),
        keys=tuple(job.key for job in player.handles.values()),
        doubt=str(strain) if judgement.findings and strain.severe else "",
    )
