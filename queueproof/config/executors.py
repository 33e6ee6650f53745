"""The [executor] table of a target file: who starts and ends the programs that do the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queueproof.config.checks import check_url
from queueproof.config.kinds import PROCESS, Checked, ListOf, Number, Table, Text, Words
from queueproof.config.model import ExecutorConfig, ReplicaConfig
from queueproof.errors import UsageError

COMMANDS, DOCKER, KUBERNETES = "commands", "docker", "kubernetes"
#: What each kind takes besides `kind`.
_KEYS = {
    COMMANDS: ("workers", "scale", "roll"),
    DOCKER: ("containers", "service", "project", "label", "stop_s"),
    KUBERNETES: (
        *("namespace", "context", "selector", "workload", "container", "kubectl", "stop_s"),
        *("kill", "freeze", "thaw"),
    ),
}
_IN_A_CLUSTER = "KUBERNETES_SERVICE_HOST"
_WORDS = dict.fromkeys(("kill", "stop", "start", "freeze", "thaw", "logs"), Words())
_WORKER = Table(
    {
        "name": Text(filled=True),
        "url": Checked(lambda url, where: check_url(url, where) if url else ""),
        "process_root": PROCESS,
        "pid_command": Words(),
        **_WORDS,
    }
)
EXECUTOR = Table(
    {
        "kind": Text(choices=tuple(_KEYS)),
        "containers": ListOf(kind=Text(filled=True)),
        **dict.fromkeys(("service", "project", "label"), Text()),
        **dict.fromkeys(("namespace", "context", "selector", "workload", "container"), Text()),
        **dict.fromkeys(("kubectl", "kill", "freeze", "thaw", "scale", "roll"), Words()),
        "stop_s": Number(most=3600.0),
        "workers": ListOf(kind=_WORKER),
    },
    needed=("kind",),
)


def load_executor(
    given: Mapping[str, Any], environment: Mapping[str, str], *, where: str
) -> ExecutorConfig:
    """The table, checked; raises UsageError for a mistake."""
    values = EXECUTOR.read(given, where)
    kind = values["kind"]
    for key in values:
        if key != "kind" and key not in _KEYS[kind]:
            raise UsageError(f"{where}: {key} does not belong to the kind {kind}")
    if kind == COMMANDS:
        values["workers"] = _workers(values.get("workers", ()), where)
    config = ExecutorConfig(**values)
    _check(config, environment, where)
    return config


def _workers(rows: tuple[dict[str, Any], ...], where: str) -> tuple[ReplicaConfig, ...]:
    for at, row in enumerate(rows):
        if not row.get("name") and not row.get("url"):
            raise UsageError(f"{where} workers[{at}] needs a name or a url")
    return tuple(ReplicaConfig(**{"url": "", **row}) for row in rows)


def _check(config: ExecutorConfig, environment: Mapping[str, str], where: str) -> None:
    """Nothing is ended that nobody has named: each kind says whose programs it means."""
    if bool(config.freeze) != bool(config.thaw):
        raise UsageError(f"{where}: freeze and thaw belong together")
    if config.kind == COMMANDS and not config.workers:
        raise UsageError(f"{where}: name at least one program, as [[executor.workers]]")
    if config.kind == DOCKER and not (config.containers or config.service or config.label):
        raise UsageError(f"{where}: say which containers: containers, service or label")
    if config.kind != KUBERNETES:
        return
    for key in ("namespace", "selector"):
        if not getattr(config, key):
            raise UsageError(f"{where}: {key} is missing: it says whose pods may be ended")
    if not config.context and _IN_A_CLUSTER not in environment:
        raise UsageError(
            f"{where}: context is missing: name the cluster's, lest pods of another one be ended "
            "(kubectl config get-contexts)"
        )
