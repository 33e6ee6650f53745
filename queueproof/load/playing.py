"""One profile played on a target that is ready: spec, generator, and what they left behind."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from queueproof.errors import HarnessError, TargetUnreachable
from queueproof.load.bounds import bounds_under
from queueproof.load.climbing import Capacity, capacity_of, steps_of
from queueproof.load.generating import Ways, generate
from queueproof.load.judging import Evidence, Judgement, judge
from queueproof.load.ledger import Ledger
from queueproof.load.live_metrics import live_metrics
from queueproof.load.profile import Profile
from queueproof.load.records import Records, read_records
from queueproof.load.resources import SAMPLES, Growth, Sample, Sampler, growth_of, unjudged
from queueproof.load.run_spec import Limits, RunSpec
from queueproof.load.schedule import Stretch
from queueproof.load.target_under_load import TargetUnderLoad
from queueproof.load.watching import watching
from queueproof.targets.contracts import contract_named

_WINDOWS = 240


@dataclass(frozen=True, kw_only=True)
class Playing:
    """How a profile is to be played."""

    profile: Profile
    seed: int
    processes: int = 1
    limits: Limits = field(default_factory=Limits)
    ways: Ways = field(default_factory=Ways)


@dataclass(frozen=True, kw_only=True)
class Played:
    """A profile that was played, and what came of it; `unwritten` says why there is no history."""

    profile: Profile
    spec: RunSpec
    evidence: Evidence
    judgement: Judgement
    samples: tuple[Sample, ...] = ()
    unwritten: str = ""


async def play(
    playing: Playing,
    under_load: TargetUnderLoad,
    folder: Path,
    console: Console,
    *,
    place: str = "",
) -> Played:
    """Play the profile and judge what was measured; the jobs' history is then in `folder`.

    A generator that dies on the way leaves what was measured until then. Raises HarnessError when
    that is nothing, TargetUnreachable when not one connection could be made. `console` is told how
    it goes, and so are monitoring systems, where they are wanted; `place` names the target there.
    """
    spec = spec_for(playing, under_load, folder)
    began_at = time.time()
    sampler = Sampler(under_load.target, every_s=spec.window_s, log=folder / SAMPLES)
    failure: HarnessError | None = None
    async with sampler.sampling(), watching(spec, console), live_metrics(spec, place, console):
        try:
            await generate(spec, playing.ways)
        except HarnessError as error:
            failure = error
    over_at = time.time()
    ledger = Ledger(folder, effect_s=under_load.target.timings.cancel_effect_s)
    records = read_records(folder, processes=spec.processes, on_life=ledger.enter)
    unwritten = ledger.close()
    if records.unreached:
        raise TargetUnreachable(f"no request of the generator's got through: {records.unreached}")
    _complete(records, failure, window_s=spec.window_s, began_at=began_at)
    growth = _growth(sampler.samples, playing.profile, under_load)
    evidence = Evidence(
        records=records,
        jobs=ledger.jobs,
        findings=tuple(ledger.findings),
        capacity=_capacity(spec, records),
        growth=growth,
        unjudged=tuple(
            unjudged(
                sampler,
                playing.profile.bounds,
                growth,
                settled_s=_settled_s(under_load),
                until_at=over_at,
            )
        ),
    )
    return Played(
        profile=playing.profile,
        spec=spec,
        evidence=evidence,
        judgement=judge(playing.profile, evidence),
        samples=tuple(sampler.samples),
        unwritten=unwritten,
    )


def spec_for(playing: Playing, under_load: TargetUnderLoad, folder: Path) -> RunSpec:
    """What the generator needs to know."""
    profile, transport = playing.profile, under_load.target.transport
    stretches = tuple(
        Stretch(
            name=stage.name,
            lasts_s=stage.share * profile.duration_s,
            rate=stage.rate * profile.rate,
            to=(stage.rate if stage.to is None else stage.to) * profile.rate,
        )
        for stage in profile.stages
    )
    return RunSpec(
        contract=under_load.target.contract,
        profile=profile.id,
        urls=under_load.target.urls,
        folder=str(folder.resolve()),
        errands=under_load.errands,
        templates=under_load.templates,
        stretches=stretches,
        spacing=profile.spacing,
        seed=playing.seed,
        processes=playing.processes,
        window_s=1.0 if profile.climb else max(1.0, round(profile.duration_s / _WINDOWS)),
        limits=playing.limits,
        bounds=bounds_under(under_load.target.timings),
        climb=profile.climb,
        headers=dict(transport.headers),
        authorities=transport.authorities,
        proxy=transport.proxy,
    )


def _complete(
    records: Records, failure: HarnessError | None, *, window_s: float, began_at: float
) -> None:
    """Make the best of what a generator left that did not come to its end."""
    parts_missing = bool(records.failure)
    if failure is not None:
        records.failure = str(failure)
    if records.failure and not records.windows:
        raise failure or HarnessError(records.failure)
    if parts_missing:
        records.salvage(window_s=window_s, began_at=began_at)


def _growth(
    samples: Sequence[Sample], profile: Profile, under_load: TargetUnderLoad
) -> tuple[Growth, ...]:
    """What grew; only one contract keeps what its jobs wrote for a time that it declares."""
    return tuple(growth_of(samples, profile.bounds, settled_s=_settled_s(under_load)))


def _settled_s(under_load: TargetUnderLoad) -> float:
    load = contract_named(under_load.target.contract).load
    expires = load is not None and load.keys_expire
    return under_load.target.timings.stream_ttl_s if expires else 0.0


def _capacity(spec: RunSpec, records: Records) -> Capacity | None:
    if spec.climb is None:
        return None
    steps = steps_of(
        spec.climb,
        records.windows,
        spec.stretches,
        window_s=spec.window_s,
        until_s=records.arrivals_ended_s,
    )
    return capacity_of(steps)
