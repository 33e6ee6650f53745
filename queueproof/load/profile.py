"""A load profile: what arrives, when, and which figures it may cost; read from `load/profiles`.

Rates are given as multiples of the profile's base rate and lengths as shares of its duration, so
that `--rate` and `--duration` scale a profile without changing its shape. Everything is checked
here, once; a mistake is a UsageError of one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from queueproof import paths
from queueproof.config.kinds import (
    AsItIs,
    Flag,
    Kind,
    ListOf,
    Number,
    Table,
    TableOf,
    Text,
    Whole,
)
from queueproof.errors import UsageError
from queueproof.input_files import read_toml
from queueproof.load.gates import Gate, read_gates
from queueproof.plugins import NAME, sources
from queueproof.probe import Probe
from queueproof.targets.contracts import contract_named, contract_names


@cache
def contracts_under_load() -> tuple[str, ...]:
    """The contracts that profiles can be played on."""
    return tuple(name for name in contract_names() if contract_named(name).load is not None)


class _ContractName:
    """A contract that profiles can be played on."""

    def read(self, value: Any, where: str) -> str:
        """The name; raises UsageError."""
        return Text(choices=contracts_under_load()).read(value, where)


#: What an arrival may do; which contracts can do it, their rows say.
_KINDS = ("stream", "poll", "predict", "cancel", "abandon", "submit")
#: How many times its first rate a climb may reach; beyond it no machine could play the schedule.
_STEEPEST = 1e6
_ABOVE_0 = Number(above=True)
_RATE = Number(above=True, most=1e6)
_NAMES = ListOf(kind=_ContractName())
_ERRAND = Table(
    {
        "does": Text(choices=_KINDS),
        "weight": _RATE,
        "ticks": Whole(least=1, most=1_000_000),
        "interval_s": _ABOVE_0,
        "payload_bytes": Whole(most=2**26),
        "readers": Whole(least=1, most=10_000),
        "every_s": _ABOVE_0,
        "after_s": Number(),
        "contracts": _NAMES,
    },
    needed=("does",),
)
_STAGE = Table(
    {
        "name": Text(),
        "share": _RATE,
        "rate": Number(most=1e6),
        "to": Number(most=1e6),
        "steady": Flag(),
    }
)
_CLIMB = Table(
    {
        "factor": Number(least=1.0, above=True, most=100.0),
        "hold_s": Number(least=1.0, most=3600.0),
        "steps": Whole(least=1, most=500),
        "p99_ms": _ABOVE_0,
        "of": Text(),
    }
)
_PROFILE_KEYS: dict[str, Kind] = {
    "id": Text(filled=True),
    "title": Text(),
    "verifies": Text(),
    "also": ListOf(kind=Text()),
    "rate": _RATE,
    "duration_s": _ABOVE_0,
    "spacing": Text(choices=("poisson", "even")),
    "lag_ms": _ABOVE_0,
    "tasks": ListOf(kind=_ERRAND),
    "stages": ListOf(kind=_STAGE, least=1),
    "climb": _CLIMB,
    "gates": TableOf(kind=AsItIs()),
    "bounds": TableOf(kind=Number(most=1e15)),
    "contracts": _NAMES,
}
_OLD_KEYS = {"errands": "tasks"}
_OWN = Table(_PROFILE_KEYS, renamed=_OLD_KEYS)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What one arrival does.

    does       `stream`, `poll` or `predict` a job to its end; `cancel` it on the way; `abandon`
               it after a few polls, and see later that it was reclaimed; `submit` it and no
               more, which only a measurement of submits alone has use for
    weight     how often, compared with the profile's other errands
    readers    how many streams read the job side by side
    every_s    pause between polls
    after_s    from the first event to the cancel, or to leaving
    """

    does: str
    weight: float = 1.0
    ticks: int = 3
    interval_s: float = 0.02
    payload_bytes: int = 0
    readers: int = 1
    every_s: float = 0.05
    after_s: float = 0.1
    contracts: tuple[str, ...] = field(default_factory=contracts_under_load)

    @property
    def probe(self) -> Probe:
        """The job it submits."""
        return Probe(ticks=self.ticks, interval_s=self.interval_s, payload_bytes=self.payload_bytes)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stretch of the run: `rate` to `to` arrivals a second, both multiples of the base rate.

    What happens in a stage that is not `steady` is reported, but no throughput is judged by it.
    """

    name: str
    share: float = 1.0
    rate: float = 1.0
    to: float | None = None
    steady: bool = True


@dataclass(frozen=True, kw_only=True)
class Climb:
    """How a profile finds the capacity: steps of `hold_s`, each `factor` times the one before.

    It ends at the first step whose p99 of the operation `of` is above `p99_ms`, or that leaves
    jobs behind; the capacity is the last step that was carried.
    """

    factor: float = 1.25
    hold_s: float = 4.0
    steps: int = 24
    p99_ms: float = 500.0
    of: str = "overhead"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One declared profile; `rate` is in jobs a second.

    `spacing` of arrivals is `poisson` (as independent users come) or `even`. `lag_ms` is how far
    the generator may fall behind (p99) before its own lateness makes the figures worthless.
    `bounds` limit what may grow over the run, as a soak judges it.
    """

    id: str
    title: str
    verifies: str
    errands: tuple[Errand, ...]
    stages: tuple[Stage, ...]
    rate: float = 10.0
    duration_s: float = 30.0
    spacing: str = "poisson"
    lag_ms: float = 50.0
    also: tuple[str, ...] = ()
    contracts: tuple[str, ...] = field(default_factory=contracts_under_load)
    climb: Climb | None = None
    gates: tuple[Gate, ...] = ()
    bounds: Mapping[str, float] = field(default_factory=dict)

    @property
    def peak(self) -> float:
        """The highest rate, in jobs a second."""
        return self.rate * max(max(stage.rate, stage.to or 0.0) for stage in self.stages)


