"""A Redis URL: checked before anything is sent, never printed, and its database index."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from queueproof.errors import UsageError

REDIS_URL_VARIABLE = "QUEUEPROOF_REDIS_URL"
_EXAMPLE = "write it like redis://127.0.0.1:6379/1"
_ENCODE = (
    "percent-encode what is special in its user or password: @ as %40, # as %23, / as %2F, "
    "? as %3F, : as %3A"
)
#: What a URL's scheme may say, and what to give instead.
_NOT_FOLLOWED = {
    "sentinel": "a Sentinel is not followed, and what its failover does to jobs is not judged: "
    "give the URL of the master that it watches",
    "cluster": "a Redis Cluster is not looked into, for each of its nodes has a part of the keys: "
    "leave the URL out, and what needs Redis is not assessed",
}


def check_redis_url(url: str, *, where: str) -> str:
    """A Redis URL that Redis clients understand as its author does; it may hold a password.

    Raises UsageError, in words that never contain the URL.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UsageError(f"{where} is no URL: {_EXAMPLE}, and {_ENCODE}") from None
    if url != url.strip() or any(ord(letter) < 33 for letter in url):
        raise UsageError(f"{where} holds a blank or a line break: {_EXAMPLE}")
    if parts.scheme not in ("redis", "rediss"):
        instead = next((say for kind, say in _NOT_FOLLOWED.items() if kind in parts.scheme), "")
        raise UsageError(f"{where}: {instead or f'{_EXAMPLE}, or rediss:// with TLS'}")
    ambiguous = parts.netloc.count("@") > 1 or "@" in parts.path + parts.query + parts.fragment
    if ambiguous or parts.fragment or "#" in url:
        raise UsageError(f"{where}: {_ENCODE}")
    if not host or port == 0 or "," in parts.netloc.rpartition("@")[2]:
        raise UsageError(f"{where}: {_EXAMPLE}, with one host")
    try:
        index_of(url)
    except ValueError:
        raise UsageError(f"{where}: its database index is no number: {_EXAMPLE}") from None
    return url


def index_of(url: str) -> int | None:
    """The database index that a URL names, as `?db=1` or as its path; None when it names none.

    Raises ValueError for one that is no number.
    """
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True)).get("db")
    text = unquote(parts.path).strip("/") if given is None else given
    if not text and given is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ValueError("a database index is a number")
    return int(text)


def without_index(url: str) -> str:
    """The same server, whatever index the URL names: as a path or as `?db=`."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "db"]
    return urlunsplit(parts._replace(path="", query=urlencode(kept)))


def check_plain_redis_url(url: str, *, where: str) -> str:
    """A Redis URL that may stand in a file or an argument: one without a password."""
    check_redis_url(url, where=where)
    if urlsplit(url).password or "password=" in urlsplit(url).query:
        raise UsageError(
            f"{where} carries a password: leave it out here and export {REDIS_URL_VARIABLE} "
            "with the whole URL instead"
        )
    return url


def without_password(url: str) -> str:
    """A Redis URL without the password that it may carry."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    place = f"{parts.username}@{host}" if parts.username else host
    pairs = [pair for pair in parts.query.split("&") if not pair.startswith("password=")]
    return urlunsplit(parts._replace(netloc=place, query="&".join(pairs)))


def trusting_ca(url: str, ca: str) -> str:
    """The URL of a Redis with TLS that also trusts the authorities in this file."""
    parts = urlsplit(url)
    if parts.scheme != "rediss" or not ca or "ssl_ca_certs=" in parts.query:
        return url
    added = urlencode({"ssl_ca_certs": ca})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))
