"""[executor] as it is declared, which instance a worker runs in, and programs by their commands."""

from __future__ import annotations

import asyncio
import socket
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from queueproof.config.load import load_target
from queueproof.config.model import ExecutorConfig, ReplicaConfig, TargetConfig
from queueproof.errors import Inconclusive, NotAssessed, UsageError
from queueproof.executors.declared_keeper import DeclaredKeeper
from queueproof.executors.docker_engine import DockerExecutor
from queueproof.executors.executor import Ability, Executor, Instance, LimitedExecutor
from queueproof.executors.programs import ProgramsExecutor
from queueproof.executors.workforce import Workforce, executor_of
from queueproof.faults.shared.frozen_replica import FrozenReplica
from queueproof.faults.shared.instances import EndedInstance, FrozenInstance
from queueproof.stack.journal import Journal, heal_leftovers
from queueproof.stack.replica import Replica
from queueproof.targets.marks import process_mark
from queueproof.targets.serving import serves

from .pods import HTTP


def load(folder: Path, text: str, **environment: str) -> TargetConfig:
    path = folder / "target.toml"
    path.write_text(text, "utf-8")
    return load_target(path, environment)


CLUSTER = "kind = 'kubernetes'\nnamespace = 'n'\nselector = 'app=queue'\n"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "kind is missing"),
        ("kind = 'nomad'", "must be one of commands, docker, kubernetes"),
        ("kind = 'docker'", "say which containers: containers, service or label"),
        ("kind = 'docker'\nnamespace = 'n'", "namespace does not belong to the kind docker"),
        ("kind = 'commands'", r"name at least one program, as \[\[executor.workers\]\]"),
        ("kind = 'commands'\n[[executor.workers]]\nkill = ['k']", "needs a name or a url"),
        (CLUSTER, "context is missing"),
        ("kind = 'kubernetes'\nselector = 'a=b'", "namespace is missing"),
        ("kind = 'kubernetes'\nnamespace = 'n'\ncontext = 'c'", "selector is missing"),
        (CLUSTER + "context = 'c'\nfreeze = ['f']", "freeze and thaw belong together"),
        ("kind = 'docker'\ncontainer = 'a'", "container does not belong"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load(tmp_path, f"[executor]\n{table}\n")


def test_inside_a_cluster_the_context_is_the_clusters_own(tmp_path: Path) -> None:
    config = load(tmp_path, f"[executor]\n{CLUSTER}", KUBERNETES_SERVICE_HOST="10.0.0.1")

    assert config.executor is not None
    assert config.executor.kubectl == ("kubectl",)


def test_the_commands_of_a_chaos_table_are_an_executor_too(tmp_path: Path) -> None:
    """What was declared for outages is declared for the gate; a row without a way back is not."""
    text = """
        [[chaos.replicas]]
        url = "http://127.0.0.1:1"
        kill = ["ssh", "one", "systemctl", "kill", "queue"]
        start = ["ssh", "one", "systemctl", "start", "queue"]
        [[chaos.replicas]]
        url = "http://127.0.0.1:2"
        kill = ["ssh", "two", "systemctl", "kill", "queue"]
    """
    executor = executor_of(load(tmp_path, textwrap.dedent(text)))

    assert isinstance(executor, ProgramsExecutor)
    assert [one.name for one in asyncio.run(executor.instances())] == ["http://127.0.0.1:1"]
    assert executor.abilities == {Ability.KILL, Ability.START}


def test_without_any_declaration_there_is_no_executor(tmp_path: Path) -> None:
    assert executor_of(load(tmp_path, "[target]\nurls = ['http://127.0.0.1:1']")) is None


# -- which instance a worker runs in -----------------------------------------------------------


class Listed(LimitedExecutor):
    """What an engine would list."""

    def __init__(self, *instances: Instance) -> None:
        self._instances = instances

    async def instances(self) -> tuple[Instance, ...]:
        return self._instances


def at(executor: Executor, url: str, *urls: str) -> str:
    workforce = Workforce(executor, urls=urls, ready_path="/", serves=serves)
    return asyncio.run(workforce.at(url)).name


def test_an_instance_is_found_by_where_it_serves() -> None:
    listed = Listed(
        Instance(name="a", places=frozenset({"172.17.0.2", "127.0.0.1:8081", "queue-a"})),
        Instance(name="b", places=frozenset({"172.17.0.3", "127.0.0.1:8082", "queue-b"})),
        Instance(name="c", places=frozenset({"172.17.0.2"}), leaving=True),
    )
    assert at(listed, "http://172.17.0.3:7860") == "b"
    assert at(listed, "http://127.0.0.1:8081/api") == "a"
    assert at(listed, "http://queue-b.headless.queues.svc:7860") == "b"
    for url in ("http://127.0.0.1:8083", "http://queue:7860", "http://127.0.0.1"):
        with pytest.raises(NotAssessed, match="is served by: none"):
            at(listed, url)


def test_a_name_that_several_share_names_none() -> None:
    """A Compose service of two containers."""
    listed = Listed(*(Instance(name=name, places=frozenset({"queue"})) for name in "ab"))

    with pytest.raises(NotAssessed, match="more than one"):
        at(listed, "http://queue:7860")


def test_where_addresses_say_nothing_the_order_of_the_file_does() -> None:
    """Containers on the machine's own network."""
    listed, urls = Listed(Instance(name="a"), Instance(name="b")), ("http://h:1", "http://h:2")

    assert [at(listed, url, *urls) for url in urls] == ["a", "b"]
    with pytest.raises(NotAssessed):
        at(listed, "http://h:1", "http://h:1")


@pytest.mark.parametrize(
    ("header", "name"),
    [("queue-1", "queue-1"), ("pod queue-10, worker 3", "queue-10"), ("4711-queue-1", None)],
)
def test_a_header_names_an_instance_by_whole_words(header: str, name: str | None) -> None:
    listed = Listed(
        *(Instance(name=one, names=frozenset({one})) for one in ("queue-1", "queue-10"))
    )
    workforce = Workforce(listed, urls=(), ready_path="/", serves=serves)
    if name is None:
        with pytest.raises(NotAssessed):
            asyncio.run(workforce.named(header))
    else:
        assert asyncio.run(workforce.named(header)).name == name


# -- programs by their owner's commands --------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path) -> ReplicaConfig:
    """A server that a script starts, kills, stops, freezes and thaws; its number is in a file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = tmp_path / "service.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os, signal, subprocess, sys
            number = {str(tmp_path / "pid")!r}
            if sys.argv[1] == "start":
                made = subprocess.Popen(
                    [sys.executable, "-c", {HTTP!r}, "127.0.0.1", "{port}"],
                    env={{**os.environ, "POD_NAME": "x"}}, start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                open(number, "w").write(str(made.pid))
            elif sys.argv[1] == "logs":
                print("the end of a log")
            else:
                os.kill(int(open(number).read()), getattr(signal, sys.argv[1]))
            """
        )
    )
    does = {
        "start": "start",
        "kill": "SIGKILL",
        "stop": "SIGTERM",
        "freeze": "SIGSTOP",
        "thaw": "SIGCONT",
        "logs": "logs",
    }
    words = {key: (sys.executable, str(script), word) for key, word in does.items()}
    return ReplicaConfig(url=f"http://127.0.0.1:{port}", name="queue on two", **words)


