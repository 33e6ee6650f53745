"""Which setting of a langflow deployment declares which timing
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from queueproof.config.model import Timings

PREFIX = "LANGFLOW_REDIS_QUEUE_"
_TIMINGS = {
    f"{PREFIX}STARTUP_GRACE_S": "startup_grace_s",
    f"{PREFIX}TTL": "stream_ttl_s",
    f"{PREFIX}CANCEL_MARKER_TTL": "cancel_marker_ttl_s",
    f"{PREFIX}POLLING_STALE_THRESHOLD_S": "stale_threshold_s",
    f"{PREFIX}POLLING_WATCHDOG_INTERVAL_S": "watchdog_interval_s",
}

#: The queue reached by host and port alone, everything else about it left at its default.
DEFAULTED: Mapping[str, str | None] = {
    **dict.fromkeys(_TIMINGS),
    f"{PREFIX}URL": None,
    f"{PREFIX}HOST": "127.0.0.1",
    f"{PREFIX}PORT": "{redis_port}",
    f"{PREFIX}DB": None,
    f"{PREFIX}CANCEL_CHANNEL_ENABLED": None,
}


def timings_under(settings: Mapping[str, str | None], base: Timings) -> Timings:
    """`base` as changed by a launch's settings; a setting of None means its default."""
    defaults = Timings()
    changed = {
        timing: getattr(defaults, timing) if settings[name] is None else float(settings[name] or 0)
        for name, timing in _TIMINGS.items()
        if name in settings
    }
    return replace(base, **changed)
