"""Deployments that several tests judge: one server of three workers, three replicas of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from .fronts import Front
from .other_contracts import predictions_served, queue_served
from .serving import Deployment, serving


class Fronted(Protocol):
    """Puts a front before a deployment; the test is skipped where its program is missing."""

    def __call__(self, front: Front, deployment: Deployment) -> str:
        """Its URL; it ends with the test."""


@pytest.fixture(scope="session")
def three_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One server with three workers."""
    with serving(tmp_path_factory.mktemp("server"), replicas=1, workers=3) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def three_replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Three servers of one worker each, on one Redis and one database."""
    with serving(tmp_path_factory.mktemp("replicas"), replicas=3, workers=1) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def predictions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Two servers of the flowise contract, and a worker."""
    with predictions_served(tmp_path_factory.mktemp("predictions")) as deployment:
        yield deployment


@pytest.fixture(scope="session")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Two servers of a queue that a mapping describes, and a worker."""
    with queue_served(tmp_path_factory.mktemp("queue")) as deployment:
        yield deployment


@pytest.fixture
def fronted(tmp_path: Path) -> Iterator[Fronted]:
    """Puts fronts before deployments."""
    with ExitStack() as running:

        def put(front: Front, deployment: Deployment) -> str:
            if lacking := front.lacks():
                pytest.skip(lacking)
            folder = tmp_path / str(front)
            return running.enter_context(
                front.before(deployment.ports, folder, ready=deployment.ready)
            )

        yield put
