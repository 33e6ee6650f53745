"""A comment line every fifth of a second keeps proxies from closing a quiet stream."""

from __future__ import annotations

SETTINGS = {"REFERENCE_HEARTBEAT_S": "0.2"}
