"""Who may be signalled, tried on processes that are made for it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from queueproof.config.model import ReplicaConfig
from queueproof.errors import HarnessError, Inconclusive, NotAssessed
from queueproof.executors import commands
from queueproof.executors.commands import run_command
from queueproof.executors.declared_keeper import DeclaredKeeper
from queueproof.faults.shared.ended_replica import EndedReplica
from queueproof.faults.shared.signalled_process import EndedProcess, FrozenProcess
from queueproof.processes.process_view import ProcessView
from queueproof.processes.signalling import NotSignalled, ProcessKey, Victim
from queueproof.stack.replica import Replica
from queueproof.targets.worker import Worker
from queueproof.targets.worker_programs import worker_programs_of
from queueproof.waiting import eventually

Sleeper = subprocess.Popen[bytes]
SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
#: Listens, forks one that inherits the socket, and tells its number.
SERVER = """
import os, socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
child = os.fork()
if child:
    print(server.getsockname()[1], child, flush=True)
time.sleep(60)
"""
HTTP = """
import http.server, sys
class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "0"); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Quiet).serve_forever()
"""


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    """A process that nobody declared."""
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


@pytest.fixture
def server() -> Iterator[tuple[Sleeper, int, int]]:
    """A process that listens, its port, and its child."""
    with subprocess.Popen((sys.executable, "-c", SERVER), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port, child = map(int, process.stdout.readline().split())
        yield process, port, child
        for pid in (child, process.pid):
            if psutil.pid_exists(pid):
                os.kill(pid, signal.SIGKILL)


def lives(process: Sleeper) -> bool:
    return process.poll() is None and psutil.Process(process.pid).status() != psutil.STATUS_STOPPED


def test_a_number_in_a_header_is_never_signalled(
    sleeper: Sleeper, server: tuple[Sleeper, int, int]
) -> None:
    """Whether it is a stranger's, has words behind it, or is below the root by chance."""
    master, _, child = server
    view = ProcessView(master.pid)
    for key in (f"{sleeper.pid}-pod1", str(sleeper.pid), str(child), f"process {child}"):
        with pytest.raises(Inconclusive, match="not known by its process"):
            view.victim(Worker("a", key))

    assert lives(sleeper)
    assert psutil.pid_exists(child)


def test_a_worker_that_was_sorted_by_its_process_is_signalled(
    server: tuple[Sleeper, int, int],
) -> None:
    master, _, child = server
    victim = ProcessView(master.pid).victim(Worker("a", ProcessKey(child)))

    async def scenario() -> str:
        fault = EndedProcess(victim, "a worker")
        await fault.apply()
        return await fault.confirm()

    assert "SIGKILL delivered" in asyncio.run(scenario())
    assert victim.status in ("gone", psutil.STATUS_ZOMBIE)


def test_a_process_that_is_not_below_the_root_is_not_signalled(
    sleeper: Sleeper, server: tuple[Sleeper, int, int]
) -> None:
    with pytest.raises(NotSignalled, match="is not below process_root"):
        ProcessView(server[0].pid).victim(Worker("a", ProcessKey(sleeper.pid)))

    assert lives(sleeper)


def test_a_process_that_left_the_family_is_not_signalled(
    server: tuple[Sleeper, int, int],
) -> None:
    """Looked up while it was below the root, signalled when it is no longer."""
    master, _, child = server
    victim = Victim.declared(master.pid).below(child)
    master.kill()
    master.wait()

    with pytest.raises(NotSignalled):
        victim.send(signal.SIGKILL)

    assert psutil.Process(child).status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("root", ["init", "parent", "itself", "negative"])
def test_ancestors_are_no_roots(root: str, sleeper: Sleeper) -> None:
    """Everything, queueproof included, is below these."""
    number = {"init": 1, "parent": os.getppid(), "itself": os.getpid(), "negative": -1}[root]
    with pytest.raises(NotSignalled):
        Victim.declared(number, "process_root")
    with pytest.raises(NotSignalled):
        ProcessView(number).victim(Worker("a", ProcessKey(sleeper.pid)))

    assert lives(sleeper)


