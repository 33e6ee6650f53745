"""The parser of histories: from a list of operations to an outage (theory: `outage_history`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from queueproof.checkers.outage_history import (
    AFTER,
    DURING,
    RECOVERY,
    TERMINAL,
    JobHistory,
    OutageHistory,
    ReaderHistory,
)
from queueproof.history import Operation


def read_story(operations: Sequence[Operation]) -> OutageHistory:
    """Arrange the operations of one scenario."""
    began: dict[str, float] = {}
    for note in operations:
        if note.kind in ("phase", "holds"):
            began.setdefault(note.detail, note.invoked_s)
    scenario = next((op for op in operations if op.kind == "scenario"), None)
    facts = scenario.facts if scenario else {}
    last_s = max((op.ended_s or op.invoked_s for op in operations), default=0.0)
    never = float("inf")
    return OutageHistory(
        operations=tuple(operations),
        jobs=_lives(operations),
        timings=facts.get("timings", {}),
        traits=facts.get("traits", {}),
        applied_s=began.get(DURING, never),
        holds_s=began.get("from", began.get(DURING, never)),
        released_s=began.get("until", began.get(RECOVERY, never)),
        healed_s=began.get(RECOVERY, never),
        whole_s=began.get(AFTER, never),
        ended_s=last_s,
    )


def _lives(operations: Sequence[Operation]) -> tuple[JobHistory, ...]:
    submits = [op for op in operations if op.kind == "submit" and op.facts.get("key")]
    waits = [op for op in operations if op.kind == "predict" and op.facts.get("key")]
    work = {op.facts.get("key"): op for op in operations if op.kind == "work"}
    by_job: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.job and operation.kind in ("poll", "stream", "cancel", "lookup", "result"):
            by_job[operation.job].append(operation)
    lives = [
        _life(submit, by_job.get(submit.job or "", []), work.get(submit.facts["key"]))
        for submit in submits
    ]
    return tuple(
        lives + [_waited_life(wait, by_job, work.get(wait.facts["key"])) for wait in waits]
    )


def _waited_life(
    wait: Operation, by_job: dict[str, list[Operation]], work: Operation | None
) -> JobHistory:
    """The life of a job whose client asked for its result and waited: one operation is both.

    It was refused, or nothing is known of its acceptance, when the answer says so or was lost.
    """
    if not wait.facts.get("accepted"):
        return _life(replace(wait, job=None), [], work)
    submit = replace(wait, kind="submit", status=200, ended_s=wait.invoked_s)
    life = _life(submit, by_job.get(wait.job or "", []), work)
    return replace(life, readings=(_waited(wait), *life.readings))


def _waited(wait: Operation) -> ReaderHistory:
    return ReaderHistory(
        kind="wait",
        via=wait.worker or "",
        began_s=wait.invoked_s,
        ended_s=wait.ended_s or wait.invoked_s,
        events=tuple(wait.events),
        ended="clean" if wait.events else "open",
        status=200 if wait.events else wait.status,
    )


def _life(submit: Operation, others: list[Operation], work: Operation | None) -> JobHistory:
    facts = submit.facts
    hosts = work.facts.get("hosts") if work else None
    return JobHistory(
        errand=int(facts.get("errand", -1)),
        key=str(facts["key"]),
        submit=submit,
        planned=int(facts.get("ticks", 0)),
        lasts_s=float(facts.get("lasts_s", 0.0)),
        readings=tuple(_readings(others)),
        cancels=tuple(op for op in others if op.kind == "cancel"),
        results=tuple(op for op in others if op.kind == "result"),
        work=tuple(work.events) if work else (),
        dropped_s=_dropped_s(others),
        hosts=frozenset(hosts if hosts is not None else [submit.worker or ""]),
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


def _readings(operations: list[Operation]) -> Iterable[ReaderHistory]:
    polls = [op for op in operations if op.kind == "poll"]
    for again in (False, True):
        chosen = [op for op in polls if _is_again(op) == again]
        if chosen:
            yield _polled(chosen, again=again)
        looked = [op for op in operations if op.kind == "lookup" and _is_again(op) == again]
        if looked:
            yield _looked_up(looked, again=again)
    for stream in operations:
        if stream.kind == "stream" and stream.ended_s is not None:
            yield _streamed(stream)


def _is_again(operation: Operation) -> bool:
    return bool(operation.facts.get("again"))


def _looked_up(lookups: list[Operation], *, again: bool) -> ReaderHistory:
    """What the database held of a job, asked for again and again until it held its result."""
    events = tuple(event for lookup in lookups for event in lookup.events)
    return ReaderHistory(
        kind="lookup",
        via=lookups[-1].worker or "",
        began_s=lookups[0].invoked_s,
        ended_s=lookups[-1].ended_s or lookups[-1].invoked_s,
        events=events,
        ended="clean" if events else "open",
        status=lookups[-1].status,
        again=again,
        gaps_possible=all(lookup.status != 200 for lookup in lookups),
    )


def _polled(polls: list[Operation], *, again: bool) -> ReaderHistory:
    answered = [poll for poll in polls if poll.status is not None]
    last = answered[-1] if answered else polls[-1]
    events = tuple(event for poll in polls for event in poll.events)
    over = any(event.kind in TERMINAL for event in events)
    return ReaderHistory(
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


def _streamed(stream: Operation) -> ReaderHistory:
    return ReaderHistory(
        kind="stream",
        via=stream.worker or "",
        began_s=stream.invoked_s,
        ended_s=stream.ended_s or stream.invoked_s,
        events=tuple(stream.events),
        ended=str(stream.facts.get("ended", "open")),
        status=stream.status,
        again=bool(stream.facts.get("again")),
    )