def test_a_program_on_another_machine_is_killed_stopped_and_frozen(program: ReplicaConfig) -> None:
    executor = ProgramsExecutor(ExecutorConfig(kind="commands", workers=(program,)))
    workforce = Workforce(executor, urls=(program.url,), ready_path="/", serves=serves)

    async def scenario() -> list[str]:
        await executor.start("queue on two")
        assert await workforce.serving_again(program.url, within_s=20.0)
        instance = await workforce.at(program.url)
        said = []
        try:
            for fault in (
                EndedInstance(workforce, instance, url=program.url, graceful=False),
                EndedInstance(workforce, instance, url=program.url, graceful=True),
                FrozenInstance(workforce, instance, url=program.url),
            ):
                await fault.apply()
                said.append(await fault.confirm())
                await fault.heal()
                assert await workforce.serves(program.url)
            said.append(await executor.logs("queue on two"))
            return said
        finally:
            await executor.kill("queue on two")

    killed, stopped, frozen, log = asyncio.run(scenario())

    assert killed == f"program queue on two serves no more at {program.url}"
    assert stopped.startswith("program queue on two ")
    assert frozen == f"program queue on two answers nothing at {program.url}"
    assert log == "the end of a log"


def test_what_a_failed_stop_has_half_ended_is_started_again(program: ReplicaConfig) -> None:
    """And the failure is told when that is done."""
    broken = replace(program, stop=("false",))
    executor = ProgramsExecutor(ExecutorConfig(kind="commands", workers=(broken,)))
    workforce = Workforce(executor, urls=(program.url,), ready_path="/", serves=serves)

    async def scenario() -> None:
        await executor.start("queue on two")
        assert await workforce.serving_again(program.url, within_s=20.0)
        instance = await workforce.at(program.url)
        fault = EndedInstance(workforce, instance, url=program.url, graceful=True)
        try:
            await fault.apply()
            await executor.kill("queue on two")
            with pytest.raises(Inconclusive):
                await fault.heal()
            assert await workforce.serves(program.url)
        finally:
            await executor.kill("queue on two")

    asyncio.run(scenario())


