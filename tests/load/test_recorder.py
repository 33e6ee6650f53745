"""The notebook: every sample is in exactly one window, whenever it is closed."""

from __future__ import annotations

from typing import Any

import pytest

from load.recorder import Recorder
from queueproof.load import tally
from queueproof.load.records import Records


@pytest.mark.parametrize("closed_s", [0.9, 1.5, 7.0])
def test_windows_add_up_to_the_totals_whatever_the_moment_of_the_end(closed_s: float) -> None:
    """At the end of a window, in the next, or long after the last sample."""
    now, messages = [0.0], list[dict[str, Any]]()
    recorder = Recorder(0, lambda: now[0], 1.0, messages.append)
    for at_s, failure in ((0.1, ""), (0.8, "500")):
        now[0] = at_s
        recorder.sample("submit", 0.02, failure)
    now[0] = closed_s
    recorder.close(lasted_s=closed_s, stopped="", trouble="")

    records = Records()
    for message in messages:
        records.add(message)
    held = [w.latencies["submit"] for w in records.windows.values() if "submit" in w.latencies]
    assert records.count("submit") == sum(map(tally.count, held)) == 2
    for what in ("requests", "failed"):
        assert sum(w.counts[what] for w in records.windows.values()) == records.counts[what] > 0


def test_what_is_handed_over_is_not_handed_over_again() -> None:
    """Windows and jobs go once."""
    now, messages = [0.5], list[dict[str, Any]]()
    recorder = Recorder(0, lambda: now[0], 1.0, messages.append)
    recorder.life([{"kind": "submit"}])
    recorder.sample("submit", 0.02)
    now[0] = 1.0
    recorder.hand_over()
    recorder.hand_over()
    recorder.close()

    assert [len(m["lives"]) for m in messages if "lives" in m] == [1, 0, 0]
    assert [w["index"] for m in messages for w in m.get("windows", ())] == [0, 1]
