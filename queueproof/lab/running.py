"""One visit to the lab: install what is missing, start the system, run what was asked."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.status import Status

from queueproof.chaos.report import run_chaos
from queueproof.chaos.scenario import Scenario, for_contract, load_scenarios
from queueproof.chaos.scenario import choose as choose_scenarios
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import Inconclusive, UsageError
from queueproof.lab import booting, library_measures
from queueproof.lab.install import alone, check_machine, install, is_installed
from queueproof.lab.recipe import Choice
from queueproof.load.generating import require_generator
from queueproof.load.profile import choose_profile, load_profiles, scaled
from queueproof.reporting.files import replace_file
from queueproof.reporting.outage_matrix import MEASURES
from queueproof.reporting.outage_rows import measured
from queueproof.running.gate import run_gate
from queueproof.running.interrupts import heeding
from queueproof.stack.launcher import Launcher
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.contracts import contract_named
from queueproof.verdicts import ExitCode

_LONGEST_LINE = 100
#: What is watched for a library: some tell of a lost job only after minutes.
_PATIENCE_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What is wanted of the lab.

    `launch` lets cases start the system with settings of their own; `only` is the gate's,
    `scenarios` and `parallel` (how many side by side) are the outages', `profile` and `rate` (jobs
    a second) the load's; `seed` and `out` are everybody's.
    """

    choice: Choice
    workers: int
    launch: bool = False
    only: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    profile: str = "steady"
    rate: float | None = None
    parallel: int = 1
    seed: int = 0
    out: Path = Path("reports/out")


def make_ready(visit: Visit, console: Console) -> None:
    """Install the system and make its first data, as far as an earlier visit has not."""
    choice = visit.choice
    check_machine(choice.recipe, visit.workers)
    if not choice.was_tried:
        console.print(f"{choice.name} was not tried here; those were: {_tried(choice)}")
    with alone(choice):
        _make_ready(choice, console)


def _make_ready(choice: Choice, console: Console) -> None:
    if not is_installed(choice):
        with _step(console, f"installing {choice.name}") as status:
            took_s = install(choice, lambda line: _show(status, f"installing {choice.name}", line))
        console.print(f"installed {choice.name} in {took_s:.0f} s")
    if not booting.has_data(choice):
        with _step(console, "first start, by one worker: it makes the database"):
            took_s = asyncio.run(booting.make_data(choice))
        console.print(f"made its database in {took_s:.0f} s")


def gate(visit: Visit, console: Console) -> ExitCode:
    """Start the system, judge it, stop it."""
    target = booting.target_of(visit.choice, workers=visit.workers, for_cases=visit.launch)
    console.print(f"starting {visit.choice.name} with {visit.workers} workers, then judging it")
    run = RunConfig(
        target=target,
        embedded=True,
        only=visit.only,
        seed=visit.seed,
        out=visit.out,
        lab=visit.choice.name,
        again=_words(visit, *(["--launch"] if visit.launch else [])),
        patience_s=_PATIENCE_S if visit.choice.recipe.is_mapped else RunConfig.patience_s,
    )
    return run_gate(run, console)


def chaos(visit: Visit, console: Console) -> ExitCode:
    """Play outages on the system, each on a start of its own behind fault proxies."""
    chosen = outages_of(visit.choice.recipe.contract, visit.scenarios)
    target = booting.target_of(visit.choice, workers=visit.workers)
    run = RunConfig(
        target=target,
        embedded=True,
        seed=visit.seed,
        out=visit.out,
        lab=visit.choice.name,
        again=_words(visit, "--chaos"),
    )
    console.print(f"playing {len(chosen)} scenarios, each on a new start of {visit.choice.name}")
    return run_chaos(run, chosen, console, at_once=visit.parallel)


def outages_of(contract: str, words: tuple[str, ...]) -> tuple[Scenario, ...]:
    """The scenarios of a contract with these IDs; all without any. Raises UsageError."""
    return choose_scenarios(for_contract(load_scenarios(), contract), words)


def load(visit: Visit, console: Console) -> ExitCode:
    """Play a load profile on the system; raises UsageError where the generator is missing."""
    require_generator()
    from queueproof.load.playing import Playing
    from queueproof.load.run import LoadConfig, run_load

    target = booting.target_of(visit.choice, workers=visit.workers)
    profile = choose_profile(load_profiles(target.contract), visit.profile)
    profile = scaled(profile, rate=visit.rate, duration_s=None)
    run = RunConfig(
        target=target, embedded=True, seed=visit.seed, out=visit.out, lab=visit.choice.name
    )
    console.print(f"starting {visit.choice.name} with {visit.workers} workers, then loading it")
    playing = Playing(profile=profile, seed=visit.seed)
    return run_load(LoadConfig(run=run, playing=playing), console)


