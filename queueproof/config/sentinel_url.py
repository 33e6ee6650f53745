"""A URL of Redis Sentinels, in the spellings that are in use, taken apart.

No standard says how to write it. `redis+sentinel://host,host/service/1` is what most adapters of
redis-py read; others name the service in the query (`redis-sentinel://host,host/1?master=service`)
or behind it (`…/1#service`), or repeat the whole URL (`sentinel://host;sentinel://host`).
`docs/ways-in.md` says who does what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode

from queueproof.config.host_lists import read_hosts, written_hosts
from queueproof.redaction import is_secret_name

_SCHEMES = {
    "redis+sentinel": "redis",
    "redis-sentinel": "redis",
    "sentinel": "redis",
    "rediss+sentinel": "rediss",
    "rediss-sentinel": "rediss",
}
_FORM = re.compile(
    r"(?P<scheme>[a-z+-]+)://(?:(?P<login>[^@/?#]*)@)?(?P<hosts>[^@/?#]+)"
    r"(?P<path>/[^@?#]*)?(?:\?(?P<query>[^@#]*))?(?:#(?P<service>[\w.-]+))?"
)
_AGAIN = re.compile(r";[a-z+-]*sentinel://(?:[^@/?#;]*@)?")
_PORT = 26379
_NAMES = ("master", "master_name", "service_name", "sentinelMasterId")
_OWN_USER, _OWN_PASSWORD = "sentinel_username", "sentinel_password"


@dataclass(frozen=True)
class SentinelUrl:
    """Sentinels, and what they are asked for.

    sentinels    host and port of each
    service      what they call the master
    scheme       the master's, redis or rediss; the Sentinels are reached as it is
    login        of the master and its replicas, `user:password` as it stands in the URL; a
                 password alone has a colon before it
    index        the database index, as it stands there; empty where none is named
    options      of connections to Redis, by name
    own_user     a user of the Sentinels' own, empty for none
    own_password the same
    """

    sentinels: tuple[tuple[str, int], ...]
    service: str
    scheme: str
    login: str = ""
    index: str = ""
    options: tuple[tuple[str, str], ...] = ()
    own_user: str = ""
    own_password: str = ""

    @property
    def has_password(self) -> bool:
        """Whether anything in it lets in."""
        named = [name for name, _ in self.options if is_secret_name(name)]
        return bool(self.login.partition(":")[2] or self.own_password or named)

    @property
    def address(self) -> str:
        """Who is asked for what, without anything that lets in."""
        return f"{self.service}, as told by {written_hosts(self.sentinels)}"

    def server(self, host: str = "sentinel") -> str:
        """The URL of the server itself, were it at this host."""
        login = f"{self.login}@" if self.login else ""
        query = f"?{urlencode(self.options)}" if self.options else ""
        return f"{self.scheme}://{login}{host}/{self.index}{query}"

    def text(self, *, secrets: bool = True) -> str:
        """Its URL in one spelling, without passwords if asked."""
        user = self.login.partition(":")[0]
        login = self.login if secrets else f"{user}:" if user else ""
        own = [(_OWN_USER, self.own_user)] if self.own_user else []
        own += [(_OWN_PASSWORD, self.own_password)] if self.own_password and secrets else []
        shown = [pair for pair in self.options if secrets or not is_secret_name(pair[0])]
        query = urlencode([*shown, *own])
        path = f"/{quote(self.service)}" + (f"/{self.index}" if self.index else "")
        hosts = written_hosts(self.sentinels)
        return f"{self.scheme}+sentinel://{f'{login}@' if login else ''}{hosts}{path}" + (
            f"?{query}" if query else ""
        )


def names_sentinels(url: str) -> bool:
    """Whether a URL is one of Sentinels by its scheme."""
    return url.partition("://")[0] in _SCHEMES


def read_sentinel_url(url: str) -> SentinelUrl:
    """Take a URL of Sentinels apart.

    Raises ValueError, in words that hold nothing of the URL, for one that is not understood.
    """
    found = _FORM.fullmatch(_AGAIN.sub(",", url))
    if not found or found["scheme"] not in _SCHEMES:
        raise ValueError("is no URL of Sentinels")
    query = parse_qsl(found["query"] or "", keep_blank_values=True)
    given = dict(query)
    path = [unquote(part) for part in (found["path"] or "").split("/") if part]
    service = next(filter(None, (given.get(name, "") for name in _NAMES)), found["service"] or "")
    if not service and path:
        service = path.pop(0)
    if not service:
        raise ValueError("does not say what the Sentinels call the master")
    if len(path) > 1:
        raise ValueError("is no URL of Sentinels")
    index = given.get("db", path[0] if path else "")
    if index and not (index.isascii() and index.isdigit()):
        raise ValueError("has a database index that is no number")
    known = (*_NAMES, _OWN_USER, _OWN_PASSWORD, "db")
    return SentinelUrl(
        read_hosts(found["hosts"], default_port=_PORT),
        service,
        _SCHEMES[found["scheme"]],
        login=_login(found["login"] or ""),
        index=index,
        options=tuple(pair for pair in query if pair[0] not in known),
        own_user=given.get(_OWN_USER, ""),
        own_password=given.get(_OWN_PASSWORD, ""),
    )


def _login(text: str) -> str:
    """What stands there without a colon is the password, as Lettuce reads it."""
    return f":{text}" if text and ":" not in text else text