def test_a_replica_frozen_by_command_is_thawed(program: ReplicaConfig, tmp_path: Path) -> None:
    keeper = DeclaredKeeper(program)
    replica = Replica(0, program.url, keeper=keeper, proxy=None, ready_path="/")

    async def scenario() -> str:
        await replica.start()
        try:
            fault = FrozenReplica(replica, journal=Journal(tmp_path))
            await fault.apply()
            said = await fault.confirm()
            await fault.heal()
            assert await replica.serving()
            return said
        finally:
            await keeper.kill()

    assert asyncio.run(scenario()) == "replica 0 answers nothing"
    assert not list(tmp_path.glob("*.json"))


def test_a_command_that_fails_or_is_not_there_proves_nothing() -> None:
    row = ReplicaConfig(url="http://127.0.0.1:1", kill=("false",), start=("no-such-command",))
    executor = ProgramsExecutor(ExecutorConfig(kind="commands", workers=(row,)))

    for act in (executor.kill, executor.start):
        with pytest.raises(Inconclusive, match=r"false ends with 1|cannot run no-such-command"):
            asyncio.run(act(row.url))
    with pytest.raises(NotAssessed, match=r"cannot gracefully stop .* give stop and start"):
        asyncio.run(executor.stop(row.url))
    with pytest.raises(NotAssessed, match="cannot change the number of"):
        asyncio.run(executor.scale(3))


def test_an_instance_left_frozen_is_thawed_by_the_next_run(tmp_path: Path) -> None:
    """The note of a run that was killed; another executor's is kept."""
    thawed: list[str] = []

    async def thaw(called: str) -> bool:
        thawed.append(called)
        return True

    def note() -> None:
        row = '[{"kind": "frozen", "where": "container queue-1", "what": {}}]'
        (tmp_path / f"{process_mark().rpartition('-')[0]}-1-a.json").write_text(row, "utf-8")

    note()
    told = asyncio.run(heal_leftovers(folder=tmp_path, thaw=thaw))
    assert told == ("container queue-1, frozen by a run that was killed, is thawed",)
    assert thawed == ["container queue-1"]
    note()
    assert asyncio.run(heal_leftovers(folder=tmp_path)) == ()
    assert list(tmp_path.glob("*.json")), "it stays noted for a run with that executor"


def test_without_an_engine_the_reason_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    executor = DockerExecutor(ExecutorConfig(kind="docker", containers=("queue-1",)))

    with pytest.raises(Inconclusive, match="the container engine, connect"):
        asyncio.run(executor.instances())


class _Named:
    """A container of somebody else, which an engine finds by the beginning of its id."""

    id = "db" + "0" * 62
    name = "their-shop"
    killed = False

    def get(self, _: str) -> _Named:
        return self

    def kill(self) -> None:
        self.killed = True


@pytest.mark.parametrize(
    ("given", "meant"),
    [("db", False), ("db0", False), ("their-shop", True), ("db0000000000", True)],
)
def test_the_beginning_of_an_id_is_no_containers_name(given: str, meant: bool) -> None:
    """`db` is gone or misspelt: the engine would mean whichever container's id begins so."""
    stranger = _Named()
    executor = DockerExecutor(ExecutorConfig(kind="docker", containers=(given,)))
    executor._client = SimpleNamespace(containers=stranger)

    if meant:
        assert executor._chosen() == [stranger]
    else:
        with pytest.raises(Inconclusive, match=f"no container {given}: the engine means their-sh"):
            asyncio.run(executor.kill("their-shop"))
        assert not stranger.killed
