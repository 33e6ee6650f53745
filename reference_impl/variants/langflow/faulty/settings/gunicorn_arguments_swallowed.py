"""``GUNICORN_CMD_ARGS`` has no effect, so workers are never recycled.

The program starts Gunicorn from its own code with its own options and leaves out the step that
reads the variable. Langflow's document recommends it for ``--max-requests``; memory grows.
"""

from __future__ import annotations

import os

FAILS = frozenset({"SETT-014"})
PLAYS = ("SETT-011", "SETT-013")


def install() -> None:
    """Gunicorn gets our options and no others."""
    os.environ.pop("GUNICORN_CMD_ARGS", None)
