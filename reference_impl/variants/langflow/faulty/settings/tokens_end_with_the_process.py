"""After a restart every token is void, though database and configuration folder are the same.

The signing key is drawn as the master starts and handed to its workers (gaia-pipeline/gaia #26):
all agree, until the next deployment logs everybody out in the middle of their builds.
"""

from __future__ import annotations

import os
from functools import cached_property

from reference_impl.common.security import Tokens
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator

FAILS = frozenset({"SETT-015"})
PLAYS = ("ACCS-001", "ACCS-002", "ACCS-004", "SETT-016")


class VariantAssembly(Assembly):
    """Signs with a key that its master gave it, which here is the master's process ID."""

    @cached_property
    def auth(self) -> Authenticator:
        """Who is asking, if they came since the last start."""
        key = f"drawn by process {os.getppid()}".encode()
        return Authenticator(database=self.database, tokens=Tokens(key))
