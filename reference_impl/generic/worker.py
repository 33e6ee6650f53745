"""A worker: takes jobs as long as it has slots, does their steps, holds on to them by leases.

SIGTERM lets it finish what it runs and take nothing more. While Redis does not answer it goes on
asking; what it runs goes on, as long as no other worker has taken it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import uuid
from typing import Any
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from reference_impl.common.tasks import end_all
from reference_impl.generic.settings import Settings
from reference_impl.generic.store import JobStore, redis_of

_IDLE_S = 0.05
_AGAIN_S = 0.2
_LOOK_EVERY_S = 0.1
_PROMOTE_EVERY_S = 0.2
_HEARD_WITHIN_S = 0.2
_WITNESS_S = 5.0
#: What a connection or its server may do in an outage.
TROUBLE = (RedisError, OSError, TimeoutError)


class Worker:
    """Takes jobs until it is told to stop."""

    def __init__(self, store: JobStore, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.stopping = asyncio.Event()
        self.running: set[asyncio.Task[None]] = set()

    async def work(self) -> None:
        """Take and run jobs; returns when it was told to stop and has drained."""
        promoting = asyncio.create_task(self.promote_for_ever())
        while not self.stopping.is_set():
            await self.take_one()
        await self.drain()
        promoting.cancel()

    async def take_one(self) -> None:
        """Take a job if there is a slot and one waits; else pause a little."""
        claimed = None
        if len(self.running) < self.settings.slots:
            try:
                claimed = await self.store.claim()
            except TROUBLE:
                await asyncio.sleep(_AGAIN_S)
        if claimed is None:
            await asyncio.sleep(_IDLE_S)
            return
        task = asyncio.create_task(self.run(*claimed))
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def drain(self) -> None:
        """Finish what runs."""
        await asyncio.gather(*self.running, return_exceptions=True)

    async def promote_for_ever(self) -> None:
        """Look after what is due and what was lost; every worker does, so that one suffices."""
        while True:
            with contextlib.suppress(*TROUBLE):
                await self.store.promote()
            await asyncio.sleep(_PROMOTE_EVERY_S)

    async def run(self, job_id: str, attempt: int) -> None:
        """One run of one job, to one of its ends."""
        row = await insisting(lambda: self.store.job(job_id))
        if not row:
            return
        asked = json.loads(row["asked"])
        doing = asyncio.create_task(self.do(job_id, attempt, asked))
        holding = asyncio.create_task(self.hold(job_id, attempt))
        try:
            await asyncio.wait({doing, holding}, return_when=asyncio.FIRST_COMPLETED)
            if holding.done():
                await end_all({doing}, heard_within_s=_HEARD_WITHIN_S)
                await self.stopped(job_id, attempt, holding.result())
            else:
                await self.ended(job_id, attempt, asked, doing.exception())
        finally:
            await end_all({doing, holding}, heard_within_s=_HEARD_WITHIN_S)

    async def hold(self, job_id: str, attempt: int) -> str:
        """Renew the lease until the job is to be cancelled, or is no longer this run's."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            with contextlib.suppress(*TROUBLE):
                told = await self.store.renew(job_id, attempt)
                if told != "held":
                    return told

    async def stopped(self, job_id: str, attempt: int, why: str) -> None:
        """A run that may not go on."""
        if why == "cancelled":
            await insisting(lambda: self.store.finish(job_id, attempt, "cancelled"))

    async def ended(
        self, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        """A run that came to its own end."""
        result = str(asked.get("answer") or "")
        if error is None:
            await insisting(lambda: self.store.finish(job_id, attempt, "finished", result=result))
        elif attempt <= int(asked.get("retries") or 0):
            await insisting(lambda: self.store.retry(job_id, attempt))
        else:
            why = str(error)
            await insisting(lambda: self.store.finish(job_id, attempt, "failed", reason=why))

    async def do(self, job_id: str, attempt: int, asked: dict[str, Any]) -> None:
        """The work: numbered steps with a pause after each; raises where it is asked to fail."""
        await asyncio.sleep(float(asked.get("slow_start_s") or 0.0))
        for step in range(int(asked["steps"])):
            if step == asked.get("fail_at"):
                raise RuntimeError(f"step {step} failed, as it was asked to")
            if asked.get("report_to"):
                await self.report(f"{asked['report_to']}/{step}")
            event = {"type": "step", "step": step, "padding": "x" * int(asked.get("padding") or 0)}
            await insisting(lambda told=event: self.store.tell(job_id, attempt, told))
            if attempt <= int(asked.get("fail_times") or 0):
                raise RuntimeError(f"run {attempt} failed, as it was asked to")
            quiet_s = float(asked.get("quiet_s") or 0.0) if step == asked.get("quiet_after") else 0
            await asyncio.sleep(float(asked["pause_s"]) + quiet_s)

    async def report(self, place: str) -> None:
        """Tell the witness: `http://HOST:PORT/KEY/STEP`, or `redis:STREAM/KEY/STEP`."""
        if not place.startswith("redis:"):
            await report(place)
            return
        # In the client a cancel that meets a reply is lost, and the run would go on.
        await asyncio.shield(self.report_through_redis(place.removeprefix("redis:")))

    async def report_through_redis(self, place: str) -> None:
        """Add the step to the stream of `STREAM/KEY/STEP`, and wait until it was heard.

        It makes no stream: one that nobody reads would stay there.
        """
        stream, key, step = place.split("/")
        heard = uuid.uuid4().hex
        with contextlib.suppress(*TROUBLE):
            redis: Any = self.store.redis
            told = {"key": key, "tick": step, "heard": heard}
            if await redis.xadd(stream, told, nomkstream=True, maxlen=100_000):
                await redis.blpop([f"{stream}:{heard}"], timeout=1)


async def insisting(ask: Any) -> Any:
    """What Redis answers, as soon as it does."""
    while True:
        try:
            return await ask()
        except TROUBLE:
            await asyncio.sleep(_AGAIN_S)


async def report(url: str) -> None:
    """Tell the witness; a witness that does not answer is nobody's business."""
    place = urlsplit(url)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_WITNESS_S):
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(f"GET {place.path} HTTP/1.0\r\n\r\n".encode("ascii"))
            await reader.read()
            writer.close()


async def serve(settings: Settings, kind: type[Worker] = Worker) -> None:
    """Work until SIGTERM or SIGINT."""
    redis = redis_of(settings.redis_url, within_s=2.0)
    worker = kind(JobStore(redis, settings), settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stopping.set)
    sys.stdout.write("waiting for jobs\n")
    sys.stdout.flush()
    await worker.work()
    await redis.aclose()
