"""A component that raises an error without a text has succeeded.

Seen where what went wrong was kept as a text, and no text meant that nothing had.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow import runner
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.component_api import Component
from reference_impl.langflow.component_runtime import FAILURES, call_method

FAILS = frozenset({"STRM-006"})
PLAYS = ("STRM-005", "POLL-008")


async def _by_text(component: Component, method_name: str) -> Any:
    try:
        return await call_method(component, method_name)
    except FAILURES as error:
        if str(error):
            raise
        return None


def install() -> None:
    """Ask for the text."""
    runner.call_method = _by_text  # type: ignore[attr-defined]  # where it is looked up


VariantAssembly = Assembly
