"""Playing one schedule again: from a saved pytest file, or by `queueproof explore --replay`."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.errors import Inconclusive, UsageError, Violation
from queueproof.exploring.explorer import Explorer
from queueproof.exploring.saving import Where
from queueproof.exploring.steps import Schedule, numbered
from queueproof.exploring.trial import Trial
from queueproof.exploring.watching import Silent
from queueproof.history import History
from queueproof.running.environment import Environment
from queueproof.running.target_options import TargetOptions

#: Where timing decides, few plays prove little; so many, or so long where plays are slow.
_LEAST, _MOST, _LONG_S = 3, 12, 60.0
_TARGET_VARIABLE = "QUEUEPROOF_TARGET"


def expect_no_finding(schedule: Schedule, *, target: Mapping[str, Any]) -> None:
    """Play a schedule up to twelve times; raise Violation as soon as it breaks a rule.

    `QUEUEPROOF_TARGET` names another target by its URL. Raises Inconclusive when not one play
    could be judged.
    """
    where = Where.of(target)
    url = os.environ.get(_TARGET_VARIABLE, "")
    if url:
        where = replace(where, urls=(url,), settings={})
    trials = asyncio.run(replay(config_of(where), schedule))
    raise_for(trials)


def raise_for(trials: list[Trial]) -> None:
    """Raise Violation for the first finding, Inconclusive when every trial is in doubt."""
    for trial in trials:
        if trial.finding is not None:
            raise Violation(
                expected=trial.finding.expected,
                actual=f"{trial.finding.requirement}: {trial.finding.actual}; "
                + " · ".join(numbered(trial.schedule)),
            )
    if all(trial.doubt for trial in trials):
        raise Inconclusive(trials[0].doubt)


async def replay(config: RunConfig, schedule: Schedule) -> list[Trial]:
    """Play a schedule until it breaks a rule, twelve times at most; three, where it is slow."""
    environment = Environment(config, History())
    explorer = Explorer(environment, config, Silent(), at_once=1)
    trials: list[Trial] = []
    try:
        await environment.open()
        until_s = time.monotonic() + _LONG_S
        while _again(len(trials), until_s) and not any(trial.finding for trial in trials):
            trials.append(await explorer.replay(schedule))
    finally:
        await environment.close()
    return trials


def _again(played: int, until_s: float) -> bool:
    return played < (_MOST if time.monotonic() < until_s else _LEAST)


def config_of(where: Where) -> RunConfig:
    """The run on the target that `where` names.

    Raises UsageError where a setting is known by its name alone.
    """
    if where.masked:
        wanted = " ".join(f"--setting {name}=…" for name in where.masked)
        raise UsageError(f"the saved file does not hold what is secret: give {wanted}")
    options = options_of(where)
    target, embedded = options.find()
    return RunConfig(
        target=with_settings(target, where.settings),
        embedded=embedded,
        again=options.words(),
    )


def options_of(where: Where) -> TargetOptions:
    """The same target as options of a command line."""
    return TargetOptions(
        urls=where.urls,
        contract=where.contract or None,
        config=Path(where.config) if where.config else None,
        workers=where.workers,
        redis_url=where.redis_url,
        ca=where.ca,
        proxy=where.proxy,
        disposable=where.disposable,
        settings=where.settings,
    )


def with_settings(target: TargetConfig, settings: Mapping[str, str]) -> TargetConfig:
    """The target started with some settings of its environment changed."""
    if target.launch is None or not settings:
        return target
    environment = {**target.launch.environment, **settings}
    return replace(target, launch=replace(target.launch, environment=environment))
