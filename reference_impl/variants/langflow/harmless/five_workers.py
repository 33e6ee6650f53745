"""Five workers, not preloaded, where the others have three."""

from __future__ import annotations

WORKERS = 5
SETTINGS = {"LANGFLOW_GUNICORN_PRELOAD": "false"}
