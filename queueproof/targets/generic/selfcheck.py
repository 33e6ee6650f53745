"""The self-check of a mapping: three short probes before the gate, so that what the mapping gets
wrong is never blamed on the target.

One job is read to its end by every way that the mapping names, one fails, one is cancelled. What
they show is judged by `mistakes`; what they do not show (nothing came, too late, a server error)
is left to the gate.
"""

from __future__ import annotations

from queueproof.targets.generic.client import GenericClient
from queueproof.targets.generic.ending_check import (
    check_cancelled,
    check_completed,
    check_failed,
)
from queueproof.targets.generic.events import EventReader
from queueproof.targets.generic.kept_streams import KeptStreams
from queueproof.targets.generic.probe_session import ProbeSession
from queueproof.targets.generic.reader_check import WHOLE, check_readers
from queueproof.targets.vantage import Vantage


async def check_mapping(
    client: GenericClient,
    reader: EventReader,
    vantage: Vantage,
    kept: KeptStreams,
    *,
    answer_s: float,
) -> None:
    """Play the probes and judge what came.

    Raises UsageError for a mistake of the mapping, TargetUnreachable for a target that takes no
    job at all.
    """
    session = ProbeSession(client, reader, vantage, kept, answer_s)
    await session.check_health()
    job = await session.submitted(WHOLE)
    await check_readers(session, job)
    await check_completed(session, job)
    await check_failed(session)
    await check_cancelled(session)
