"""Numbers are written with a point, 3.0 for 3: a server whose language knows one kind of number."""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints

PLAYS = ("MONI-001..009",)


class OneKindOfNumber(SystemEndpoints):
    """Shows floats."""

    def snapshot(self) -> dict[str, Any]:
        """The metrics, every number one with a point."""
        return _pointed(super().snapshot())


def _pointed(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _number(value) for name, value in fields.items()}


def _number(value: object) -> object:
    if isinstance(value, dict):
        return _pointed(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class VariantAssembly(Assembly):
    """Tells through it."""

    system_endpoints_class = OneKindOfNumber
