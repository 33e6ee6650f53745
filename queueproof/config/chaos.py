"""The [chaos] table of a target file: what a chaos run may take hold of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queueproof.config.checks import check_url, checked
from queueproof.config.model import ChaosConfig, ReplicaConfig
from queueproof.errors import UsageError

_KEYS = {
    "toxiproxy": str,
    "redis_pid": int,
    "redis_stop": list,
    "redis_start": list,
    "replicas": list,
    "workers": list,
}
_REPLICA_KEYS = {
    "url": str,
    "proxy": str,
    "process_root": int,
    "pid_command": list,
    "kill": list,
    "stop": list,
    "start": list,
    "clock_file": str,
}


def load_chaos(given: Mapping[str, Any], *, where: str) -> ChaosConfig:
    """The table, checked; raises UsageError for a mistake."""
    values = checked(given, _KEYS, where=where)
    rows = values.pop("replicas", [])
    replicas = tuple(
        _replica(row, where=f"{where} replicas[{number}]") for number, row in enumerate(rows)
    )
    workers = tuple(
        _replica(row, where=f"{where} workers[{number}]", worker=True)
        for number, row in enumerate(values.pop("workers", []))
    )
    config = ChaosConfig(**_frozen(values), replicas=replicas, workers=workers)
    if config.toxiproxy:
        check_url(config.toxiproxy)
    if not replicas:
        raise UsageError(f"{where}: name at least one replica, as [[chaos.replicas]] with a url")
    if any(program.proxy for program in (*replicas, *workers)) and not config.toxiproxy:
        raise UsageError(f"{where}: proxies are named, but not the URL of Toxiproxy's API")
    return config


def _replica(row: Any, *, where: str, worker: bool = False) -> ReplicaConfig:
    """One row; a worker program may serve nothing, so it needs no URL."""
    if not isinstance(row, dict) or not (row.get("url") or worker):
        raise UsageError(f"{where} needs a url")
    values = _frozen(checked(row, _REPLICA_KEYS, where=where))
    return ReplicaConfig(**{**values, "url": check_url(values["url"]) if "url" in values else ""})


def _frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    """Commands as tuples of words."""
    return {
        name: tuple(map(str, value)) if isinstance(value, list) else value
        for name, value in values.items()
    }
