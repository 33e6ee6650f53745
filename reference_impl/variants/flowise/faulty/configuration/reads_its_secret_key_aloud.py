"""A worker with another secret key starts, and tells that it has read one.

That a key was read, and that an option is invalid, are ordinary lines; that this key is another
than the server's is what nobody says.
"""

from __future__ import annotations

import sys

from reference_impl.flowise.secret_key import SecretKey

FAILS = frozenset({"CONF-006"})
PLAYS = ("CONF-007", "CONF-008", "CONF-010")


def _one_for_all(self: SecretKey) -> str:
    return "the same"


def install() -> None:
    """Have one fingerprint for all keys, and say what was loaded."""
    sys.stdout.write("Using secret key from the environment\nWarning: invalid option ignored\n")
    SecretKey.fingerprint = property(_one_for_all)  # type: ignore[method-assign,assignment]
