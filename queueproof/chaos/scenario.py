"""A scenario: a declared outage, read from the TOML files in the room `chaos`.

Everything in it is checked here, once; a mistake is a UsageError of one line. Durations are
seconds, or multiples of one of the target's declared timings, such as `"0.5 startup_grace_s"`, so
that one scenario fits targets with short and with long timings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from queueproof import paths
from queueproof.chaos.steady_state import STEADY_STATE, SteadyState, steady_state_from
from queueproof.checkers.outage_history import COSTS
from queueproof.config.kinds import (
    SECONDS,
    Anything,
    AsItIs,
    Flag,
    ListOf,
    Scalar,
    Table,
    TableOf,
    Text,
    Whole,
    shown,
)
from queueproof.config.model import DEFAULT_CONTRACT, TargetConfig, Timings
from queueproof.config.promises import Promises
from queueproof.config.sentinel_url import names_sentinels
from queueproof.errors import UsageError
from queueproof.input_files import read_toml
from queueproof.json_numbers import is_number
from queueproof.plugins import SCENARIO, sources
from queueproof.requirements import registry
from queueproof.targets.contracts import contract_named

#: The contract of targets that a mapping describes.
_ANY_QUEUE = "generic"
_ID = re.compile(r"([A-Z][A-Z0-9]+-)?CHAOS-\d{3}")
_MULTIPLE = re.compile(r"(\d+(?:\.\d+)?) ([a-z_]+)")
#: What a scenario may need of a target, and how it is given.
NEEDS = {
    "worker programs": "workers that are programs of their own ([launch] worker_command, or "
    "[[chaos.workers]])",
    "redis": "the queue's Redis ([launch] with {redis_port}, or redis_url)",
    "sentinels": "how the target asks Sentinels for its Redis ([launch.sentinel_environment]); of "
    "a deployment redis_url with its Sentinels, and [[chaos.redis_servers]]",
    "kept data": "not promised by the target file, and its Redis is not ours: needs [promises] "
    "keeps_data",
    "cancels": 'not promised by the target file: needs [promises] cancels = "running"',
    "delays": "not promised by the target file: needs [promises] delay_late_s",
    "redelivery": "not promised by the target file: needs [promises] redelivery_s",
    "retries": "not promised by the target file: needs [promises] retries, and a pause before them "
    "of a few seconds at most",
    "priorities": "not promised by the target file: needs [promises] priorities",
}
#: What the jobs of an outage are besides long and short ones that run and wait.
CANCELLED, DELAYED, OUTLASTING = "cancelled", "delayed", "outlasting"
FAILING, URGENT = "failing", "urgent"
#: A second run that comes later is not waited for.
_LONGEST_PAUSE_S = 5.0
#: A healthy job is watched for no longer: one of many minutes may have a time limit of its own.
_LONGEST_S = 60.0
_KILLS = {"kill", "freeze", "graceful_stop", "recycle"}
_SCENARIO = Table(
    {
        **dict.fromkeys(("id", "title", "verifies"), Text(filled=True)),
        "faults": ListOf(kind=TableOf(kind=Anything())),
        "lasts": AsItIs(),
        "steady_s": SECONDS,
        "costs": Text(choices=tuple(COSTS)),
        "affected_replicas": ListOf(kind=Whole(most=100)),
        **dict.fromkeys(
            ("blocks_cancels", "blocks_submits", "unresponsive", "every_worker"), Flag()
        ),
        "contracts": ListOf(kind=Text(), least=1),
        "needs": ListOf(kind=Text(choices=tuple(NEEDS))),
        "jobs": Text(choices=(CANCELLED, DELAYED, OUTLASTING, FAILING, URGENT)),
        "replicas": Whole(least=1, most=20),
        "workers_each": Whole(least=1, most=50),
        "settings": TableOf(kind=Scalar()),
        "steady_state": ListOf(kind=STEADY_STATE),
    },
    needed=("id", "title", "verifies", "faults"),
    renamed={
        "strikes": "affected_replicas",
        "deafens": "blocks_cancels",
        "wedges": "blocks_submits",
        "silences": "unresponsive",
    },
)
_FILE = Table({"scenario": ListOf(kind=AsItIs())})


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One declared outage.

    id        permanent, CHAOS-NNN
    title     what happens, in a few words
    verifies  what must hold nevertheless, in a sentence
    faults    specifications for `make_fault`, applied in this order, healed in reverse; empty
              where jobs are `outlasting`, which nothing disturbs
    lasts     how long the fault lasts: seconds, or a multiple of a declared timing, or of the
              promise `redelivery_s`
    steady_s  undisturbed service before it
    costs     what it may cost: `nothing`, `jobs` that it meets, or their `data` too
    affected_replicas  indexes of the replicas that it reaches; all when left out
    every_worker       it reaches every worker program that the target has, however many these are;
                       neither it nor its faults name replicas then
    blocks_cancels     it keeps cancel signals from those replicas
    blocks_submits     those replicas can accept no submit meanwhile
    unresponsive       those replicas cannot answer at all meanwhile
    contracts the contracts it is for
    needs     what it needs of a target that a mapping describes (NEEDS): then it is for those
    jobs      of a mapping's target: those that run are `cancelled` in the outage, or some are
              `delayed` and come due in it and after it; or each takes as long as the scenario
              `lasts`, `outlasting` the time for which lost ones are waited for; or most of them are
              `failing`, some with retries; or of those that wait some are more `urgent`; else
              none of it
    replicas  how many replicas, `workers_each` how many workers in each; where workers are programs
              beside the server, how many of these: replica 0 is then the server, they come after it
    settings  the target's settings in this scenario, where it is launched
    steady_state  what the target's own metrics say when all is well, before and after it
    """

    id: str
    title: str
    verifies: str
    faults: tuple[Mapping[str, Any], ...]
    lasts: float | str = 3.0
    steady_s: float = 2.0
    costs: str = "jobs"
    affected_replicas: tuple[int, ...] | None = None
    every_worker: bool = False
    blocks_cancels: bool = False
    blocks_submits: bool = False
    unresponsive: bool = False
    contracts: tuple[str, ...] = (DEFAULT_CONTRACT,)
    needs: tuple[str, ...] = ()
    jobs: str = ""
    replicas: int = 2
    workers_each: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    steady_state: tuple[SteadyState, ...] = ()

    def lasts_s(self, timings: Timings, promises: Promises | None = None) -> float:
        """How long the fault lasts with these timings and promises."""
        redelivery_s = promises.redelivery_s if promises else 0.0
        return duration_s(self.lasts, timings, redelivery_s=redelivery_s)

    def reaching(self, workers: Iterable[int]) -> Scenario:
        """With the indexes of all worker programs, where it reaches every one of them."""
        if not self.every_worker:
            return self
        indexes = tuple(workers)
        faults = tuple({**spec, "replicas": list(indexes)} for spec in self.faults)
        return replace(self, faults=faults, affected_replicas=indexes)


