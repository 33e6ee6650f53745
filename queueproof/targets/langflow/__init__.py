"""The langflow contract: its HTTP interface, its probe component, its settings."""

from __future__ import annotations

from queueproof.targets.langflow.adapter import LangflowAdapter

__all__ = ["LangflowAdapter"]
