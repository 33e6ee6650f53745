"""Requirements that no running variant can break, each with its reason.

An entry here is an admission: the suite's power to see this fault is not proven. A requirement
that gets a variant must leave this list; the proof fails otherwise.
"""

from __future__ import annotations

UNBREAKABLE: dict[str, str] = {
    "EXPL-001": "generated schedules find what their seed leads to, never a fixed set of faults",
}
