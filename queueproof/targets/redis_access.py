"""Who is asked for what is in a target's Redis: one server, at an index, or those of a Cluster.

A command on one key goes wherever the key is; what is asked of a server as a whole, such as the
names of its keys, is asked of each. What disturbs or measures a single server asks for its client,
which a Cluster does not have.
"""

from __future__ import annotations

import asyncio
from typing import Any

import redis.exceptions as errors
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from queueproof.config.cluster_url import ClusterUrl, names_cluster, read_cluster_url
from queueproof.config.redis_url import (
    CLUSTER_REASON,
    check_redis_url,
    index_of,
    of_user,
    without_index,
)
from queueproof.errors import NotAssessed, UsageError
from queueproof.targets.redis_client import redis_client
from queueproof.targets.redis_cluster import ClusterClients


class RedisAccess:
    """Clients of one Redis, each made when it is first asked for.

    `index` is the queue's database index, if the URL says. `cluster` where it is known to be a
    Cluster: then there is one index, and several servers.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.index: int | None = index_of(url)
        self.cluster = _cluster_at(url) if names_cluster(url) else None
        self._server = without_index(url)
        self._clients: dict[int, Redis] = {}

    def as_cluster(self) -> ClusterClients:
        """From now on what the URL leads to is a node of a Cluster: what else it has is told there.

        Raises UsageError for an index, and for options that no client of a Cluster takes.
        """
        if self.cluster is None:
            check_redis_url(_cluster_url_of(self.url).text(), where="the Redis URL")
            self.cluster, self.index = _cluster_at(self.url), None
        return self.cluster

    @property
    def home(self) -> int:
        """The index that the target's URL leads to."""
        return self.index or 0

    def client(self, index: int = 0) -> Redis:
        """A client of the server, on one database index.

        Raises NotAssessed for a Cluster, which has several.
        """
        if self.cluster is not None:
            raise NotAssessed(CLUSTER_REASON)
        if index not in self._clients:
            self._clients[index] = redis_client(self._server, db=index, **_options())
        return self._clients[index]

    def keyed(self, index: int = 0) -> Redis:
        """A client for commands on one key, wherever that is."""
        return self.client(index) if self.cluster is None else self.cluster.keyed

    async def holders(self, index: int) -> list[Redis]:
        """A client of each server that holds keys."""
        return [self.client(index)] if self.cluster is None else await self.cluster.masters()

    def client_as(self, user: str, password: str) -> Redis:
        """A client in another user's name; the caller closes it."""
        url = of_user(self._server, user, password)
        return redis_client(url, decode_responses=True, socket_timeout=5.0)

    async def servers(self) -> list[Redis]:
        """A client of each server, replicas of a Cluster too: subscriptions may be at any."""
        return [self.client(self.home)] if self.cluster is None else await self.cluster.servers()

    async def close(self) -> None:
        """Close every client."""
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))
        self._clients.clear()
        if self.cluster is not None:
            await self.cluster.close()


def _cluster_at(url: str) -> ClusterClients:
    return ClusterClients(_cluster_url_of(url), **_options())


def _cluster_url_of(url: str) -> ClusterUrl:
    try:
        return read_cluster_url(url)
    except ValueError as error:
        raise UsageError(f"the Redis URL {error}") from None


def _options() -> dict[str, Any]:
    return {
        "decode_responses": True,
        "encoding_errors": "backslashreplace",
        "socket_timeout": 5.0,
        # A fault may have cut our own connections too; a hang is not waited out thrice.
        "retry": Retry(ConstantBackoff(0.05), 3, supported_errors=(errors.ConnectionError,)),
    }
