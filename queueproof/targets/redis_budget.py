"""How much a run may ask of a Redis that is not its own, and how much it has asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from queueproof.errors import Inconclusive

#: Keys that one SCAN goes past: well under a millisecond of the server's one thread.
SCAN = 1000
#: A look goes through an index of this many keys; of a larger one it asks by name.
SMALL = 10_000
#: The looks at the start, which learn how the target names its keys.
LEARNING_COMMANDS = 4_000
LEARNING_MS = 20_000.0
#: All looks of a run.
RUN_COMMANDS = 20_000
RUN_MS = 60_000.0


@dataclass
class Budget:
    """Commands of a run's looks, and the milliseconds for which their answers were awaited.

    `unlimited` where the server was started by queueproof.
    """

    unlimited: bool = False
    commands: int = 0
    waited_ms: float = 0.0

    @contextmanager
    def spent(self, commands: int = 1) -> Iterator[None]:
        """Count commands that the body sends.

        Raises Inconclusive when the run has asked as much as it may.
        """
        if not self.unlimited and (self.commands >= RUN_COMMANDS or self.waited_ms >= RUN_MS):
            raise Inconclusive(f"this run has asked Redis as much as it may: {self}")
        began = time.monotonic()
        try:
            yield
        finally:
            self.commands += commands
            self.waited_ms += (time.monotonic() - began) * 1000.0

    def __str__(self) -> str:
        return f"{self.commands:,} commands, {self.waited_ms:,.0f} ms"
