"""Whether something serves at a URL, asked on a connection of its own."""

from __future__ import annotations

from queueproof.errors import TargetUnreachable
from queueproof.targets.http import exchange
from queueproof.targets.vantage import Vantage

_ANSWER_S = 2.0


async def serves(url: str, ready_path: str) -> bool:
    """Whether a fresh connection is answered: with 200 at `ready_path`, at all if that is empty."""
    vantage = Vantage(url)
    try:
        answer = await exchange(vantage, "GET", ready_path or "/", within_s=_ANSWER_S)
    except TargetUnreachable:
        return False
    finally:
        await vantage.close()
    return answer.status == 200 if ready_path else answer.status is not None
