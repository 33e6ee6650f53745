"""Gunicorn's worker: Uvicorn, with a drain before the connections are closed."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.server import Server

from reference_impl.common.fair_worker import FairWorker

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


class ReferenceWorker(FairWorker):
    """One web worker of the reference."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {**FairWorker.CONFIG_KWARGS, "timeout_notify": 1}

    def make_server(self) -> Server:
        """What serves the application, and drains it."""
        return DrainingServer(self.config, worker=self)

    async def callback_notify(self) -> None:
        """Say that the loop turns; without a master nobody would ever stop this worker."""
        self.notify()
        if self.ppid != os.getppid():
            self._server.should_exit = True
