"""``python -m reference_impl langflow``: check everything that can be checked, then serve."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from reference_impl.langflow import variants
from reference_impl.langflow.settings import Settings, SettingsError, load

USAGE_ERROR = 2
START_REFUSED = 1


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped; a refusal is one line on stderr and an exit code."""
    for name, value in (("LANGFLOW_HOST", arguments.host), ("LANGFLOW_PORT", arguments.port)):
        if value is not None:
            os.environ[name] = str(value)
    try:
        variants.wire_in(os.environ)
        settings = load(os.environ)
    except SettingsError as error:
        return refuse(str(error), code=USAGE_ERROR)
    return start(settings)


def refuse(reason: str, *, code: int) -> int:
    """Say why not."""
    print(f"reference_impl: {reason}", file=sys.stderr, flush=True)
    return code


def start(settings: Settings) -> int:
    """Check the surroundings, prepare the database, and become Gunicorn's master."""
    from reference_impl.langflow import preflight

    try:
        preflight.check(settings)
    except preflight.StartRefused as refusal:
        return refuse(str(refusal), code=START_REFUSED)
    serve(["-c", "python:reference_impl.langflow.gunicorn_config"])
    return 0


def serve(gunicorn_arguments: Sequence[str]) -> None:
    """Run Gunicorn's own command line in this process; it exits by itself."""
    from gunicorn.app.wsgiapp import run as run_gunicorn  # type: ignore[import-untyped]

    sys.argv = ["gunicorn", *gunicorn_arguments, "reference_impl.langflow.asgi:app"]
    run_gunicorn()
