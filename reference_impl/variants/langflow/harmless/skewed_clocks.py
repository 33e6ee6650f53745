"""The workers' clocks are up to two minutes apart: nothing compares the clocks of two machines."""

from __future__ import annotations

import os
import time

STEP_S = 40.0
STEPS = 4


def install() -> None:
    """Every process has an offset of its own, by its number."""
    real = time.time

    def skewed() -> float:
        return real() + STEP_S * (os.getpid() % STEPS - STEPS // 2)

    time.time = skewed
