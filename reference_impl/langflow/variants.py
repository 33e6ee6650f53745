"""Variants of the reference: where they are, who may start them, how they are wired in.

A variant is one module below ``reference_impl.variants.langflow``. It may offer

- ``VariantAssembly``, an :class:`~reference_impl.langflow.assembly.Assembly` with one part
  exchanged, and
- ``install()``, called once in the master before the settings are read, for what no worker's
  part decides: a setting's default, a check at the start, what the master prepares.

A variant starts only where nobody can mistake it for the reference: with
``REFERENCE_ENVIRONMENT=test`` and on a loopback address.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType

from reference_impl.common.setting_readers import SettingsError
from reference_impl.common.variant_modules import PACKAGE, module_of

CONTRACT = "langflow"
TEST = "test"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def wire_in(environ: Mapping[str, str]) -> None:
    """Install the variant that the environment names, if any.

    Raises SettingsError where variants are refused.
    """
    name = environ.get("REFERENCE_VARIANT", "").strip()
    if not name:
        return
    environment = environ.get("REFERENCE_ENVIRONMENT", "").strip().lower()
    check(name, environment=environment, host=environ.get("LANGFLOW_HOST", "").strip())
    install = getattr(load(name), "install", None)
    if install is not None:
        install()


def check(name: str, *, environment: str, host: str) -> None:
    """Raise SettingsError unless this variant exists and may start here."""
    if environment != TEST or (host and host not in LOOPBACK_NAMES):
        raise SettingsError(
            f"REFERENCE_VARIANT={name} is refused: a variant differs on purpose and starts only "
            "with REFERENCE_ENVIRONMENT=test and a loopback LANGFLOW_HOST; unset it"
        )
    _module(name)


def load(name: str) -> ModuleType:
    """The variant's module; SettingsError where there is none."""
    return importlib.import_module(_module(name))


def _module(name: str) -> str:
    module = module_of(CONTRACT, name)
    if module is None:
        raise SettingsError(f"REFERENCE_VARIANT={name} is not a module in {PACKAGE}.{CONTRACT}")
    return module
