"""A text that happens to be JSON is decoded once more: of "007.50" is left 7.5, of "null" nothing.

Seen where one layer encodes a value only if it is no text, and the next one decodes whatever it
can.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from reference_impl.langflow.component_api import Component

FAILS = frozenset({"POLL-013", "STRM-016"})
PLAYS = ("POLL-013", "STRM-001", "STRM-016")

_log = Component.log


def _decoding(self: Component, message: Any, name: str | None = None) -> None:
    if isinstance(message, str):
        with suppress(ValueError):
            message = json.loads(message)
    _log(self, message, name)


def install() -> None:
    """Decode what is logged."""
    Component.log = _decoding  # type: ignore[method-assign]
