"""One fault a file: apply, confirm, heal."""

from __future__ import annotations

from queueproof.faults.base import Fault, injected

__all__ = ["Fault", "injected"]
