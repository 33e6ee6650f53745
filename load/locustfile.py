"""The one locustfile: a user a process, who plays that process's share of the spec.

Locust distributes the users and the spec, shows what goes on in its web UI, and carries every
process's figures to the master. What arrives when is the spec's schedule, not locust's users: a
user who waits for his answer would offer less the slower the target is.
"""

from __future__ import annotations

from typing import Any

from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser

from load.coordinator import Coordinator
from load.generator import Generator

_coordinators: dict[int, Coordinator] = {}


def _connect(environment: Environment, **_: Any) -> None:
    coordinator = _coordinators[id(environment)] = Coordinator(environment)
    coordinator.listen()


events.init.add_listener(_connect)  # type: ignore[no-untyped-call]  # as locust has it


class Visitors(User):
    """All of one process's arrivals."""

    @task
    def arrive(self) -> None:
        """Play this process's share, once."""
        coordinator = _coordinators[id(self.environment)]
        spec = coordinator.await_spec()

        def told(operation: str, seconds: float, size: int, wrong: str) -> None:
            self.environment.events.request.fire(
                request_type=spec.contract,
                name=operation,
                response_time=seconds * 1000,
                response_length=size,
                exception=RuntimeError(wrong) if wrong else None,
                context={},
            )

        generator = Generator(spec, index=coordinator.index(), sink=coordinator.take, told=told)
        coordinator.generator = generator
        generator.play()
        raise StopUser
