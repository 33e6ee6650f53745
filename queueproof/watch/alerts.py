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
from typing import Any
from urllib.parse import urlsplit

import httpx

from queueproof.errors import UsageError
from queueproof.redaction import known_secrets, redacted, redacted_all
from queueproof.reporting.text import shown
from queueproof.watch.standing import Change

_WITHIN_S = 10.0
#: Of one change's words so much is told. Linux takes 128 KiB for a variable, with its name.
_LONGEST, _FITS = 2_000, 120_000


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """Whom to tell: `command` is a command line, `webhook` a URL that takes a POST of JSON."""

    command: str = ""
    webhook: str = ""

    def __post_init__(self) -> None:
        """Who may post to a webhook is often said by its path alone.

        Raises UsageError for what could tell nobody, when something has to be told.
        """
        known_secrets.learn(self.webhook)
        try:
            shlex.split(self.command)
        except ValueError as error:
            raise UsageError(f"--on-change is no command line: {error}") from None
        if self.webhook and not _is_address(self.webhook):
            raise UsageError("--webhook: write it like https://alerts.example.org/hook")
        known_secrets.learn(urlsplit(self.webhook).path.strip("/"))

    async def tell(self, target: str, changes: Sequence[Change]) -> list[str]:
        """Tell all changes of a round at once; what went wrong with it, in a line each."""
        if not changes:
            return []
        body = _body(target, changes)
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
            async with (
                asyncio.timeout(_WITHIN_S),
                httpx.AsyncClient(timeout=_WITHIN_S) as client,
                # What it says besides its status is not read: it may never end.
                client.stream("POST", self.webhook, content=body, headers=headers) as answer,
            ):
                good, status = answer.is_success, answer.status_code
        except TimeoutError:
            return f"--webhook: it did not answer within {_WITHIN_S:.0f} s"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return f"--webhook: {type(error).__name__}: {error}"
        return "" if good else f"--webhook: it answered {status}"


def _is_address(url: str) -> bool:
    try:
        parsed = httpx.URL(url)
        return parsed.scheme in ("http", "https") and bool(parsed.host)
    except (httpx.InvalidURL, ValueError):
        return False


def _body(target: str, changes: Sequence[Change]) -> str:
    """What is told, in JSON: no longer than a variable of an environment may be."""
    words = [shown(str(change), limit=_LONGEST) for change in changes]
    rows = [{**asdict(change), "words": shown(change.words, limit=_LONGEST)} for change in changes]
    said: dict[str, Any] = {"target": target, "good": all(change.good for change in changes)}
    while True:
        more = len(changes) - len(rows)
        text = "; ".join([*words, f"and {more} more"] if more else words)
        body = json.dumps(redacted_all({**said, "text": text, "changes": rows}), ensure_ascii=False)
        if len(body.encode("utf-8", "replace")) <= _FITS or not rows:
            return body
        words, rows = words[: len(rows) // 2], rows[: len(rows) // 2]


def _environment() -> dict[str, str]:
    """Ours without the target's credentials: a command that tells people needs none of them."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QUEUEPROOF_")}
