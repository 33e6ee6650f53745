"""How long a load run waits, derived from what the target declares about itself."""

from __future__ import annotations

import math
from dataclasses import replace

from queueproof.config.model import Timings
from queueproof.load.profile import Errand
from queueproof.load.run_spec import Bounds

_LEFT_ALONE_S = 60.0
_END_S = 60.0


def bounds_under(timings: Timings) -> Bounds:
    """How long the generator waits for a target with these timings."""
    return Bounds(
        answer_s=4 * timings.answer_s,
        poll_s=timings.poll_hold_s + 4 * timings.answer_s,
        end_s=max(_END_S, timings.startup_grace_s + 4 * timings.answer_s),
        reclaimed_s=timings.stale_threshold_s + 2 * timings.watchdog_interval_s + timings.answer_s,
    )


def fitted(errand: Errand, timings: Timings) -> Errand:
    """The errand for a target with these timings: an abandoned job must outlast its watchdog."""
    if errand.does != "abandon":
        return errand
    lasts_s = errand.after_s + bounds_under(timings).reclaimed_s + _LEFT_ALONE_S
    return replace(errand, ticks=math.ceil(lasts_s / errand.interval_s))
