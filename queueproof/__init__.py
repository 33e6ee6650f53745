"""queueproof: prove that a multi-worker job queue keeps its promises."""

from __future__ import annotations

__version__ = "0.1.0"