def measure(visit: Visit, console: Console) -> ExitCode:
    """Measure a queue library behind its bridge, and write `measures.json` below the visit's `out`.

    Where the library or its bridge falls silent nothing is written, and the reason is told. Raises
    UsageError for a system without a bridge.
    """
    system = visit.choice.recipe.system
    if not visit.choice.recipe.bridge:
        raise UsageError(f"--measure is of queue libraries, and {system} is none")
    console.print(f"measuring {visit.choice.name}")
    try:
        measures = asyncio.run(library_measures.measure(visit.choice))
    except Inconclusive as doubt:
        console.print(f"not measured: {doubt}", soft_wrap=True, markup=False)
        return ExitCode.INCONCLUSIVE
    place = visit.out / MEASURES
    visit.out.mkdir(parents=True, exist_ok=True)
    replace_file(place, json.dumps(measures, indent=1) + "\n")
    headings, values = measured(measures)
    for heading, value in zip(headings, values, strict=True):
        console.print(f"{heading:24} {value}")
    console.print(str(place), soft_wrap=True)
    return ExitCode.PASSED


def _words(visit: Visit, *options: str) -> tuple[str, ...]:
    """The arguments of this visit again, but the selection and the seed."""
    return (*visit.choice.words, "--workers", str(visit.workers), *options)


def keep(visit: Visit, console: Console) -> ExitCode:
    """Start the system and leave it running until the person has enough."""
    target = booting.target_of(visit.choice, workers=visit.workers)
    return asyncio.run(_keep(visit, target, console))


async def _keep(visit: Visit, target: TargetConfig, console: Console) -> ExitCode:
    enough = asyncio.Event()
    with heeding(lambda name: enough.set()):  # noqa: ARG005
        return await _keep_until(enough, visit, target, console)


async def _keep_until(
    enough: asyncio.Event, visit: Visit, target: TargetConfig, console: Console
) -> ExitCode:
    assert target.launch is not None
    redis = RedisServer(find_redis_binary())
    await redis.start()
    try:
        launcher = Launcher(target.launch, ready_path=contract_named(target.contract).ready_path)
        with _step(console, f"starting {visit.choice.name} with {visit.workers} workers"):
            boot = await booting.start(launcher, redis, {}, crew=visit.workers)
        try:
            running = replace(
                target,
                urls=(boot.url,),
                redis_url=redis.url(contract_named(target.contract).redis_index),
                redis_ours=True,
                process_root=boot.child.pid,
                worker_processes=tuple(member.child.pid for member in boot.crew),
                launch=None,
            )
            _tell(visit, running, console)
            await enough.wait()
        finally:
            console.print("stopping it")
            await launcher.stop(boot)
    finally:
        await redis.close()
    return ExitCode.PASSED


def _tell(visit: Visit, target: TargetConfig, console: Console) -> None:
    visit.out.mkdir(parents=True, exist_ok=True)
    path = visit.out / f"lab-{visit.choice.recipe.system}-{visit.choice.version}.toml"
    path.write_text(target_file(target), "utf-8")
    console.print(f"serving at {target.urls[0]}, queue at {target.redis_url}")
    console.print(f"export QUEUEPROOF_USERNAME={target.credentials.username}")
    password = booting.password_file(visit.choice)
    console.print(f'export QUEUEPROOF_PASSWORD="$(cat {password})"', soft_wrap=True)
    console.print(f"queueproof gate --config {path}", soft_wrap=True)
    console.print("Ctrl-C stops it")


def target_file(target: TargetConfig) -> str:
    """The running system as a target file; without its secrets."""
    values = {
        "contract": target.contract,
        "urls": list(target.urls),
        "workers": target.workers,
        "redis_url": target.redis_url,
        "process_root": target.process_root,
        "worker_processes": list(target.worker_processes),
        "disposable": target.disposable,
        "cases_at_once": target.cases_at_once,
    }
    lines = ["[target]", *(f"{name} = {_toml(value)}" for name, value in values.items())]
    lines += ["", "[timings]", *(f"{k} = {v}" for k, v in target.timings.as_dict().items())]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    return text


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


@contextmanager
def _step(console: Console, text: str) -> Iterator[Status | None]:
    """A spinner with the elapsed work on a terminal, a line elsewhere."""
    if not console.is_terminal:
        console.print(text)
        yield None
        return
    with console.status(text) as status:
        yield status


def _show(status: Status | None, text: str, line: str) -> None:
    if status is not None:
        status.update(f"{text}  [dim]{line[:_LONGEST_LINE]}")


def _tried(choice: Choice) -> str:
    return ", ".join(choice.recipe.tried)
