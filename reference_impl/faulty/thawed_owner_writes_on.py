"""An owner that was frozen and declared dead writes on when it thaws: no fencing token.

The first readers were told that the build is lost; later ones see it finish.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.caretaker import Caretaker
from reference_impl.store.keeper import Kept
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import script_source

FAILS = frozenset({"LIFE-003"})
PLAYS = ("polling", "lifecycle")
FENCE = "if is_over(record[2]) then"
RENUMBER = "if first ~= seq + 1 then first = seq + 1; last = first + (#ARGV - 6) / 2 - 1 end"


class UnfencedStore(RedisStore):
    """Writes behind whatever there is."""

    async def _script(self, name: str, names: Sequence[str], args: Sequence[object]) -> Any:
        if name != "append":
            return await super()._script(name, names, args)
        source = script_source("append").replace(FENCE, f"{RENUMBER}\nif false then")
        script = self.client.register_script(source)
        return await self._ask(lambda: script(keys=list(names), args=list(args)))  # type: ignore[arg-type, return-value]


class ForgivingCaretaker(Caretaker):
    """Does not ask whether a job is still ours."""

    def kept(self, kept: Kept) -> None:
        """Nothing follows from a renewal."""


class VariantAssembly(Assembly):
    """Without fences."""

    redis_store_class = UnfencedStore
    caretaker_class = ForgivingCaretaker
