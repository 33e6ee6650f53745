"""No coordinated omission: a delay that is known shows in the figures as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gevent

from queueproof.load import tally
from queueproof.load.schedule import Stretch
from tests.load.fake_target import FakeTarget, served
from tests.load.sample import generated, spec

RATE = 50.0
FROZEN_S = 1.0


def test_everybody_who_arrives_while_the_target_stands_still_counts_as_kept_waiting(
    tmp_path: Path,
) -> None:
    """A freeze of one second at fifty arrivals a second keeps fifty waiting, not one."""
    lasts_s = 2.0
    with served(FakeTarget()) as target:

        def freeze_in_the_middle(generator: Any) -> None:
            gevent.spawn(lambda: (gevent.sleep(0.8 - generator.now_s()), target.freeze(FROZEN_S)))

        stretch = Stretch(name="all", lasts_s=lasts_s, rate=RATE, to=RATE)
        made = spec(target.url, tmp_path, stretches=(stretch,))
        seen = generated(made, act=freeze_in_the_middle)

    submits = seen.records.latencies["submit"]
    waited = sum(
        step.count_added_in_this_iter_step
        for step in submits.get_recorded_iterator()
        if step.value_iterated_to > 100_000
    )
    expected = RATE * (FROZEN_S - 0.1)
    lag_ms = tally.percentile_ms(seen.records.latencies["lag"], 100.0)
    assert seen.records.counts["offered"] == RATE * lasts_s
    assert expected * 0.85 <= waited <= expected * 1.15 + RATE * lag_ms / 1000
    assert 850 <= tally.percentile_ms(submits, 100.0) <= 1200 + lag_ms
    # Those that came evenly through the freeze waited evenly between nothing and all of it.
    assert 350 <= tally.percentile_ms(submits, 75.0) <= 600 + lag_ms


def test_a_target_behind_a_slow_path_shows_the_delay_in_every_percentile(tmp_path: Path) -> None:
    """Two hundred milliseconds of delay are two hundred in the median and in the tail."""
    with served(FakeTarget(delay_s=0.2)) as target:
        seen = generated(spec(target.url, tmp_path))

    submits = seen.records.latencies["submit"]
    assert seen.records.counts["ended"] == 40
    lag_ms = tally.percentile_ms(seen.records.latencies["lag"], 100.0)
    assert 200 <= tally.percentile_ms(submits, 50.0) <= 260 + lag_ms
    assert 200 <= tally.percentile_ms(submits, 99.0) <= 300 + lag_ms
