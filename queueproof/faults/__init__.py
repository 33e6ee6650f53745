"""One fault a file: apply, confirm, heal."""

from __future__ import annotations

from queueproof.faults.base import Fault, Unconfirmed, injected

__all__ = ["Fault", "Unconfirmed", "injected"]
