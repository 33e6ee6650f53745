"""Saying that a check changed its colour: to a command, and to a webhook.

What a target said may be in the words, so that a command gets them in its environment and on its
standard input, never in its arguments, and everything is redacted.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import httpx

from queueproof.redaction import known_secrets, redacted, redacted_all
from queueproof.watch.standing import Change

_WITHIN_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """Whom to tell: `command` is a command line, `webhook` a URL that takes a POST of JSON."""

    command: str = ""
    webhook: str = ""

    def __post_init__(self) -> None:
        """Who may post to a webhook is often said by its path alone."""
        known_secrets.learn(self.webhook, urlsplit(self.webhook).path.strip("/"))

    async def tell(self, target: str, changes: Sequence[Change]) -> list[str]:
        """Tell all changes of a round at once; what went wrong with it, in a line each."""
        if not changes:
            return []
        said = {
            "target": target,
            "good": all(change.good for change in changes),
            "text": "; ".join(map(str, changes)),
            "changes": [asdict(change) for change in changes],
        }
        body = json.dumps(redacted_all(said), ensure_ascii=False)
        told = await asyncio.gather(self._run(body), self._post(body))
        return [redacted(trouble) for trouble in told if trouble]

    async def _run(self, body: str) -> str:
        if not self.command:
            return ""
        try:
            child = await asyncio.create_subprocess_exec(
                *shlex.split(self.command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={**_environment(), "QUEUEPROOF_CHANGES": body},
            )
        except (OSError, ValueError) as error:
            return f"--on-change: {error}"
        try:
            async with asyncio.timeout(_WITHIN_S):
                await child.communicate(body.encode())
        except TimeoutError:
            return f"--on-change: it was not over after {_WITHIN_S:.0f} s"
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        return f"--on-change: it ended with {child.returncode}" if child.returncode else ""

    async def _post(self, body: str) -> str:
        if not self.webhook:
            return ""
        headers = {"content-type": "application/json"}
        try:
            async with httpx.AsyncClient(timeout=_WITHIN_S) as client:
                answer = await client.post(self.webhook, content=body, headers=headers)
        except httpx.HTTPError as error:
            return f"--webhook: {type(error).__name__}: {error}"
        return "" if answer.is_success else f"--webhook: it answered {answer.status_code}"


def _environment() -> dict[str, str]:
    """Ours without the target's credentials: a command that tells people needs none of them."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QUEUEPROOF_")}
