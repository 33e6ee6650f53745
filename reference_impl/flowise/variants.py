"""Variants of the flowise reference: where they are, who may start them, how they are wired in.

A variant is one module in ``reference_impl.faulty_flowise`` that breaks promises, or one in
``reference_impl.harmless_flowise`` that differs and keeps them all. Its ``install()``, where it has
one, is called once in the server and once in each worker, before the settings are read.

A variant starts only where nobody can mistake it for the reference: with
``REFERENCE_ENVIRONMENT=test`` and on a loopback address.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping

from reference_impl.common.setting_readers import variant_name
from reference_impl.flowise.settings import SettingsError

ROOMS = ("faulty_flowise", "harmless_flowise", "mechanical")
TEST = "test"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def wire_in(environ: Mapping[str, str]) -> None:
    """Install the variant that the environment names, if any; SettingsError where it must not."""
    name = environ.get("REFERENCE_VARIANT", "").strip()
    if not name:
        return
    host = environ.get("HOST", "").strip()
    environment = environ.get("REFERENCE_ENVIRONMENT", "").strip().lower()
    if environment != TEST or (host and host not in LOOPBACK_NAMES):
        raise SettingsError(
            f"REFERENCE_VARIANT={name} is refused: a variant differs on purpose and starts only "
            "with REFERENCE_ENVIRONMENT=test and a loopback HOST; unset it"
        )
    room = room_of(name)
    if room is None:
        rooms = " or ".join(f"reference_impl.{room}" for room in ROOMS)
        raise SettingsError(f"REFERENCE_VARIANT={name} is not a module in {rooms}")
    install = getattr(importlib.import_module(f"reference_impl.{room}.{name}"), "install", None)
    if install is not None:
        install()


def room_of(name: str) -> str | None:
    """Where there is such a variant; None if there is none."""
    try:
        module = variant_name(name)
    except ValueError:
        return None
    found = (importlib.util.find_spec(f"reference_impl.{room}.{module}") for room in ROOMS)
    return next((room for room, spec in zip(ROOMS, found, strict=True) if spec is not None), None)
