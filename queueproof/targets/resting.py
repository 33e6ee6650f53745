"""How long a connection may rest before it is asked, lest its server close it as idle.

Theory: no answer says how long a server, or a front, keeps an idle connection: gunicorn two
seconds, uvicorn five, nginx more than a minute. It is learnt: one connection is left alone longer
than the others. If it is still open, all may rest nearly as long; if it was closed, that was too
long. So a target that takes few requests is asked rarely, and one that closes early often enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from queueproof.targets.vantage import Vantage

#: Of the longest rest that a connection has outlived, so much is safe for all of them.
_SAFE = 0.8
_LONGER = 3.0


class RestingTime:
    """From `shortest_s` on, which is taken for safe, to `longest_s`; all are seconds."""

    def __init__(self, shortest_s: float = 0.0, longest_s: float = 0.0) -> None:
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self._outlived_s = 0.0
        self._closed_s = math.inf

    @property
    def safe_s(self) -> float:
        """After so long a connection is asked."""
        return max(self._shortest_s, min(_SAFE * self._outlived_s, self._longest_s))

    @property
    def tried_s(self) -> float:
        """After so long the one is asked that is left alone, to learn from it."""
        tried_s = min(_LONGER * self.safe_s, self._longest_s)
        return tried_s if tried_s < self._closed_s else self.safe_s

    @contextmanager
    def watched(self, vantage: Vantage) -> Iterator[None]:
        """Within, a connection that has rested is asked: learn whether it was still open."""
        rested_s, port = vantage.idle_s, vantage.port
        yield
        if None in (port, vantage.port):
            return
        if vantage.port == port:
            self.outlived(rested_s)
        else:
            self.closed(rested_s)

    def outlived(self, rested_s: float) -> None:
        """A connection was still open; one that was closed sooner had another reason."""
        self._outlived_s = max(self._outlived_s, rested_s)
        if rested_s >= self._closed_s:
            self._closed_s = math.inf

    def closed(self, rested_s: float) -> None:
        """A connection was closed; where others have outlived as much, that is learnt anew."""
        self._closed_s = min(self._closed_s, rested_s)
        if rested_s <= self._outlived_s:
            self._outlived_s = rested_s / 2
