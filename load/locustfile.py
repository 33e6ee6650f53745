"""The one locustfile: a user a process, who plays that process's share of the ticket.

Locust distributes the users and the ticket, shows what goes on in its web UI, and carries every
process's figures to the master. What arrives when is the ticket's schedule, not locust's users: a
user who waits for his answer would offer less the slower the target is.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import gevent
from locust import User, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from load.generator import Generator
from queueproof.load.ticket import TICKET_VARIABLE, Ticket, read_ticket

_TICKET = "queueproof_ticket"
_RECORD = "queueproof_record"
_RECORDS = "load.jsonl"
_TICKET_WITHIN_S = 30.0


class Coordinator:
    """What this process knows of the run: its ticket, and where records go."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.ticket: Ticket | None = None
        self._closed = 0
        path = os.environ.get(TICKET_VARIABLE)
        if path and not isinstance(environment.runner, WorkerRunner):
            self.ticket = read_ticket(Path(path).read_text("utf-8"))

    def listen(self) -> None:
        """Connect this process to the others."""
        runner = self.environment.runner
        if isinstance(runner, MasterRunner):
            runner.register_message(_RECORD, self._on_record)
            runner.register_message(_TICKET, self._on_wish)
        elif isinstance(runner, WorkerRunner):
            runner.register_message(_TICKET, self._on_ticket)

    def await_ticket(self) -> Ticket:
        """The ticket, asked of the master where this process has none."""
        runner = self.environment.runner
        assert runner is not None
        late_s = time.monotonic() + _TICKET_WITHIN_S
        if self.ticket is None:
            runner.send_message(_TICKET, {})
        while self.ticket is None:
            if time.monotonic() > late_s:
                raise RuntimeError("the master sent no ticket")
            gevent.sleep(0.01)
        return self.ticket

    def index(self) -> int:
        """This process's number among the generating ones."""
        runner = self.environment.runner
        return runner.worker_index if isinstance(runner, WorkerRunner) else 0

    def take(self, record: dict[str, Any]) -> None:
        """A record of this process: to the master, or written down."""
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            runner.send_message(_RECORD, record)
        else:
            self._write(record)

    def _on_record(self, environment: Environment, msg: Any, **_: Any) -> None:  # noqa: ARG002
        self._write(msg.data)

    def _on_wish(self, environment: Environment, msg: Any, **_: Any) -> None:
        assert self.ticket is not None
        assert environment.runner is not None
        text = self.ticket.as_json()
        environment.runner.send_message(_TICKET, {"ticket": text}, client_id=msg.node_id)

    def _on_ticket(self, environment: Environment, msg: Any, **_: Any) -> None:  # noqa: ARG002
        self.ticket = read_ticket(msg.data["ticket"])

    def _write(self, record: dict[str, Any]) -> None:
        assert self.ticket is not None
        with (Path(self.ticket.folder) / _RECORDS).open("a", encoding="utf-8") as sink:
            sink.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._closed += "totals" in record
        if self._closed == self.ticket.processes:
            gevent.spawn(self._finish)

    def _finish(self) -> None:
        runner = self.environment.runner
        assert runner is not None
        self.environment.process_exit_code = 0
        if self.environment.web_ui is None:
            runner.quit()
        else:
            runner.stop()


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
        ticket = coordinator.await_ticket()

        def told(operation: str, seconds: float, size: int, wrong: str) -> None:
            self.environment.events.request.fire(
                request_type=ticket.contract,
                name=operation,
                response_time=seconds * 1000,
                response_length=size,
                exception=RuntimeError(wrong) if wrong else None,
                context={},
            )

        Generator(ticket, index=coordinator.index(), sink=coordinator.take, told=told).play()
        raise StopUser
