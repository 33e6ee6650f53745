"""The dispatcher comes back every quarter of a second, for as long as Redis is away.

The reconnect loop with a constant in it: a restart of Redis meets the connection attempts of all
workers of all replicas at once, again and again, and takes longer for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher

FAILS = frozenset({"CANC-020"})
PLAYS = ("CANC-018", "MONI-015")


class Impatient(CancelDispatcher):
    """Knows one waiting time."""

    def backoff(self) -> Iterator[float]:
        """The same again."""
        return repeat(0.25)


class VariantAssembly(Assembly):
    """No backoff."""

    dispatcher_class = Impatient
