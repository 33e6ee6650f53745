"""Any other queue: an HTTP job API described by a mapping (docs/generic.md)."""

from __future__ import annotations

from queueproof.targets.generic.adapter import GenericAdapter

__all__ = ["GenericAdapter"]
