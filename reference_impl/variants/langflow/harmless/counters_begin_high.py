"""Counters go on from where they were before a restart: some billions, and no two workers alike."""

from __future__ import annotations

import os
from dataclasses import fields

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.settings import Settings

PLAYS = ("MONI-001..013", "MONI-021", "MONI-024", "WDOG-003", "WDOG-010", "CANC-001..006")
BEFORE = 2**32 - 3


class VariantAssembly(Assembly):
    """Has counted before."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        for number, counter in enumerate(fields(self.stats)):
            setattr(self.stats, counter.name, BEFORE + number + os.getpid())
