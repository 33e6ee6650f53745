"""The ASGI application of a worker process, whose parts are made at lifespan startup."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.langflow import boot
from reference_impl.langflow.app import make_app
from reference_impl.langflow.assembly import assembly_for
from reference_impl.langflow.settings import Settings
from reference_impl.langflow.worker import Worker


class Application:
    """Makes the worker at lifespan startup and hands every request to its application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: ASGIApp | None = None
        self.worker: Worker | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            assert self._app is not None
            await self._app(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self.start()
        await send({"type": "lifespan.startup.complete"})
        boot.worker_is_ready(self._settings)
        await receive()
        assert self.worker is not None
        await self.worker.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def start(self) -> None:
        """Make the worker and its application."""
        assembly = assembly_for(self._settings)(self._settings)
        self._app = make_app(assembly)
        self.worker = Worker(assembly, replica=boot.replica_watch())
        await self.worker.start()