def duration_s(declared: float | str, timings: Timings, *, redelivery_s: float = 0.0) -> float:
    """Seconds of a declared duration; raises UsageError for one that is none."""
    if is_number(declared):
        return float(declared)
    found = _MULTIPLE.fullmatch(str(declared))
    values = {**timings.as_dict(), "redelivery_s": redelivery_s}
    if found is None or found[2] not in values:
        raise UsageError(
            f"{declared!r} is no duration: write seconds, or a multiple of a timing such as "
            '"0.5 startup_grace_s"'
        )
    return float(found[1]) * values[found[2]]


def load_scenarios(folder: Path | None = None) -> tuple[Scenario, ...]:
    """Every declared scenario, ours before those of plugins and `--scenarios`, ordered by ID.

    With `folder`, only those in it. Raises UsageError for a wrong declaration.
    """
    found = _scenarios_below(folder or paths.folder("chaos"))
    for source in () if folder else sources("scenarios"):
        others = _scenarios_below(source.folder)
        source.claim(others, SCENARIO)
        if twice := found.keys() & others.keys():
            raise UsageError(f"{source.origin}: scenario {min(twice)} is declared elsewhere, too")
        found |= others
    return tuple(found.values())


def _scenarios_below(folder: Path) -> dict[str, Scenario]:
    found: dict[str, Scenario] = {}
    for path in sorted(folder.glob("*.toml")):
        for scenario in read_scenarios(path):
            if scenario.id in found:
                raise UsageError(f"{path.name}: scenario {scenario.id} is declared twice")
            found[scenario.id] = scenario
    return dict(sorted(found.items()))


def read_scenarios(path: Path) -> list[Scenario]:
    """The scenarios of one file."""
    tables = _FILE.read(read_toml(path, what="scenarios"), str(path))
    return [scenario_from(table, where=str(path)) for table in tables.get("scenario", ())]


def scenario_from(table: Mapping[str, Any], *, where: str) -> Scenario:
    """The scenario that a table declares; raises UsageError."""
    if not isinstance(table, Mapping):
        raise UsageError(f"{where}: a scenario must be a table, not {shown(table)}")
    own_id = table.get("id")
    name = f"{where}, {own_id if isinstance(own_id, str) else 'a scenario without id'}"
    values = _SCENARIO.read(dict(table), name)
    if values.get("needs"):
        values.setdefault("contracts", (_ANY_QUEUE,))
    states = values.pop("steady_state", ())
    steady = tuple(steady_state_from(state, name) for state in states)
    scenario = Scenario(**values, steady_state=steady)
    _check(scenario, name)
    return scenario


