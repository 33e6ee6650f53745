"""The embedded generic target: the queue of no product, described as any team's own is."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.resources import as_file, files

from queueproof import paths
from queueproof.config.load import load_target
from queueproof.config.model import TargetConfig
from queueproof.targets.reference_forks import LATER_LANES, reference_forks

#: How many jobs a worker of it runs at once in outages.
_FEW_SLOTS = 3
_TOKENS = {"QUEUEPROOF_TOKEN": "token-of-ann", "QUEUEPROOF_OTHER_TOKEN": "token-of-bob"}


def embedded_generic(workers: int | None) -> TargetConfig:
    """The reference of this contract with so many workers (what its target file says)."""
    with as_file(files("queueproof.targets.generic") / "generic_reference.toml") as path:
        target = load_target(path, _TOKENS)
    launch = target.launch
    assert launch is not None
    return replace(
        target,
        workers=workers or target.workers,
        launch=replace(
            launch,
            command=(sys.executable, *launch.command[1:]),
            worker_command=(sys.executable, *launch.worker_command[1:]),
            environment={**launch.environment, "PYTHONPATH": str(paths.root())},
            later_lanes=LATER_LANES,
            forks=reference_forks(),
        ),
        file="",
    )


def with_few_slots(target: TargetConfig) -> TargetConfig:
    """The embedded target for outages: so few slots that jobs wait; any other as it is."""
    launch = target.launch
    if target.contract != "generic" or target.file or target.urls or launch is None:
        return target
    environment = {**launch.environment, "JOBS_SLOTS": str(_FEW_SLOTS)}
    return replace(target, worker_slots=_FEW_SLOTS, launch=replace(launch, environment=environment))
