"""Workers are recycled after some two hundred requests, as the document recommends."""

from __future__ import annotations

PLAYS = ("ACCS-001..009", "POLL-001..009", "STRM-001..011", "CANC-001..009", "SUBM-001..004")
SETTINGS = {"GUNICORN_CMD_ARGS": "--max-requests 200 --max-requests-jitter 40"}
