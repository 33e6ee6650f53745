"""Scripts are loaded once; a server that does not have them is asked in vain ever after.

Seen after failovers: scripts are not replicated.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

SCENARIOS = dict.fromkeys(("CHAOS-219", "CHAOS-223"), frozenset({"OUTG-003", "OUTG-004"}))


def install() -> None:
    """Ask by their hash, and never load one again."""
    hashes: dict[str, str] = {}

    async def run(self: JobStore, name: str, keys: list[str], *words: Any) -> Any:
        if name not in hashes:
            hashes[name] = str(await self.redis.script_load(self.script(name)))
        return await self.redis.evalsha(hashes[name], len(keys), *keys, *words)

    JobStore._run = run  # type: ignore[method-assign]