def load_profiles(contract: str, folder: Path | None = None) -> tuple[Profile, ...]:
    """Every declared profile that this contract can play, with those of plugins and `--profiles`.

    Raises UsageError for a contract that no profile is for, and for a wrong declaration.
    """
    if contract not in contracts_under_load():
        raise UsageError(
            f"load profiles are for {' and '.join(contracts_under_load())} so far; a target of the "
            f"contract {contract} can be judged by queueproof gate"
        )
    found = _profiles_below(folder or paths.folder("load") / "profiles", contract)
    for source in () if folder else sources("profiles"):
        others = _profiles_below(source.folder, contract)
        source.claim((profile.id for profile in others), NAME)
        if twice := {profile.id for profile in found} & {profile.id for profile in others}:
            raise UsageError(f"{source.origin}: profile {min(twice)} is declared elsewhere, too")
        found += others
    return tuple(profile for profile in found if contract in profile.contracts)


def _profiles_below(folder: Path, contract: str) -> list[Profile]:
    return [read_profile(path, contract) for path in sorted(folder.glob("*.toml"))]


def choose_profile(profiles: Iterable[Profile], name: str) -> Profile:
    """The profile with this name; raises UsageError for one that is not declared."""
    profiles = tuple(profiles)
    for profile in profiles:
        if name in (profile.id, *profile.also):
            return profile
    names = ", ".join(profile.id for profile in profiles)
    raise UsageError(f"--only {name}: not declared for this contract; there are: {names}")


def read_profile(path: Path, contract: str) -> Profile:
    """The profile of one file, as `contract` plays it."""
    return profile_from(read_toml(path, what="profile"), contract, where=path.name)


def profile_from(table: Mapping[str, Any], contract: str, *, where: str) -> Profile:
    """The profile that a table declares; a table of the contract's name in it has precedence."""
    given = _table_of(contracts_under_load()).read(table, where)
    own = {name: given.pop(name, {}) for name in contracts_under_load()}
    given |= own.get(contract, {})
    missing = {"id", "title", "verifies", "tasks"} - given.keys()
    if missing:
        raise UsageError(f"{where}: {', '.join(sorted(missing))} missing")
    tasks, climb = given.pop("tasks"), _climb(given.pop("climb", None), where)
    stages = climb_stages(climb) if climb else _stages(given.pop("stages", ({},)))
    values: dict[str, Any] = {
        **given,
        "errands": tuple(one for row in tasks if contract in (one := _errand(row)).contracts),
        "stages": stages,
        "climb": climb,
        "duration_s": climb.hold_s * climb.steps if climb else given.get("duration_s", 30.0),
        "gates": read_gates(given.get("gates", {}), where=f"{where}, [gates]"),
    }
    profile = Profile(**values)
    if profile.errands or contract not in profile.contracts:
        return profile
    if "contracts" in given:
        raise UsageError(f"{where}: no task that {contract} can play")
    return replace(profile, contracts=tuple(n for n in profile.contracts if n != contract))


def scaled(profile: Profile, *, rate: float | None, duration_s: float | None) -> Profile:
    """The profile at another rate or length; a climb begins at `rate`, and keeps its steps."""
    climb = profile.climb
    return replace(
        profile,
        rate=profile.rate if rate is None else rate,
        duration_s=profile.duration_s if duration_s is None or climb else duration_s,
    )


def climb_stages(climb: Climb) -> tuple[Stage, ...]:
    """The steps of a climb as stages, the first at the base rate."""
    rates = [climb.factor**step for step in range(climb.steps)]
    return tuple(
        Stage(name=f"step {step}", share=1 / climb.steps, rate=rate, steady=False)
        for step, rate in enumerate(rates, start=1)
    )


def _errand(values: Mapping[str, Any]) -> Errand:
    played_by = _who_can(values["does"])
    wanted = values.get("contracts", played_by)
    return Errand(**{**values, "contracts": tuple(name for name in wanted if name in played_by)})


def _who_can(do: str) -> tuple[str, ...]:
    rows = {name: contract_named(name).load for name in contracts_under_load()}
    return tuple(name for name, load in rows.items() if load is not None and do in load.does)


@cache
def _table_of(contracts: tuple[str, ...]) -> Table:
    return Table({**_PROFILE_KEYS, **dict.fromkeys(contracts, _OWN)}, renamed=_OLD_KEYS)


def _stages(rows: Iterable[Mapping[str, Any]]) -> tuple[Stage, ...]:
    stages = [Stage(**{"name": "all", **row}) for row in rows]
    whole = sum(stage.share for stage in stages)
    return tuple(replace(stage, share=stage.share / whole) for stage in stages)


def _climb(values: Mapping[str, Any] | None, where: str) -> Climb | None:
    if values is None:
        return None
    climb = Climb(**values)
    if climb.hold_s % 1:
        raise UsageError(f"{where}, [climb]: whole seconds a step, not {climb.hold_s:g}")
    if climb.factor**climb.steps > _STEEPEST:
        raise UsageError(
            f"{where}, [climb]: factor {climb.factor:g} in {climb.steps} steps is more "
            f"than {_STEEPEST:g} times the rate"
        )
    return climb
