"""One line of a store's script exchanged for another: what most variants of the store are."""

from __future__ import annotations

from reference_impl.generic.store import JobStore


def exchange_in_script(script: str, old: str, new: str) -> None:
    """From now on `new` stands in the named script where `old` did.

    Loading it raises ValueError where `old` is not in it: such a variant would break nothing.
    """
    load = JobStore.script

    def altered(self: JobStore, name: str) -> str:
        text = load(self, name)
        if name != script:
            return text
        if old not in text:
            raise ValueError(f"the script {script} has no {old!r} to be exchanged")
        return text.replace(old, new)

    JobStore.script = altered  # type: ignore[method-assign]
