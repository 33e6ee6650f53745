"""When a request is sent again, and what is told of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from queueproof.errors import UsageError
from queueproof.own_waits import told_of_waits
from queueproof.targets.answers import Kind
from queueproof.targets.asking import (
    Pace,
    as_it_comes,
    asked_pause_s,
    at_once,
    declare_pace,
    is_paced,
)
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.reaching import lost_words, not_recognised, unreachable
from queueproof.targets.vantage import Vantage

from .stub_target import URL, answered_by

PAGE = "<html><center><h1>503</h1></center><hr><center>nginx/1.22.1</center></html>"
BUSY = (429, {"retry-after": "0"}, "")
LIMITED = (503, {"server": "nginx", "retry-after": "0"}, PAGE)
GATEWAY = (504, {"server": "nginx", "retry-after": "0"}, PAGE)
OWN = (503, {"server": "nginx"}, '{"detail": "the queue is not available"}')
_DATE = "Wed, 21 Oct 2015 07:28:00 GMT"
FINE = (200, {}, '{"ok": true}')
Told = tuple[int, dict[str, str], str]


def asked(
    *answers: Told | httpx.HTTPError,
    method: str = "GET",
    kept: bool = False,
    repeatable: bool | None = None,
    again_within_s: float = 20.0,
) -> tuple[Exchange, int]:
    """What came of one exchange, and how many requests it took."""
    left, seen = list(answers), 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal seen
        seen += 1
        came = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(came, httpx.HTTPError):
            raise came
        return httpx.Response(came[0], headers=came[1], text=came[2])

    async def main() -> Exchange:
        vantage = answered_by(answer)
        vantage.port = 1 if kept else None
        return await exchange(
            vantage,
            method,
            "/x",
            within_s=2.0,
            repeatable=repeatable,
            again_within_s=again_within_s,
        )

    return asyncio.run(main()), seen


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("put_off", [BUSY, LIMITED])
def test_what_was_not_carried_out_is_asked_again(put_off: Told, method: str) -> None:
    came, requests = asked(put_off, put_off, FINE, method=method)

    assert (came.ok, came.asked_again, requests) == (True, 2, 3)


def test_a_gateway_s_error_is_asked_again_only_where_nothing_changes_by_it() -> None:
    assert asked(GATEWAY, FINE)[1] == 2
    assert asked(GATEWAY, FINE, method="POST")[0].kind is Kind.COME_AGAIN
    assert asked(GATEWAY, FINE, repeatable=False)[1] == 1


def test_the_target_s_own_503_is_its_word() -> None:
    came, requests = asked(OWN, FINE)

    assert (came.kind, requests) == (Kind.SERVER_ERROR, 1)


def test_what_judges_outages_takes_every_answer_as_it_comes() -> None:
    with as_it_comes():
        came, requests = asked(LIMITED, FINE)

    assert (came.kind, came.front, requests) == (Kind.COME_AGAIN, "nginx", 1)


def test_asking_again_comes_to_an_end_and_says_so() -> None:
    came, requests = asked((429, {"retry-after": "100"}, ""), FINE)

    assert (came.kind, requests) == (Kind.COME_AGAIN, 1)
    assert "asks for 100 s of patience" in came.as_reply().come_again
    assert asked((429, {"retry-after": "0"}, ""), again_within_s=0.4)[1] == 4
    came, requests = asked((429, {}, ""), again_within_s=0.5)
    assert requests == 2
    assert "asked 2 times" in came.as_reply().come_again


@pytest.mark.parametrize(
    "after", ["soon", "-1", "1e9", "3.5.1", "Wed, 21 Oct 2015 07:28:00 GMT", "0.1"]
)
def test_any_retry_after_is_borne(after: str) -> None:
    came, _ = asked((429, {"retry-after": after}, ""), FINE)

    assert came.ok


@pytest.mark.parametrize(
    ("headers", "pause_s"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:07 GMT", "date": _DATE}, 7),
        ({"retry-after": "Wed, 21 Oct 2015 09:28:07 +0200", "date": _DATE}, 7),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:07 -0000", "date": _DATE}, 7),
        ({"retry-after": "Wed Oct 21 07:28:07 2015", "date": _DATE}, 7),
        ({"retry-after": "Wed, 21 Oct 2015 07:27:00 GMT", "date": _DATE}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:07 GMT", "date": "now"}, 0),
        ({"retry-after": "soon", "date": _DATE}, None),
        ({"date": _DATE}, None),
    ],
)
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_a_date_to_come_again_is_by_the_answerer_s_own_clock(
    headers: dict[str, str], pause_s: float | None, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever time it is here, and whatever zone this machine is in."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert asked_pause_s(headers) == pause_s
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_loss_is_made_good_once_on_a_kept_connection_where_nothing_changes() -> None:
    lost = httpx.ReadError("reset")

    assert asked(lost, FINE, kept=True)[0].asked_again == 1
    assert asked(lost, FINE, kept=False)[0].status is None
    assert asked(lost, FINE, kept=True, method="POST")[0].status is None
    assert asked(lost, lost, FINE, kept=True)[0].status is None


@pytest.fixture
def paced() -> Iterator[Callable[[float], None]]:
    yield lambda rate: declare_pace(URL, rate)
    declare_pace(URL, None)


def test_requests_are_paced_and_their_waits_are_told(paced: Callable[[float], None]) -> None:
    paced(20.0)
    waits: list[float] = []

    async def main() -> list[Exchange]:
        vantages = [answered_by(lambda _: httpx.Response(200)) for _ in range(6)]
        with told_of_waits(waits.append):
            calls = (exchange(one, "GET", "/x", within_s=0.01) for one in vantages)
            return await asyncio.gather(*calls)

    began_s = time.monotonic()
    came = asyncio.run(main())

    assert time.monotonic() - began_s >= 0.25
    assert all(one.ok for one in came)
    assert sum(one.waited_s for one in came) == pytest.approx(sum(waits))
    assert sum(waits) > 0.5


def test_what_shows_nothing_one_by_one_goes_out_at_once_and_is_paid_for_afterwards() -> None:
    pace = Pace(10.0)

    with at_once():
        together = [pace.turn_in_s() for _ in range(4)]

    assert together == [0.0] * 4
    assert pace.turn_in_s() == pytest.approx(0.4, abs=0.05)


def redirected(status: int, location: str, *, method: str = "GET") -> tuple[int, list[str]]:
    """The status that a client gets in the end, and the paths that it asked for."""
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(f"{request.method} {request.url.raw_path.decode()}")
        if len(paths) == 1:
            return httpx.Response(status, headers={"location": location})
        return httpx.Response(200)

    async def main() -> int | None:
        came = await exchange(
            answered_by(answer, url=f"{URL}/prefix"), method, "/x", within_s=2.0, params={"a": "1"}
        )
        return came.status

    return asyncio.run(main()) or 0, paths


@pytest.mark.parametrize(
    "location", ["/prefix/x/", f"{URL}/prefix/x/", "/prefix/x/?a=1", "x/", "/prefix/%78/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_a_slash_is_followed(location: str, method: str) -> None:
    status, paths = redirected(307, location, method=method)

    assert (status, paths[1:]) == (200, [f"{method} /prefix/x/?a=1"])


@pytest.mark.parametrize(
    ("status", "location", "method"),
    [
        (307, "https://target/prefix/x/", "GET"),
        (307, "http://elsewhere/prefix/x/", "GET"),
        (307, "/login", "GET"),
        (307, "http://target:81/prefix/x/", "GET"),
        (302, "/prefix/x/", "POST"),
        (307, "/prefix/x", "GET"),
    ],
)
def test_any_other_redirect_is_told(status: int, location: str, method: str) -> None:
    assert redirected(status, location, method=method) == (status, [f"{method} /prefix/x?a=1"])


def test_redirects_without_end_end() -> None:
    came, requests = asked((307, {"location": "/x/"}, ""), (307, {"location": "/x"}, ""), FINE)

    assert (came.status, requests) == (200, 3)
    turns = [(307, {"location": "/x/"}, ""), (307, {"location": "/x"}, "")]
    came, requests = asked(*turns, *turns, FINE)
    assert (came.status, requests) == (307, 3)


@pytest.mark.parametrize(
    ("location", "advice"),
    [
        ("https://target/api/v1/version", "give https://target"),
        ("https://sso.example/login", "does an access proxy want a login?"),
        ("/ui", "give http://target/ui"),
        ("/langflow/api/v1/version", "give http://target/langflow"),
        ("/api/v1/version?sso=1", "does an access proxy want a login?"),
    ],
)
def test_a_redirect_elsewhere_is_named_with_what_to_do(location: str, advice: str) -> None:
    came = Exchange(status=302, headers={"location": location})

    said = not_recognised(URL, came, system="Langflow", asked="/api/v1/version")
    assert advice in said
    assert location in said


@pytest.mark.parametrize(
    ("url", "came", "advice"),
    [
        (URL, Exchange(status=401, headers={"www-authenticate": "Basic realm=x"}), "(Basic auth"),
        (URL, Exchange(status=403), "[target.headers]"),
        (
            f"{URL}/flows",
            Exchange(status=200, headers={"content-type": "text/html"}),
            f"give {URL}",
        ),
        (URL, Exchange(status=200, headers={"content-type": "text/html"}), "another contract"),
    ],
)
def test_what_stands_in_front_is_named_with_what_to_do(
    url: str, came: Exchange, advice: str
) -> None:
    assert advice in not_recognised(url, came, system="Langflow", asked="/api/v1/version")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "SSL_CERT_FILE"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "is it http?"),
        ("All connection attempts failed", "refuses connections"),
    ],
)
def test_a_connection_that_was_not_made_says_why(said: str, words: str) -> None:
    told = str(unreachable("https://target", httpx.ConnectError(said)))

    assert words in told
    assert ("refuses" in told) is (words == "refuses connections")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("illegal request line", "it does not speak HTTP/1.1"),
        ("illegal status line: bytearray(b'\\x00\\x00\\x12')", "it does not speak HTTP/1.1"),
        ("illegal chunk header: bytearray(b'zz\\r\\n')", ""),
        ("illegal header line", ""),
    ],
)
def test_a_broken_answer_is_not_taken_for_another_protocol(said: str, advice: str) -> None:
    words = lost_words(httpx.RemoteProtocolError(said))

    assert (advice in words) if advice else ("HTTP/1.1" not in words)


def test_a_redirect_to_no_address_at_all_is_no_answer() -> None:
    came, requests = asked((307, {"location": "http://[::1"}, ""), FINE)

    assert (came.kind, requests) == (Kind.UNANSWERED, 1)
    assert "location" in came.trouble


@pytest.mark.parametrize("token", ["secret\n", "sec\x00ret", "geheim-€"])
def test_headers_that_cannot_be_sent_are_a_mistake_and_are_not_shown(token: str) -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        vantage = Vantage(f"http://{host}:{port}")
        try:
            await exchange(vantage, "GET", "/x", within_s=2.0, headers={"Authorization": token})
        finally:
            await vantage.close()
            server.close()
            await server.wait_closed()

    with pytest.raises(UsageError) as raised:
        asyncio.run(main())
    assert token.strip() not in str(raised.value)


def test_a_server_is_paced_while_its_owner_declares_it() -> None:
    """At whatever path of it."""
    url = "http://paced.test:8080"
    declare_pace(f"{url}/langflow", 5.0)
    assert is_paced(url)
    assert is_paced(f"{url}/elsewhere")
    assert not is_paced("http://paced.test:8081")

    declare_pace(url, None)

    assert not is_paced(url)
