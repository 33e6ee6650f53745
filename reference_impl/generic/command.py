"""`generic front|worker`: one of its programs; settings from the environment (see `settings`)."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile

import uvicorn

from reference_impl.fast.forked_fronts import fork_fronts
from reference_impl.generic import children, worker
from reference_impl.generic.front import PRESENT
from reference_impl.generic.settings import settings_from
from reference_impl.generic.variants import wire_in


def run(arguments: argparse.Namespace) -> int:
    """Run the program until it is told to stop."""
    try:
        wire_in(os.environ)
        settings = settings_from(os.environ)
    except ValueError as error:
        sys.stderr.write(f"generic: {error}\n")
        return 1
    if arguments.program == "worker":
        kind = worker.Worker
        if settings.children:
            children.start_fork_server()
            kind = children.ParentWorker
        asyncio.run(worker.serve(settings, kind))
        return 0
    with tempfile.TemporaryDirectory(prefix="fronts-") as present:
        os.environ[PRESENT] = present
        fork_fronts()
        uvicorn.run(
            "reference_impl.generic.front:app_from_environment",
            factory=True,
            workers=settings.fronts,
            host=arguments.host or "127.0.0.1",
            port=int(arguments.port or 8001),
            log_level="warning",
            timeout_graceful_shutdown=2,
        )
    return 0
