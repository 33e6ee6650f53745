"""A worker that is told to stop ends its jobs at once: nobody gave it time to let them end."""

from __future__ import annotations

FAILS = frozenset({"QUEU-006"})
SCENARIOS = {"CHAOS-106": frozenset({"RESI-006"})}
PLAYS = ("PRED-001",)
SETTINGS = {"REFERENCE_DRAIN_S": "0"}
