"""What a mapping's paths and braces mean: finding a value in an answer, filling in a request.

Plain Python that adapter, load client and stand-alone scripts share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: What `find` returns where there is nothing; `null` is a value.
MISSING = object()
#: No position, no tick's number and no place in a list has more; Python reads 4300 at most.
DIGITS = 18
ALONE = re.compile(r"^\{([a-z_]+)\}$")
FILLED = re.compile(r"\{([a-z_]+)\}")


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
    plain = text.isascii() and text.isdigit() and len(text) <= DIGITS
    return int(text) if plain else None


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its braces filled in.

    A text that is nothing but one brace becomes the value itself, a number or null; inside a
    text it becomes text.
    """
    if isinstance(template, str):
        alone = ALONE.match(template)
        if alone:
            return values[alone[1]]
        return FILLED.sub(lambda brace: text_of(values[brace[1]]), template)
    if isinstance(template, Mapping):
        return {name: filled(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [filled(part, values) for part in template]
    return template


def given(values: Mapping[str, Any]) -> dict[str, str]:
    """Parameters of a query or a form: as text, without those that have no value."""
    return {name: text_of(value) for name, value in values.items() if value is not None}


def text_of(value: Any) -> str:
    """A value inside a text; nothing for null."""
    return "" if value is None else str(value)


def computed_by(key: str, probe: Mapping[str, Any]) -> str:
    """What a probe with this key is asked to compute: nobody else's result, unless it shall be
    its text alone.
    """
    padding = "." * int(probe.get("answer_bytes", 0))
    if probe.get("answer_alone"):
        return f"{probe.get('answer', '')}{padding}"
    return f"answer-{key or 'none'}{probe.get('answer', '')}{padding}"


def braces_of(
    probe: Mapping[str, Any], *, key: str, reporting: str | None, chosen_id: str
) -> dict[str, Any]:
    """What the braces of a submit stand for; `probe` has the fields of a probe, by name.

    `reporting` is where the job's ticks are told, if they are; `chosen_id` the client's own choice
    of an id.
    """
    named = ("interval", "slow_start", "quiet", "block", "delay")
    seconds = {name: float(probe.get(f"{name}_s") or 0.0) for name in named}
    return {
        **{name: probe.get(name) for name in ("quiet_after", "fail_at", "block_at")},
        **{name: probe.get(name) or None for name in ("priority", "unique")},
        **{name: probe.get(name) or 0 for name in ("payload_bytes", "fail_times", "retries")},
        "ticks": probe["ticks"],
        "answer": computed_by(key, probe),
        "id": chosen_id,
        "key": key,
        "witness": reporting,
        **{f"{name}_s": value for name, value in seconds.items()},
        **{f"{name}_ms": round(value * 1000) for name, value in seconds.items()},
    }
