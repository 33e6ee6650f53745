"""``consumer_wrapper_count`` only ever rises.

A wrapper is made for every reader and registered; taking it out again was left to a finalizer
that a reference cycle keeps from running. After a day the gauge shows thousands of readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.readers_count import ReadersCount

FAILS = frozenset({"MONI-007"})
PLAYS = ("MONI-002", "MONI-004")


class Leaking(ReadersCount):
    """Counts who comes."""

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count one reader, for good."""
        self.now += 1
        yield


class VariantAssembly(Assembly):
    """A gauge that is a counter."""

    readers_class = Leaking
