"""Three workers where the others have two; the event stream is kept short."""

from __future__ import annotations

WORKERS = 3
SETTINGS = {"QUEUE_REDIS_EVENT_STREAM_MAX_LEN": "500"}
