"""Waiting until a deployment answers as its contract does, for a job right after its start.

Each URL is asked again and again. What no waiting mends, such as a certificate that is not trusted,
ends it at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import typer

from queueproof.config.kinds import Number
from queueproof.config.model import TargetConfig
from queueproof.errors import TargetUnreachable
from queueproof.extras import require_for_launch
from queueproof.history import History
from queueproof.reporting.text import shown_in_line
from queueproof.targets.asking import as_it_comes
from queueproof.targets.opening import make_adapter
from queueproof.targets.protocol import Adapter
from queueproof.targets.reaching import CertificateNotTrusted
from queueproof.targets.vantage import Vantage
from queueproof.targets.witness import Witness

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 3.0
_TOLD_EVERY_S = 10.0
_WITHIN_S = 10.0


def await_target(target: TargetConfig, embedded: bool, *, within_s: float) -> None:
    """Wait at most so many seconds until every URL of a deployment is ready, telling how it goes.

    Raises TargetUnreachable with the last thing that was seen; UsageError for a wrong number. With
    0 seconds, or for a target that the run starts itself, nothing is waited for. Raises UsageError,
    too, where that is the reference, and it is not installed.
    """
    require_for_launch(target.launch)
    Number().read(within_s, "--wait-ready")
    if within_s and not embedded:
        asyncio.run(_until_ready(target, within_s, lambda line: typer.echo(line, err=True)))


async def _until_ready(target: TargetConfig, within_s: float, tell: Callable[[str], None]) -> None:
    history = History()
    adapter = make_adapter(target, history, Witness(history))
    began_s = time.monotonic()
    for url in target.urls:
        await _one(adapter, url, began_s, within_s, tell)
    tell(f"the target is ready after {time.monotonic() - began_s:.0f} s")


async def _one(
    adapter: Adapter, url: str, began_s: float, within_s: float, tell: Callable[[str], None]
) -> None:
    pause_s, told_s = _FIRST_PAUSE_S, -_TOLD_EVERY_S
    while reason := await _unready(adapter, url):
        passed_s = time.monotonic() - began_s
        if passed_s + pause_s > within_s:
            raise TargetUnreachable(f"not ready within {within_s:g} s: {reason}")
        if passed_s - told_s >= _TOLD_EVERY_S:
            tell(
                f"waiting for the target, {within_s - passed_s:.0f} s left: {shown_in_line(reason)}"
            )
            told_s = passed_s
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


async def _unready(adapter: Adapter, url: str) -> str:
    """Why the target does not answer as its contract does; empty where it does."""
    vantage = Vantage(url)
    try:
        with as_it_comes():
            recognise = getattr(adapter, "recognise", None)
            if recognise is not None:
                await recognise(vantage, within_s=_WITHIN_S)
            reply = await adapter.ping(vantage)
            return "" if reply.status == 200 else f"{url} answers {reply.words}"
    except CertificateNotTrusted:
        raise
    except TargetUnreachable as error:
        return str(error)
    finally:
        await vantage.close()
