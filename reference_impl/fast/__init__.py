"""Speed alone: what makes the references quick and is no part of what they promise.

Each module stands behind a plain way of doing the same, which is where to read what is done.
``REFERENCE_FAST=0`` leaves all of them out: every promise is kept then too, only later.

====================== ===========================================================================
``quick_reads``        rows by their key straight from SQLite; plain: ``langflow.database`` asks
``prepared``           statements compiled once, run where asked for; plain: ``flowise.engines``
``script_connections`` connections to Redis for scripts alone; plain: ``PooledScripts`` in ``store``
``thread_reuse``       threads that take one call after another; plain: a thread a call
``starting``           no garbage collection while modules load; plain: Python's own
``fork_server``        programs forked from one that has imported what they need; plain: a start
``forked_fronts``      front processes forked, too; plain: uvicorn starts each anew
====================== ===========================================================================
"""

from __future__ import annotations

import os
from collections.abc import Mapping

SETTING = "REFERENCE_FAST"
_OFF = frozenset({"0", "false", "no", "off"})


def enabled(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a process with this environment takes the quick ways."""
    return environ.get(SETTING, "").strip().lower() not in _OFF
