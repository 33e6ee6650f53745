"""The traits of a contract's workload in outages."""

from __future__ import annotations

from queueproof.errors import UsageError
from queueproof.targets.contracts import contract_named
from queueproof.targets.workload_traits import WorkloadTraits


def traits_of(contract: str) -> WorkloadTraits:
    """The traits of a contract's workload; raises UsageError where no outage can be played."""
    traits = contract_named(contract).workload
    if traits is None:
        raise UsageError(f"no outages are declared for contract {contract!r}")
    return traits
