"""Five workers of ten jobs each, where the others have two of many."""

from __future__ import annotations

WORKERS = 5
SETTINGS = {"WORKER_CONCURRENCY": "10"}
