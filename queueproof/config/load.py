"""Reading a target file and the environment into a configuration.

Everything is checked here, once: a misspelt key, a wrong type, a secret in the wrong place. Each
mistake is a UsageError of one line that says what to do.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from queueproof.config.chaos import load_chaos
from queueproof.config.checks import check_url, checked, known
from queueproof.config.mapping import JobMapping, load_mapping
from queueproof.config.model import Credentials, LaunchConfig, TargetConfig, Timings
from queueproof.errors import UsageError

__all__ = ["REDIS_URL_VARIABLE", "check_redis_url", "check_url", "load_target"]

_SECRETS = {
    "token": "QUEUEPROOF_TOKEN",
    "admin_token": "QUEUEPROOF_ADMIN_TOKEN",
    "username": "QUEUEPROOF_USERNAME",
    "password": "QUEUEPROOF_PASSWORD",
    "other_username": "QUEUEPROOF_OTHER_USERNAME",
    "other_password": "QUEUEPROOF_OTHER_PASSWORD",
    "other_token": "QUEUEPROOF_OTHER_TOKEN",
}
REDIS_URL_VARIABLE = "QUEUEPROOF_REDIS_URL"
_TARGET_KEYS = {
    "contract": str,
    "urls": list,
    "workers": int,
    "worker_header": str,
    "redis_url": str,
    "process_root": int,
    "worker_processes": list,
    "worker_urls": list,
    "disposable": bool,
    "witness_host": str,
    "witness_port": int,
    "cases_at_once": int,
}
_LAUNCH_KEYS = {
    "command": list,
    "environment": dict,
    "worker_command": list,
    "worker_ready": str,
    "data_template": str,
    "data_parent": str,
    "boot_s": (int, float),
    "lanes": int,
    "at_once": int,
    "for_cases": bool,
}
_LISTS = ("urls", "worker_processes", "worker_urls")
_TABLES = ("target", "timings", "launch", "chaos", "mapping")
_GENERIC = "generic"
#: What an API that a mapping describes does only if its file says so.
_UNLESS_SAID = {"stale_threshold_s": 0.0}


def load_target(path: Path | None, environment: Mapping[str, str] | None = None) -> TargetConfig:
    """The target as the file at `path` (if any) and the environment describe it."""
    environment = os.environ if environment is None else environment
    tables = _read(path) if path else {}
    known(tables, _TABLES, where=str(path))
    target = checked(tables.get("target", {}), _TARGET_KEYS, where=f"{path}, [target]")
    launch = checked(tables.get("launch", {}), _LAUNCH_KEYS, where=f"{path}, [launch]")
    mapping = _mapping(tables, target, where=f"{path}, ")
    config = TargetConfig(
        **{**target, **{name: tuple(target.get(name, ())) for name in _LISTS}},
        timings=_timings(
            {**(_UNLESS_SAID if mapping else {}), **tables.get("timings", {})},
            where=f"{path}, [timings]",
        ),
        credentials=Credentials(
            **{name: environment.get(variable, "") for name, variable in _SECRETS.items()}
        ),
        launch=_launch(launch),
        chaos=load_chaos(tables["chaos"], where=f"{path}, [chaos]") if "chaos" in tables else None,
        mapping=mapping,
        file=str(path) if path else "",
    )
    if config.chaos and not config.urls:
        config = replace(config, urls=tuple(replica.url for replica in config.chaos.replicas))
    if config.redis_url:
        check_redis_url(config.redis_url, where=f"{path}, [target] redis_url")
    if config.cases_at_once < 1:
        raise UsageError(f"{path}, [target]: cases_at_once must be at least 1")
    for url in (*config.urls, *config.worker_urls):
        check_url(url)
    if not all(isinstance(pid, int) for pid in config.worker_processes):
        raise UsageError(f"{path}, [target]: worker_processes must be process ids")
    secret_url = environment.get(REDIS_URL_VARIABLE, "")
    return replace(config, redis_url=secret_url) if secret_url else config


def check_redis_url(url: str, *, where: str) -> str:
    """A Redis URL that may stand in a file or an argument: one without a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise UsageError(f"{where}: write it like redis://127.0.0.1:6379/1")
    if parts.password:
        raise UsageError(
            f"{where} carries a password: leave it out here and export {REDIS_URL_VARIABLE} "
            "with the whole URL instead"
        )
    return url


def _mapping(tables: Mapping[str, Any], target: dict[str, Any], *, where: str) -> JobMapping | None:
    """The mapping; it makes the contract generic, which is nothing without one."""
    if "mapping" not in tables:
        if target.get("contract") == _GENERIC:
            raise UsageError(f"{where}the contract generic needs a [mapping]: see docs/generic.md")
        return None
    if target.setdefault("contract", _GENERIC) != _GENERIC:
        raise UsageError(f"{where}[mapping] belongs to the contract generic alone")
    if "launch" in tables:
        raise UsageError(f"{where}[launch]: a target of the contract generic cannot be launched")
    return load_mapping(tables["mapping"], where=f"{where}[mapping]")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"--config {path}: no such file") from None
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path}: not valid TOML: {error}") from None


def _timings(given: Mapping[str, Any], *, where: str) -> Timings:
    numbers = {item.name: (int, float) for item in fields(Timings)}
    values = checked(given, numbers, where=where)
    for name, value in values.items():
        if value < 0:
            raise UsageError(f"{where}: {name} must not be negative, not {value!r}")
    return Timings(**{name: float(value) for name, value in values.items()})


def _launch(given: dict[str, Any]) -> LaunchConfig | None:
    if not given:
        return None
    if not given.get("command"):
        raise UsageError("[launch] needs a command, a list such as ['langflow', 'run', …]")
    command = tuple(str(part) for part in given.pop("command"))
    worker_command = tuple(str(part) for part in given.pop("worker_command", ()))
    environment = {name: str(value) for name, value in given.pop("environment", {}).items()}
    return LaunchConfig(
        command=command, worker_command=worker_command, environment=environment, **given
    )
