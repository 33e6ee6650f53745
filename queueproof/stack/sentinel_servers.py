"""The Redis servers behind a deployment's Sentinels, as their owner declares them.

A Sentinel tells which of them is the master now; the owner's row for that address says how it is
ended, frozen and brought up again. One that nobody has declared is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from queueproof.config.host_lists import written_hosts
from queueproof.config.model import ReplicaConfig
from queueproof.config.sentinel_url import read_sentinel_url
from queueproof.errors import HarnessError, NotAssessed
from queueproof.executors.declared_keeper import DeclaredKeeper
from queueproof.targets.redis_client import redis_client
from queueproof.targets.sentinel_opening import Address, down_after_s, master_told

_NOUN = "Redis"
_ANSWER_S = 5.0


class SentinelServers:
    """The rows, and who the Sentinels of a URL say is the master."""

    def __init__(self, url: str, rows: Sequence[ReplicaConfig]) -> None:
        self._url = url
        self._place = read_sentinel_url(url)
        self._rows = {row.url.partition("://")[2].lower(): row for row in rows}

    async def master(self) -> Address | None:
        """The master that most of them tell; None where they do not agree."""
        return await master_told(self._url)

    async def down_after_s(self) -> float:
        """How long a master may be silent before they take it for dead."""
        return await down_after_s(self._url)

    def keeper(self, address: Address) -> DeclaredKeeper:
        """Who ends and starts the server at an address; raises NotAssessed for none."""
        row = self._rows.get(told(address).lower())
        if row is None:
            raise NotAssessed(
                f"the master that the Sentinels tell, {told(address)}, is none of "
                "[[chaos.redis_servers]]: name it there by that address"
            )
        return DeclaredKeeper(row)

    def client(self, address: Address) -> Redis:
        """A client of one server, whatever its role; the caller closes it."""
        url = self._place.server(told(address))
        return redis_client(url, decode_responses=True, socket_timeout=_ANSWER_S)

    async def thaw_called(self, called: str) -> bool | None:
        """Thaw what a run that was killed left standing, by what it noted.

        Whether it was; None for what is none of these servers, or is not thawed by its command.
        """
        noun, _, address = called.partition(" ")
        row = self._rows.get(address)
        if noun != _NOUN or row is None or not row.thaw:
            return None
        try:
            await DeclaredKeeper(row).thaw()
        except HarnessError:
            return None
        return True


def told(address: Address) -> str:
    """An address as Sentinels tell it and rows name it."""
    return written_hosts((address,))


def noted(address: Address) -> str:
    """What the journal calls a server that was frozen."""
    return f"{_NOUN} {told(address).lower()}"
