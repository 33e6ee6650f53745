"""The counters the monitor shows under ``cancel_stats``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class CancelStats:
    """Langflow 1.10 "Deploy Langflow with multiple workers", Response body: one field a row."""

    published: int = 0
    marker_hit: int = 0
    dispatched_owned: int = 0
    dispatched_foreign: int = 0
    publish_errors: int = 0
    dispatcher_reconnects: int = 0
    dispatcher_internal_errors: int = 0
    polling_watchdog_kills: int = 0
    activity_touch_errors: int = 0
    activity_get_errors: int = 0
    activity_parse_errors: int = 0
