"""``python -m reference_impl flowise start|worker``: check what can be checked, then run."""

from __future__ import annotations

import argparse
import os
import sys

from reference_impl.fast import starting
from reference_impl.flowise import variants
from reference_impl.flowise.settings import Settings, SettingsError, load

USAGE_ERROR = 2
START_REFUSED = 1


def run(arguments: argparse.Namespace) -> int:
    """Run until stopped; a refusal is one line on stderr and an exit code."""
    port = "WORKER_PORT" if arguments.program == "worker" else "PORT"
    for name, value in (("HOST", arguments.host), (port, arguments.port)):
        if value is not None:
            os.environ[name] = str(value)
    try:
        variants.wire_in(os.environ)
        settings = load(os.environ)
        if arguments.program == "worker" and not settings.on_queue:
            raise SettingsError("MODE=main has no workers: set MODE=queue for both programs")
    except SettingsError as error:
        return refuse(str(error), code=USAGE_ERROR)
    return start(arguments.program, settings)


def refuse(reason: str, *, code: int) -> int:
    """Say why not."""
    print(f"reference_impl: {reason}", file=sys.stderr, flush=True)
    return code


def start(program: str, settings: Settings) -> int:
    """Check the surroundings and serve."""
    from reference_impl.flowise.preflight import StartRefused

    try:
        if program == "worker":
            from reference_impl.flowise import worker_program

            starting.loaded()
            worker_program.serve(settings)
        else:
            from reference_impl.flowise import server_program

            starting.loaded()
            server_program.serve(settings)
    except StartRefused as refusal:
        return refuse(str(refusal), code=START_REFUSED)
    return 0
