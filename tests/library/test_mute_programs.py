"""What is said of a program that was started and does not serve."""

from __future__ import annotations

import asyncio
import sys

import pytest

from queueproof.config.model import LaunchConfig
from queueproof.stack.launcher import Launcher


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import time; time.sleep(60)", "within 1 s: it printed nothing"),
        ("print('no module'); raise SystemExit(3)", "it ended with exit code 3: no module"),
    ],
    ids=["silent", "ended"],
)
def test_it_is_said_how_it_ended_or_how_long_it_was_waited_for(program: str, words: str) -> None:
    config = LaunchConfig(command=(sys.executable, "-c", program), boot_s=1.0)
    launcher = Launcher(config, ready_path="/health")

    async def said() -> str:
        boot = await launcher.boot({})
        words = boot.why_mute
        await launcher.stop(boot)
        return words

    assert asyncio.run(said()) == words
