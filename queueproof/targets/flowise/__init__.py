"""The flowise contract: its HTTP interface, its probe flow, its event stream."""

from __future__ import annotations

from queueproof.targets.flowise.adapter import FlowiseAdapter

__all__ = ["FlowiseAdapter"]