def test_a_number_that_is_another_process_by_now_is_not_signalled(sleeper: Sleeper) -> None:
    """Numbers are given out again: the time of birth tells."""
    victim = Victim.declared(sleeper.pid)
    victim.birth -= 1
    for send in (victim.send, victim.send_again):
        with pytest.raises(NotSignalled, match="has ended"):
            send(signal.SIGKILL)
    key = ProcessKey(sleeper.pid)
    key.birth -= 1
    with pytest.raises(NotSignalled, match="another process's now"):
        ProcessView(sleeper.pid).victim(Worker("a", key))

    assert lives(sleeper)


def test_a_worker_program_of_another_birth_is_not_signalled(sleeper: Sleeper) -> None:
    """One that was named in the target file, ended, and whose number was given out again."""
    (member,) = worker_programs_of((sleeper.pid,), ())
    object.__setattr__(member, "birth", (member.birth or 0) - 1)

    assert not member.alive
    with pytest.raises(NotSignalled):
        _ = member.victim
    assert lives(sleeper)


def test_a_frozen_process_is_thawed_though_it_left_the_family(
    server: tuple[Sleeper, int, int],
) -> None:
    """What we have stopped we let go again."""
    master, _, child = server

    async def scenario() -> None:
        fault = FrozenProcess(Victim.declared(master.pid).below(child), "a worker")
        await fault.apply()
        await fault.confirm()
        master.kill()
        master.wait()
        await fault.heal()

    asyncio.run(scenario())

    assert psutil.Process(child).status() != psutil.STATUS_STOPPED


# -- replicas that chaos ends ------------------------------------------------------------------


def replica(*, url: str, name: str = "", **row: object) -> Replica:
    config = ReplicaConfig(url=url, **{"start": ("true",), **row})  # type: ignore[arg-type]
    return Replica(0, url, keeper=DeclaredKeeper(config), proxy=None, ready_path="/", label=name)


def printing(words: str, complaint: str = "") -> tuple[str, ...]:
    text = f"import sys; print({words!r}); print({complaint!r}, file=sys.stderr)"
    return (sys.executable, "-c", text)


def refused(one: Replica) -> str:
    async def scenario() -> None:
        await EndedReplica(one, graceful=False).apply()

    with pytest.raises((Inconclusive, NotAssessed)) as raised:
        asyncio.run(scenario())
    assert one.expected_up, "the fault was not applied"
    return str(raised.value)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("1", "everybody's"),
        ("0", "everybody's"),
        pytest.param(str(os.getpid()), "queueproof itself", id="ourselves"),
        pytest.param(str(os.getppid()), "what has started it", id="our parent"),
        ("queue-7f9c6-pod", "must print one process id"),
        ("-9", "must print one process id"),
        ("31217 31218", "must print one process id"),
        ("31217\n31218", "must print one process id"),
        ("31217\x1b[2J", "must print one process id"),
        ("\u0663\u0664", "must print one process id"),
        pytest.param("9" * 5000, "must print one process id", id="no number at all"),
        ("99999999", "no process"),
        ("4294967297", "no process"),
        ("", "no process id|give kill and stop"),
    ],
)
def test_what_a_pid_command_prints_is_not_killed_unless_it_is_the_replica(
    words: str, reason: str
) -> None:
    import re

    assert re.search(
        reason, refused(replica(url="http://127.0.0.1:9", pid_command=printing(words)))
    )


@pytest.mark.parametrize("graceful", [False, True])
def test_a_process_that_does_not_hold_the_replicas_port_is_left_alone(
    sleeper: Sleeper, graceful: bool
) -> None:
    """The number of another machine's or another namespace's process."""
    one = replica(url="http://127.0.0.1:9", pid_command=printing(str(sleeper.pid)))
    with pytest.raises(NotSignalled, match="listens at port 9"):
        asyncio.run(EndedReplica(one, graceful=graceful).apply())

    one = replica(url="http://127.0.0.1:9", process_root=sleeper.pid)
    assert "listens at port 9" in refused(one)
    assert lives(sleeper)


def test_a_replica_on_another_machine_has_no_process_here(
    server: tuple[Sleeper, int, int],
) -> None:
    """Though a process with its number happens to listen at the same port here."""
    master, port, _ = server

    assert "is not this machine" in refused(
        replica(url=f"http://203.0.113.7:{port}", process_root=master.pid)
    )
    assert lives(master)


