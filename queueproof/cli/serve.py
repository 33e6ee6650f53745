"""`queueproof serve`: the reference system, started as its own program."""

from __future__ import annotations

import os
import sys

import typer

from queueproof import paths
from queueproof.errors import UsageError
from queueproof.extras import require

_SYSTEMS = ("langflow", "flowise", "generic")


def serve(context: typer.Context) -> None:
    """Serve a **reference system**, with settings from the environment.

    There are langflow, flowise and generic. Each honours the environment variables of its
    contract's document, so it can stand where the real system stands. Without
    `LANGFLOW_JOB_QUEUE_TYPE=redis` the first keeps jobs in memory, in one worker. Arguments such as
    `--host 127.0.0.1 --port 7860` are passed on; of the flowise system say which program:
    `queueproof serve flowise start`, `queueproof serve flowise worker`; of the generic one
    `queueproof serve generic front`, `queueproof serve generic worker`.
    """
    require("reference", "queueproof serve")
    path = os.pathsep.join(filter(None, (str(paths.root()), os.environ.get("PYTHONPATH"))))
    os.environ["PYTHONPATH"] = path
    words = context.args if context.args[:1] and context.args[0] in _SYSTEMS else _langflow(context)
    arguments = [sys.executable, "-m", "reference_impl", *words]
    os.execv(sys.executable, arguments)  # noqa: S606  (our own program, no shell)


def _langflow(context: typer.Context) -> list[str]:
    """Options alone are for langflow; another word is no system."""
    if context.args and not context.args[0].startswith("-"):
        raise UsageError(f"serve {context.args[0]}: there are {' and '.join(_SYSTEMS)}")
    return ["langflow", *context.args]
