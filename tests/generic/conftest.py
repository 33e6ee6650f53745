"""The sample job API of examples/rq_jobs, running: Redis, two API processes, one of workers."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from queueproof.stack.ports import free_port
from queueproof.stack.redis_server import find_redis_binary
from tests.forks import reference_started

from ..end_to_end.conftest import GateRun, run_gate, serves, stop, wait_until

ROOT = Path(__file__).resolve().parents[2]
MAPPING = ROOT / "examples" / "rq_jobs" / "mapping.toml"
USERS = {"QUEUEPROOF_TOKEN": "token-of-ann", "QUEUEPROOF_OTHER_TOKEN": "token-of-bob"}
_READY_S = 30.0


@dataclass(frozen=True)
class Sample:
    """A running sample; `mapping` is the documented one with its addresses."""

    urls: tuple[str, ...]
    mapping: str
    folder: Path

    def gate(self, *arguments: str, mapping: str = "", **environment: str) -> GateRun:
        """Judge it, by another mapping if one is given."""
        file = self.folder / "mapping.toml"
        file.write_text(mapping or self.mapping, "utf-8")
        out = self.folder / f"out-{len(list(self.folder.iterdir()))}"
        environment = environment or USERS
        return run_gate("--config", str(file), *arguments, out=out, **environment)


def start(stack: ExitStack, folder: Path, name: str, *command: str, **environment: str) -> Path:
    """Start a program that ends with `stack`; where it prints to."""
    log = folder / f"{name}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            stdout=sink,
            stderr=sink,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
    stack.callback(stop, process)
    return log


def start_reference(
    stack: ExitStack, folder: Path, name: str, *words: str, **environment: str
) -> Path:
    """Start a program of the reference that ends with `stack`; where it prints to."""
    log = folder / f"{name}.log"
    with log.open("wb") as sink:
        process = reference_started(
            "generic", *words, out=sink, environment={**os.environ, **environment}
        )
    stack.callback(stop, process)
    return log


@contextmanager
def sample(folder: Path, *, fault: str = "") -> Iterator[Sample]:
    """The sample, healthy or with one of its faults."""
    with ExitStack() as stack:
        port = free_port()
        redis = (find_redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "")
        start(stack, folder, "redis", *redis, "--dir", str(folder))
        settings = {
            "JOBS_REDIS_URL": f"redis://127.0.0.1:{port}",
            "JOBS_USERS": "token-of-ann=ann,token-of-bob=bob",
            "JOBS_FAULT": fault,
        }
        ports = [free_port(), free_port()]
        for number, at in enumerate(ports):
            server = (sys.executable, "-m", "uvicorn", "examples.rq_jobs.api:app")
            options = ("--host", "127.0.0.1", "--port", str(at), "--no-access-log")
            start(stack, folder, f"api-{number}", *server, *options, **settings)
        worker = (sys.executable, "-m", "examples.rq_jobs.worker")
        log = start(stack, folder, "worker", *worker, **settings)
        urls = tuple(f"http://127.0.0.1:{at}" for at in ports)
        up = wait_until(lambda: all(serves(url) for url in urls), within_s=_READY_S)
        assert up, (folder / "api-0.log").read_text("utf-8")
        assert wait_until(lambda: "wait for jobs" in log.read_text("utf-8"), within_s=_READY_S)
        yield Sample(urls, with_urls(MAPPING.read_text("utf-8"), urls), folder)


def with_urls(mapping: str, urls: tuple[str, ...]) -> str:
    """The mapping with the addresses of a running API."""
    for documented, url in zip(tomllib.loads(mapping)["target"]["urls"], urls, strict=True):
        mapping = mapping.replace(documented, url)
    return mapping.replace("[target]\n", "[target]\ncases_at_once = 12\n")


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The sample as it should be, for every test that only asks it."""
    with sample(tmp_path_factory.mktemp("sample")) as running:
        yield running


Broken = Callable[[str], Sample]


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Broken]:
    """Starts the sample with a fault."""
    with ExitStack() as stack:
        yield lambda fault: stack.enter_context(sample(tmp_path, fault=fault))
