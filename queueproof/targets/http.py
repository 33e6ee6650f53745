"""One HTTP exchange over a vantage, with every way it can end told apart.

Theory: a request that was answered has a status. One that was not answered may or may not have
happened, which is `unknown`, except that a refused connection means nobody listens.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from queueproof.clock import waiting_for
from queueproof.errors import TargetUnreachable
from queueproof.history import Outcome
from queueproof.redaction import redacted
from queueproof.targets.answers import Kind, front_of, kind_of
from queueproof.targets.protocol import Reply
from queueproof.targets.vantage import Vantage

_DETAIL_LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A response, or the reason why there is none (then `status` is None)."""

    status: int | None = None
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    flaw: str = ""
    asked_again: int = 0
    waited_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether a 2xx answer came."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is not JSON, or nested deeper than JSON is read."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def front(self) -> str:
        """What answered in the target's place, if anything did."""
        return "" if self.status is None else front_of(self.status, self.headers, self.text)

    @property
    def kind(self) -> Kind:
        """What came back."""
        return kind_of(self.status, front=self.front, flaw=self.flaw)

    @property
    def detail(self) -> str:
        """What the answer says beyond its status, in one line."""
        if self.status is None:
            return self.trouble
        body = self.json
        said = body.get("detail", body) if isinstance(body, dict) else self.text
        return redacted(" ".join(str(said).split()))[:_DETAIL_LIMIT]

    def as_reply(self) -> Reply:
        """The answer as the suites understand replies."""
        outcome = Outcome.OK if self.ok and not self.flaw else Outcome.FAILED
        return Reply(
            outcome=Outcome.UNKNOWN if self.status is None else outcome,
            status=self.status,
            detail=self.detail,
            headers=self.headers,
            front=self.front,
            flaw=self.flaw,
            asked_again=self.asked_again,
            waited_s=self.waited_s,
        )


async def exchange(
    vantage: Vantage, method: str, path: str, *, within_s: float, **request: Any
) -> Exchange:
    """Send one request and wait at most `within_s` seconds for the whole answer.

    Raises TargetUnreachable only when the connection itself is refused.
    """
    waiting_for(within_s)
    try:
        async with asyncio.timeout(within_s):
            response = await vantage.client.request(method, path, timeout=None, **request)
    except TimeoutError:
        await forget_connection(vantage)
        return Exchange(trouble=f"no answer within {within_s:.1f} s")
    except asyncio.CancelledError:
        await forget_connection(vantage)
        raise
    except httpx.ConnectError as error:
        raise TargetUnreachable(f"{vantage.url} refuses connections: {error}") from error
    except httpx.HTTPError as error:
        await forget_connection(vantage)
        return Exchange(trouble=f"connection lost: {type(error).__name__} {error}".strip())
    vantage.saw(response)
    return Exchange(status=response.status_code, text=response.text, headers=dict(response.headers))


async def forget_connection(vantage: Vantage) -> None:
    """Mark the vantage as unsorted: its connection is gone."""
    vantage.port = vantage.worker = None
