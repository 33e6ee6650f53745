"""The way in to a target: what a file and the environment may say of it."""

from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path

import httpx
import pytest

from queueproof.config.load import load_target
from queueproof.config.model import TargetConfig
from queueproof.config.transport import Transport
from queueproof.errors import UsageError
from queueproof.redaction import redacted
from queueproof.running.target_options import TargetOptions
from queueproof.stack.certificates import make_certificates
from queueproof.targets.reaching import unreachable
from queueproof.targets.transports import (
    client_options,
    declare_transport,
    told_of_transport,
    transport_to,
)
from queueproof.targets.vantage import Vantage
from queueproof.trust import trusting

SECRET = "a-service-token-nobody-knows"


def loaded(tmp_path: Path, text: str, **environment: str) -> TargetConfig:
    file = tmp_path / "target.toml"
    file.write_text(f"[target]\nurls = ['http://127.0.0.1:7860']\n{text}", "utf-8")
    return load_target(file, environment)


def test_braces_are_filled_from_the_environment_and_kept_secret(tmp_path: Path) -> None:
    """A plain value stands in the file and is no secret."""
    text = 'headers = {X-Tenant = "acme", CF-Access-Client-Secret = "{ACCESS}"}'

    transport = loaded(tmp_path, text, ACCESS=SECRET).transport

    assert transport.headers == {"X-Tenant": "acme", "CF-Access-Client-Secret": SECRET}
    assert SECRET not in redacted(f"the front said {SECRET}")
    assert redacted("tenant acme") == "tenant acme"
    assert SECRET not in repr(transport)


def test_a_login_goes_as_basic_authentication_writes_it(tmp_path: Path) -> None:
    text = 'headers = {Authorization = "Basic {base64:LOGIN}"}'
    encoded = base64.b64encode(b"joe:pass:word of joe").decode()

    transport = loaded(tmp_path, text, LOGIN="joe:pass:word of joe").transport

    assert transport.headers == {"Authorization": f"Basic {encoded}"}
    assert transport.takes_authorization
    assert encoded not in redacted(f"got {encoded}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('headers = {Authorization = "Basic c2VjcmV0OnNlY3JldA=="}', "must not stand in a file"),
        ('headers = {CF-Access-Client-Secret = "c0ffee"}', "must not stand in a file"),
        ('headers = {Cookie = "session=c0ffee"}', "must not stand in a file"),
        ('headers = {X-Tenant = "{NOT_SET}"}', "wants NOT_SET from the environment"),
        ('headers = {X-Tenant = "{BROKEN}"}', "what no HTTP header can carry"),
        ('headers = {Content-Length = "1"}', "is set by every request itself"),
        ('headers = {x-a = "1", X-A = "2"}', "stands there twice"),
        ('headers = {"not a name" = "1"}', "no name of a header field"),
        ('proxy = "http://joe:pw-of-joe@127.0.0.1:3128"', "carries a password"),
        ('proxy = "socks5://127.0.0.1:1080"', "an HTTP proxy"),
        ('ca = "nowhere.pem"', "no such file"),
        ('ca = "target.toml"', "no certificate is in it"),
    ],
)
def test_what_cannot_be_the_way_in_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        loaded(tmp_path, text, BROKEN="a\nb")

    assert "c0ffee" not in str(raised.value)
    assert "c2VjcmV0" not in str(raised.value)
    assert "pw-of-joe" not in str(raised.value)


def test_headers_come_from_the_environment_alone_too(tmp_path: Path) -> None:
    """One a line; they win over the file's."""
    lines = f"X-Tenant: other\nX-Access: {SECRET}-2\n\n"

    transport = loaded(
        tmp_path, 'headers = {X-Tenant = "acme"}', QUEUEPROOF_HEADERS=lines
    ).transport

    assert transport.headers == {"X-Tenant": "other", "X-Access": f"{SECRET}-2"}
    with pytest.raises(UsageError, match="one header a line"):
        load_target(None, {"QUEUEPROOF_HEADERS": "no colon here"})


def test_a_front_and_an_api_cannot_both_have_one_header(tmp_path: Path) -> None:
    mapping = Path("queueproof/targets/generic/generic_reference.toml").read_text("utf-8")
    file = tmp_path / "target.toml"
    header = 'headers = {Authorization = "Basic {base64:LOGIN}"}'
    file.write_text(mapping.replace("[target]", f"[target]\n{header}", 1), "utf-8")

    with pytest.raises(UsageError, match="both set Authorization"):
        load_target(file, {"LOGIN": "joe:secret"})


def test_an_authority_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)

    transport = loaded(tmp_path, f'ca = "{made.authority.name}"').transport

    assert transport.authorities.startswith("-----BEGIN CERTIFICATE-----")
    assert transport.ca == str(made.authority)


