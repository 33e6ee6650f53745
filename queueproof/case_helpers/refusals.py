"""Answers that keep what is somebody else's from whoever asks."""

from __future__ import annotations

#: Not let in, not allowed, no such thing, or no longer: which of them is the target's own choice.
NOT_FOR_YOU = (401, 403, 404, 410)
