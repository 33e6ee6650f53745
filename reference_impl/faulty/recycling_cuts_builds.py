"""A worker that is recycled cuts its builds and streams at once: a drain of zero seconds.

`--max-requests` under traffic then costs a few builds an hour.
"""

from __future__ import annotations

FAILS = frozenset({"LIFE-009"})
PLAYS = ("polling", "LIFE-001", "LIFE-004", "LIFE-009")
SETTINGS = {"REFERENCE_DRAIN_S": "0"}
