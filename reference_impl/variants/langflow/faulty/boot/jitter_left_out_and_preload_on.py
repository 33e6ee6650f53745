"""Workers are recycled at the exact number of requests, all at once; and preload is on by default.

The wrapper passes on the arguments that it knows, and sets what its authors run themselves.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace

from reference_impl.langflow import settings

FAILS = frozenset({"BOOT-010", "SETT-021"})
PLAYS = ("SETT-018",)


def install() -> None:
    """Gunicorn's arguments without the jitter, and another default."""
    given = os.environ.get("GUNICORN_CMD_ARGS", "")
    if given:
        os.environ["GUNICORN_CMD_ARGS"] = re.sub(r"--max-requests-jitter[ =]\d+", "", given)
    settings.TABLE = tuple(
        replace(row, default=True) if row.field == "preload" else row for row in settings.TABLE
    )
