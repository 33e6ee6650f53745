"""Hand-written records: what a play might have shown, a line each."""

from __future__ import annotations

from queueproof.config.model import Timings
from queueproof.exploring.model import judge
from queueproof.exploring.record import Act, JobSeen, Record, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import Event, EventKind
from queueproof.probe import Probe

TIMINGS = Timings(
    startup_grace_s=2.0,
    stream_ttl_s=8.0,
    stale_threshold_s=5.0,
    watchdog_interval_s=0.5,
    answer_s=2.0,
    poll_hold_s=2.0,
    cancel_effect_s=1.0,
)
PROBE = Probe(ticks=4, interval_s=0.1, witnessed=True)
ENDLESS = Probe(ticks=400, interval_s=0.1, witnessed=True)


def job(
    number: int = 1,
    *,
    owner: str = "a",
    probe: Probe = PROBE,
    done: int | None = None,
    at_s: float = 0.0,
) -> JobSeen:
    """A job submitted at `at_s` whose first `done` ticks (else all) were seen by the witness."""
    count = len(probe.expected_ticks) if done is None else done
    return JobSeen(
        number=number,
        id=f"job-{number}",
        probe=probe,
        owner=owner,
        asked_s=at_s,
        answered_s=at_s + 0.01,
        sightings=[(tick, at_s + 0.05 + tick * probe.interval_s) for tick in range(count)],
    )


def told(*what: int | EventKind, at_s: float = 0.5) -> tuple[Event, ...]:
    """Ticks by their numbers, and other events by their kinds."""
    return tuple(
        Event(EventKind.TICK, at_s, tick=each) if isinstance(each, int) else Event(each, at_s)
        for each in what
    )


def poll(
    via: str, *what: int | EventKind, at_s: float = 0.5, status: int | None = 200, of: int = 1
) -> Act:
    """A poll's answer; `status` None is one that did not come within every bound."""
    took_s = 0.01 if status is not None else 10.0
    return Act(
        step=1,
        kind=Kind.POLL,
        via=via,
        job=of,
        asked_s=at_s,
        ended_s=at_s + took_s,
        status=status,
        accepted=status == 200,
        events=told(*what, at_s=at_s),
    )


def gave_up(via: str, *, at_s: float, of: int = 1) -> Act:
    """A poll whose client left after a moment."""
    return Act(
        step=1,
        kind=Kind.GIVE_UP,
        via=via,
        job=of,
        asked_s=at_s,
        ended_s=at_s + 0.06,
        status=None,
        accepted=False,
        given_up=True,
    )


def act(kind: Kind, via: str, *, at_s: float, ok: bool, of: int = 1, what: str = "") -> Act:
    """Any other request, answered at once."""
    return Act(
        step=1,
        kind=kind,
        via=via,
        job=of,
        asked_s=at_s,
        ended_s=at_s + 0.01,
        status=200 if ok else 404,
        accepted=ok,
        what=what,
    )


def stream(
    via: str,
    *what: int | EventKind,
    number: int = 1,
    of: int = 1,
    asked_s: float = 0.02,
    closed_s: float = 0.6,
    end: StreamEnd = StreamEnd.ENDED,
    overdue: bool = False,
) -> StreamSeen:
    """A stream and all it told."""
    return StreamSeen(
        number=number,
        job=of,
        via=via,
        asked_s=asked_s,
        answered_s=asked_s + 0.01,
        closed_s=None if end is StreamEnd.OPEN else closed_s,
        status=200,
        end=end,
        events=list(told(*what, at_s=min(closed_s, max(0.5, asked_s)))),
        overdue=overdue,
    )


def record(*parts: JobSeen | Act | StreamSeen, until_s: float = 1.0) -> Record:
    """A record of these parts."""
    jobs = {part.number: part for part in parts if isinstance(part, JobSeen)}
    return Record(
        timings=TIMINGS,
        jobs=jobs,
        acts=[part for part in parts if isinstance(part, Act)],
        streams={part.number: part for part in parts if isinstance(part, StreamSeen)},
        until_s=until_s,
    )


def broken(*parts: JobSeen | Act | StreamSeen, until_s: float = 1.0) -> list[str]:
    """The requirements that the model holds to be broken."""
    return [finding.requirement for finding in judge(record(*parts, until_s=until_s)).findings]
