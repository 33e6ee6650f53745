"""Whether service was whole where it should be, and whether monitor and health told the truth."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from math import inf
from typing import Any

from queueproof.checkers.findings import Finding, broken, doubtful, held
from queueproof.checkers.outage_history import OutageHistory
from queueproof.history import ON_KEPT, Operation
from queueproof.json_numbers import is_number

_GAUGES = ("active_jobs", "bridge_count", "consumer_wrapper_count", "background_task_count")
_DISPATCHER = "cancel_dispatcher_running"
#: A lost connection is noticed by its silence; a sign of life every few seconds is enough.
_NOTICE_S = 5.0
_WELL = 200
_REFUSED, _OUR_FAULT = 400, 500
#: Who he is (401, 403, 407), how slow (408) and how often he asks (425, 429).
_OF_THE_CLIENT = (401, 403, 407, 408, 425, 429)
_SILENT = "no answer"
_SHOWN = 40
#: A look that takes a larger part of a fault, where nothing is disturbed, is slow by the machine.
_BRISK = 0.25


def check_service(outage: OutageHistory) -> list[Finding]:
    """Service is whole before, is whole again within the bound, and stays so."""
    return [*_recovered(outage), *_requests_done(outage)]


def check_dispatcher(outage: OutageHistory) -> list[Finding]:
    """The monitor says that the dispatcher runs exactly when it can hear.

    Judged are looks made when the truth is known: before, after, and during a fault that keeps
    signals away for longer than it takes to notice.
    """
    asked = outage.of_kind("monitor")
    found = _never_told(asked, [look for look in _looks(outage) if _claims(look)], "monitor")
    for look in _looks(outage):
        claim = look.facts["monitor"].get(_DISPATCHER)
        hears = _hears(outage, look)
        if hears is None or claim is None:
            continue
        if claim is hears:
            found.append(held(look.invoked_s))
        else:
            found.append(
                broken(
                    look.invoked_s,
                    expected=f"{_DISPATCHER} is {str(hears).lower()}",
                    actual=f"worker {look.worker or '?'} says {str(claim).lower()}",
                )
            )
    return found


def check_health(outage: OutageHistory) -> list[Finding]:
    """The health check of a worker says well when it is, and not while it cannot serve.

    One that is not answered within the watcher's patience, while the worker serves, does not say
    so. A connection that is refused is no answer of a health check at all.
    """
    looks = outage.of_kind("health")
    found = _never_told(looks, [one for one in looks if one.status is not None], "health check")
    for look in looks:
        truth = _serves(outage, look)
        if truth and look.status is None and look.detail.startswith(_SILENT):
            found.append(
                broken(
                    look.invoked_s,
                    expected="a health check says well",
                    actual=f"worker {look.worker or '?'}: {look.detail}",
                )
            )
        if truth is None or look.status is None:
            continue
        well = look.status == _WELL
        if well == truth:
            found.append(held(look.invoked_s))
        else:
            found.append(
                broken(
                    look.invoked_s,
                    expected="a health check says " + ("well" if truth else "unwell"),
                    actual=f"worker {look.worker or '?'} answers {look.status}"
                    + ("" if truth else " while no submit can be accepted"),
                )
            )
    return [*found, *_looked_past(outage, looks)]


def _looked_past(outage: OutageHistory, looks: list[Operation]) -> list[Finding]:
    """A doubt for each worker that said well and was not seen to say so within the fault.

    Every look that began in it ended after it. A health check that waits for what it asks does that
    rightly; so does any on a machine so busy that looks are as slow where nothing is disturbed.
    """
    since_s, until_s = _unwell_from_s(outage), outage.released_s
    found = []
    for worker in sorted(outage.struck) if outage.traits.get("wedges") else ():
        own = [look for look in looks if look.worker == worker]
        within = [look for look in own if since_s <= look.invoked_s < until_s]
        calm = [_took_s(look) for look in own if _ended_s(look) < outage.applied_s]
        seen = any(_ended_s(look) < until_s for look in within)
        slow = max(calm, default=0.0) > _BRISK * (until_s - since_s)
        if slow and not seen and any(look.status == _WELL for look in within):
            said = (
                f"no look at worker {worker}'s health was over before the fault was: looks took "
                f"{max(calm):.1f} s where nothing was disturbed, too"
            )
            found.append(doubtful(within[0].invoked_s, actual=said))
    return found


def _ended_s(look: Operation) -> float:
    return look.ended_s or look.invoked_s


def _took_s(look: Operation) -> float:
    return _ended_s(look) - look.invoked_s


def _unwell_from_s(outage: OutageHistory) -> float:
    """From when on a fault that wedges a worker has been noticed by its health check."""
    return outage.holds_s + float(outage.traits.get("health_notice_s", 0.0))


def check_counters(outage: OutageHistory) -> list[Finding]:
    """Gauges return to zero when nothing is under way; counters never go back."""
    return [*_gauges_at_rest(outage), *_counters_rise(outage), *_reconnects_counted(outage)]


def _claims(look: Operation) -> bool:
    return look.facts["monitor"].get(_DISPATCHER) is not None


def _never_told(asked: list[Operation], told: list[Operation], what: str) -> list[Finding]:
    """A doubt for each worker that was asked and never told anything, from first to last."""
    heard = {look.worker for look in told}
    first = {look.worker: look for look in reversed(asked) if look.worker not in heard}
    return [
        doubtful(look.invoked_s, actual=f"the {what} of worker {worker or '?'} never told anything")
        for worker, look in first.items()
    ]


def _recovered(outage: OutageHistory) -> list[Finding]:
    found = []
    for note in outage.of_kind("service"):
        whole, took_s = not note.facts.get("lacking"), float(note.facts.get("took_s", 0.0))
        if whole:
            found.append(held(note.invoked_s))
            continue
        found.append(
            broken(
                note.invoked_s,
                expected="full service within "
                f"{outage.timings['recovery_s']:.0f} s of the heal, without a restart",
                actual=f"after {took_s:.1f} s: {note.facts['lacking']}",
            )
        )
    return found


def _requests_done(outage: OutageHistory) -> list[Finding]:
    """Submits and cancels of quiet times are accepted.

    A refusal for a reason of the client's (who he is, how often he asks) tells nothing of service,
    and neither does a cancel that is refused: its job may be over. Nor does a kept connection that
    its server closed in the moment of a request, unless that happens twice.
    """
    found, closed = [], 0
    for operation in outage.of_kind("submit", "cancel", "predict"):
        if operation.facts.get("ours"):
            continue
        if outage.met(operation.invoked_s, operation.ended_s or operation.invoked_s):
            continue
        status = operation.status
        if operation.detail.endswith(ON_KEPT) and (closed := closed + 1) == 1:
            continue
        if status is not None and status < _REFUSED:
            found.append(held(operation.invoked_s, job=operation.job or ""))
        elif status in _OF_THE_CLIENT:
            said = f"a {operation.kind} got {status} {operation.detail}".strip()
            found.append(doubtful(operation.invoked_s, actual=said, job=operation.job))
        elif operation.kind == "cancel" and status is not None and status < _OUR_FAULT:
            continue
        else:
            found.append(
                broken(
                    operation.invoked_s,
                    expected=f"a {operation.kind} is accepted, for nothing is disturbed",
                    actual=f"{operation.status or ''} {operation.detail}".strip(),
                    job=operation.job,
                    errand=operation.facts.get("errand"),
                )
            )
    return found


def _looks(outage: OutageHistory) -> list[Operation]:
    return [look for look in outage.of_kind("monitor") if look.facts.get("monitor")]


def _hears(outage: OutageHistory, look: Operation) -> bool | None:
    """Whether a worker can hear signals at the moment of a look; None when nobody can say."""
    ended_s = look.ended_s or look.invoked_s
    if ended_s < outage.applied_s or look.invoked_s >= outage.whole_s:
        return True
    deaf = outage.traits.get("deafens") and look.worker in outage.struck
    if deaf and outage.holds_s + _NOTICE_S <= look.invoked_s and ended_s < outage.released_s:
        return False
    return None


def _serves(outage: OutageHistory, look: Operation) -> bool | None:
    """Whether a worker can serve at the moment of a look; None when nobody can say."""
    ended_s = look.ended_s or look.invoked_s
    if ended_s < outage.applied_s or look.invoked_s >= _serves_again_s(outage, look):
        return True
    wedged = outage.traits.get("wedges") and look.worker in outage.struck
    if wedged and _unwell_from_s(outage) <= look.invoked_s and ended_s < outage.released_s:
        return None if _took_a_job(outage, look) else False
    return None


def _took_a_job(outage: OutageHistory, look: Operation) -> bool:
    """Whether a submit was accepted in the midst of the fault where the look was made.

    A front may keep jobs of its own for as long as what is behind it is away.
    """
    return any(
        outage.holds_s <= life.submit.invoked_s
        and life.accepted_by_s < outage.released_s
        and life.owner in (look.worker, "")
        for life in outage.accepted
    )


def _serves_again_s(outage: OutageHistory, look: Operation) -> float:
    """From when on a worker serves after the fault; infinity where service never became whole.

    Service may be whole while one worker of several is not back; that each is, is known only
    where it could be seen who does which job.
    """
    if any(note.facts.get("lacking") for note in outage.of_kind("service")):
        return inf
    if look.worker not in outage.crew:
        return outage.whole_s
    if outage.traits.get("crew_seen"):
        return outage.whole_s + float(outage.traits.get("health_notice_s", 0.0))
    return max(outage.whole_s, outage.healed_s + outage.timings["recovery_s"])


def _gauges_at_rest(outage: OutageHistory) -> list[Finding]:
    found = []
    for look in outage.of_kind("rest"):
        monitor = look.facts.get("monitor", {})
        seen = {name: value for name, value in monitor.items() if name in _GAUGES}
        strange = {name: value for name, value in seen.items() if not is_number(value)}
        left = {name: value for name, value in seen.items() if value and name not in strange}
        if not seen:
            said = f"the monitor of worker {look.worker or '?'} told no gauge"
            found.append(doubtful(look.invoked_s, actual=said))
            continue
        if strange:
            found.append(_no_numbers(look, strange))
        if not left:
            found += [] if strange else [held(look.invoked_s)]
            continue
        said = ", ".join(f"{name} {value}" for name, value in left.items())
        found.append(
            broken(
                look.invoked_s,
                expected="every gauge is 0 once all jobs are over and all readers gone",
                actual=f"worker {look.worker or '?'}: {said}, "
                f"{look.facts.get('after_s', 0):.0f} s afterwards",
            )
        )
    return found


def _counters_rise(outage: OutageHistory) -> list[Finding]:
    """Counters of one process only rise; a new process begins anew.

    One that was a number and is told as something else has not fallen, and is in doubt.
    """
    found = []
    for looks in _by_process(outage).values():
        for earlier, later in pairwise(looks):
            told = _told_counters(later)
            strange = {name: told[name] for name in _counters(earlier) if name in told}
            strange = {name: value for name, value in strange.items() if not is_number(value)}
            if strange:
                found.append(_no_numbers(later, strange))
            fallen = _fallen(earlier, later)
            if fallen:
                found.append(
                    broken(
                        later.invoked_s,
                        expected="a counter never falls",
                        actual=f"worker {later.worker or '?'}: {fallen}",
                    )
                )
    return found


def _no_numbers(look: Operation, strange: Mapping[str, Any]) -> Finding:
    """A doubt: what a monitor told in the place of numbers."""
    shown = {name: json.dumps(value, default=str)[:_SHOWN] for name, value in strange.items()}
    said = ", ".join(f"{name} {value}" for name, value in shown.items())
    return doubtful(look.invoked_s, actual=f"worker {look.worker or '?'}: no number: {said}")


def _reconnects_counted(outage: OutageHistory) -> list[Finding]:
    """A dispatcher that was away and is back has counted that, if its process is the same.

    Where nothing had been counted before, nobody has seen that counts outlast it.
    """
    if not outage.traits.get("deafens"):
        return []
    found, counted = [], False
    for looks in _by_process(outage).values():
        before = [look for look in looks if (look.ended_s or 0.0) < outage.applied_s]
        after = [look for look in looks if look.invoked_s >= outage.whole_s]
        if not before or not after or after[-1].worker not in outage.struck:
            continue
        old, new = _reconnects(before[-1]), _reconnects(after[-1])
        if old is None or new is None:
            continue
        counted = counted or any(_counters(before[-1]).values())
        if new > old:
            found.append(held(after[-1].invoked_s))
        else:
            found.append(
                broken(
                    after[-1].invoked_s,
                    expected="dispatcher_reconnects rises by an outage that cut the dispatcher off",
                    actual=f"worker {after[-1].worker or '?'}: {old} before, {new} after",
                )
            )
    if found and not counted:
        nothing = "no cancel had been counted before the outage: none could be forgotten"
        found.append(doubtful(outage.applied_s, actual=nothing))
    return found


def _reconnects(look: Operation) -> float | None:
    return _counters(look).get("dispatcher_reconnects")


def _by_process(outage: OutageHistory) -> dict[str, list[Operation]]:
    by_process: dict[str, list[Operation]] = defaultdict(list)
    for look in _looks(outage):
        if look.facts.get("process"):
            by_process[str(look.facts["process"])].append(look)
    return by_process


def _fallen(earlier: Operation, later: Operation) -> str:
    """The counters that are less than they were, or are no longer told; numbers alone can fall."""
    old, new = _counters(earlier), _told_counters(later)
    fallen = [
        f"{name} {value} → {new.get(name, 0)}"
        for name, value in old.items()
        if is_number(now := new.get(name, 0)) and now < value
    ]
    return ", ".join(fallen)


def _counters(look: Operation) -> dict[str, float]:
    """The counters that a monitor told as numbers."""
    return {name: value for name, value in _told_counters(look).items() if is_number(value)}


def _told_counters(look: Operation) -> dict[str, Any]:
    told = look.facts["monitor"].get("cancel_stats")
    return told if isinstance(told, dict) else {}
