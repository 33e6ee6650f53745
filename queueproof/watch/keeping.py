"""Watching for ever, or once: look, keep what stands, say what changed."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from queueproof.config.model import TargetConfig
from queueproof.errors import UsageError
from queueproof.reporting.metrics_export import (
    Export,
    NotSent,
    exported,
    finished,
    write_textfile,
)
from queueproof.reporting.text import shown_in_line
from queueproof.running.interrupts import heeding
from queueproof.verdicts import ExitCode
from queueproof.watch import standing as kept
from queueproof.watch.alerts import Alerts
from queueproof.watch.looking import REACHED, Lookout, Round
from queueproof.watch.metrics import Metrics
from queueproof.watch.standing import Change, Standing


@dataclass(frozen=True, kw_only=True)
class Watch:
    """How to watch: every so many seconds, each job's end awaited for `within_s` seconds.

    `objective` is the share of rounds that must be good over `window_s` seconds; `metrics_at` is
    where scrapes are answered.
    """

    target: TargetConfig
    every_s: float = 60.0
    within_s: float = 15.0
    once: bool = False
    objective: float = 0.999
    window_s: float = 7 * 24 * 3600.0
    state: Path | None = None
    textfile: Path | None = None
    metrics_at: tuple[str, int] | None = None
    alerts: Alerts = field(default_factory=Alerts)

    @property
    def name(self) -> str:
        """What the target is called in metrics and alerts."""
        return self.target.urls[0]


def run_watch(watch: Watch, console: Console) -> ExitCode:
    """Watch until a signal comes, or once; the exit code says how it stands then."""
    return asyncio.run(_run(watch, console))


async def _run(watch: Watch, console: Console) -> ExitCode:
    stopped, looked = asyncio.Event(), False
    now = kept.load(watch.state)
    metrics = Metrics(watch.name)
    server = metrics.serve(*watch.metrics_at) if watch.metrics_at else None
    export = _exported(metrics, console)
    lookout = Lookout(watch.target, within_s=watch.within_s)
    try:
        with heeding(lambda _: stopped.set()):
            while True:
                began_s = time.monotonic()
                seen = await _unless(stopped, lookout.look())
                if seen is None:
                    break
                await _take(seen, watch, now, metrics, console)
                looked = True
                if watch.once:
                    break
                left_s = max(0.0, watch.every_s - (time.monotonic() - began_s))
                try:
                    async with asyncio.timeout(left_s):
                        await stopped.wait()
                    break
                except TimeoutError:
                    continue
    finally:
        await lookout.close()
        await asyncio.to_thread(finished, export)
        if server is not None:
            server.shutdown()
            server.server_close()
    if not looked:
        _say(console, "it was stopped before it had seen anything")
        return ExitCode.INCONCLUSIVE
    return _code(now)


def _exported(metrics: Metrics, console: Console) -> Export | None:
    try:
        return exported(metrics.registry, os.environ, scope="queueproof.watch")
    except NotSent as trouble:
        _say(console, f"metrics are not sent to a collector: {trouble}")
        return None


async def _unless(stopped: asyncio.Event, looking: Coroutine[None, None, Round]) -> Round | None:
    """The round; None where a signal came first, which a supervisor does not repeat for long."""
    look, stop = asyncio.create_task(looking), asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({look, stop}, return_when=asyncio.FIRST_COMPLETED)
        return look.result() if look.done() else None
    finally:
        for task in (look, stop):
            task.cancel()
        await asyncio.gather(look, stop, return_exceptions=True)


async def _take(
    seen: Round, watch: Watch, now: Standing, metrics: Metrics, console: Console
) -> None:
    """Keep what a round has seen, and say it."""
    at = time.time()
    changes = now.enter(seen, at=at, window_s=watch.window_s)
    _tell(console, watch, now, seen, changes)
    metrics.take(seen, now, at=at, objective=watch.objective)
    if watch.textfile is not None:
        try:
            write_textfile(metrics.registry, watch.textfile)
        except UsageError as error:
            _say(console, f"metrics are not written: {error}")
    if watch.state is not None:
        try:
            kept.save(now, watch.state)
        except UsageError as error:
            _say(console, f"the state is not kept: {error}")
    for trouble in await watch.alerts.tell(watch.name, changes):
        _say(console, trouble)


def _tell(
    console: Console, watch: Watch, now: Standing, seen: Round, changes: list[Change]
) -> None:
    for change in changes:
        _say(console, str(change))
    bad = kept.red(now.checks.items())
    longest = max(seen.observations, key=lambda each: each.took_s)
    state = f"red: {', '.join(bad)}" if bad else "green"
    done = f"{len(seen.observations)} checks, {seen.jobs} jobs, {seen.operations} operations"
    slowest = f"slowest {longest.check} {longest.took_s:.2f} s"
    left = now.budget_in_words(watch.objective)
    _say(console, f"{state} · {done} · {slowest} · {left}")


def _say(console: Console, words: str) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = f"{stamp}  {shown_in_line(words)}"
    console.print(line, soft_wrap=True, highlight=False, markup=False)


def _code(now: Standing) -> ExitCode:
    reached = now.checks.get(REACHED)
    if reached is not None and not reached.good:
        return ExitCode.UNREACHABLE
    return ExitCode.PASSED if now.good else ExitCode.FAILED
