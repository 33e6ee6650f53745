"""A URL of a Redis Cluster, taken apart: some of its nodes, which tell of the others.

No standard says how to write it. `redis+cluster://host,host` is what libraries that have a scheme
of their own read. The URL of one node, `redis://host:7000`, is a Cluster's too: only the server
can tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from queueproof.config.host_lists import read_hosts, written_hosts
from queueproof.redaction import is_secret_name

_NODE = {"redis": "redis", "rediss": "rediss"}
_SCHEMES = {
    "redis+cluster": "redis",
    "redis-cluster": "redis",
    "rediss+cluster": "rediss",
    "rediss-cluster": "rediss",
}
_FORM = re.compile(
    r"(?P<scheme>[a-z+-]+)://(?:(?P<login>[^@/?#]*)@)?(?P<hosts>[^@/?#]+)"
    r"(?P<path>/[^@?#]*)?(?:\?(?P<query>[^@#]*))?"
)
_PORT = 6379


@dataclass(frozen=True)
class ClusterUrl:
    """Nodes of a Cluster, and how each of its servers is reached.

    nodes    host and port of each that the URL names
    scheme   of every server, redis or rediss
    login    of every server, `user:password` as it stands in the URL
    options  of connections to Redis, by name
    """

    nodes: tuple[tuple[str, int], ...]
    scheme: str
    login: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def has_password(self) -> bool:
        """Whether anything in it lets in."""
        named = [name for name, _ in self.options if is_secret_name(name)]
        return bool(self.login.partition(":")[2] or named)

    @property
    def address(self) -> str:
        """Where it leads, without anything that lets in."""
        return written_hosts(self.nodes)

    def server(self, host: str, port: int) -> str:
        """The URL of one of its servers."""
        login = f"{self.login}@" if self.login else ""
        query = f"?{urlencode(self.options)}" if self.options else ""
        return f"{self.scheme}://{login}{written_hosts(((host, port),))}{query}"

    def text(self, *, secrets: bool = True) -> str:
        """Its URL in one spelling, without passwords if asked."""
        login = self.login if secrets else self.login.partition(":")[0]
        shown = [pair for pair in self.options if secrets or not is_secret_name(pair[0])]
        query = f"?{urlencode(shown)}" if shown else ""
        return f"{self.scheme}+cluster://{f'{login}@' if login else ''}{self.address}{query}"


def names_cluster(url: str) -> bool:
    """Whether a URL is a Redis Cluster's by its scheme."""
    return url.partition("://")[0] in _SCHEMES


def read_cluster_url(url: str) -> ClusterUrl:
    """Take a URL of a Cluster apart, or that of one of its nodes.

    Raises ValueError, in words that hold nothing of the URL, for one that is not understood.
    """
    found = _FORM.fullmatch(url)
    schemes = {**_SCHEMES, **_NODE}
    if not found or found["scheme"] not in schemes:
        raise ValueError("is no URL of a Cluster")
    query = dict(parse_qsl(found["query"] or "", keep_blank_values=True))
    index = query.pop("db", (found["path"] or "").strip("/"))
    if index not in ("", "0"):
        raise ValueError("names a database index, and a Cluster has 0 alone")
    return ClusterUrl(
        read_hosts(found["hosts"], default_port=_PORT),
        schemes[found["scheme"]],
        login=found["login"] or "",
        options=tuple(query.items()),
    )
