"""A Redis URL: checked before anything is sent, never printed, and its database index."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from queueproof.config.cluster_url import names_cluster, read_cluster_url
from queueproof.config.sentinel_url import names_sentinels, read_sentinel_url
from queueproof.errors import UsageError
from queueproof.redaction import is_secret_name

REDIS_URL_VARIABLE = "QUEUEPROOF_REDIS_URL"
_EXAMPLE = "write it like redis://127.0.0.1:6379/1"
_SENTINELS = "redis+sentinel://host:26379,host:26379/SERVICE/1"
_CLUSTER = "redis+cluster://host:7000,host:7001"
_ENCODE = (
    "percent-encode what is special in its user or password: @ as %40, # as %23, / as %2F, "
    "? as %3F, : as %3A"
)
#: Why what is done to one server is not done to a Cluster's, and what is measured there neither.
CLUSTER_REASON = (
    "Redis is a Cluster, of which queueproof looks at keys alone: what disturbs or measures a "
    "single server is not judged"
)


def check_redis_url(url: str, *, where: str) -> str:
    """A Redis URL that Redis clients understand as its author does; it may hold a password.

    Raises UsageError, in words that never contain the URL.
    """
    if url != url.strip() or any(ord(letter) < 33 for letter in url):
        raise UsageError(f"{where} holds a blank or a line break: {_EXAMPLE}")
    if names_sentinels(url):
        return _check_sentinels(url, where=where)
    check = _check_cluster if names_cluster(url) else _check_server
    return check(url, where=where)


def _check_server(url: str, *, where: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UsageError(f"{where} is no URL: {_EXAMPLE}, and {_ENCODE}") from None
    if parts.scheme not in ("redis", "rediss"):
        raise UsageError(f"{where}: {_EXAMPLE}, rediss:// with TLS, or {_SENTINELS}")
    ambiguous = parts.netloc.count("@") > 1 or "@" in parts.path + parts.query + parts.fragment
    if ambiguous or parts.fragment or "#" in url:
        raise UsageError(f"{where}: {_ENCODE}")
    if not host or port == 0 or "," in parts.netloc.rpartition("@")[2]:
        raise UsageError(
            f"{where}: {_EXAMPLE}, with one host; {_SENTINELS} where Sentinels tell it, "
            f"{_CLUSTER} where it is a Cluster"
        )
    try:
        index_of(url)
    except ValueError:
        raise UsageError(f"{where}: its database index is no number: {_EXAMPLE}") from None
    _check_parameters(url, where=where)
    return url


def _check_sentinels(url: str, *, where: str) -> str:
    try:
        place = read_sentinel_url(url)
    except ValueError as error:
        raise UsageError(f"{where} {error}: write it like {_SENTINELS}, and {_ENCODE}") from None
    _check_parameters(place.server(), where=where)
    return url


def _check_cluster(url: str, *, where: str) -> str:
    try:
        place = read_cluster_url(url)
    except ValueError as error:
        raise UsageError(f"{where} {error}: write it like {_CLUSTER}, and {_ENCODE}") from None
    _check_parameters(place.server(*place.nodes[0]), where=where, cluster=True)
    return url


def _check_parameters(url: str, *, where: str, cluster: bool = False) -> None:
    """Raises UsageError with the names of those that redis-py would not take."""
    parts = urlsplit(url)
    wrong = [
        name
        for name, value in parse_qsl(parts.query)
        if not _is_taken(f"{parts.scheme}://host/?{urlencode({name: value})}", cluster=cluster)
    ]
    if wrong:
        raise UsageError(
            f"{where}: redis-py takes no {', '.join(map(repr, wrong))} in a {parts.scheme}:// URL"
            f"{' of a Cluster' if cluster else ''}, or not with that value: correct it, or leave "
            "it out"
        )


def _is_taken(url: str, *, cluster: bool) -> bool:
    """Whether redis-py makes a connection of it, and a Cluster's client; none is opened."""
    # Half a second, which most starts need not take: few URLs have parameters.
    from redis.asyncio.cluster import RedisCluster
    from redis.asyncio.connection import ConnectionPool
    from redis.exceptions import RedisError

    try:
        pool = ConnectionPool.from_url(url)
        pool.connection_class(**pool.connection_kwargs)
        if cluster:
            RedisCluster.from_url(url)
    except (TypeError, ValueError, AttributeError, RedisError):
        return False
    return True


def index_of(url: str) -> int | None:
    """The database index that a URL names, as `?db=1` or as its path; None when it names none.

    Raises ValueError for one that is no number.
    """
    if names_cluster(url):
        return None
    if names_sentinels(url):
        text = read_sentinel_url(url).index
        return int(text) if text else None
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
    if names_sentinels(url):
        return replace(read_sentinel_url(url), index="").text()
    if names_cluster(url):
        return url
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name != "db"]
    return urlunsplit(parts._replace(path="", query=urlencode(kept)))


def of_user(url: str, user: str, password: str) -> str:
    """The same server in another user's name."""
    if names_sentinels(url):
        return replace(read_sentinel_url(url), login=f"{user}:{password}").text()
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{where}"))


def address_of_redis(url: str) -> str:
    """Where a URL leads, without anything that lets in: host and port, or who tells them."""
    if names_sentinels(url):
        return read_sentinel_url(url).address
    if names_cluster(url):
        return read_cluster_url(url).address
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 6379}"


def check_plain_redis_url(url: str, *, where: str) -> str:
    """A Redis URL that may stand in a file or an argument: one without a password."""
    check_redis_url(url, where=where)
    if _has_password(url):
        raise UsageError(
            f"{where} carries a password: leave it out here and export {REDIS_URL_VARIABLE} "
            "with the whole URL instead"
        )
    return url


def _has_password(url: str) -> bool:
    if names_sentinels(url):
        return read_sentinel_url(url).has_password
    if names_cluster(url):
        return read_cluster_url(url).has_password
    parts = urlsplit(url)
    return bool(parts.password) or any(is_secret_name(name) for name, _ in parse_qsl(parts.query))


def without_password(url: str) -> str:
    """A Redis URL without the password that it may carry."""
    try:
        if names_sentinels(url):
            return read_sentinel_url(url).text(secrets=False)
        if names_cluster(url):
            return read_cluster_url(url).text(secrets=False)
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    place = f"{parts.username}@{host}" if parts.username else host
    pairs = [pair for pair in parts.query.split("&") if not is_secret_name(pair.partition("=")[0])]
    return urlunsplit(parts._replace(netloc=place, query="&".join(pairs)))


def trusting_ca(url: str, ca: str) -> str:
    """The URL of a Redis with TLS that also trusts the authorities in this file."""
    if not ca or not url.startswith("rediss") or "ssl_ca_certs=" in url:
        return url
    if names_sentinels(url):
        place = read_sentinel_url(url)
        return replace(place, options=(*place.options, ("ssl_ca_certs", ca))).text()
    if names_cluster(url):
        nodes = read_cluster_url(url)
        return replace(nodes, options=(*nodes.options, ("ssl_ca_certs", ca))).text()
    parts = urlsplit(url)
    added = urlencode({"ssl_ca_certs": ca})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))
