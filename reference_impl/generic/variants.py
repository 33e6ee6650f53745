"""Variants of the generic reference, which start only where they are called a test."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from reference_impl.common.setting_readers import variant_name
from reference_impl.common.variant_modules import PACKAGE, module_of

CONTRACT = "generic"
_INSTALLED: set[str] = set()


def wire_in(environ: Mapping[str, str]) -> None:
    """Install the variant that is named, if any, once; ValueError for none, or outside of tests."""
    given = environ.get("REFERENCE_VARIANT", "").strip()
    if not given:
        return
    name = variant_name(given)
    if environ.get("REFERENCE_ENVIRONMENT") != "test":
        raise ValueError(f"the variant {name} is refused but with REFERENCE_ENVIRONMENT=test")
    module = module_of(CONTRACT, name)
    if module is None:
        raise ValueError(f"REFERENCE_VARIANT={name} is not a module in {PACKAGE}.{CONTRACT}")
    if name not in _INSTALLED:  # a forked front has what its parent installed
        importlib.import_module(module).install()
        _INSTALLED.add(name)
