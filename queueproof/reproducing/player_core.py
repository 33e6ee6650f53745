"""What every stand-alone reproduction has: steps played in their order, told, and concluded from.

Needs Python 3.11 and httpx, nothing else: a script begins with this file, and its player follows.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import ssl
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

OVER = ("end", "error", "cancelled")
REPRODUCED, HOLDS, CANNOT_TELL = 1, 0, 125  # as `git bisect run` wants them
ANSWER_S = 20.0
PATIENCE_S = 3.0


@dataclass
class Seen:
    """What one step observed."""

    status: int | None = None
    ticks: list[int] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)
    closed: bool = False
    answered: bool = False
    starved: bool = False
    began_s: float = 0.0
    ended_s: float = 0.0


@functools.cache
def trusted() -> ssl.SSLContext:
    """The system's authorities, or those in SSL_CERT_FILE."""
    return ssl.create_default_context()


def front_headers() -> dict[str, str]:
    """What a front wants with every request: TARGET_HEADERS, one `Name: value` a line."""
    lines = [line for line in os.environ.get("TARGET_HEADERS", "").splitlines() if line.strip()]
    pairs = (line.partition(":") for line in lines)
    return {name.strip().title(): value.strip() for name, _, value in pairs}


def client_of(url: str, **more: Any) -> httpx.AsyncClient:
    """A client of the target, through TARGET_PROXY where that is set."""
    return httpx.AsyncClient(
        base_url=url,
        timeout=ANSWER_S,
        headers=front_headers(),
        verify=trusted(),
        proxy=os.environ.get("TARGET_PROXY") or None,
        trust_env=False,
        **more,
    )


def expected_ticks(probe: dict[str, Any]) -> range:
    """The ticks that a job of this probe does."""
    last = probe.get("fail_at")
    return range(probe["ticks"] if last is None else min(probe["ticks"], last))


def delivery(ticks: list[int], expected: range, complete: bool) -> list[str]:
    """What is wrong with the ticks one reader got; losses only count once reading is complete."""
    counts = Counter(ticks)
    words = []
    if any(number > 1 for number in counts.values()):
        words.append("delivers ticks more than once")
    elif ticks != sorted(ticks):
        words.append("delivers ticks out of order")
    if complete and set(expected) - set(ticks):
        words.append("loses ticks")
    return words


async def timed(step: dict[str, Any], seen: Seen, doing: Awaitable[None]) -> Seen:
    """One step; what was not answered in time stays unanswered."""
    seen.began_s = time.monotonic()
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(step["within_s"]):
            await doing
    seen.ended_s = time.monotonic()
    return seen


async def ask_for(step: dict[str, Any], seen: Seen) -> None:
    """What no script can do over HTTP: ask whoever runs it."""
    await asyncio.to_thread(input, f"now, by hand: {step['words']}; then press Enter ")
    seen.answered = True


async def play_all(
    steps: list[dict[str, Any]], play: Callable[[dict[str, Any]], Awaitable[Seen]]
) -> list[Seen]:
    """Every step, each when those are done that were done before it in the record."""
    tasks: list[asyncio.Task[Seen]] = []

    async def in_turn(step: dict[str, Any]) -> Seen:
        await asyncio.gather(*(tasks[number] for number in step["after"]))
        await asyncio.sleep(step["pause_s"])
        return await play(step)

    for step in steps:
        tasks.append(asyncio.create_task(in_turn(step)))  # noqa: PERF401 (earlier ones are read)
    return list(await asyncio.gather(*tasks))


def announce(case: dict[str, Any]) -> None:
    """What was recorded, before it is tried again."""
    print(f"{case['requirement']}: {case['sentence']}")
    print(f"expected  {case['expected']}\nrecorded  {case['actual']}")


def tell(step: dict[str, Any], now: dict[str, Any]) -> None:
    """One line a step: what it saw now, and what it saw in the record."""

    def words(o: dict[str, Any]) -> str:
        status = (
            o["status"] if o["answered"] else f"no answer in {o['ended_s'] - o['began_s']:.1f} s"
        )
        return f"{status}, {len(o['ticks'])} ticks, {'/'.join(o['endings']) or 'no end'}"

    via = " ".join(step["workers"][:6])
    what = f"{step['kind']:<7} {step['job']:<6} via {via:<12}"
    print(f"  {what} {words(now)}   (recorded: {words(step['recorded'])})")


def conclude(then: list[str], now: list[str]) -> int:
    """Whether what goes wrong now is what went wrong then."""
    for words in now:
        print(f"wrong     {words}")
    if not then:
        print("compare the steps above with the record: the failure was not one a client sees")
        return CANNOT_TELL
    if set(now) & set(then):
        print("REPRODUCED")
        return REPRODUCED
    print(f"not reproduced: looked for: {'; '.join(then)}")
    return HOLDS


def run_with(main: Callable[[str], Coroutine[Any, Any, int]], arguments: list[str]) -> int:
    """Whatever keeps the steps from being played says nothing about the target: 125."""
    arguments = arguments or os.environ.get("TARGET_URL", "").split()
    if len(arguments) != 1:
        print(f"usage: {sys.argv[0]} http://127.0.0.1:…     (or export TARGET_URL)")
        return CANNOT_TELL
    try:
        return asyncio.run(main(arguments[0]))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, EOFError, LookupError, ValueError) as error:
        print(f"could not be played: {type(error).__name__}: {error}")
        return CANNOT_TELL
