"""A delay that is known, put before the reference by a real proxy, is in the percentiles.

The proxy holds every answer for a second once, and makes every answer late for a while in another
run; both amounts are measured where they are made. A generator whose clients wait for their
answers would send next to nothing meanwhile, and show one bad latency a client.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from queueproof.bench.subject import reference
from queueproof.errors import UsageError
from queueproof.load import tally
from queueproof.load.bounds import bounds_under
from queueproof.load.generating import Ways, generate
from queueproof.load.profile import Errand
from queueproof.load.records import RECORDS, Records, read_records
from queueproof.load.schedule import Stretch
from queueproof.load.target_under_load import TargetUnderLoad
from queueproof.stack.toxiproxy import ToxiproxyServer
from queueproof.stack.toxiproxy_api import Toxic, ToxiproxyApi
from queueproof.waiting import eventually
from tests.load.sample import spec

RATE, LASTS_S = 40.0, 4.0
STALL_S, LATENCY_S, LATE_FOR_S = 1.0, 0.4, 1.5
LATE_MS = 250.0
_STALL = Toxic("bandwidth", "downstream", {"rate": 0})
_LATENCY = Toxic("latency", "downstream", {"latency": round(LATENCY_S * 1000)})


@dataclass(frozen=True)
class Run:
    """What was measured, and for how long the proxy delayed."""

    records: Records
    delayed_s: float

    @property
    def submits(self) -> Any:
        """The histogram of submits."""
        return self.records.latencies["submit"]

    @property
    def lag_ms(self) -> float:
        """How late the generator itself was at worst."""
        return tally.percentile_ms(self.records.latencies["lag"], 100.0)

    def kept_waiting(self) -> int:
        """How many submits took as long as none does without a delay."""
        return sum(
            step.count_added_in_this_iter_step
            for step in self.submits.get_recorded_iterator()
            if step.value_iterated_to > LATE_MS * 1000
        )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """One run with a stall, one with a latency, on one reference behind one proxy."""
    try:
        server = ToxiproxyServer()
    except UsageError as error:
        pytest.skip(str(error))
    return asyncio.run(_played(server, tmp_path_factory))


async def _played(server: ToxiproxyServer, folders: pytest.TempPathFactory) -> dict[str, Run]:
    errand = Errand(does="submit", ticks=1, interval_s=0.0)
    await server.start()
    try:
        async with reference("langflow", workers=2).ready([errand]) as under_load:
            upstream = under_load.target.urls[0].removeprefix("http://")
            proxy = await server.api.create("http", upstream=upstream)
            url = f"http://{proxy.listen}"
            made = {}
            for name, toxic, for_s in (
                ("stall", _STALL, STALL_S),
                ("latency", _LATENCY, LATE_FOR_S),
            ):
                folder = folders.mktemp(name)
                playing = asyncio.create_task(_play(under_load, url, folder))
                _, begun = await eventually(lambda f=folder: _begun(f), bool, within_s=20.0)  # type: ignore[misc]
                assert begun
                delayed_s = await _delay(server.api, toxic, for_s)
                made[name] = Run(await playing, delayed_s)
            return made
    finally:
        await server.close()


async def _play(under_load: TargetUnderLoad, url: str, folder: Path) -> Records:
    stretch = Stretch(name="all", lasts_s=LASTS_S, rate=RATE, to=RATE)
    made = spec(
        url,
        folder,
        errands=under_load.errands,
        templates=under_load.templates,
        stretches=(stretch,),
        bounds=bounds_under(under_load.target.timings),
    )
    await generate(made, Ways())
    return read_records(folder, processes=1, on_life=lambda _: None)


async def _begun(folder: Path) -> bool:
    """The generator hands over what it has for the first time, a second after its first arrival."""
    return (folder / RECORDS).exists()


async def _delay(api: ToxiproxyApi, toxic: Toxic, for_s: float) -> float:
    """Delay every answer for about so long; for how long it was."""
    await api.add("http", toxic)
    began_s = time.monotonic()
    await asyncio.sleep(for_s)  # the delay itself, not a wait for anything
    delayed_s = time.monotonic() - began_s
    await api.remove("http", toxic.name)
    return delayed_s


def test_everybody_who_comes_while_answers_are_held_counts_as_kept_waiting(
    runs: dict[str, Run],
) -> None:
    """Held for a second at forty a second: thirty wait for longer than a quarter of it."""
    run = runs["stall"]

    expected = RATE * (run.delayed_s - LATE_MS / 1000)
    slack = RATE * (0.1 + run.lag_ms / 1000)
    assert run.records.counts["offered"] == RATE * LASTS_S
    assert run.records.counts["failed"] == 0
    assert expected * 0.9 <= run.kept_waiting() <= expected * 1.1 + slack


def test_the_longest_wait_is_the_whole_stall(runs: dict[str, Run]) -> None:
    """And those who came through it waited for what was left of it, evenly."""
    run = runs["stall"]
    stall_ms = run.delayed_s * 1000

    share = 100 * run.delayed_s / LASTS_S  # of the arrivals, those that met it
    halfway_ms = tally.percentile_ms(run.submits, 100 - share / 2)
    longest_ms = tally.percentile_ms(run.submits, 100.0)
    assert 0.9 * stall_ms <= longest_ms <= stall_ms + 300 + run.lag_ms
    assert 0.4 * stall_ms <= halfway_ms <= 0.6 * stall_ms + 150 + run.lag_ms


def test_a_latency_for_part_of_the_run_is_in_that_part_of_the_percentiles(
    runs: dict[str, Run],
) -> None:
    """As many have it as arrived meanwhile, at its full size, and the others do not.

    What the proxy still holds when it stops is let go at once: who came last waited for less.
    """
    run = runs["latency"]
    latency_ms = LATENCY_S * 1000

    expected = RATE * (run.delayed_s - LATE_MS / 1000)
    slack = RATE * (0.1 + run.lag_ms / 1000)
    assert run.records.counts["failed"] == 0
    assert expected * 0.9 <= run.kept_waiting() <= expected * 1.1 + slack
    share = 100 * (run.delayed_s - LATENCY_S) / LASTS_S
    for percentile in (100 - share * 0.9, 100 - share / 2, 99.0):
        found_ms = tally.percentile_ms(run.submits, percentile)
        assert latency_ms <= found_ms <= latency_ms + 200 + run.lag_ms, percentile
    undelayed_ms = tally.percentile_ms(run.submits, 50.0)
    assert undelayed_ms <= latency_ms / 2 + run.lag_ms
