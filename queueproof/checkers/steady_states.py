"""Whether the steady states that a scenario declares hold again after its outage, and stay so.

A value may be as old as its `lag_s`, so it is given that much longer than service is. What had no
value, or did not hold before the fault, proves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import OutageHistory
from queueproof.history import Operation

#: The kind of the note that a look at one of them is.
LOOK = "steady state"


def check_steady_states(outage: OutageHistory) -> list[Finding]:
    """Each holds before the fault, again within the bound after it, and in the end."""
    return [finding for looks in _looks(outage).values() for finding in _judged(outage, looks)]


def told_of_steady_states(outage: OutageHistory) -> list[str]:
    """A line each: what was wanted, and what was seen before, meanwhile and in the end."""
    lines = []
    for query, looks in _looks(outage).items():
        seen = [
            f"{told} {words}"
            for words, part in (
                ("before the fault", [each for each in looks if each.invoked_s < outage.applied_s]),
                ("when it ended", [each for each in looks if each.invoked_s < outage.healed_s]),
                ("in the end", looks),
            )
            if (told := _value(part))
        ]
        wanted = looks[0].facts.get("wanted", "")
        lines.append(f"{query}, {wanted}: {', '.join(seen) or _trouble(looks)}")
    return lines


def _looks(outage: OutageHistory) -> dict[str, list[Operation]]:
    looks: defaultdict[str, list[Operation]] = defaultdict(list)
    for look in outage.of_kind(LOOK):
        looks[look.detail].append(look)
    return looks


def _judged(outage: OutageHistory, looks: Sequence[Operation]) -> Iterator[Finding]:
    query, wanted = looks[0].detail, looks[0].facts.get("wanted", "")
    answered = [look for look in looks if "value" in look.facts]
    before = [look for look in answered if look.invoked_s < outage.applied_s]
    if not before or not before[-1].facts["held"]:
        why = f"{_told(before[-1])} before the fault" if before else _trouble(looks)
        yield doubtful(looks[0].invoked_s, actual=f"{query}: {why}")
        return
    yield held(before[-1].invoked_s)
    after = [look for look in answered if look.invoked_s >= outage.healed_s]
    lag_s = float(looks[0].facts.get("lag_s", 0.0))
    bound_s = outage.healed_s + outage.timings["recovery_s"] + lag_s
    out = [look for look in after if not look.facts["held"]]
    late = next((look for look in out if look.invoked_s >= bound_s), None)
    good = next((look for look in after if look.facts["held"]), None)
    if late is not None and (good is None or good.invoked_s > late.invoked_s):
        yield _out(outage, late, f"{wanted} within {bound_s - outage.healed_s:.0f} s of the outage")
    elif good is None:
        why = "not watched for long enough" if after else _trouble(looks)
        yield doubtful(outage.healed_s, actual=f"{query}: {why}")
    else:
        yield held(good.invoked_s)
        last = after[-1]
        stays = last.facts["held"] or last.invoked_s < bound_s
        yield held(last.invoked_s) if stays else _out(outage, last, f"{wanted} from then on")


def _out(outage: OutageHistory, look: Operation, expected: str) -> Finding:
    after_s = look.invoked_s - outage.healed_s
    return broken(
        look.invoked_s,
        expected=f"{look.detail}: {expected}",
        actual=f"{_told(look)} {after_s:.0f} s after the outage",
    )


def _told(look: Operation) -> str:
    return f"{float(look.facts['value']):g}"


def _value(looks: Sequence[Operation]) -> str:
    """The last value among them; empty where there is none."""
    return next((_told(look) for look in reversed(looks) if "value" in look.facts), "")


def _trouble(looks: Sequence[Operation]) -> str:
    """Why there is no value, as it was last told."""
    reasons: list[Any] = [look.facts["trouble"] for look in looks if "trouble" in look.facts]
    return str(reasons[-1]) if reasons else "it was not looked at"
