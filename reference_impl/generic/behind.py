"""What stands between clients and the front: how variants put it there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp

from reference_impl.generic import front
from reference_impl.generic.settings import Settings


def stand_behind(proxy: Callable[[ASGIApp], ASGIApp]) -> None:
    """Every front process answers through it."""
    make_app = front.make_app

    def behind(settings: Settings) -> Any:
        return proxy(make_app(settings))

    front.make_app = behind
