"""Who may give commands in the log of GitHub Actions: a run's own annotations, nobody else.

GitHub's runner obeys lines such as `::error::…` in whatever a step prints, so also in what a run
quotes of a target. `::stop-commands::WORD` has it obey nothing until `::WORD::` comes.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

#: What ends the stop that is in force; the target cannot guess it.
_resume: list[str] = []
#: Where the runner is told, if not on standard output.
_streams: list[TextIO] = []


@contextmanager
def log_without_commands(
    environment: Mapping[str, str], stream: TextIO | None = None
) -> Iterator[None]:
    """On GitHub Actions, no line of this process's log is obeyed while the body runs.

    The runner reads both standard streams as one log; it is told on `stream`, or standard output.
    """
    if not is_actions(environment):
        yield
        return
    if stream is not None:
        _streams.append(stream)
    _stop()
    try:
        yield
    finally:
        _obey()
        _streams.clear()


@contextmanager
def own_commands() -> Iterator[None]:
    """Within `log_without_commands`, the lines printed by the body are obeyed."""
    stopped = bool(_resume)
    if stopped:
        _obey()
    try:
        yield
    finally:
        if stopped:
            _stop()


def is_actions(environment: Mapping[str, str]) -> bool:
    """Whether this process's log is read by GitHub's runner."""
    return environment.get("GITHUB_ACTIONS") == "true"


def _stop() -> None:
    _resume.append(f"queueproof-{secrets.token_hex(16)}")
    _print(f"::stop-commands::{_resume[-1]}")


def _obey() -> None:
    _print(f"::{_resume.pop()}::")


def _print(line: str) -> None:
    stream = _streams[-1] if _streams else sys.stdout
    stream.write(f"{line}\n")
    stream.flush()
