"""Gunicorn's worker: Uvicorn, and a crowd's connections are shared among the workers."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker  # type: ignore[import-untyped]


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


class FairWorker(UvicornWorker):  # type: ignore[misc]
    """One web worker."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {**UvicornWorker.CONFIG_KWARGS, "access_log": False}

    def make_server(self) -> Server:
        """What serves the application."""
        return Server(self.config)

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        self.config.backlog = 1
        self._server = self.make_server()
        self._install_sigquit_handler()
        listeners: Any = [FairListener(each) for each in self.sockets]
        await self._server.serve(sockets=listeners)
        if not self._server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
