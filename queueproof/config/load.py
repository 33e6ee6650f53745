"""Reading a target file and the environment into a configuration.

Everything is checked here, once: a misspelt key, a wrong type, a secret in the wrong place. Each
mistake is a UsageError of one line that says what to do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from queueproof.config.chaos import load_chaos
from queueproof.config.checks import check_url
from queueproof.config.environment_keys import keys_of_environment, variable_of
from queueproof.config.executors import load_executor
from queueproof.config.file_tables import FILE, LAUNCH, TARGET, TIMINGS
from queueproof.config.mapping import JobMapping, load_mapping
from queueproof.config.model import (
    DEFAULT_CONTRACT,
    Credentials,
    LaunchConfig,
    TargetConfig,
    Timings,
)
from queueproof.config.promises import AT_LEAST_ONCE, Promises, load_promises
from queueproof.config.redis_url import REDIS_URL_VARIABLE, check_redis_url, without_password
from queueproof.config.transport import (
    Transport,
    headers_of_environment,
    read_ca,
    read_headers,
)
from queueproof.errors import UsageError
from queueproof.input_files import read_toml, secrets_kept
from queueproof.redaction import known_secrets

__all__ = ["REDIS_URL_VARIABLE", "check_url", "load_target", "without_password"]

_SECRETS = {
    "token": "QUEUEPROOF_TOKEN",
    "admin_token": "QUEUEPROOF_ADMIN_TOKEN",
    "username": "QUEUEPROOF_USERNAME",
    "password": "QUEUEPROOF_PASSWORD",
    "other_username": "QUEUEPROOF_OTHER_USERNAME",
    "other_password": "QUEUEPROOF_OTHER_PASSWORD",
    "other_token": "QUEUEPROOF_OTHER_TOKEN",
    "api_key": "QUEUEPROOF_API_KEY",
    "admin_api_key": "QUEUEPROOF_ADMIN_API_KEY",
    "other_api_key": "QUEUEPROOF_OTHER_API_KEY",
}
_GENERIC = "generic"
#: How many worker programs are started where a file does not say.
_WORKER_PROGRAMS = 2
#: What an API that a mapping describes does only if its file says so.
_UNLESS_SAID = {"stale_threshold_s": 0.0}


def load_target(
    path: Path | None,
    environment: Mapping[str, str] | None = None,
    *,
    contract: str | None = None,
) -> TargetConfig:
    """The target as the file at `path` (if any) and the environment describe it.

    `contract` is the one that an option asks for: it decides where the file names none, and is a
    mistake where the file names another.
    """
    environment = os.environ if environment is None else environment
    document = read_toml(path, what="--config") if path else {}
    with secrets_kept(document):
        return _load(document, path, environment, contract)


def _load(
    document: dict[str, Any],
    path: Path | None,
    environment: Mapping[str, str],
    contract: str | None,
) -> TargetConfig:
    tables = FILE.read(document, str(path))
    target = TARGET.read(tables.get("target", {}), f"{path}, [target]")
    given = keys_of_environment(environment)
    transport = _transport(target, given["target"], environment, path)
    target |= given["target"]
    if "prometheus_headers" in target:
        target["prometheus_headers"] = read_headers(
            target["prometheus_headers"], environment, where=f"{path}, [target.prometheus_headers]"
        )
    launch = LAUNCH.read(tables.get("launch", {}), f"{path}, [launch]")
    mapping = _mapping(tables, target, where=f"{path}, ")
    promises = _promises(tables, target, mapping, where=f"{path}, [promises]")
    _expect_room(transport, mapping)
    config = TargetConfig(
        **{**target, "contract": _contract(target.get("contract"), contract, path)},
        timings=Timings(
            **TIMINGS.read(
                {**_unless_said(mapping, promises), **tables.get("timings", {})},
                f"{path}, [timings]",
            )
            | given["timings"]
        ),
        transport=transport,
        credentials=_credentials(environment),
        launch=_launch(launch, where=f"{path}, [launch]"),
        chaos=load_chaos(tables["chaos"], where=f"{path}, [chaos]") if "chaos" in tables else None,
        executor=load_executor(tables["executor"], environment, where=f"{path}, [executor]")
        if "executor" in tables
        else None,
        mapping=mapping,
        promises=promises,
        file=str(path) if path else "",
    )
    if config.workers is None and config.launch and config.launch.worker_command and mapping:
        config = replace(config, workers=_WORKER_PROGRAMS)
    if config.chaos and not config.urls:
        config = replace(config, urls=tuple(replica.url for replica in config.chaos.replicas))
    secret_url = environment.get(REDIS_URL_VARIABLE, "")
    if not secret_url:
        return config
    return replace(config, redis_url=_checked_secret_url(secret_url))


def _unless_said(mapping: JobMapping | None, promises: Promises | None) -> dict[str, float]:
    """Timings that follow from a mapping, or from a promise, unless the file gives its own."""
    if mapping is None:
        return {}
    bound_s = promises.redelivery_s if promises else 0.0
    return {**_UNLESS_SAID, **({"owner_death_s": bound_s} if bound_s else {})}


def _contract(declared: str | None, asked: str | None, path: Path | None) -> str:
    """The contract that the file declares, or that an option asks for; never one for the other."""
    if declared and asked and declared != asked:
        raise UsageError(
            f"--contract {asked}: {path} describes a target of the contract {declared}; leave the "
            "option out, or give another file"
        )
    if asked == _GENERIC and not declared and path is not None:
        raise UsageError(
            "the contract generic needs a target file with a [mapping] (--config): see "
            "docs/generic.md"
        )
    return declared or asked or DEFAULT_CONTRACT


def _credentials(environment: Mapping[str, str]) -> Credentials:
    """What the environment holds. A token from a file often ends with a line break.

    Raises UsageError for a token that no HTTP header can carry.
    """
    values = {name: environment.get(variable, "") for name, variable in _SECRETS.items()}
    for name in (name for name in _SECRETS if name.endswith(("token", "key"))):
        known_secrets.learn(values[name])
        values[name] = values[name].strip()
        if not (values[name].isascii() and (values[name] + "x").isprintable()):
            raise UsageError(
                f"{_SECRETS[name]} holds characters that no HTTP header can carry: export it "
                "alone, in plain ASCII"
            )
    return Credentials(**values)


def _checked_secret_url(url: str) -> str:
    """The Redis URL from the environment; what is wrong with it is said without quoting it."""
    known_secrets.learn_url(url)
    return check_redis_url(url, where=REDIS_URL_VARIABLE)


def _transport(
    target: dict[str, Any],
    given: dict[str, Any],
    environment: Mapping[str, str],
    path: Path | None,
) -> Transport:
    """The way in, taken out of the keys of the file and of the environment, which win."""
    headers = read_headers(
        target.pop("headers", {}), environment, where=f"{path}, [target.headers]"
    ) | headers_of_environment(environment)
    of_file, ca = target.pop("ca", ""), given.pop("ca", "")
    where = variable_of("ca") if ca else f"{path}, [target]: ca ="
    if of_file and not ca and path is not None:
        ca = str(path.parent / of_file)
    return Transport(
        headers=headers,
        ca=ca,
        authorities=read_ca(ca, where=where) if ca else "",
        proxy=given.pop("proxy", "") or target.pop("proxy", ""),
    )


def _expect_room(transport: Transport, mapping: JobMapping | None) -> None:
    """Raises UsageError where a front and the API behind it want one header, each its own."""
    own = {name.lower() for name in mapping.credentials} if mapping else set()
    for name in transport.headers:
        if name.lower() in own - {"cookie"}:
            raise UsageError(
                f"[target.headers] and [mapping.credentials] both set {name}, and a request has "
                "it once: let the API take its credentials in another header, or the front"
            )


def _mapping(tables: Mapping[str, Any], target: dict[str, Any], *, where: str) -> JobMapping | None:
    """The mapping; it makes the contract generic, which is nothing without one."""
    if "mapping" not in tables:
        if target.get("contract") == _GENERIC:
            raise UsageError(f"{where}the contract generic needs a [mapping]: see docs/generic.md")
        return None
    if target.setdefault("contract", _GENERIC) != _GENERIC:
        raise UsageError(f"{where}[mapping] belongs to the contract generic alone")
    return load_mapping(tables["mapping"], where=f"{where}[mapping]")


def _promises(
    tables: Mapping[str, Any],
    target: dict[str, Any],
    mapping: JobMapping | None,
    *,
    where: str,
) -> Promises | None:
    """What a target with a mapping promises; `at_least_once` is the older word for one of it."""
    if mapping is None:
        if "promises" in tables:
            raise UsageError(f"{where} belongs to a target with a [mapping] alone")
        return None
    promises = load_promises(tables.get("promises", {}), where=where)
    if promises.delivery == AT_LEAST_ONCE:
        target["at_least_once"] = True
    return promises


def _launch(given: dict[str, Any], *, where: str) -> LaunchConfig | None:
    if not given:
        return None
    if not given.get("command"):
        raise UsageError(
            f"{where} needs a command, a list such as ['server', '--port', '{{port}}']"
        )
    known_secrets.learn_settings(given.get("environment", {}))
    return LaunchConfig(**given)
