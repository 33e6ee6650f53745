"""Two workers, the fewest that can be told apart."""

from __future__ import annotations

WORKERS = 2
SETTINGS = {"LANGFLOW_LOG_LEVEL": "warning"}
