"""What a probe is in the braces of a submit, and which probes a mapping has words for."""

from __future__ import annotations

from typing import Any

from queueproof.errors import NotAssessed
from queueproof.probe import Probe
from queueproof.targets.generic.wire import braces_of, computed_by
from queueproof.targets.witness_address import stream_of

_PLAIN = Probe()
_EXPRESSED = {
    "payload_bytes": ("payload_bytes",),
    "slow_start_s": ("slow_start_s", "slow_start_ms"),
    "quiet_after": ("quiet_after",),
    "fail_at": ("fail_at",),
    "block_at": ("block_at",),
    "fail_times": ("fail_times",),
    "retries": ("retries",),
    "delay_s": ("delay_s", "delay_ms"),
    "priority": ("priority",),
    "unique": ("unique",),
    "answer": ("answer",),
    "answer_alone": ("answer",),
    "answer_bytes": ("answer",),
}


def answer_of(key: str, probe: Probe = _PLAIN) -> str:
    """What a probe with this key is asked to compute: nobody else's result."""
    return computed_by(key, vars(probe))


def probe_values(
    probe: Probe, *, key: str, witness: tuple[str, int] | None, chosen_id: str = ""
) -> dict[str, Any]:
    """What the braces of a submit stand for; `chosen_id` is the client's own choice of an id."""
    tells = witness and key and probe.witnessed
    reporting = _reporting(witness, key) if witness and tells else None
    return braces_of(vars(probe), key=key, reporting=reporting, chosen_id=chosen_id)


def _reporting(witness: tuple[str, int], key: str) -> str:
    """Where a task reports: a URL, or `redis:STREAM/KEY`."""
    host, port = witness
    return f"{host}/{key}" if stream_of(witness) else f"http://{host}:{port}/{key}"


def require_expressible(probe: Probe, names: frozenset[str]) -> None:
    """Raise NotAssessed where the mapping's submit has no word for what the probe shall do."""
    for trait, wanted in _EXPRESSED.items():
        if getattr(probe, trait) != getattr(_PLAIN, trait) and not names & set(wanted):
            raise NotAssessed(
                f"the mapping cannot express this probe: [mapping.submit] says nothing of "
                f"{{{wanted[0]}}}"
            )
