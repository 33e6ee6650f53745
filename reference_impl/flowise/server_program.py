"""The main server as a program."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette

from reference_impl.common.addresses import place_of
from reference_impl.flowise import preflight
from reference_impl.flowise.assembly import ServerAssembly
from reference_impl.flowise.auth import ensure_member
from reference_impl.flowise.errors import HANDLERS
from reference_impl.flowise.quiet_server import QuietServer, on_stop_signals
from reference_impl.flowise.secret_key import SecretKey, load_secret_key
from reference_impl.flowise.settings import Settings

READY_LINE = "⚡️ [server]: Flowise Server is listening at {place}"
# Streams that a stopping server leaves behind go on in their workers.
SHUTDOWN_S = 5


def serve(settings: Settings) -> None:
    """Serve until stopped; raises :class:`preflight.StartRefused`."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    preflight.check_port(settings, name="PORT", port=settings.port)
    secret = load_secret_key(settings)
    if settings.on_queue:
        preflight.check_redis(settings, secret)
    asyncio.run(_serve(settings, secret))


async def _serve(settings: Settings, secret: SecretKey) -> None:
    database = await preflight.prepare_database(settings)
    if settings.member_email is not None and settings.member_password is not None:
        await ensure_member(
            database, email=settings.member_email, password=settings.member_password
        )
    assembly = ServerAssembly(settings, database=database, secret=secret)
    config = uvicorn.Config(
        make_app(assembly),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        ws="none",
        timeout_graceful_shutdown=SHUTDOWN_S,
        timeout_keep_alive=75,
    )
    server, stopped = QuietServer(config), asyncio.Event()
    on_stop_signals(stopped)
    serving = asyncio.create_task(server.serve())
    told = asyncio.create_task(stopped.wait())
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    told.cancel()
    await database.engine.dispose()


def make_app(assembly: ServerAssembly) -> Starlette:
    """The web application around the parts."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await assembly.service.start()
        settings = assembly.settings
        print(READY_LINE.format(place=place_of(settings.host, settings.port)), flush=True)
        try:
            yield
        finally:
            await assembly.service.stop()
            await assembly.witnesses.close()

    return Starlette(
        routes=assembly.routes(),
        middleware=assembly.middleware(),
        lifespan=lifespan,
        exception_handlers=dict(HANDLERS),
    )
