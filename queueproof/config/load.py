"""Reading a target file and the environment into a configuration.

Everything is checked here, once: a misspelt key, a wrong type, a secret in the wrong place. Each
mistake is a UsageError of one line that says what to do.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from queueproof.config.model import Credentials, LaunchConfig, TargetConfig, Timings
from queueproof.errors import UsageError

_SECRETS = {
    "token": "QUEUEPROOF_TOKEN",
    "admin_token": "QUEUEPROOF_ADMIN_TOKEN",
    "username": "QUEUEPROOF_USERNAME",
    "password": "QUEUEPROOF_PASSWORD",
    "other_username": "QUEUEPROOF_OTHER_USERNAME",
    "other_password": "QUEUEPROOF_OTHER_PASSWORD",
}
REDIS_URL_VARIABLE = "QUEUEPROOF_REDIS_URL"
_TARGET_KEYS = {
    "contract": str,
    "urls": list,
    "workers": int,
    "worker_header": str,
    "redis_url": str,
    "process_root": int,
    "disposable": bool,
    "witness_host": str,
    "witness_port": int,
    "cases_at_once": int,
}
_LAUNCH_KEYS = {
    "command": list,
    "environment": dict,
    "data_template": str,
    "boot_s": (int, float),
    "lanes": int,
    "at_once": int,
    "for_cases": bool,
}
_TABLES = ("target", "timings", "launch")


def load_target(path: Path | None, environment: Mapping[str, str] | None = None) -> TargetConfig:
    """The target as the file at `path` (if any) and the environment describe it."""
    environment = os.environ if environment is None else environment
    tables = _read(path) if path else {}
    _known(tables, _TABLES, where=str(path))
    target = _checked(tables.get("target", {}), _TARGET_KEYS, where=f"{path}, [target]")
    launch = _checked(tables.get("launch", {}), _LAUNCH_KEYS, where=f"{path}, [launch]")
    config = TargetConfig(
        **{**target, "urls": tuple(target.get("urls", ()))},
        timings=_timings(tables.get("timings", {}), where=f"{path}, [timings]"),
        credentials=Credentials(
            **{name: environment.get(variable, "") for name, variable in _SECRETS.items()}
        ),
        launch=_launch(launch),
    )
    if config.redis_url:
        check_redis_url(config.redis_url, where=f"{path}, [target] redis_url")
    if config.cases_at_once < 1:
        raise UsageError(f"{path}, [target]: cases_at_once must be at least 1")
    for url in config.urls:
        check_url(url)
    secret_url = environment.get(REDIS_URL_VARIABLE, "")
    return replace(config, redis_url=secret_url) if secret_url else config


def check_url(url: str) -> str:
    """The target's base URL without a trailing slash; raises UsageError for a wrong one."""
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError as error:
        raise UsageError(f"the target's URL is not valid: {error}") from None
    if parts.username or parts.password:
        raise UsageError(
            f"the target's URL carries credentials ({parts.hostname}): leave them out and "
            "export QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD, or QUEUEPROOF_TOKEN"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid:
        raise UsageError(f"{url!r} is no http or https URL: write it like http://127.0.0.1:7860")
    return url.rstrip("/")


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


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"--config {path}: no such file") from None
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path}: not valid TOML: {error}") from None


def _known(given: Mapping[str, Any], known: Any, *, where: str) -> None:
    for key in given:
        if key not in known:
            close = get_close_matches(key, list(known), n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; known: {', '.join(known)}"
            raise UsageError(f"{where}: unknown key {key!r}{hint}")


def _checked(given: Mapping[str, Any], known: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    _known(given, known, where=where)
    for key, value in given.items():
        wanted = known[key]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            name = wanted.__name__ if isinstance(wanted, type) else "number"
            raise UsageError(f"{where}: {key} must be a {name}, not {value!r}")
    return dict(given)


def _timings(given: Mapping[str, Any], *, where: str) -> Timings:
    known = {item.name: (int, float) for item in fields(Timings)}
    checked = _checked(given, known, where=where)
    for name, value in checked.items():
        if value < 0:
            raise UsageError(f"{where}: {name} must not be negative, not {value!r}")
    return Timings(**{name: float(value) for name, value in checked.items()})


def _launch(given: dict[str, Any]) -> LaunchConfig | None:
    if not given:
        return None
    if not given.get("command"):
        raise UsageError("[launch] needs a command, a list such as ['langflow', 'run', …]")
    command = tuple(str(part) for part in given.pop("command"))
    environment = {name: str(value) for name, value in given.pop("environment", {}).items()}
    return LaunchConfig(command=command, environment=environment, **given)
