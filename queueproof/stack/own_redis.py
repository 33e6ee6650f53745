"""A Redis beside the queue's: a launched front's own ground, which no outage touches.

A front that keeps something of its own (a record of jobs, sessions) can have it where nothing is
disturbed, so that what is judged is the queue behind it: `{own_redis_port}` in `[launch]`.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from queueproof.config.model import LaunchConfig
from queueproof.stack.servers import Servers

_NAME = "own_redis_port"


async def own_redis(
    config: LaunchConfig, servers: Servers, resources: AsyncExitStack
) -> dict[str, str]:
    """What `{own_redis_port}` stands for, with a server that ends with `resources`; nothing where
    no start names it.
    """
    words = (*config.command, *config.worker_command, *config.environment.values())
    if not any("{" + _NAME + "}" in word for word in words):
        return {}
    server = servers.redis()
    resources.push_async_callback(server.close)
    await server.start()
    return {_NAME: str(server.port)}
