"""A target that is a function from request to response, behind a vantage as any other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from queueproof.targets.vantage import Vantage

URL = "http://target"


def answered_by(answer: Callable[[httpx.Request], httpx.Response], *, url: str = URL) -> Vantage:
    """A vantage whose every request `answer` answers."""
    vantage = Vantage(url)
    unused = vantage.client
    vantage.client = httpx.AsyncClient(
        base_url=url, transport=httpx.MockTransport(answer), follow_redirects=False
    )
    asyncio.get_running_loop().create_task(unused.aclose())
    return vantage
