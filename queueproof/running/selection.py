"""Which requirements and cases a gate asks: by name, without some, by shard, or failed last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from queueproof.config.model import RunConfig
from queueproof.errors import UsageError
from queueproof.reporting import json_report
from queueproof.reporting.run_folders import durations_in, newest_report
from queueproof.requirements import Requirement, load_registry
from queueproof.requirements.registry import Registry
from queueproof.verdicts import Verdict

#: Why a run ended early that was to end at its first failure.
STOPPED_AT_FIRST = "stopped at the first failure (--stop-at-first)"
_AGAIN = (Verdict.FAILED, Verdict.ERROR, Verdict.INCONCLUSIVE)


def chosen_rows(registry: Registry, config: RunConfig) -> list[Requirement]:
    """The requirements that this gate is to judge; raises UsageError where there are none."""
    return registry.select(config.only, by="gate", without=config.without)


def in_shard(case_ids: Iterable[str], shard: tuple[int, int] | None) -> frozenset[str]:
    """The cases of one shard of several; all of them where there are no shards.

    Every case is in exactly one shard, and in the same whenever the same cases are collected.
    """
    ordered = sorted(set(case_ids))
    if shard is None:
        return frozenset(ordered)
    number, of = shard
    return frozenset(ordered[number - 1 :: of])


def only_last_failed(config: RunConfig) -> RunConfig:
    """The same run, of what did not pass in the newest gate's report below `config.out` alone.

    Raises UsageError where there is no report of this contract, or nothing in it failed that is
    asked for.
    """
    contract = config.target.contract
    path = newest_report(config.out, kind="gate", contract=contract)
    if path is None:
        raise UsageError(
            f"--last-failed: there is no report of a gate on {contract} below {config.out}"
        )
    rows = json_report.load(path).requirements
    failed = {row.id for row in rows if row.verdict in _AGAIN}
    chosen = chosen_rows(load_registry(contract), config)
    only = tuple(row.id for row in chosen if row.id in failed)
    if not only:
        raise UsageError(f"--last-failed: nothing of what is asked failed in {path.parent}")
    return replace(config, only=only, without=())


def earlier_durations(config: RunConfig) -> dict[str, float]:
    """Seconds of each case in the newest gate's report on this contract below `config.out`."""
    return durations_in(newest_report(config.out, kind="gate", contract=config.target.contract))