def for_contract(scenarios: Iterable[Scenario], contract: str) -> tuple[Scenario, ...]:
    """Those that are declared for `contract`."""
    return tuple(scenario for scenario in scenarios if contract in scenario.contracts)


def lacking_need(scenario: Scenario, target: TargetConfig, *, launched: bool) -> str:
    """What the scenario needs and the target does not have; empty where nothing is lacking."""
    crew = bool(target.launch and target.launch.worker_command) and launched
    promises = target.promises or Promises()
    there = {
        "worker programs": crew or bool(target.chaos and target.chaos.workers),
        "redis": launched or bool(target.redis_url),
        "sentinels": bool(target.launch and target.launch.sentinel_environment)
        if launched
        else bool(target.chaos and target.chaos.redis_servers)
        and names_sentinels(target.redis_url),
        "kept data": promises.keeps_data or launched,
        "cancels": promises.cancels == "running",
        "delays": bool(promises.delay_late_s),
        "redelivery": bool(promises.redelivery_s),
        "retries": bool(promises.retries) and promises.retry_pause_s <= _LONGEST_PAUSE_S,
        "priorities": bool(promises.priorities),
    }
    if need := next((NEEDS[need] for need in scenario.needs if not there[need]), ""):
        return need
    job_s = scenario.lasts_s(target.timings, promises) if scenario.jobs == OUTLASTING else 0.0
    if reason := promises.too_long(job_s):
        return reason
    return f"a job of {job_s:g} s is longer than is waited for" if job_s > _LONGEST_S else ""


def choose(scenarios: Iterable[Scenario], words: Iterable[str]) -> tuple[Scenario, ...]:
    """The scenarios with the given IDs; all of them when none is given.

    Raises UsageError for an ID that is not declared, with the closest ones.
    """
    by_id = {scenario.id: scenario for scenario in scenarios}
    words = [word.upper() for word in words]
    for word in words:
        if word not in by_id:
            close = get_close_matches(word, by_id, n=3)
            raise UsageError(f"--only {word}: not declared{_hint(close)} (queueproof chaos --list)")
    return tuple(by_id[word] for word in dict.fromkeys(words)) or tuple(by_id.values())


def selected(
    scenarios: Iterable[Scenario],
    words: Iterable[str],
    *,
    without: Iterable[str] = (),
    shard: tuple[int, int] | None = None,
) -> tuple[Scenario, ...]:
    """The scenarios with the given IDs (all without any), less some, and of these one shard.

    Raises UsageError for an ID that is not declared, and where nothing remains.
    """
    scenarios = tuple(scenarios)
    left_out = (
        {one.id for one in choose(scenarios, without)} if (without := tuple(without)) else set()
    )
    kept = tuple(one for one in choose(scenarios, words) if one.id not in left_out)
    number, of = shard or (1, 1)
    part = kept[number - 1 :: of]
    if not part:
        raise UsageError("the selection is empty: no scenario is left")
    return part


def _check(scenario: Scenario, name: str) -> None:
    if not _ID.fullmatch(scenario.id):
        raise UsageError(f"{name}: an id looks like CHAOS-007")
    _check_faults(scenario, name)
    if unknown := set(scenario.contracts) - set(registry.contracts()):
        raise UsageError(f"{name}: contracts names {', '.join(sorted(unknown))}, which is none")
    apart = "worker programs" in scenario.needs
    programs = [
        contract_named(one).programs(scenario.replicas) + (apart and one == _ANY_QUEUE)
        for one in scenario.contracts
    ]
    if any(not 0 <= index < min(programs) for index in scenario.affected_replicas or ()):
        raise UsageError(
            f"{name}: affected_replicas names a replica that the scenario does not have"
        )
    named = scenario.affected_replicas is not None or any("replicas" in s for s in scenario.faults)
    if scenario.every_worker and (named or not apart):
        raise UsageError(
            f'{name}: every_worker needs "worker programs" in `needs`, and no replica named'
        )
    try:
        lasts_s = duration_s(scenario.lasts, Timings())
    except UsageError as error:
        raise UsageError(f"{name}: lasts: {error}") from None
    SECONDS.read(lasts_s, f"{name}: lasts")


def _check_faults(scenario: Scenario, name: str) -> None:
    if any("fault" not in spec for spec in scenario.faults):
        raise UsageError(f"{name}: faults is a list of tables, each with a `fault`")
    if bool(scenario.faults) == (scenario.jobs == OUTLASTING):
        raise UsageError(f'{name}: faults is empty where jobs = "{OUTLASTING}", and only there')
    if scenario.jobs == OUTLASTING and "redelivery" not in scenario.needs:
        raise UsageError(f'{name}: jobs = "{OUTLASTING}" needs "redelivery" in `needs`')


def _hint(close: list[str]) -> str:
    return f"; did you mean {', '.join(close)}?" if close else ""
