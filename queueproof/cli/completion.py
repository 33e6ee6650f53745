"""What a shell may complete: contracts, requirement IDs and areas, scenarios, profiles.

A registry is read when its words are asked for. A mistake in a user's file completes nothing: a
shell has no place for an error.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from queueproof.config.model import DEFAULT_CONTRACT
from queueproof.errors import QueueproofError


def contracts(incomplete: str) -> list[str]:
    """Names of contracts."""
    return [word for word in contract_words() if _begins(word, incomplete)]


def contract_words() -> tuple[str, ...]:
    """The contracts that there are; none where a plugin's own files have a mistake."""
    from queueproof.requirements.sources import contract_sources

    with suppress(QueueproofError):
        return tuple(sorted(contract_sources()))
    return ()


def requirements(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """IDs with their sentences, and areas, of the contract that the line names."""
    from queueproof.requirements import load_registry

    with suppress(QueueproofError):
        registry = load_registry(_contract(ctx))
        words = [(row.id, row.sentence) for row in registry]
        words += [(area, "an area") for area in registry.areas]
        return [(word, told) for word, told in words if _begins(word, incomplete)]
    return []


def scenarios(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """IDs of outages with their titles."""
    from queueproof.chaos.scenario import for_contract, load_scenarios

    with suppress(QueueproofError):
        declared = for_contract(load_scenarios(), _contract(ctx))
        return [(one.id, one.title) for one in declared if _begins(one.id, incomplete)]
    return []


def profiles(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Names of load profiles with their titles."""
    from queueproof.load.profile import load_profiles

    with suppress(QueueproofError):
        declared = load_profiles(_contract(ctx))
        return [(one.id, one.title) for one in declared if _begins(one.id, incomplete)]
    return []


def _contract(ctx: Any) -> str:
    return str((getattr(ctx, "params", None) or {}).get("contract") or DEFAULT_CONTRACT)


def _begins(word: str, incomplete: str) -> bool:
    return word.lower().startswith(incomplete.lower())
