"""A worker that is recycled cuts its builds and streams at once: a drain of zero seconds.

`--max-requests` under traffic then costs a few builds an hour.
"""

from __future__ import annotations

FAILS = frozenset({"LIFE-009"})
PLAYS = ("LIFE-004", "LIFE-009", "POLL-001", "STRM-001")
SETTINGS = {"REFERENCE_DRAIN_S": "0"}
