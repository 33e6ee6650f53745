"""Pods as an executor ends them, on a cluster whose pods are processes of this machine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from queueproof.config.model import ExecutorConfig, ReplicaConfig
from queueproof.errors import CaseOutcome, Inconclusive, NotAssessed
from queueproof.executors.executor import Ability
from queueproof.executors.executor_keeper import ExecutorKeeper
from queueproof.executors.kubernetes import KubernetesExecutor
from queueproof.executors.workforce import Workforce
from queueproof.faults.rolling_restart import RolledWorkload
from queueproof.faults.scale_down import ScaledWorkload
from queueproof.faults.shared.ended_replica import EndedReplica
from queueproof.faults.shared.instances import EndedInstance, FrozenInstance
from queueproof.stack.replica import Replica
from queueproof.targets.serving import serves

from .pods import Pods, cluster

T = TypeVar("T")


@pytest.fixture(scope="module")
def no_pods(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pods]:
    """A cluster to ask, and nothing in it."""
    with cluster(tmp_path_factory.mktemp("cluster"), replicas=0) as pods:
        yield pods


def on(pods: Pods, scenario: Callable[[Workforce], Awaitable[T]], **more: Any) -> T:
    """What a scenario tells of a workforce with these pods."""

    async def play() -> T:
        executor = KubernetesExecutor(pods.config(**more))
        workforce = Workforce(executor, urls=tuple(pods.urls), ready_path="/", serves=serves)
        return await scenario(workforce)

    return asyncio.run(play())


@pytest.mark.parametrize("version", ["1.20", "1.31"])
def test_a_killed_pod_is_proven_by_what_it_serves_and_healed_by_its_controller(
    tmp_path: Path, version: str
) -> None:
    with cluster(tmp_path, version=version) as pods:

        async def scenario(workforce: Workforce) -> tuple[str, str, str, str]:
            first = await workforce.at(pods.urls[0])
            fault = EndedInstance(workforce, first, url=pods.urls[0], graceful=False)
            await fault.apply()
            said = await fault.confirm()
            await fault.heal()
            second = await workforce.at(pods.urls[0])
            assert await workforce.serves(pods.urls[0])
            log = await workforce.executor.logs("queue-1")
            return said, first.life, second.life, log

        said, first, second, log = on(pods, scenario)

        assert log == "serving"
        assert said in ("pod queue-0 has ended", f"pod queue-0 serves no more at {pods.urls[0]}")
        assert first != second
        assert pods.calls == [
            "--namespace=queues --context=staging delete pod queue-0 --now --wait=false",
            "--namespace=queues --context=staging logs queue-1 --all-containers=true --tail=50",
        ]


def test_a_pod_that_is_stopped_has_its_own_time_for_that(tmp_path: Path) -> None:
    with cluster(tmp_path) as pods:

        async def scenario(workforce: Workforce) -> str:
            fault = EndedInstance(
                workforce, await workforce.at(pods.urls[1]), url=pods.urls[1], graceful=True
            )
            await fault.apply()
            said = await fault.confirm()
            await fault.heal()
            return said

        assert "pod queue-1" in on(pods, scenario)
        assert pods.calls == ["--namespace=queues --context=staging delete pod queue-1"]


def test_the_pods_of_a_deployment_are_known_by_their_header_and_replaced(tmp_path: Path) -> None:
    with cluster(tmp_path, kind="Deployment") as pods:
        named = pods.names[0]

        async def scenario(workforce: Workforce) -> None:
            instance = await workforce.named(f"worker {named}")
            assert instance.name == named
            fault = EndedInstance(workforce, instance, url="", graceful=False)
            await fault.apply()
            assert await fault.confirm() == f"pod {named} has ended"
            await fault.heal()
            assert await workforce.ready() == 2
            with pytest.raises(NotAssessed, match="none of what the executor lists"):
                await workforce.named(named)

        on(pods, scenario)


def test_a_replica_of_a_chaos_run_is_a_pod(tmp_path: Path) -> None:
    """Killed and started again without a process id; reports name the pod."""
    with cluster(tmp_path) as pods:

        async def scenario(workforce: Workforce) -> tuple[str, str]:
            keeper = ExecutorKeeper(workforce, ReplicaConfig(url=pods.urls[1]))
            await keeper.find()
            replica = Replica(1, pods.urls[1], keeper=keeper, proxy=None, ready_path="/")
            fault = EndedReplica(replica, graceful=False)
            await fault.apply()
            said = await fault.confirm()
            await fault.heal()
            assert await replica.serving()
            return fault.name, said

        name, said = on(pods, scenario)

        assert name == "replica 1 (pod queue-1) killed"
        assert said.startswith("replica 1 (pod queue-1) ")


def test_a_rolling_restart_and_a_scale_down_are_the_clusters_own(tmp_path: Path) -> None:
    """By the workload; proven by what runs now, and by which replicas serve."""
    with cluster(tmp_path) as pods:

        async def scenario(workforce: Workforce) -> tuple[str, str]:
            replicas = []
            for index, url in enumerate(pods.urls):
                keeper = ExecutorKeeper(workforce, ReplicaConfig(url=url))
                await keeper.find()
                replicas.append(Replica(index, url, keeper=keeper, proxy=None, ready_path="/"))
            rolled = RolledWorkload(workforce, replicas)
            await rolled.apply()
            said = await rolled.confirm()
            await rolled.heal()
            scaled = ScaledWorkload(workforce, replicas[1:])
            await scaled.apply()
            gone = await scaled.confirm()
            assert await replicas[0].serving()
            await scaled.heal()
            assert await replicas[1].serving()
            return said, gone

        assert on(pods, scenario) == (
            "all 2 pods were restarted",
            "replica 1 (pod queue-1) went",
        )
        words = [call.partition("--context=staging ")[2] for call in pods.calls]
        assert words == [
            "rollout restart statefulset/queue",
            "rollout status statefulset/queue --timeout=600s",
            "scale statefulset/queue --replicas=1",
            "scale statefulset/queue --replicas=2",
        ]


def test_a_pod_is_frozen_only_by_commands_that_its_owner_declared(tmp_path: Path) -> None:
    inside = {
        "freeze": ("sh", "-c", "kill -STOP $POD_PID"),
        "thaw": ("sh", "-c", "kill -CONT $POD_PID"),
    }
    with cluster(tmp_path, replicas=1) as pods:

        async def refused(workforce: Workforce) -> None:
            fault = FrozenInstance(workforce, await workforce.at(pods.urls[0]), url=pods.urls[0])
            with pytest.raises(NotAssessed, match="cannot freeze a pod: give freeze and thaw"):
                await fault.apply()

        async def scenario(workforce: Workforce) -> str:
            fault = FrozenInstance(workforce, await workforce.at(pods.urls[0]), url=pods.urls[0])
            await fault.apply()
            try:
                return await fault.confirm()
            finally:
                await fault.heal()

        on(pods, refused)
        assert on(pods, scenario, **inside) in (
            "pod queue-0 stands still",
            f"pod queue-0 answers nothing at {pods.urls[0]}",
        )


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        ({"context": "production"}, Inconclusive, 'context "production" does not exist'),
        ({"kubectl": ("no-such-kubectl",)}, Inconclusive, "cannot run no-such-kubectl"),
        ({"kubectl": ("echo", "Defaulted container")}, Inconclusive, "printed no list of pods"),
        ({"namespace": "other"}, NotAssessed, r"none of what the executor lists \(nothing\)"),
        ({"selector": "app=other"}, NotAssessed, r"none of what the executor lists \(nothing\)"),
    ],
)
def test_what_kubectl_says_is_the_reason(
    no_pods: Pods, more: dict[str, Any], kind: type[CaseOutcome], said: str
) -> None:
    async def scenario(workforce: Workforce) -> None:
        with pytest.raises(kind, match=said):
            await workforce.at("http://127.0.1.10:80")

    on(no_pods, scenario, **more)


def test_what_the_cluster_forbids_was_not_asked_and_nothing_is_waited_for(tmp_path: Path) -> None:
    with cluster(tmp_path, replicas=1, forbid=["delete"]) as pods:

        async def scenario(workforce: Workforce) -> None:
            keeper = ExecutorKeeper(workforce, ReplicaConfig(url=pods.urls[0]))
            replica = Replica(0, pods.urls[0], keeper=keeper, proxy=None, ready_path="/")
            fault = EndedReplica(replica, graceful=False)
            with pytest.raises(NotAssessed, match="cannot delete resource"):
                await fault.apply()
            await fault.heal()
            assert replica.expected_up

        on(pods, scenario)


def test_what_needs_a_workload_is_not_claimed_without_one() -> None:
    bare = KubernetesExecutor(ExecutorConfig(kind="kubernetes", namespace="n", selector="a=b"))

    assert Ability.KILL in bare.abilities
    assert not {Ability.SCALE, Ability.ROLL, Ability.FREEZE} & bare.abilities
    for act in (bare.scale(1), bare.roll(), bare.freeze("queue-0")):
        with pytest.raises(NotAssessed, match=r"give (workload|freeze)"):
            asyncio.run(act)


def test_the_pod_in_which_queueproof_runs_is_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("HOSTNAME", "queueproof-x2x4z")
    executor = KubernetesExecutor(
        ExecutorConfig(kind="kubernetes", namespace="n", selector="a=b", kubectl=("false",))
    )
    for act in (executor.kill, executor.stop):
        with pytest.raises(NotAssessed, match="where queueproof itself runs"):
            asyncio.run(act("queueproof-x2x4z"))


NOWHERE = """
apiVersion: v1
kind: Config
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: staging, context: {cluster: nowhere, user: nobody}}]
users: [{name: nobody, user: {}}]
"""


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl on this machine")
@pytest.mark.parametrize("act", ["list", "kill", "stop", "freeze", "scale", "roll", "logs"])
def test_a_real_kubectl_understands_every_command(act: str, tmp_path: Path) -> None:
    """It gets as far as the server, which is none."""
    place = tmp_path / "config"
    place.write_text(NOWHERE, "utf-8")
    executor = KubernetesExecutor(
        ExecutorConfig(
            kind="kubernetes",
            namespace="queues",
            context="staging",
            selector="app=queue",
            workload="statefulset/queue",
            container="queue",
            kubectl=("kubectl", f"--kubeconfig={place}"),
            freeze=("pkill", "-STOP", "queue"),
            thaw=("pkill", "-CONT", "queue"),
            stop_s=30.0,
        )
    )
    deeds: dict[str, Callable[[], Awaitable[object]]] = {
        "list": executor.instances,
        "kill": lambda: executor.kill("queue-0"),
        "stop": lambda: executor.stop("queue-0"),
        "freeze": lambda: executor.freeze("queue-0"),
        "scale": lambda: executor.scale(1),
        "roll": executor.roll,
        "logs": lambda: executor.logs("queue-0"),
    }

    async def scenario() -> None:
        with pytest.raises(Inconclusive, match=r"The connection to the server .* was refused"):
            await deeds[act]()

    asyncio.run(scenario())
