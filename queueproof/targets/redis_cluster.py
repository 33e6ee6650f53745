"""Clients of a Redis Cluster: one that finds a key where it is, and one for each of its servers.

What is asked of every server (names of keys, their number, subscriptions) is asked one by one, and
put together by who asks. A server that does not answer leaves that undone: nothing is known of a
part of the keys alone.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import parse_url

from queueproof.config.cluster_url import ClusterUrl
from queueproof.targets.redis_client import redis_client


class ClusterClients:
    """Clients of one Cluster, each made when it is first asked for.

    `options` are redis-py's, of every connection; those in the URL win.
    """

    def __init__(self, place: ClusterUrl, **options: Any) -> None:
        self.place = place
        self._options = options
        self._following: RedisCluster | None = None
        self._servers: dict[tuple[str, int], Redis] = {}

    @property
    def keyed(self) -> Redis:
        """A client for commands on one key, which follows the key to its server."""
        # A Cluster's client has a server's commands, but no common class with it.
        return cast(Redis, self._follower())

    async def masters(self) -> list[Redis]:
        """A client of each server that holds a part of the keys."""
        cluster = await self._follower().initialize()
        return [self.server(node.host, int(node.port)) for node in cluster.get_primaries()]

    async def servers(self) -> list[Redis]:
        """A client of each server, replicas too."""
        cluster = await self._follower().initialize()
        return [self.server(node.host, int(node.port)) for node in cluster.get_nodes()]

    def server(self, host: str, port: int) -> Redis:
        """A client of the server at one address."""
        if (host, port) not in self._servers:
            url = self.place.server(host, port)
            self._servers[host, port] = redis_client(url, **self._options)
        return self._servers[host, port]

    async def close(self) -> None:
        """Close every client."""
        await asyncio.gather(*(client.aclose() for client in self._servers.values()))
        self._servers.clear()
        if self._following is not None:
            await self._following.aclose()
            self._following = None

    def _follower(self) -> RedisCluster:
        if self._following is None:
            settings: dict[str, Any] = dict(parse_url(self.place.server(*self.place.nodes[0])))
            if settings.pop("connection_class", None) is not None:
                settings["ssl"] = True
            for name in ("host", "port"):
                settings.pop(name, None)
            nodes = [ClusterNode(host, port) for host, port in self.place.nodes]
            self._following = RedisCluster(startup_nodes=nodes, **{**self._options, **settings})
        return self._following
