"""The registry: what is promised, at which level, by which section of which document."""

from __future__ import annotations

from queueproof.requirements.registry import (
    Access,
    Level,
    Registry,
    Requirement,
    known_ids,
    load_registry,
)

__all__ = ["Access", "Level", "Registry", "Requirement", "known_ids", "load_registry"]
