"""The [chaos] table of a target file: what a chaos run may take hold of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queueproof.config.checks import check_url, place_of
from queueproof.config.host_lists import written_hosts
from queueproof.config.kinds import PROCESS, Checked, ListOf, Table, Text, Words
from queueproof.config.model import ChaosConfig, ReplicaConfig
from queueproof.errors import UsageError

_REDIS_PORT = 6379


def _check_server(text: str, where: str) -> str:
    """The address of a Redis server as its Sentinels tell it, with its port."""
    scheme, _, place = text.partition("://")
    if scheme != "redis" or "@" in place:
        raise UsageError(
            f"{where}: write it like redis://10.0.0.5:6379, as the Sentinels tell it; its login is "
            "that of redis_url"
        )
    host, port = place_of(place, where)
    return f"redis://{written_hosts(((host, port or _REDIS_PORT),))}"


_URL = Checked(lambda url, where: check_url(url, where) if url else "")
_REPLICA = Table(
    {
        "url": _URL,
        "instance": Text(),
        "proxy": Text(),
        "process_root": PROCESS,
        "pid_command": Words(),
        "kill": Words(),
        "stop": Words(),
        "start": Words(),
        "freeze": Words(),
        "thaw": Words(),
        "logs": Words(),
        "clock_file": Text(),
    }
)
_REDIS_SERVER = Table(
    {
        "url": Checked(_check_server),
        "process_root": PROCESS,
        "pid_command": Words(),
        "kill": Words(),
        "start": Words(),
        "freeze": Words(),
        "thaw": Words(),
    },
    needed=("url",),
)
CHAOS = Table(
    {
        "toxiproxy": _URL,
        "redis_pid": PROCESS,
        "redis_stop": Words(),
        "redis_start": Words(),
        "redis_servers": ListOf(kind=_REDIS_SERVER),
        "replicas": ListOf(kind=_REPLICA),
        "workers": ListOf(kind=_REPLICA),
    }
)


def load_chaos(given: Mapping[str, Any], *, where: str) -> ChaosConfig:
    """The table, checked; raises UsageError for a mistake."""
    values = CHAOS.read(given, where)
    rows = values.pop("replicas", ())
    if not rows:
        raise UsageError(f"{where}: name at least one replica, as [[chaos.replicas]] with a url")
    for at, row in enumerate(rows):
        # A worker program may serve nothing, a replica is where clients go.
        if not row.get("url"):
            raise UsageError(f"{where} replicas[{at}] needs a url")
        _check_pair(row, f"{where} replicas[{at}]")
    servers = values.pop("redis_servers", ())
    for at, row in enumerate(servers):
        _check_pair(row, f"{where} redis_servers[{at}]")
    replicas = tuple(ReplicaConfig(**row) for row in rows)
    workers = tuple(ReplicaConfig(**{"url": "", **row}) for row in values.pop("workers", ()))
    config = ChaosConfig(
        **values,
        replicas=replicas,
        workers=workers,
        redis_servers=tuple(ReplicaConfig(**row) for row in servers),
    )
    if any(program.proxy for program in (*replicas, *workers)) and not config.toxiproxy:
        raise UsageError(f"{where}: proxies are named, but not the URL of Toxiproxy's API")
    return config


def _check_pair(row: Mapping[str, Any], where: str) -> None:
    if bool(row.get("freeze")) != bool(row.get("thaw")):
        raise UsageError(f"{where}: freeze and thaw belong together")
