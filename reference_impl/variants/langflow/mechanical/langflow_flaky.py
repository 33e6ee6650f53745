"""A fault that shows now and then: a stream loses an event for a share of its readers.

``VARIANT_SHARE`` says for how many, 0.3 unless it says otherwise. What a gate says of such a target
is a matter of chance, so no run of the matrix plays it; ``python -m tests.flaky`` counts.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator

from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

#: Somewhere in the middle of what a reader is told.
LOST_AT = 2


class ForgetfulReader(StreamReader):
    """Leaves one event out, when the dice say so."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """All but one."""
        share = float(os.environ.get("VARIANT_SHARE", "0.3"))
        loses = random.random() < share  # noqa: S311
        number = 0
        async for event in super().events(job_id):
            number += 1
            if not (loses and number == LOST_AT and not event.is_terminal):
                yield event


class VariantAssembly(Assembly):
    """Reads with it."""

    reader_class = ForgetfulReader
