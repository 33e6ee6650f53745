"""Finding a value in an answer by its path, and filling a request's braces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from queueproof.errors import NotAssessed
from queueproof.probe import Probe

#: What `find` returns where there is nothing; `null` is a value.
MISSING = object()

_PLAIN = Probe()
#: No position, no tick's number and no place in a list has more; Python reads 4300 at most.
_DIGITS = 18
_ALONE = re.compile(r"^\{([a-z_]+)\}$")
_FILLED = re.compile(r"\{([a-z_]+)\}")
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
    "answer_bytes": ("answer",),
}


def find(body: Any, path: str) -> Any:
    """The value at a dotted path, such as `data.items.0.id`; `.` is the whole body."""
    value = body
    for step in [step for step in path.split(".") if step]:
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and (at := whole_number(step)) is not None and at < len(value):
            value = value[at]
        else:
            return MISSING
    return value


def whole_number(text: str) -> int | None:
    """The number that a text of at most a few digits is; None for any other text."""
    plain = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if plain else None


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its braces filled in.

    A text that is nothing but one brace becomes the value itself, a number or null; inside a
    text it becomes text.
    """
    if isinstance(template, str):
        alone = _ALONE.match(template)
        if alone:
            return values[alone[1]]
        return _FILLED.sub(lambda brace: _text(values[brace[1]]), template)
    if isinstance(template, Mapping):
        return {name: filled(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [filled(part, values) for part in template]
    return template


def given(values: Mapping[str, Any]) -> dict[str, str]:
    """Parameters of a query or a form: as text, without those that have no value."""
    return {name: _text(value) for name, value in values.items() if value is not None}


def answer_of(key: str, probe: Probe = _PLAIN) -> str:
    """What a probe with this key is asked to compute: nobody else's result."""
    return f"answer-{key or 'none'}{probe.answer}" + "." * probe.answer_bytes


def probe_values(
    probe: Probe, *, key: str, witness: tuple[str, int] | None, chosen_id: str = ""
) -> dict[str, Any]:
    """What the braces of a submit stand for; `chosen_id` is the client's own choice of an id."""
    seconds = {"interval": probe.interval_s, "slow_start": probe.slow_start_s}
    seconds |= {"quiet": probe.quiet_s, "block": probe.block_s, "delay": probe.delay_s}
    reporting = f"http://{witness[0]}:{witness[1]}/{key}" if witness and key else None
    return {
        "ticks": probe.ticks,
        "payload_bytes": probe.payload_bytes,
        "quiet_after": probe.quiet_after,
        "fail_at": probe.fail_at,
        "block_at": probe.block_at,
        "fail_times": probe.fail_times,
        "retries": probe.retries,
        "priority": probe.priority or None,
        "unique": probe.unique or None,
        "answer": answer_of(key, probe),
        "id": chosen_id,
        "key": key,
        "witness": reporting if probe.witnessed else None,
        **{f"{name}_s": value for name, value in seconds.items()},
        **{f"{name}_ms": round(value * 1000) for name, value in seconds.items()},
    }


def require_expressible(probe: Probe, names: frozenset[str]) -> None:
    """Raise NotAssessed where the mapping's submit has no word for what the probe shall do."""
    for trait, wanted in _EXPRESSED.items():
        if getattr(probe, trait) != getattr(_PLAIN, trait) and not names & set(wanted):
            raise NotAssessed(
                f"the mapping cannot express this probe: [mapping.submit] says nothing of "
                f"{{{wanted[0]}}}"
            )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