def test_an_authority_goes_for_redis_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless its URL names one, and only where there is TLS."""
    made = make_certificates(tmp_path)
    for name in ("QUEUEPROOF_REDIS_URL", "QUEUEPROOF_URLS"):
        monkeypatch.delenv(name, raising=False)

    def url_with(url: str) -> str:
        options = TargetOptions(urls=("http://127.0.0.1:1",), redis_url=url, ca=str(made.authority))
        return options.find()[0].redis_url

    assert "ssl_ca_certs=" in url_with("rediss://127.0.0.1:6379/1")
    assert url_with("redis://127.0.0.1:6379/1") == "redis://127.0.0.1:6379/1"
    named = "rediss://127.0.0.1:6379/1?ssl_ca_certs=/etc/other.pem"
    assert url_with(named) == named


@pytest.mark.parametrize(
    ("others", "trusted"), [({}, True), ({"SSL_CERT_FILE": "/etc/ssl/other.pem"}, False)]
)
@pytest.mark.parametrize("folder", [False, True])
def test_a_bundle_counts_where_openssl_was_told_nothing_itself(
    tmp_path: Path, others: dict[str, str], folder: bool, trusted: bool
) -> None:
    """`REQUESTS_CA_BUNDLE`, a file or a hashed folder; one that is away harms nothing."""
    made = make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bundle = str(tmp_path if folder else made.authority)

    trusting(context, "", {"REQUESTS_CA_BUNDLE": bundle, **others})
    trusting(context, "", {"REQUESTS_CA_BUNDLE": str(tmp_path / "away")})

    assert bool(context.cert_store_stats()["x509_ca"]) is (trusted and not folder)


def test_every_client_of_a_declared_address_goes_the_way_in() -> None:
    """Headers with every request, a front's cookies beside those of a login; others get nothing."""
    sent: list[httpx.Headers] = []
    transport = Transport(headers={"X-Tenant": "acme", "Cookie": "session=front"})
    declare_transport(TargetConfig(urls=("http://declared.test:1",), transport=transport))

    async def ask(url: str, **headers: str) -> None:
        vantage = Vantage(url)

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request.headers)
            return httpx.Response(200, headers={"set-cookie": "SERVED=s1"})

        vantage.client._transport = httpx.MockTransport(answer)
        vantage.saw(await vantage.client.get("/", headers=headers))
        vantage.saw(await vantage.client.get("/", headers=headers))
        await vantage.close()

    asyncio.run(ask("http://declared.test:1/prefix", Cookie="token=own"))
    asyncio.run(ask("http://another.test:1"))

    assert [one.get("x-tenant") for one in sent] == ["acme", "acme", None, None]
    assert sent[0]["cookie"] == "token=own; session=front"
    assert sent[1]["cookie"] == "token=own; session=front; SERVED=s1"
    assert "cookie" not in sent[2]
    assert sent[3]["cookie"] == "SERVED=s1"


def test_a_logins_cookie_is_no_affinity() -> None:
    """A token in the first answer would speak for its user with every later request."""
    sent: list[httpx.Headers] = []

    async def ask() -> None:
        vantage = Vantage("http://login.test:1")

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request.headers)
            token = "access_token_lf=eyJhbGciOi.e30.x"
            session = "connect.sid=s%3Aabc" if request.method == "POST" else "SERVED=s1"
            cookies = [("set-cookie", token), ("set-cookie", session)]
            return httpx.Response(200, headers=cookies)

        vantage.client._transport = httpx.MockTransport(answer)
        vantage.saw(await vantage.client.post("/api/v1/login"))
        vantage.saw(await vantage.client.get("/"))
        await vantage.client.get("/")
        await vantage.close()

    asyncio.run(ask())

    assert "cookie" not in sent[1]
    assert sent[2]["cookie"] == "SERVED=s1"


def test_a_report_tells_the_way_in_and_nothing_that_lets_in() -> None:
    transport = Transport(
        headers={"X-Tenant": "acme", "Cookie": "session=1"},
        ca="ca.pem",
        proxy="http://joe:secret@proxy.test:3128",
    )

    (told,) = told_of_transport(TargetConfig(transport=transport))

    assert told == (
        "the target was reached with the headers X-Tenant, Cookie, through the HTTP proxy "
        "proxy.test:3128, with an authority of its own"
    )
    assert told_of_transport(TargetConfig()) == []


def test_a_target_of_our_own_has_nothing_in_front() -> None:
    config = TargetConfig(urls=("http://ours.test:1",), transport=Transport(headers={"a": "b"}))
    declare_transport(config)
    declare_transport(TargetConfig(urls=config.urls))

    assert transport_to("http://ours.test:1").headers == {}
    assert client_options("http://ours.test:1")["proxy"] is None


def test_a_proxy_that_refuses_is_named_and_not_the_target() -> None:
    url = "http://proxied.test:7860"
    proxied = Transport(proxy="http://joe:secret@proxy.test:3128")
    declare_transport(TargetConfig(urls=(url,), transport=proxied))
    try:
        told = str(unreachable(url, httpx.ConnectError("All connection attempts failed")))
    finally:
        declare_transport(TargetConfig(urls=(url,)))

    assert told.startswith(f"the HTTP proxy proxy.test:3128 on the way to {url} refuses")
    assert "secret" not in told
