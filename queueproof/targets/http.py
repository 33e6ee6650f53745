"""One HTTP exchange over a vantage, with every way it can end told apart.

Theory: a request that was answered has a status. One that was not answered may or may not have
happened, which is `unknown`, except that a refused connection means nobody listens. What comes is
read within bounds (`bodies`); what asks to come again is asked again (`asking`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from queueproof.clock import waiting_for
from queueproof.errors import UsageError
from queueproof.history import CONNECTION_LOST, ON_KEPT, Outcome
from queueproof.redaction import redacted
from queueproof.targets.answers import Kind, front_of, is_page, kind_of, title_of
from queueproof.targets.asking import AGAIN_WITHIN_S, Persistence
from queueproof.targets.bodies import Unreadable, read_json, whole
from queueproof.targets.protocol import Reply
from queueproof.targets.reaching import lost_words, unreachable
from queueproof.targets.vantage import Vantage

_DETAIL_LIMIT = 200
_SAFE = ("GET", "HEAD")
_SAME_METHOD = (307, 308)
_HOPS = 2
_OPENED = "connection.connect_tcp.started"


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A response, or the reason why there is none (then `status` is None).

    `flaw` says why a body cannot be read; `asked_again` and `waited_s` are as in Reply.
    """

    status: int | None = None
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    flaw: str = ""
    asked_again: int = 0
    waited_s: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether a 2xx answer came that can be read."""
        return self.kind is Kind.SUCCESS

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None when it is not JSON, or not such as an API writes."""
        try:
            return read_json(self.text)
        except ValueError:
            return None

    @property
    def fields(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is none."""
        return self.json if isinstance(self.json, dict) else {}

    @cached_property
    def front(self) -> str:
        """What answered in the target's place, if anything did."""
        return "" if self.status is None else front_of(self.status, self.headers, self.text)

    @property
    def kind(self) -> Kind:
        """What came back."""
        return kind_of(self.status, front=self.front, flaw=self.flaw)

    @property
    def tells_nothing(self) -> bool:
        """Whether it says nothing of who answers: silence, an error, a request to come again."""
        return self.kind in (Kind.UNANSWERED, Kind.COME_AGAIN, Kind.SERVER_ERROR)

    @property
    def detail(self) -> str:
        """What the answer says beyond its status, in one line; where a redirect leads to."""
        if self.status is None:
            return self.trouble
        if self.flaw:
            return self.flaw
        if self.kind is Kind.REDIRECT:
            return redacted(f"redirects to {self.headers.get('location', 'nowhere')}")[
                :_DETAIL_LIMIT
            ]
        body = self.json
        said = str(body.get("detail", body)) if isinstance(body, dict) else self.text
        if is_page(said) and (title := title_of(said)):
            said = f"a page: {title}"
        # Every answer has its detail: what lies far behind the limit is not looked through.
        return redacted(" ".join(said[: 4 * _DETAIL_LIMIT].split()))[:_DETAIL_LIMIT]

    def as_reply(self) -> Reply:
        """The answer as the suites understand replies."""
        outcome = Outcome.OK if self.ok else Outcome.FAILED
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


class ConnectionLost(httpx.TransportError):
    """The connection broke before the answer; `reused` when it had carried an answer before."""

    def __init__(self, cause: httpx.HTTPError, *, reused: bool) -> None:
        super().__init__(lost_words(cause))
        self.reused = reused


async def exchange(
    vantage: Vantage,
    method: str,
    path: str,
    *,
    within_s: float,
    repeatable: bool | None = None,
    again_within_s: float = AGAIN_WITHIN_S,
    **request: Any,
) -> Exchange:
    """Send one request and wait at most `within_s` seconds for the whole answer.

    Sent again as `queueproof.targets.asking` has it; `repeatable` unless the method is one that
    changes something. Raises TargetUnreachable only when the connection itself is refused.
    """
    safe = method in _SAFE if repeatable is None else repeatable
    life = Persistence(vantage.url, repeatable=safe, within_s=again_within_s)
    while True:
        await life.turn()
        if vantage.client.is_closed:  # the fleet gave it up while something waited to use it
            return Exchange(trouble=f"{CONNECTION_LOST}: it was closed meanwhile")
        answer, reused = await _once(vantage, method, path, within_s, request)
        if answer.status is None and life.again_after_loss(reused=reused):
            continue
        if not await life.again(answer.kind, answer.status, answer.headers):
            return replace(answer, asked_again=life.asked_again, waited_s=life.waited_s)


async def _once(
    vantage: Vantage, method: str, path: str, within_s: float, request: dict[str, Any]
) -> tuple[Exchange, bool]:
    """One try, and whether it was lost together with a connection that had been kept."""
    waiting_for(within_s)
    try:
        async with (
            asyncio.timeout(within_s),
            answering(vantage, method, path, timeout=None, **request) as response,
        ):
            answer = await read_whole(response)
            vantage.saw(response, by_front=bool(answer.front))
            if answer.flaw:
                await forget_connection(vantage)
            return answer, False
    except TimeoutError:
        await forget_connection(vantage)
        return Exchange(trouble=f"no answer within {within_s:.1f} s"), False
    except asyncio.CancelledError:
        await forget_connection(vantage)
        raise
    except httpx.ConnectError as error:
        raise unreachable(vantage.url, error) from error
    except ConnectionLost as error:
        await forget_connection(vantage)
        kept = ON_KEPT if error.reused else ""
        return Exchange(trouble=f"{CONNECTION_LOST}: {error}{kept}"), error.reused
    except httpx.HTTPError as error:
        await forget_connection(vantage)
        return Exchange(trouble=f"{CONNECTION_LOST}: {lost_words(error)}"), False
    except httpx.InvalidURL as error:
        return Exchange(trouble=f"not to be asked for: {error}"), False


@asynccontextmanager
async def answering(
    vantage: Vantage, method: str, path: str, **request: Any
) -> AsyncIterator[httpx.Response]:
    """The head of the answer to a request, its body yet to be read.

    A redirect on the same server to the same path with or without a slash at its end is followed,
    with the same method, as clients of such APIs do. Raises httpx.ConnectError, ConnectionLost,
    any other httpx.HTTPError, httpx.InvalidURL, and UsageError for headers that cannot be sent.
    """
    opened_anew = False

    async def trace(event: str, _: dict[str, Any]) -> None:
        nonlocal opened_anew
        opened_anew = opened_anew or event == _OPENED

    kept = vantage.port is not None
    query = request.pop("params", None)
    for hop in range(_HOPS + 1):
        try:
            url = vantage.address(path, query)
            sent = vantage.client.build_request(method, url, **request, extensions={"trace": trace})
            response = await vantage.client.send(sent, stream=True)
        except (httpx.LocalProtocolError, UnicodeEncodeError):
            raise UsageError(
                "a request's headers cannot be sent: the credentials hold a line break, a control "
                "character or a letter beyond Latin-1"
            ) from None
        except httpx.ConnectError:
            raise
        except httpx.HTTPError as error:
            raise ConnectionLost(error, reused=kept and not opened_anew) from error
        try:
            leads_to = _slash_redirect(sent, response) if hop < _HOPS else ""
            if not leads_to:
                yield response
                return
            path = leads_to
            query = None
            await whole(response)
            vantage.saw(response)
        finally:
            await response.aclose()


@asynccontextmanager
async def streaming(
    vantage: Vantage, method: str, path: str, *, silence_s: float, **request: Any
) -> AsyncIterator[tuple[Exchange, httpx.Response]]:
    """The answer to a request for a stream: what it says, and the response with its events.

    Of any answer but 200 the body is read already. `silence_s` bounds each silence. Leaving the
    context closes the connection. Raises what `answering` raises.
    """
    life = Persistence(vantage.url, repeatable=False)
    try:
        while True:
            await life.turn()
            async with answering(
                vantage, method, path, timeout=httpx.Timeout(silence_s), **request
            ) as response:
                answer = await _head_or_whole(response)
                vantage.saw(response, by_front=bool(answer.front))
                if not await life.again(answer.kind, answer.status, answer.headers):
                    answer = replace(answer, asked_again=life.asked_again, waited_s=life.waited_s)
                    yield answer, response
                    return
    finally:
        await forget_connection(vantage)


async def _head_or_whole(response: httpx.Response) -> Exchange:
    if response.status_code != 200:
        return await read_whole(response)
    return Exchange(status=200, headers=dict(response.headers))


async def read_whole(response: httpx.Response) -> Exchange:
    """The whole of an answer, as text; with a flaw where it cannot be read within the bounds.

    JSON is UTF-8 whatever a header says, and nothing else is read for more than its words. A byte
    order mark, which some platforms write before it, is none of them.
    """
    head = Exchange(status=response.status_code, headers=dict(response.headers))
    try:
        body = await whole(response)
    except Unreadable as error:
        return replace(head, flaw=str(error))
    return replace(head, text=body.decode("utf-8-sig", "replace"))


async def forget_connection(vantage: Vantage) -> None:
    """Mark the vantage as unsorted: its connection is gone."""
    vantage.port = vantage.worker = None


def _slash_redirect(sent: httpx.Request, response: httpx.Response) -> str:
    """Where to a redirect leads that only adds or drops a slash on the same server; else empty."""
    status = response.status_code
    follows = status in _SAME_METHOD or (status in (301, 302) and sent.method in _SAFE)
    if not follows:
        return ""
    try:
        asked = urlsplit(str(sent.url))
        leads_to = urlsplit(urljoin(str(sent.url), response.headers.get("location", "")))
        port = leads_to.port or {"http": 80, "https": 443}.get(leads_to.scheme)
    except ValueError:
        return ""
    same = (leads_to.scheme, leads_to.hostname) == (asked.scheme, asked.hostname)
    same = same and port == (asked.port or {"http": 80, "https": 443}[asked.scheme])
    # A front may write a path's characters in another way than they were asked with.
    there, here = unquote(leads_to.path), unquote(asked.path)
    if not same or there == here or there.rstrip("/") != here.rstrip("/"):
        return ""
    query = leads_to.query or asked.query
    plain = asked.path.rstrip("/") + ("/" if there.endswith("/") else "")
    path = f"{plain}?{query}" if query else plain
    return f"{leads_to.scheme}://{leads_to.netloc}{path}"
