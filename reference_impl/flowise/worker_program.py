"""The worker as a program: it takes jobs, and says over HTTP whether it does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from reference_impl.common.addresses import place_of
from reference_impl.flowise import preflight
from reference_impl.flowise.quiet_server import QuietServer, on_stop_signals
from reference_impl.flowise.redis_link import connect
from reference_impl.flowise.secret_key import SecretKey, SecretKeyMismatch, load_secret_key
from reference_impl.flowise.settings import Settings
from reference_impl.flowise.worker import Worker

SECOND_LOOK_S = 0.3
READY_LINE = "Prediction Worker {worker_id} created, health at {place}/healthz"


def serve(settings: Settings) -> None:
    """Work until stopped; raises :class:`preflight.StartRefused`."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    preflight.check_port(settings, name="WORKER_PORT", port=settings.worker_port)
    secret = load_secret_key(settings)
    preflight.check_redis(settings, secret)
    asyncio.run(_serve(settings, secret))


async def _serve(settings: Settings, secret: SecretKey) -> None:
    database = await preflight.prepare_database(settings)
    worker = Worker(settings, database=database, client=connect(settings), secret=secret)
    stopped = asyncio.Event()
    on_stop_signals(stopped)
    try:
        await worker.start()
        async with _health(settings, worker):
            ready = {"place": place_of(settings.host, settings.worker_port)}
            print(READY_LINE.format(worker_id=worker.runner.worker_id, **ready), flush=True)
            await _until(stopped, worker)
            await worker.stop()
    except SecretKeyMismatch:
        queue = settings.queue_name
        raise preflight.StartRefused(preflight.MISMATCH.format(queue=queue)) from None
    finally:
        await database.engine.dispose()


async def _until(stopped: asyncio.Event, worker: Worker) -> None:
    """Return when told to stop; :class:`SecretKeyMismatch` says that it must not go on."""
    told = asyncio.create_task(stopped.wait())
    refused = asyncio.create_task(worker.until_refused())
    done, pending = await asyncio.wait({told, refused}, return_when=asyncio.FIRST_COMPLETED)
    if refused in done:
        told.cancel()
        await worker.stop()
        refused.result()
    refused.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*pending)


@contextlib.asynccontextmanager
async def _health(settings: Settings, worker: Worker) -> AsyncIterator[None]:
    async def healthz(request: Request) -> Response:
        reason = worker.problem()
        if reason is not None:
            # A process that was held up has answers waiting that it has not read: look twice.
            await asyncio.sleep(SECOND_LOOK_S)
            reason = worker.problem()
        if reason is not None:
            return JSONResponse({"status": "unhealthy", "reason": reason}, 503)
        return PlainTextResponse("OK")

    app = Starlette(routes=[Route("/healthz", healthz)])
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.worker_port,
        log_level="warning",
        ws="none",
        lifespan="off",
    )
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving
