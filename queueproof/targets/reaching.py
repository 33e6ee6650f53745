"""Why a target is not reached, or is not what it should be, in words that say what helps.

For whoever has given a URL: a certificate that nobody here trusts, a redirect, an access proxy's
login, a front that speaks HTTP/2 alone.
"""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpx

from queueproof.errors import TargetUnreachable
from queueproof.redaction import redacted
from queueproof.targets.answers import Kind, is_page, title_of
from queueproof.targets.http2_probe import speaks_http2
from queueproof.targets.transports import transport_to

if TYPE_CHECKING:
    from queueproof.targets.http import Exchange

_DETAIL_LIMIT = 200
_NOT_LET_IN = (401, 403, 407)
_HTML = "text/html"
_TO_TLS = re.compile(
    r"plain http request was sent to https|http request to an https server", re.IGNORECASE
)
#: Where an answer does not even begin as one of HTTP/1.1 does; what follows may be broken, too.
_NO_HTTP = re.compile(r"illegal (?:request|status) line")
_NO_SUCH_NAME = re.compile(r"name or service|not known|name resolution|getaddrinfo", re.IGNORECASE)
_WAYS_IN = "give what it wants in [target.headers] (docs/ways-in.md)"


class NotConnected(TargetUnreachable):
    """No connection was made: nothing is known of what is there."""


class CertificateNotTrusted(NotConnected):
    """The server's certificate comes from nobody who is trusted here, or is not its own."""


def unreachable(url: str, error: httpx.ConnectError) -> NotConnected:
    """What to say of a connection that was not made: nobody listens, or TLS failed."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    said = str(error)
    if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in said:
        why = getattr(cause, "verify_message", "") or "it cannot be verified"
        return CertificateNotTrusted(
            f"{url}: the certificate is not trusted ({why}): give the authority's file with --ca, "
            "as ca in the target file, or in SSL_CERT_FILE"
        )
    if isinstance(cause, ssl.SSLError) or "SSL" in said:
        return NotConnected(
            f"{url} does not speak TLS there, or not such as this machine accepts ({said}): "
            "is it http?"
        )
    if proxy := urlsplit(transport_to(url).proxy).netloc.rpartition("@")[2]:
        return NotConnected(
            f"the HTTP proxy {proxy} on the way to {url} refuses connections: {said}"
        )
    if _NO_SUCH_NAME.search(said):
        return NotConnected(f"{url} refuses connections: no such name ({said}): is it right?")
    return NotConnected(f"{url} refuses connections: {said}")


def lost_words(error: httpx.HTTPError) -> str:
    """Why no answer came, with the likely cause where what came shows it."""
    said = " ".join(f"{type(error).__name__} {error}".split())[:_DETAIL_LIMIT]
    if "\\x15\\x03" in said:
        return f"{said}: it speaks TLS there, is it https?"
    if isinstance(error, httpx.RemoteProtocolError) and _NO_HTTP.search(said):
        return f"{said}: it does not speak HTTP/1.1, which is needed (HTTP/2 alone is not enough)"
    return said


async def not_answered(url: str, answer: Exchange) -> str:
    """What to say of a URL that gives no answer, with the likely cause where it can be seen."""
    said = f"{url} does not answer: {answer.trouble}"
    alone = await http2_alone(url)
    return f"{said}; {alone}" if alone else said


async def http2_alone(url: str) -> str:
    """That a URL which gave no answer wants HTTP/2, and what helps; empty where it does not."""
    if transport_to(url).proxy or not await speaks_http2(url):
        return ""
    return (
        "it speaks HTTP/2 there, and queueproof HTTP/1.1, as it must to keep a connection to one "
        "worker: let the front take HTTP/1.1 too, or give the URL behind it"
    )


def not_recognised(url: str, answer: Exchange, *, system: str, asked: str) -> str:
    """What to say of an answer that is none of `system`'s, with what helps."""
    login = _login_advice(answer, url)
    if answer.kind is Kind.COME_AGAIN and not login:
        return f"{url} was not reached: {answer.as_reply().come_again}"
    advice = (
        _redirect_advice(answer, url, asked)
        or login
        or _path_advice(answer, url)
        or "is a proxy in between, or is it another contract (--contract)?"
    )
    kind = answer.headers.get("content-type", "no content type")
    page = title_of(answer.text) if is_page(answer.text) else ""
    kind = redacted(f"{kind}, a page: {page}") if page else kind
    hint = ": it speaks TLS there, give the https URL" if _TO_TLS.search(answer.text) else ""
    return (
        f"{url} answers, but not as {system} does: GET {asked} gave {answer.status} ({kind})"
        f"{hint}; {advice}"
    )


def leads_elsewhere(answer: Exchange, url: str, asked: str) -> str:
    """To which other server, or to TLS, a redirect of the path `asked` leads, and what to write
    instead; empty for any other answer.
    """
    try:
        there = urlsplit(urljoin(f"{url}{asked}", answer.headers.get("location", "")))
    except ValueError:
        return ""
    here = urlsplit(url)
    same = (there.scheme, there.netloc.lower()) == (here.scheme, here.netloc.lower())
    return "" if same else _redirect_advice(answer, url, asked)


def _redirect_advice(answer: Exchange, url: str, asked: str) -> str:
    """Where a redirect leads, and what to write instead."""
    if answer.kind is not Kind.REDIRECT:
        return ""
    try:
        location = urljoin(f"{url}{asked}", answer.headers.get("location", ""))
        there, here = urlsplit(location), urlsplit(url)
    except ValueError:
        return "it redirects to no address at all"
    shown = redacted(f"it redirects to {location[:_DETAIL_LIMIT]}")
    base = f"{there.scheme}://{there.netloc}{there.path}".removesuffix(asked).rstrip("/")
    if there.hostname != here.hostname:
        moved = f"has it moved? Then give {redacted(base[:_DETAIL_LIMIT])}"
        wants = f"does an access proxy want a login? Then {_WAYS_IN}"
        return f"{shown}: {moved if there.path.endswith(asked) else wants}"
    if base == url:
        return f"{shown}: does an access proxy want a login? Then {_WAYS_IN}"
    return f"{shown}: give {redacted(base[:_DETAIL_LIMIT])}"


def _login_advice(answer: Exchange, url: str) -> str:
    """That something in front does not let in, and what it says that it wants."""
    if answer.status not in _NOT_LET_IN:
        return ""
    wants = answer.headers.get("www-authenticate", "").partition(" ")[0]
    how = f" ({wants[:20]} authentication)" if wants else ""
    if transport_to(url).headers:
        return f"something in front wants a login{how}, and not the one in [target.headers]"
    return f"something in front wants a login{how}: {_WAYS_IN}"


def _path_advice(answer: Exchange, url: str) -> str:
    """That a page's address was given in place of the API's."""
    parts = urlsplit(url)
    if parts.path and _HTML in answer.headers.get("content-type", ""):
        return (
            f"is {parts.path} a page of its web client? Then give {parts.scheme}://{parts.netloc}"
        )
    return ""
