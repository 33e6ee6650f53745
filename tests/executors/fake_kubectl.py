"""kubectl in front of a cluster that is none: pods are processes of this machine.

It answers as kubectl 1.20 and 1.31 do (`version` in the state), as far as an executor asks; it is
asked every other moment, and so it starts with as little as it needs. The cluster is a folder:
`cluster.json`, a log a pod, and a record of every call. A controller is a process that outlives the
call that needs it: it ends what was deleted and starts successors.

    state: version, contexts, namespace, kind, workload, replicas, command, ready, forbid, grace_s
    a pod: name, uid, pid, ip, restarts, deleted
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["FAKE_CLUSTER"])
STATE = FOLDER / "cluster.json"
LABEL = "app=queue"
#: The kubelet gives every container two seconds, however soon it shall end.
LEAST_GRACE_S = 2.0
STARTED_WITHIN_S = 90.0


class Refused(Exception):
    """What the API server, or kubectl, says no to."""


@contextmanager
def cluster() -> Iterator[dict[str, Any]]:
    """The state, alone; saved at the end."""
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = json.loads(STATE.read_text("utf-8"))
        yield state
        draft = STATE.with_suffix(".draft")
        draft.write_text(json.dumps(state), "utf-8")
        draft.replace(STATE)


def main(words: list[str]) -> int:
    flags = dict(word[2:].split("=", 1) for word in before_dashes(words) if "=" in word[:40])
    plain = [word for word in before_dashes(words) if not word.startswith("--")]
    with (FOLDER / "calls").open("a") as calls:
        calls.write(" ".join(words) + "\n")
    try:
        with cluster() as state:
            check(state, flags, plain)
        sys.stdout.write(COMMANDS[plain[0]](plain[1:], flags, words) + "\n")
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def before_dashes(words: list[str]) -> list[str]:
    return words[: words.index("--")] if "--" in words else words


def check(state: dict[str, Any], flags: dict[str, str], plain: list[str]) -> None:
    context = flags.get("context", state["contexts"][0])
    if context not in state["contexts"]:
        old = f"Error in configuration: context was not found for specified context: {context}"
        new = f'error: context "{context}" does not exist'
        raise Refused(old if state["version"] == "1.20" else new)
    if plain[0] in state["forbid"]:
        raise Refused(
            f'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:'
            f'{state["namespace"]}:queueproof" cannot {plain[0]} resource "pods" in API group "" '
            f'in the namespace "{state["namespace"]}"'
        )


# -- commands ----------------------------------------------------------------------------------


def get(plain: list[str], flags: dict[str, str], words: list[str]) -> str:
    with cluster() as state:
        old = state["version"] == "1.20"
        ended = [pod["uid"] for pod in state["pods"] if not (pod["deleted"] or alive(pod["pid"]))]
    for uid in ended:
        controller("restart", uid)
    here = flags.get("namespace") == state["namespace"] and flags.get("selector") == LABEL
    items = [described(pod, state) for pod in state["pods"]] if here else []
    metadata = {"resourceVersion": "", **({"selfLink": ""} if old else {})}
    return json.dumps({"apiVersion": "v1", "items": items, "kind": "List", "metadata": metadata})


def described(pod: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    lives, serves = alive(pod["pid"]), ready(pod, state)
    metadata = {"name": pod["name"], "namespace": state["namespace"], "uid": pod["uid"]}
    if pod["deleted"]:
        metadata |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "deletionGracePeriodSeconds": 1}
    container = {
        "name": "queue",
        "ready": serves,
        "restartCount": pod["restarts"],
        "containerID": f"containerd://{pod['uid']}{pod['restarts']}",
        "state": {"running": {}} if lives else {"terminated": {"exitCode": 137}},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "status": {
            "phase": "Running",
            "podIP": pod["ip"],
            "conditions": [{"type": "Ready", "status": str(serves)}],
            "containerStatuses": [container],
        },
    }


def delete(plain: list[str], flags: dict[str, str], words: list[str]) -> str:
    name = plain[1]
    if "--force" in words:
        raise Refused("what is deleted by force goes on for its grace period: not done here")
    with cluster() as state:
        uid = pod_named(state, name)["uid"]
        for pod in state["pods"]:
            pod["deleted"] |= pod["uid"] == uid
        grace_s = 1.0 if "--now" in words else float(flags.get("grace-period", state["grace_s"]))
    controller("end", uid, str(max(grace_s, LEAST_GRACE_S)))
    if flags.get("wait") != "false":
        until(lambda: uid not in uids(), 60.0)
    return f'pod "{name}" deleted'


def exec_(plain: list[str], flags: dict[str, str], words: list[str]) -> str:
    with cluster() as state:
        pod, version = pod_named(state, plain[0]), state["version"]
    if "container" not in flags:
        told = {
            "1.20": f"Defaulting container name to queue.\nUse 'kubectl describe pod/{plain[0]} "
            f"-n {state['namespace']}' to see all of the containers in this pod.",
            "1.31": 'Defaulted container "queue" out of: queue, sidecar',
        }
        sys.stderr.write(told[version] + "\n")
    inside = words[words.index("--") + 1 :]
    run = subprocess.run(
        inside,
        env={**os.environ, "POD_PID": str(pod["pid"])},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise Refused(f"command terminated with exit code {run.returncode}")
    return run.stdout


def scale(plain: list[str], flags: dict[str, str], words: list[str]) -> str:
    with cluster() as state:
        workload_is(state, plain[0])
        state["replicas"] = int(flags["replicas"])
        beyond = [pod for pod in state["pods"] if not pod["deleted"]][state["replicas"] :]
        for pod in beyond:
            pod["deleted"] = True
        lacking = state["replicas"] - len([pod for pod in state["pods"] if not pod["deleted"]])
        said = f"{group(state)} scaled"
    for pod in beyond:
        controller("end", pod["uid"], str(state["grace_s"]))
    if lacking > 0:
        controller("fill")
    return said


def rollout(plain: list[str], flags: dict[str, str], words: list[str]) -> str:
    with cluster() as state:
        workload_is(state, plain[1])
    if plain[0] == "restart":
        with cluster() as state:
            state["rolling"] = True
        controller("roll")
        return f"{group(state)} restarted"
    until(lambda: not json.loads(STATE.read_text("utf-8")).get("rolling"), 120.0)
    number, name = state["replicas"], state["workload"].partition("/")[2]
    if state["kind"] == "StatefulSet":
        return f"statefulset rolling update complete {number} pods at revision {name}-5f9d8c7b6..."
    return f'deployment "{name}" successfully rolled out'


def logs(plain: list[str], flags: dict[str, str], words: list[str]) -> str:
    with cluster() as state:
        pod = pod_named(state, plain[0])
    return (FOLDER / f"{pod['name']}.log").read_text("utf-8")[-2000:]


COMMANDS = {
    "get": get,
    "delete": delete,
    "exec": exec_,
    "scale": scale,
    "rollout": rollout,
    "logs": logs,
}


# -- the controller ----------------------------------------------------------------------------


def controller(*words: str) -> None:
    """Let this go on when the call has returned."""
    subprocess.Popen(
        [sys.executable, "-IS", __file__, "--controller", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def control(words: list[str]) -> None:
    if words[0] == "end":
        end(words[1], float(words[2]))
    elif words[0] == "roll":
        roll()
    elif words[0] == "restart":
        restart(words[1])
    fill()


def restart(uid: str) -> None:
    """The kubelet starts a container anew that has ended by itself."""
    with cluster() as state:
        for pod in state["pods"]:
            if pod["uid"] == uid and not pod["deleted"] and not alive(pod["pid"]):
                pod["pid"] = launched(state, pod["name"], pod["ip"])
                pod["restarts"] += 1


def end(uid: str, grace_s: float) -> None:
    """SIGTERM, SIGKILL after the grace period, and the pod is no more."""
    with cluster() as state:
        pod = next((one for one in state["pods"] if one["uid"] == uid), None)
    if pod is None:
        return
    told(pod["pid"], signal.SIGTERM)
    until(lambda: not alive(pod["pid"]), grace_s)
    told(pod["pid"], signal.SIGKILL)
    until(lambda: not alive(pod["pid"]), 10.0)
    with cluster() as state:
        state["pods"] = [one for one in state["pods"] if one["uid"] != uid]


def roll() -> None:
    for uid in uids():
        with cluster() as state:
            for pod in state["pods"]:
                pod["deleted"] |= pod["uid"] == uid
        end(uid, 10.0)
        fill()
        until(all_ready, STARTED_WITHIN_S)
    with cluster() as state:
        state["rolling"] = False


def fill() -> None:
    """Start what is lacking."""
    with cluster() as state:
        taken = {pod["name"] for pod in state["pods"]}
        kept = [pod for pod in state["pods"] if not pod["deleted"]]
        fixed = state["kind"] == "StatefulSet"
        for number in range(state["replicas"] - len(kept)):
            name = new_name(state, taken)
            if not name:
                return
            taken.add(name)
            state["pods"].append(started(state, name, number if not fixed else None))


def new_name(state: dict[str, Any], taken: set[str]) -> str:
    own = str(state["workload"].partition("/")[2])
    if state["kind"] == "StatefulSet":
        free = [f"{own}-{number}" for number in range(state["replicas"])]
        return next((name for name in free if name not in taken), "")
    return f"{own}-5f9d8c7b6-{uuid.uuid4().hex[:5]}"


def started(state: dict[str, Any], name: str, number: int | None) -> dict[str, Any]:
    """A pod. That of a StatefulSet keeps its address here: it stands for its name."""
    if number is None:
        ip = state["addresses"][int(name.rpartition("-")[2])]
    else:
        used = {pod["ip"] for pod in state["pods"]}
        ip = next(one for one in state["addresses"] if one not in used)
    return {
        "name": name,
        "uid": uuid.uuid4().hex,
        "pid": launched(state, name, ip),
        "ip": ip,
        "restarts": 0,
        "deleted": False,
    }


def launched(state: dict[str, Any], name: str, ip: str) -> int:
    """The program of a pod, in a session of its own; its number."""
    fill_in = {"{name}": name, "{ip}": ip, "{port}": str(state["port"])}
    command = list(state["command"])
    for brace, value in fill_in.items():
        command = [word.replace(brace, value) for word in command]
    with (FOLDER / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **state["environment"], "POD_NAME": name, "HOSTNAME": name},
            start_new_session=True,
        )
    return process.pid


# -- looks -------------------------------------------------------------------------------------


def uids() -> list[str]:
    with cluster() as state:
        return [pod["uid"] for pod in state["pods"]]


def all_ready() -> bool:
    with cluster() as state:
        pods = list(state["pods"])
    return len(pods) >= state["replicas"] and all(ready(pod, state) for pod in pods)


def pod_named(state: dict[str, Any], name: str) -> dict[str, Any]:
    for pod in state["pods"]:
        if pod["name"] == name:
            return dict(pod)
    raise Refused(f'Error from server (NotFound): pods "{name}" not found')


def workload_is(state: dict[str, Any], name: str) -> None:
    if name != state["workload"]:
        kind, _, own = name.partition("/")
        raise Refused(f'Error from server (NotFound): {kind}s.apps "{own}" not found')


def group(state: dict[str, Any]) -> str:
    return str(state["workload"]).replace("/", ".apps/")


def ready(pod: dict[str, Any], state: dict[str, Any]) -> bool:
    if not alive(pod["pid"]):
        return False
    ask = f"GET {state['ready']} HTTP/1.0\r\nHost: {pod['ip']}\r\n\r\n"
    try:
        with socket.create_connection((pod["ip"], state["port"]), timeout=0.5) as asked:
            asked.sendall(ask.encode())
            return asked.recv(99).split()[1:2] == [b"200"]
    except OSError:
        return False


def alive(pid: int) -> bool:
    with suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
        return stat.rpartition(")")[2].split()[0] != "Z"
    return False


def told(pid: int, number: signal.Signals) -> None:
    """To a pod's whole session: its processes are one family."""
    with suppress(ProcessLookupError, PermissionError):
        if number is signal.SIGKILL:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def until(condition: Any, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--controller"]:
        control(sys.argv[2:])
    else:
        sys.exit(main(sys.argv[1:]))
