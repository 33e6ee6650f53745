"""Gunicorn's worker: Uvicorn, with a drain before the connections are closed."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import Any, ClassVar

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from uvicorn.config import Config
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker  # type: ignore[import-untyped]

NOTIFY_EVERY_S = 1.0
LAST_REQUESTS_S = 0.1


class DrainingServer(Server):
    """Tells the application that it stops, and Gunicorn that a drain is not a hang."""

    def __init__(self, config: Config, *, worker: ReferenceWorker) -> None:
        super().__init__(config)
        self._worker = worker

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then close."""
        pulse = asyncio.create_task(self._pulse())
        try:
            application: Any = self._worker.wsgi
            for server in self.servers:
                server.close()
            # A connection accepted just now may be about to bring a request: let it be read, so
            # that its client gets an answer and not a reset.
            await asyncio.sleep(LAST_REQUESTS_S)
            if application.worker is not None:
                application.worker.begin_stop()
            await super().shutdown(sockets)
        finally:
            pulse.cancel()

    async def _pulse(self) -> None:
        while True:
            self._worker.notify()
            await asyncio.sleep(NOTIFY_EVERY_S)


class FairListener:
    """A listening socket of which a worker takes one connection at a time.

    The loop would take as many as the queue may hold, as often as it wakes: of a crowd that comes
    at once the first worker to wake would have all, and the others nothing to do.
    """

    def __init__(self, listening: Any) -> None:
        self._listening = listening

    def __getattr__(self, name: str) -> Any:
        return getattr(self._listening, name)

    def listen(self, backlog: int) -> None:
        """The queue stays as long as the master made it."""


class ReferenceWorker(UvicornWorker):  # type: ignore[misc]
    """One web worker."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        **UvicornWorker.CONFIG_KWARGS,
        "access_log": False,
        "timeout_notify": 1,
    }

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        self.config.backlog = 1
        self._server = DrainingServer(self.config, worker=self)
        self._install_sigquit_handler()
        listeners: Any = [FairListener(each) for each in self.sockets]
        await self._server.serve(sockets=listeners)
        if not self._server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    async def callback_notify(self) -> None:
        """Say that the loop turns; without a master nobody would ever stop this worker."""
        self.notify()
        if self.ppid != os.getppid():
            self._server.should_exit = True
