"""`queueproof serve`: the reference system, started as its own program."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from queueproof import house


def serve(
    context: typer.Context,
    contract: Annotated[
        str, typer.Argument(help="Which system to serve: langflow or flowise.")
    ] = "langflow",
) -> None:
    """Serve the **reference system**; settings come from the environment.

    It honours the environment variables of the contract's document, so it can stand where the
    real system stands. Without `LANGFLOW_JOB_QUEUE_TYPE=redis` it keeps jobs in memory, in one
    worker. Arguments such as `--host 127.0.0.1 --port 7860` are passed on; of the flowise
    system say which program: `queueproof serve flowise start`, `queueproof serve flowise worker`.
    """
    path = os.pathsep.join(filter(None, (str(house.root()), os.environ.get("PYTHONPATH"))))
    os.environ["PYTHONPATH"] = path
    arguments = [sys.executable, "-m", "reference_impl", contract, *context.args]
    os.execv(sys.executable, arguments)  # noqa: S606  (our own program, no shell)
