"""A start without the garbage collector: everything that is imported stays, so nothing is garbage.

Collecting while modules load, and once more when the interpreter takes them apart, is a third of
the processor time of a program that only starts and stops.
"""

from __future__ import annotations

import gc

from reference_impl import fast


def begin() -> None:
    """Collect nothing while modules load."""
    if fast.enabled():
        gc.disable()


def loaded() -> None:
    """Collect from now on, and never look again at what is there already."""
    if fast.enabled():
        gc.freeze()
        gc.enable()
