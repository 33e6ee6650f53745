"""What the target calls the keys of a job, as a scratch job has shown it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ID = "{id}"
_SEPARATED = re.compile(r"[:/|.]")
#: What BullMQ puts before the name of every queue, whoever's it is; in braces for a Cluster.
_SHARED_HEADS = ("bull:", "{bull}:")


@dataclass(frozen=True)
class KeyPatterns:
    """Names of a job's keys with `{id}` in the place of its id, and what stands before the numbers
    of hashes that hold a job's data.
    """

    names: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()

    @classmethod
    def of_job(cls, job_id: str, names: Iterable[str], hashes: Iterable[str] = ()) -> KeyPatterns:
        """What the keys of one job show; `hashes` are those that hold its data."""
        numbered = (name.rstrip("0123456789") for name in hashes if name[-1:].isdigit())
        return cls(
            frozenset(name.replace(job_id, _ID) for name in names if job_id in name),
            frozenset(head for head in numbered if head),
        )

    def __or__(self, other: KeyPatterns) -> KeyPatterns:
        return KeyPatterns(self.names | other.names, self.numbered | other.numbered)

    def of(self, job_id: str) -> list[str]:
        """The names that keys of this job would have."""
        return sorted(name.replace(_ID, job_id) for name in self.names)

    def owns(self, name: str) -> bool:
        """Whether a key is the target's, as far as its name tells."""
        return any(name.startswith(head) for head in self.heads) or any(
            re.fullmatch(re.escape(pattern).replace(re.escape(_ID), "[0-9A-Za-z-]{8,}"), name)
            for pattern in self.names
        )

    @property
    def heads(self) -> frozenset[str]:
        """What the target's keys begin with."""
        return self.numbered | {head for name in self.names if (head := _head(name))}


def _head(name: str) -> str:
    """The first word of a name with its separator, or as much of it as is not everybody's."""
    before = name.partition(_ID)[0]
    separator = _SEPARATED.search(before)
    if separator is None:
        return ""
    first = before[: separator.end()]
    return before if first in _SHARED_HEADS else first
