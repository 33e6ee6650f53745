"""Variants of the generic reference, which start only where they are called a test."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping

from reference_impl.common.setting_readers import variant_name

ROOMS = ("faulty_generic", "harmless_generic")


def wire_in(environ: Mapping[str, str]) -> None:
    """Install the variant that is named, if any; ValueError for none, or outside of tests."""
    given = environ.get("REFERENCE_VARIANT", "").strip()
    if not given:
        return
    name = variant_name(given)
    if environ.get("REFERENCE_ENVIRONMENT") != "test":
        raise ValueError(f"the variant {name} is refused but with REFERENCE_ENVIRONMENT=test")
    for room in ROOMS:
        if importlib.util.find_spec(f"reference_impl.{room}.{name}") is not None:
            importlib.import_module(f"reference_impl.{room}.{name}").install()
            return
    raise ValueError(f"REFERENCE_VARIANT={name} is not a module in {' or '.join(ROOMS)}")
