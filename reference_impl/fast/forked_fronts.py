"""Front processes that uvicorn forks from the one that starts them; plain: it starts each anew.

A start imports everything once more, which is most of a front's processor time in a short life. The
variant that the environment names is wired in before, so that a fork has it already.
"""

from __future__ import annotations

import multiprocessing
import os
import signal

from uvicorn import _subprocess  # it offers no setting for how its processes begin

from reference_impl import fast

_OF_THE_PARENT = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def fork_fronts() -> None:
    """Have uvicorn fork from now on; there may be no thread yet."""
    if fast.enabled():
        _subprocess.spawn = multiprocessing.get_context("fork")  # type: ignore[assignment]
        os.register_at_fork(after_in_child=_hear_signals)


def _hear_signals() -> None:
    """A stop ends a fork that serves nothing yet: what its parent does with signals is not its."""
    for number in _OF_THE_PARENT:
        signal.signal(number, signal.SIG_DFL)