def test_a_family_that_holds_the_port_is_killed_whole(server: tuple[Sleeper, int, int]) -> None:
    """With noise on standard error, as kubectl makes it."""
    master, port, child = server
    noisy = printing(str(master.pid), "Defaulted container queue out of: queue, sidecar")
    one = replica(url=f"http://127.0.0.1:{port}", pid_command=noisy)
    killed = psutil.Process(child)

    async def scenario() -> str:
        fault = EndedReplica(one, graceful=False)
        await fault.apply()
        said = await fault.confirm()
        _, over = await eventually(ended, bool, within_s=10.0)
        assert over, "the rest of the family lives on"
        return said

    async def ended() -> bool:
        return not killed.is_running() or killed.status() == psutil.STATUS_ZOMBIE

    assert "is gone" in asyncio.run(scenario())


def test_what_a_command_says_on_standard_error_is_not_its_answer() -> None:
    assert asyncio.run(run_command(printing("17", "noise"))) == "17"


def test_a_command_is_over_when_it_ends_though_what_it_started_goes_on(tmp_path: Path) -> None:
    """A server that keeps its standard output lives on, and may go on printing."""
    number, lived = tmp_path / "pid", tmp_path / "lived"
    server = (
        f"import os, pathlib, time; pathlib.Path({str(number)!r}).write_text(str(os.getpid()))\n"
        f"while not pathlib.Path({str(lived)!r}).exists(): print('x', flush=True); time.sleep(0.05)"
    )
    start = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {server!r}]); print(1)"
    )

    began_s = time.monotonic()
    said = asyncio.run(run_command((sys.executable, "-c", start), within_s=20.0))
    took_s = time.monotonic() - began_s
    eventually_there = _wait_until(number.exists)
    time.sleep(0.3)
    process = psutil.Process(int(number.read_text()))
    alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    own_session = os.getsid(process.pid) != os.getsid(0)
    lived.touch()

    assert said.split()[0] in ("1", "x")
    assert took_s < 15.0
    assert eventually_there
    assert alive
    assert own_session, "Ctrl-C would end it with the run"


def test_a_command_that_prints_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_MOST_BYTES", 100_000)

    with pytest.raises(HarnessError, match="prints more than"):
        asyncio.run(run_command((sys.executable, "-c", "while True: print('x' * 9999)")))
    with pytest.raises(HarnessError, match="does not end within 0 s"):
        asyncio.run(
            run_command((sys.executable, "-c", "import time; time.sleep(60)"), within_s=0.2)
        )


def _wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10.0
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize("graceful", [False, True])
def test_a_pod_is_ended_by_its_owners_commands_without_a_process_id(
    tmp_path: Path, graceful: bool
) -> None:
    """`stop` or `kill`, and `start`: that it serves no more is the proof."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    number = tmp_path / "pid"
    start, end = tmp_path / "start.py", tmp_path / "end.py"
    start.write_text(
        textwrap.dedent(
            f"""
            import subprocess, sys
            made = subprocess.Popen([sys.executable, "-c", {HTTP!r}, "{port}"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, start_new_session=True)
            open({str(number)!r}, "w").write(str(made.pid))
            """
        )
    )
    end.write_text(f"import os; os.kill(int(open({str(number)!r}).read()), 9)")
    ending = (sys.executable, str(end))
    one = replica(
        url=f"http://127.0.0.1:{port}",
        start=(sys.executable, str(start)),
        **{"stop" if graceful else "kill": ending},
    )

    async def scenario() -> str:
        await one.start()
        fault = EndedReplica(one, graceful=graceful)
        try:
            await fault.apply()
            said = await fault.confirm()
            await fault.heal()
            assert await one.serving()
            return said
        finally:
            await run_command(ending)

    assert "takes no new connection" in asyncio.run(scenario())


def test_without_a_start_command_nothing_is_ended(server: tuple[Sleeper, int, int]) -> None:
    master, port, _ = server
    one = replica(url=f"http://127.0.0.1:{port}", process_root=master.pid, start=())
    for graceful in (True, False):
        with pytest.raises(NotAssessed, match="give start"):
            asyncio.run(EndedReplica(one, graceful=graceful).apply())

    assert lives(master)
