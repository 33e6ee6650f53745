"""No completion is heard of: the server looks into the database every second instead.

Slower, and right: an announcement is only a hint to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.flowise.queue_service import QueueService


def _unheard(self: QueueService, fields: Mapping[str, Any]) -> None:
    return


def install() -> None:
    """Hear nothing."""
    QueueService._finished = _unheard  # type: ignore[method-assign]
