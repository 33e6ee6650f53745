"""Kubernetes as an executor: pods of a namespace and a selector, by kubectl.

Nothing is assumed of the cluster but that kubectl reaches it. A pod is ended by its deletion, and
its controller brings up a successor. No request of the API ends a pod at once: what is deleted
`--now` gets SIGTERM, and SIGKILL about two seconds later; deleted by force it would vanish from the
API alone, and go on for as long as its grace period. An owner whose images have a shell and whose
program is not process 1 may declare a command that kills inside the pod.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from queueproof.config.model import ExecutorConfig
from queueproof.errors import HarnessError, Inconclusive, NotAssessed
from queueproof.executors.commands import run_command
from queueproof.executors.executor import Ability, Instance, LimitedExecutor
from queueproof.waiting import eventually

_LOG_LINES = 50
_ROLLED_WITHIN_S = 600
_ENDED_WITHIN_S = 300.0
_FORBIDDEN = "(Forbidden)"


class KubernetesExecutor(LimitedExecutor):
    """Pods, by kubectl (see the module)."""

    noun = "pod"
    advice: ClassVar[Mapping[Ability, str]] = {
        Ability.FREEZE: "give freeze and thaw, commands that run inside the pod",
        Ability.SCALE: "give workload, such as deployment/queue",
        Ability.ROLL: "give workload, such as deployment/queue",
    }

    def __init__(self, config: ExecutorConfig) -> None:
        self._config = config
        able = {Ability.KILL, Ability.STOP, Ability.START, Ability.RESTART, Ability.LOGS}
        able |= {Ability.REPLACE}
        able |= {Ability.FREEZE} if config.freeze else set()
        able |= {Ability.SCALE, Ability.ROLL} if config.workload else set()
        self.abilities = frozenset(able)

    async def instances(self) -> tuple[Instance, ...]:
        """The pods that the selector chooses; those that are being deleted are leaving."""
        said = await self._kubectl(
            "get", "pods", f"--selector={self._config.selector}", "--output=json"
        )
        try:
            rows = [_instance(row) for row in json.loads(said)["items"]]
        except (ValueError, LookupError, TypeError, AttributeError):
            raise Inconclusive(f"kubectl get pods printed no list of pods: {said[:80]!r}") from None
        return tuple(sorted(rows, key=lambda one: one.name))

    async def kill(self, name: str) -> None:
        """Delete it now, or run the owner's command inside."""
        _refuse_ourselves(name)
        if self._config.kill:
            # What is killed may take the command that has killed it with it: the effect tells.
            with suppress(Inconclusive):
                await self._inside(name, self._config.kill)
            return
        await self._kubectl("delete", "pod", name, "--now", "--wait=false")

    async def stop(self, name: str) -> None:
        """Delete it, with the grace period that it has, and wait until it has ended."""
        _refuse_ourselves(name)
        grace = [f"--grace-period={self._config.stop_s:.0f}"] if self._config.stop_s else []
        await self._kubectl("delete", "pod", name, *grace, within_s=_ENDED_WITHIN_S)

    async def freeze(self, name: str) -> None:
        """Run the owner's command inside."""
        if not self._config.freeze:
            raise self.unable(Ability.FREEZE, name)
        await self._inside(name, self._config.freeze)

    async def thaw(self, name: str) -> None:
        """Run the owner's command inside."""
        await self._inside(name, self._config.thaw)

    async def start(self, name: str) -> None:
        """Its controller does."""

    async def restart(self, name: str) -> None:
        """Its controller brings up the successor of what was stopped."""
        await self.stop(name)

    async def scale(self, number: int) -> None:
        """Set the workload's replicas."""
        await self._kubectl("scale", self._workload(Ability.SCALE), f"--replicas={number}")

        async def count() -> int:
            return sum(one.ready for one in await self.instances())

        await eventually(count, lambda now: now == number, within_s=_ENDED_WITHIN_S)

    async def roll(self) -> None:
        """Restart the workload's rollout, and wait for its end."""
        workload = self._workload(Ability.ROLL)
        await self._kubectl("rollout", "restart", workload)
        await self._kubectl(
            "rollout",
            "status",
            workload,
            f"--timeout={_ROLLED_WITHIN_S}s",
            within_s=_ROLLED_WITHIN_S + 10.0,
        )

    async def logs(self, name: str) -> str:
        """Of all its containers."""
        which = f"--container={self._config.container}" if self._config.container else ""
        every = which or "--all-containers=true"
        return await self._kubectl("logs", name, every, f"--tail={_LOG_LINES}")

    def _workload(self, ability: Ability) -> str:
        if not self._config.workload:
            raise self.unable(ability, "all")
        return self._config.workload

    async def _inside(self, name: str, words: tuple[str, ...]) -> None:
        which = [f"--container={self._config.container}"] if self._config.container else []
        await self._kubectl("exec", name, *which, "--", *words)

    async def _kubectl(self, *words: str, within_s: float = 120.0) -> str:
        """What kubectl prints; raises NotAssessed where it may not, Inconclusive where it fails."""
        config = self._config
        place = [f"--namespace={config.namespace}"]
        place += [f"--context={config.context}"] if config.context else []
        try:
            return await run_command([*config.kubectl, *place, *words], within_s=within_s)
        except HarnessError as error:
            kind = NotAssessed if _FORBIDDEN in str(error) else Inconclusive
            raise kind(f"kubectl {words[0]}: {error}") from None


def _instance(row: Mapping[str, Any]) -> Instance:
    metadata, status = row["metadata"], row.get("status", {})
    containers = status.get("containerStatuses") or []
    lives = [str(one.get("containerID") or one.get("restartCount", 0)) for one in containers]
    name = str(metadata["name"])
    conditions = {one["type"]: one["status"] for one in status.get("conditions") or []}
    leaving = bool(metadata.get("deletionTimestamp"))
    hosts = {name.lower(), str(status.get("podIP") or "").lower()} - {""}
    return Instance(
        name=name,
        life=" ".join([str(metadata.get("uid", "")), *lives]),
        ready=conditions.get("Ready") == "True" and not leaving,
        leaving=leaving,
        places=frozenset(hosts),
        names=frozenset({name}),
    )


def _refuse_ourselves(name: str) -> None:
    """A pod's name is its hostname, unless it says otherwise."""
    if "KUBERNETES_SERVICE_HOST" in os.environ and name in (
        socket.gethostname(),
        os.environ.get("HOSTNAME"),
    ):
        raise NotAssessed(f"pod {name} is where queueproof itself runs: it is not ended")
