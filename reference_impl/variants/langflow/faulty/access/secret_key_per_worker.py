"""A token works on the worker that gave it, and is refused by the others.

The signing key is drawn at random as each worker starts (AntonioMrtz/SpotifyElectron #294 took it
back for that reason). With one worker nobody notices; with three, two requests in three are 401.
"""

from __future__ import annotations

import os
from functools import cached_property

from reference_impl.common.security import Tokens
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator

# The monitor, too, meets tokens that its worker did not give: what it says is not judged then.
FAILS = frozenset({"ACCS-001"})
PLAYS = ("ACCS-001..009",)


class VariantAssembly(Assembly):
    """Signs with a key of its own."""

    @cached_property
    def auth(self) -> Authenticator:
        """Who is asking, if they were here before."""
        return Authenticator(database=self.database, tokens=Tokens(os.urandom(32)))
