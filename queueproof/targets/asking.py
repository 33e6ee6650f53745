"""When a request is sent, and when it is sent again.

Theory. A client that is asked to come again comes again, and so does the harness, in this one
place. What it may send again:

- a request that certainly was not carried out: 429, and a 503 of a front, which did not hand it on;
- any request that changes nothing by being made twice (`repeatable`), also after a 502 or 504 and,
  once, when the kept connection that carried it was closed in that instant, as servers may. A poll
  is not one: it takes events away. Neither is a submit, nor a cancel, which is counted.

It waits as long as `Retry-After` says, within a bound; what is left then is told as it came. A
date there is the answerer's, whose clock may be another than ours, so it counts from the date of
the same answer. Who says "at once" again and again is asked at longer and longer intervals.

Whoever declares how many requests a second a deployment takes (`requests_per_s`) has them spaced.
Both waits are the harness's own and no part of any answer's time: whoever keeps a deadline hears
of them (`own_waits`), and an operation of the history begins so much later.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from queueproof.clock import waiting_for
from queueproof.own_waits import tell_of_wait
from queueproof.targets.answers import TOO_MANY, UNAVAILABLE, Kind
from queueproof.targets.transports import origin_of

#: How long one request waits altogether because it was asked to.
AGAIN_WITHIN_S = 20.0
_MOST_TIMES = 12
#: The first pause and the longest: where the answer asks for none, and at least where it does.
_OWN_PAUSES_S = (0.4, 4.0)
_BESIDE_ASKED_S = (0.05, 1.0)
_GATEWAY = (502, 504)
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")

_as_it_comes: ContextVar[bool] = ContextVar("as_it_comes", default=False)
_turn_of_all: ContextVar[dict[Pace, float] | None] = ContextVar("turn_of_all", default=None)
_paces: dict[str, Pace] = {}


@contextmanager
def as_it_comes() -> Iterator[None]:
    """Within, no request is sent again and every answer is told as it came.

    For what judges outages: there a front's error page is what the target's clients get.
    """
    token = _as_it_comes.set(True)
    try:
        yield
    finally:
        _as_it_comes.reset(token)


def taken_as_it_comes() -> bool:
    """Whether the running task takes every answer as it comes."""
    return _as_it_comes.get()


@contextmanager
def at_once() -> Iterator[None]:
    """Within, requests to a paced target go out together, and the next ones wait for all of them.

    For the few that show nothing one by one.
    """
    token = _turn_of_all.set({})
    try:
        yield
    finally:
        _turn_of_all.reset(token)


class Pace:
    """So many requests a second and no more, one by one unless they are to be `at_once`."""

    def __init__(self, requests_per_s: float) -> None:
        self._gap_s = 1.0 / requests_per_s
        self._next_s = 0.0

    def turn_in_s(self) -> float:
        """In how many seconds the next turn is; it is taken by asking."""
        now_s = time.monotonic()
        turn_s = max(now_s, self._next_s)
        self._next_s = turn_s + self._gap_s
        shared = _turn_of_all.get()
        if shared is not None:
            turn_s = shared.setdefault(self, turn_s)
        return max(0.0, turn_s - now_s)


def declare_pace(url: str, requests_per_s: float | None) -> None:
    """From now on send no more requests to the server of `url` than so many a second."""
    _paces.pop(origin_of(url), None)
    if requests_per_s:
        _paces[origin_of(url)] = Pace(requests_per_s)


def is_paced(url: str) -> bool:
    """Whether requests to the server of `url` are spaced, because its owner declared that."""
    return origin_of(url) in _paces


class Persistence:
    """One request's life: its turns, its repetitions, and how long it waited for them."""

    def __init__(self, url: str, *, repeatable: bool, within_s: float = AGAIN_WITHIN_S) -> None:
        self._pace = _paces.get(origin_of(url))
        self._repeatable = repeatable
        self._left_s = within_s
        self._lost = False
        self.asked_again = 0
        self.waited_s = 0.0

    async def turn(self) -> None:
        """Wait until the request may be sent."""
        if self._pace is not None:
            await self._wait(self._pace.turn_in_s())

    async def again(self, kind: Kind, status: int | None, headers: Mapping[str, str]) -> bool:
        """Whether to send the request once more after such an answer, with these headers (names in
        lower case); waits before it says so.
        """
        if kind is not Kind.COME_AGAIN or taken_as_it_comes() or not self._may_repeat(status):
            return False
        asked_s = asked_pause_s(headers)
        first_s, longest_s = _OWN_PAUSES_S if asked_s is None else _BESIDE_ASKED_S
        pause_s = max(asked_s or 0.0, min(first_s * 2**self.asked_again, longest_s))
        if pause_s > self._left_s or self.asked_again >= _MOST_TIMES:
            return False
        self._left_s -= pause_s
        self.asked_again += 1
        await self._wait(pause_s)
        return True

    def again_after_loss(self, *, reused: bool) -> bool:
        """Whether to send the request once more after its connection was lost."""
        if self._lost or not reused or not self._repeatable or taken_as_it_comes():
            return False
        self._lost = True
        self.asked_again += 1
        return True

    def _may_repeat(self, status: int | None) -> bool:
        not_carried_out = status in (TOO_MANY, UNAVAILABLE)
        return not_carried_out or (self._repeatable and (status or 0) >= min(_GATEWAY))

    async def _wait(self, pause_s: float) -> None:
        if pause_s <= 0:
            return
        self.waited_s += pause_s
        tell_of_wait(pause_s)
        waiting_for(pause_s)
        await asyncio.sleep(pause_s)


def asked_pause_s(headers: Mapping[str, str]) -> float | None:
    """What Retry-After says among an answer's headers, in seconds; None where it says nothing."""
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = moment_of(text)
    if until is None:
        return None
    now = moment_of(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def moment_of(text: str) -> datetime | None:
    """A date of a header; one without a zone is in that of all of them, GMT."""
    try:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
