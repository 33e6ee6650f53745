"""A look at a Redis Cluster before anything in it counts: whether all of its keys can be seen."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from queueproof.errors import UsageError
from queueproof.targets.redis_cluster import ClusterClients
from queueproof.targets.redis_complaints import why_no_redis
from queueproof.targets.redis_errors import outcome_of
from queueproof.targets.redis_view import command

_SLOTS = 16384


async def why_no_cluster(cluster: ClusterClients) -> str:
    """Why this Cluster cannot be evidence; empty when it can.

    Raises UsageError, in one line without secrets, where nobody is there, the login is refused, or
    what is there is no Cluster.
    """
    try:
        host, rows = await _told(cluster)
        served = sum(int(last) - int(first) + 1 for first, last, *_ in rows)
        if served < _SLOTS:
            return f"Redis is a Cluster that serves {served:,} of its {_SLOTS:,} slots"
        masters = {_address(row[2], asked=host) for row in rows}
        unreached = await asyncio.gather(*(_why_unreached(cluster, *each) for each in masters))
        if reason := next(filter(None, unreached), ""):
            return reason
        await cluster.masters()
    except RedisError as error:
        return str(outcome_of(error))
    return ""


async def _told(cluster: ClusterClients) -> tuple[str, list[Any]]:
    """The host of the first node that answers, and which server has which slots.

    Raises UsageError as above, and NoPermissionError.
    """
    said = ""
    for host, port in cluster.place.nodes:
        try:
            return host, await command(cluster.server(host, port), "CLUSTER", "SLOTS")
        except NoPermissionError:
            raise
        except ResponseError as error:
            if "cluster support disabled" in str(error).lower():
                said = f"Redis at {host}:{port} is no Cluster: its URL begins with redis://"
            else:
                said = why_no_redis(cluster.place.server(host, port), error)
        except (RedisError, OSError, ValueError) as error:
            said = said or why_no_redis(cluster.place.server(host, port), error)
    raise UsageError(said)


def _address(told: Any, *, asked: str) -> tuple[str, int]:
    """Where a server says it is; one that does not know its own name is the one that was asked."""
    host, port = str(told[0] or ""), int(told[1])
    return (host if host not in ("", "?") else asked), port


async def _why_unreached(cluster: ClusterClients, host: str, port: int) -> str:
    client: Redis = cluster.server(host, port)
    try:
        await client.ping()
    except NoPermissionError:
        return ""
    except (RedisError, OSError) as error:
        return (
            f"Redis is a Cluster, and its server at {host}:{port} is not reached from here "
            f"({type(error).__name__}): run queueproof where it is, or set cluster-announce-ip"
        )
    return ""
