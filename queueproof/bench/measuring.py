"""One measurement: errands on a target, from busy clients or on a schedule, and its figures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from queueproof.load import tally
from queueproof.load.bounds import bounds_under
from queueproof.load.generating import Ways, generate
from queueproof.load.ledger import Ledger
from queueproof.load.records import Records, read_records
from queueproof.load.resources import Sample, Sampler, peaks_of
from queueproof.load.run_spec import Limits, RunSpec
from queueproof.load.schedule import Stretch
from queueproof.load.target_under_load import TargetUnderLoad
from queueproof.stack.folders import marked

Row = dict[str, Any]

_NO_LIMITS = Limits(requests_per_s=1e9, error_ratio=1.0, in_flight=100_000)
_PERCENTILES = (50.0, 99.0)
LATE_MS = 50.0
#: Of the machine's processors, what others may take before figures say nothing.
OTHERS_SHARE = 0.15


async def busy(
    under_load: TargetUnderLoad, *, clients: int, seconds: float, processes: int = 1
) -> Row:
    """So many clients, each with one errand after another for so long."""
    stretch = Stretch(name="busy", lasts_s=seconds, rate=1.0, to=1.0)
    return await measured(under_load, [stretch], clients=clients, processes=processes)


async def measured(
    under_load: TargetUnderLoad,
    stretches: Sequence[Stretch],
    *,
    clients: int = 0,
    processes: int = 1,
) -> Row:
    """The figures of one run of the generator on this target."""
    with tempfile.TemporaryDirectory(prefix=marked("queueproof-bench-")) as name:
        folder = Path(name)
        spec = RunSpec(
            contract=under_load.target.contract,
            profile="bench",
            urls=under_load.target.urls,
            folder=name,
            errands=under_load.errands,
            templates=under_load.templates,
            stretches=tuple(stretches),
            spacing="even",
            seed=1,
            processes=processes,
            clients=clients,
            limits=_NO_LIMITS,
            bounds=bounds_under(under_load.target.timings),
        )
        sampler = Sampler(under_load.target, every_s=0.25)
        async with sampler.sampling():
            await generate(spec, Ways())
        ledger = Ledger(folder, effect_s=under_load.target.timings.cancel_effect_s)
        records = read_records(folder, processes=processes, on_life=ledger.enter)
        ledger.close()
    row = figures(records, ledger)
    inside = [
        sample
        for sample in sampler.samples
        if 0.0 <= sample["at"] - records.began_at <= records.lasted_s
    ]
    row |= _cost(sampler.samples, row) | _memory(peaks_of(sampler.samples), under_load)
    return row | _others(inside, generator_cpu=row["generator_cpu"])


def had_no_time(row: Row) -> str:
    """Why a measurement says nothing of its subject, good or bad; empty where it does."""
    if row.get("lag_p99_ms", 0.0) > LATE_MS:
        return f"the generator was late by {row['lag_p99_ms']:g} ms"
    if row.get("others_cpu", 0.0) > OTHERS_SHARE * (os.cpu_count() or 1):
        return f"others took {row['others_cpu']:g} processors"
    return ""


def figures(records: Records, ledger: Ledger) -> Row:
    """What a table shows of a measurement."""
    lasted_s = records.lasted_s or 1.0
    busy_s = records.arrivals_ended_s or lasted_s
    row: Row = {
        "jobs": records.counts["ended"],
        "jobs_per_s": round(records.counts["ended"] / busy_s, 1),
        "events_per_s": round(records.counts["events"] / lasted_s, 1),
        "failed": records.counts["failed"],
        "deviant_jobs": ledger.deviant,
        "in_flight": max((w.tops["in_flight"] for w in records.windows.values()), default=0),
    }
    for operation in ("submit", "first_event", "job", "predict", "cancel_to_stopped"):
        latencies = records.latencies.get(operation)
        for percentile in _PERCENTILES if latencies is not None else ():
            name = f"{operation}_p{percentile:g}_ms"
            row[name] = round(tally.percentile_ms(latencies, percentile), 2)
    lag = records.latencies.get("lag")
    if lag is not None:
        row["lag_p99_ms"] = round(tally.percentile_ms(lag, 99.0), 1)
    why = [f"{operation}: {words}" for operation, words in records.failures]
    why += [f"{one.deviation.value}: {one.words}" for one in ledger.findings]
    row |= {"why": "; ".join(why[:3])} if why else {}
    cpu_s = sum(one["cpu_s"] for one in records.processes)
    row["generator_cpu"] = round(cpu_s / lasted_s, 3)
    row["generator_ms_a_request"] = round(1000 * cpu_s / max(1, records.requests), 3)
    return row


def _cost(samples: Sequence[Sample], row: Row) -> Row:
    """The target's processor time a job, which a busy machine changes little."""
    used = [sample["cpu_s"] for sample in samples if "cpu_s" in sample]
    if len(used) < 2 or not row["jobs"]:
        return {}
    return {"target_ms_a_job": round(1000 * (used[-1] - used[0]) / row["jobs"], 2)}


def _others(samples: Sequence[Sample], *, generator_cpu: float) -> Row:
    """How many of this machine's processors were taken by anybody but generator and target."""
    spent = ("cpu_s", "redis_cpu_s", "own_cpu_s")
    known = [sample for sample in samples if all(name in sample for name in spent)]
    lasted_s = known[-1]["at"] - known[0]["at"] if known else 0.0
    if lasted_s < 1.0:
        return {}
    grown = {name: known[-1][name] - known[0][name] for name in (*spent, "machine_cpu_s")}
    theirs = grown["machine_cpu_s"] - sum(grown[name] for name in spent)
    return {"others_cpu": round(max(0.0, theirs / lasted_s - generator_cpu), 2)}


def _memory(peaks: dict[str, float], under_load: TargetUnderLoad) -> Row:
    """Peaks of memory, and of what Redis held for it."""
    if "rss_mb" not in peaks:
        return {}
    held = ("rss_mb", "worker_mb", "redis_mb", "redis_keys", "redis_clients")
    return {"workers": under_load.target.workers} | {n: peaks[n] for n in held if n in peaks}
