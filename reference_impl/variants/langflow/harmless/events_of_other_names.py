"""Between the events that clients know come some of names that they do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job

_emit = Job.emit


def _with_news(self: Job, name: str, data: Mapping[str, Any]) -> None:
    if name == "log":
        _emit(self, "token_usage", {"tokens": 7, "model": None, "status": "running"})
    _emit(self, name, data)


def install() -> None:
    """Tell them."""
    Job.emit = _with_news  # type: ignore[method-assign]


VariantAssembly = Assembly
