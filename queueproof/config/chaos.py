"""The [chaos] table of a target file: what a chaos run may take hold of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queueproof.config.checks import check_url
from queueproof.config.kinds import PROCESS, Checked, ListOf, Table, Text, Words
from queueproof.config.model import ChaosConfig, ReplicaConfig
from queueproof.errors import UsageError

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
CHAOS = Table(
    {
        "toxiproxy": _URL,
        "redis_pid": PROCESS,
        "redis_stop": Words(),
        "redis_start": Words(),
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
        if bool(row.get("freeze")) != bool(row.get("thaw")):
            raise UsageError(f"{where} replicas[{at}]: freeze and thaw belong together")
    replicas = tuple(ReplicaConfig(**row) for row in rows)
    workers = tuple(ReplicaConfig(**{"url": "", **row}) for row in values.pop("workers", ()))
    config = ChaosConfig(**values, replicas=replicas, workers=workers)
    if any(program.proxy for program in (*replicas, *workers)) and not config.toxiproxy:
        raise UsageError(f"{where}: proxies are named, but not the URL of Toxiproxy's API")
    return config
