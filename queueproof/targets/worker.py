"""One worker process of a target, as the harness names it."""

from __future__ import annotations

from dataclasses import dataclass

from queueproof.targets.connection_pool import ANY


@dataclass(frozen=True)
class Worker:
    """One worker process, by a letter in reports and by the identifier's key inside."""

    label: str
    key: str

    def __str__(self) -> str:
        return self.label


#: The one that stands for all where none is asked for, or where they are not told apart.
ANY_WORKER = Worker("?", ANY)
