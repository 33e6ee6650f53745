"""What the reference is measured beside: the bare stack, Redis itself, and other generators."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from queueproof import paths
from queueproof.bench.measuring import Row
from queueproof.config.model import LaunchConfig
from queueproof.errors import HarnessError
from queueproof.load.run_spec import RUN_SPEC_VARIABLE
from queueproof.load.target_under_load import TargetUnderLoad
from queueproof.stack.folders import marked
from queueproof.stack.launcher import Launcher

_WORKER = "reference_impl.common.fair_worker.FairWorker"
_XADDS = 40_000
_PAYLOAD = "x" * 100
_WRK_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_WRK_P99 = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@asynccontextmanager
async def bare_stack(
    under_load: TargetUnderLoad, *, workers: int
) -> AsyncIterator[TargetUnderLoad]:
    """The same HTTP stack with an endpoint that does nothing, in the target's place."""
    command = (
        *(sys.executable, "-m", "gunicorn", "load.bare:app", "--workers", str(workers)),
        *("--worker-class", _WORKER, "--bind", "127.0.0.1:{port}"),
        *("--log-level", "warning"),
    )
    environment = {"PYTHONPATH": str(paths.root())}
    launcher = Launcher(
        LaunchConfig(command=command, environment=environment), ready_path="/health"
    )
    boot = await launcher.boot({})
    try:
        if not boot.serving:
            raise HarnessError(f"the bare stack does not serve, {boot.why_mute}")
        target = replace(
            under_load.target, urls=(boot.url,), process_root=boot.child.pid, redis_url=""
        )
        yield replace(under_load, target=target)
    finally:
        await launcher.stop(boot)


async def xadd(redis_url: str, *, clients: int) -> list[Row]:
    """`redis-benchmark` with XADD of one event; why not, where the program is missing."""
    program = shutil.which("redis-benchmark")
    if program is None:
        return [{"why": "redis-benchmark is not installed here"}]
    parts = urlsplit(redis_url)
    output, _ = await _run(
        program,
        *("-h", parts.hostname or "", "-p", str(parts.port), "-c", str(clients)),
        *("-n", str(_XADDS), "--csv", "XADD", "queueproof-bench", "MAXLEN", "~", "1000", "*"),
        *("event", _PAYLOAD),
    )
    found = next(csv.DictReader(line for line in output.splitlines() if '"' in line))
    return [
        {
            "requests_per_s": round(float(found["rps"]), 1),
            "p50_ms": float(found["p50_latency_ms"]),
            "p99_ms": float(found["p99_latency_ms"]),
        }
    ]


async def plain_locust(under_load: TargetUnderLoad, *, clients: int, seconds: float) -> list[Row]:
    """Locust's own fast client with a task of one line."""
    with tempfile.TemporaryDirectory(prefix=marked("queueproof-bench-")) as name:
        spec = Path(name) / "run_spec.json"
        spec.touch(mode=0o600)
        template = vars(under_load.templates[0])
        spec.write_text(
            json.dumps({"urls": under_load.target.urls, "templates": [template]}), "utf-8"
        )
        plain = paths.folder("load") / "plain.py"
        output, _ = await _run(
            *(sys.executable, "-m", "locust", "-f", str(plain), "--headless", "--only-summary"),
            *("--users", str(clients), "--spawn-rate", "1000", "--run-time", f"{seconds:g}s"),
            *("--json", "--loglevel", "WARNING"),
            environment={RUN_SPEC_VARIABLE: str(spec)},
        )
        cpu_s = float((Path(name) / "cpu_s").read_text("utf-8"))
    found = json.loads(output[output.index("[") :])[0]
    lasted_s = max(found["last_request_timestamp"] - found["start_time"], 0.1)
    requests = found["num_requests"]
    return [
        {
            "requests_per_s": round(requests / lasted_s, 1),
            "generator_cpu": round(cpu_s / lasted_s, 3),
            "generator_ms_a_request": round(1000 * cpu_s / max(1, requests), 3),
        }
    ]


async def wrk(under_load: TargetUnderLoad, *, clients: int, seconds: float) -> list[Row]:
    """`wrk`, a generator in C with one thread; why not, where it is missing."""
    program = shutil.which("wrk")
    if program is None:
        return [{"why": "wrk is not installed here"}]
    template = under_load.templates[0]
    with tempfile.TemporaryDirectory(prefix=marked("queueproof-bench-")) as name:
        lua = Path(name) / "post.lua"
        lua.touch(mode=0o600)
        lua.write_text(_lua(json.dumps(template.body), template.headers), "utf-8")
        url = under_load.target.urls[0] + template.path
        output, cpu_s = await _run(
            *(program, "-t1", f"-c{clients}", f"-d{seconds:g}s", "--latency", "-s", str(lua), url)
        )
    rate = float(_found(_WRK_RATE, output)[1])
    p99 = _found(_WRK_P99, output)
    return [
        {
            "requests_per_s": round(rate, 1),
            "generator_cpu": round(cpu_s / seconds, 3),
            "generator_ms_a_request": round(1000 * cpu_s / max(1.0, rate * seconds), 4),
            "submit_p99_ms": round(float(p99[1]) * _MS[p99[2]], 3),
        }
    ]


def _lua(body: str, headers: Mapping[str, str]) -> str:
    lines = ['wrk.method = "POST"', f"wrk.body = [==[{body}]==]"]
    fields = {"Content-Type": "application/json", **headers}
    lines += [f'wrk.headers["{name}"] = [==[{value}]==]' for name, value in fields.items()]
    return "\n".join(lines)


def _found(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.search(text)
    if found is None:
        raise HarnessError(f"not understood: {' '.join(text.split())[:200]}")
    return found


async def _run(*command: str, environment: Mapping[str, str] | None = None) -> tuple[str, float]:
    """A program's output and the processor seconds it took; raises HarnessError when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    watch = asyncio.create_task(_processor_s(process.pid))
    output, error = await process.communicate()
    cpu_s = await watch
    if process.returncode not in (0, 1):
        words = " ".join(error.decode("utf-8", "replace").split())[-300:]
        raise HarnessError(f"{Path(command[0]).name} ended with {process.returncode}: {words}")
    return output.decode("utf-8", "replace"), cpu_s


async def _processor_s(pid: int) -> float:
    """How much a process has used when it ends, looked at ten times a second."""
    used_s, began_s = 0.0, time.monotonic()
    try:
        process = psutil.Process(pid)
        while time.monotonic() - began_s < 600:
            times = process.cpu_times()
            used_s = times.user + times.system
            if process.status() == psutil.STATUS_ZOMBIE:
                break
            await asyncio.sleep(0.1)
    except psutil.Error:
        pass
    return used_s
