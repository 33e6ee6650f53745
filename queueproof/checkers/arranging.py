"""From a list of operations to the story they tell (see `story` for the theory)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from queueproof.checkers.story import (
    AFTER,
    DURING,
    RECOVERY,
    TERMINAL,
    Life,
    Reading,
    Story,
)
from queueproof.history import Event, Operation


def read_story(operations: Sequence[Operation]) -> Story:
    """Arrange the operations of one scenario."""
    began: dict[str, float] = {}
    for note in operations:
        if note.kind in ("phase", "holds"):
            began.setdefault(note.detail, note.invoked_s)
    scenario = next((op for op in operations if op.kind == "scenario"), None)
    facts = scenario.facts if scenario else {}
    last_s = max((op.ended_s or op.invoked_s for op in operations), default=0.0)
    never = float("inf")
    return Story(
        operations=tuple(operations),
        lives=_lives(operations),
        timings=facts.get("timings", {}),
        traits=facts.get("traits", {}),
        applied_s=began.get(DURING, never),
        holds_s=began.get("from", began.get(DURING, never)),
        released_s=began.get("until", began.get(RECOVERY, never)),
        healed_s=began.get(RECOVERY, never),
        whole_s=began.get(AFTER, never),
        ended_s=last_s,
    )


def _lives(operations: Sequence[Operation]) -> tuple[Life, ...]:
    submits = [op for op in operations if op.kind == "submit" and op.facts.get("key")]
    work = {op.facts.get("key"): tuple(op.events) for op in operations if op.kind == "work"}
    by_job: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.job and operation.kind in ("poll", "stream", "cancel"):
            by_job[operation.job].append(operation)
    return tuple(
        _life(submit, by_job.get(submit.job or "", []), work.get(submit.facts["key"], ()))
        for submit in submits
    )


def _life(submit: Operation, others: list[Operation], work: tuple[Event, ...]) -> Life:
    facts = submit.facts
    return Life(
        errand=int(facts.get("errand", -1)),
        key=str(facts["key"]),
        submit=submit,
        planned=int(facts.get("ticks", 0)),
        lasts_s=float(facts.get("lasts_s", 0.0)),
        readings=tuple(_readings(others)),
        cancels=tuple(op for op in others if op.kind == "cancel"),
        work=work,
        dropped_s=_dropped_s(others),
    )


def _dropped_s(operations: Iterable[Operation]) -> float | None:
    """When the reader closed a stream that had not ended: a closed tab, hence a cancel."""
    left = [
        op.ended_s or op.invoked_s
        for op in operations
        if op.kind == "stream"
        and op.status == 200
        and not op.facts.get("ended")
        and not any(event.kind in TERMINAL for event in op.events)
    ]
    return min(left, default=None)


def _readings(operations: list[Operation]) -> Iterable[Reading]:
    polls = [op for op in operations if op.kind == "poll"]
    for again in (False, True):
        chosen = [op for op in polls if bool(op.facts.get("again")) == again]
        if chosen:
            yield _polled(chosen, again=again)
    for stream in operations:
        if stream.kind == "stream" and stream.ended_s is not None:
            yield _streamed(stream)


def _polled(polls: list[Operation], *, again: bool) -> Reading:
    answered = [poll for poll in polls if poll.status is not None]
    last = answered[-1] if answered else polls[-1]
    events = tuple(event for poll in polls for event in poll.events)
    over = any(event.kind in TERMINAL for event in events)
    return Reading(
        kind="poll",
        via="",
        began_s=polls[0].invoked_s,
        ended_s=max(poll.ended_s or poll.invoked_s for poll in polls),
        events=events,
        ended="clean" if over else "open",
        status=last.status,
        again=again,
        gaps_possible=any(
            poll.status is None and poll.detail != "connection refused" for poll in polls
        ),
        silent_s=_longest_silence(polls[0].invoked_s, answered),
    )


def _longest_silence(began_s: float, answered: list[Operation]) -> float:
    """The longest time between two answers, from the first question on."""
    instants = [began_s, *(poll.ended_s or poll.invoked_s for poll in answered)]
    return max((later - earlier for earlier, later in pairwise(instants)), default=0.0)


def _streamed(stream: Operation) -> Reading:
    return Reading(
        kind="stream",
        via=stream.worker or "",
        began_s=stream.invoked_s,
        ended_s=stream.ended_s or stream.invoked_s,
        events=tuple(stream.events),
        ended=str(stream.facts.get("ended", "open")),
        status=stream.status,
        again=bool(stream.facts.get("again")),
    )
