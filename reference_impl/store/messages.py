"""What workers tell each other over the cancel channel."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


class MalformedMessage(ValueError):
    """Something on the channel is not a cancel message."""


@dataclass(frozen=True)
class CancelMessage:
    """Cancel this job, run by this worker, for this reason."""

    job_id: str
    owner: str
    reason: str

    def encode(self) -> str:
        """The message as it goes over the channel."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> CancelMessage:
        """Read a message, or raise :class:`MalformedMessage`."""
        try:
            fields = json.loads(text)
            return cls(str(fields["job_id"]), str(fields["owner"]), str(fields["reason"]))
        except (ValueError, KeyError, TypeError) as error:
            raise MalformedMessage(f"not a cancel message: {text[:80]!r}") from error
