"""Variants of the flowise reference: where they are, who may start them, how they are wired in.

A variant is one module below ``reference_impl.variants.flowise``. Its ``install()``, where it has
one, is called once in the server and once in each worker, before the settings are read.

A variant starts only where nobody can mistake it for the reference: with
``REFERENCE_ENVIRONMENT=test`` and on a loopback address.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from reference_impl.common.variant_modules import PACKAGE, module_of
from reference_impl.flowise.settings import SettingsError

CONTRACT = "flowise"
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
    module = module_of(CONTRACT, name)
    if module is None:
        raise SettingsError(f"REFERENCE_VARIANT={name} is not a module in {PACKAGE}.{CONTRACT}")
    install = getattr(importlib.import_module(module), "install", None)
    if install is not None:
        install()
