"""The embedded generic target: the queue of no product, described as any team's own is."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.resources import as_file, files

from queueproof import house
from queueproof.config.load import load_target
from queueproof.config.model import TargetConfig

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
            environment={**launch.environment, "PYTHONPATH": str(house.root())},
        ),
        file="",
    )
