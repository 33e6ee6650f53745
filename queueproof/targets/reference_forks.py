"""How the references start: plainly, or as forks of a program that has imported what they need."""

from __future__ import annotations

import sys

from queueproof import paths
from queueproof.config.model import ForkServing

#: How the command of each of the references' programs begins.
REFERENCE = (sys.executable, "-m", "reference_impl")
#: Once the crowd of cases is done: a start is a fork then, and the processors have little to do.
LATER_LANES = 10


def reference_forks() -> ForkServing:
    """How any of them starts sooner."""
    return ForkServing(
        server=(sys.executable, "-m", "reference_impl.fast.fork_server"),
        instead_of=REFERENCE,
        python_path=str(paths.root()),
    )
