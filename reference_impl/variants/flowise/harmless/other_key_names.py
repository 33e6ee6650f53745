"""Another layout beside BullMQ's keys, and a queue of another name."""

from __future__ import annotations

from reference_impl.flowise.keys import Keys

SETTINGS = {"QUEUE_NAME": "jobs-of-green"}


def install() -> None:
    """Rename what is ours."""
    Keys.live = lambda self, job_id: f"told/{self.queue}/{job_id}"  # type: ignore[method-assign]
    secret = property(lambda self: f"key-of/{self.queue}")
    Keys.secret = secret  # type: ignore[method-assign,assignment]
