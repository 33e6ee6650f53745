"""How a case states its one verdict: `expect(delivery).to_be_complete_and_in_order()`."""

from __future__ import annotations

from queueproof.checkers.delivery import check_delivery, first_wrong
from queueproof.errors import Inconclusive, Violation
from queueproof.history import NO_EVENT, Event, checksum_of
from queueproof.targets.answers import Kind
from queueproof.targets.attendance import require_attended, require_kept
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.protocol import Reply

_NO_LONGER_LET_IN = 401
_SHOWN = 40


def expect_that(
    holds: bool,
    *,
    expected: str,
    actual: str,
    jobs: tuple[Job, ...] | Job = (),
    events: tuple[Event, ...] = (),
) -> None:
    """Raise Violation unless `holds`; `events` are those that were wrong first, if any were."""
    if not holds:
        named = (jobs,) if isinstance(jobs, Job) else jobs
        job_ids = tuple(job.id for job in named)
        raise Violation(expected=expected, actual=actual, job_ids=job_ids, events=events)


def expect_answer(
    reply: Reply,
    *wanted: Kind | int,
    to: str,
    by: str = "",
    jobs: tuple[Job, ...] | Job = (),
) -> None:
    """Raise Violation unless the reply to a request, named by `to`, is of a kind `wanted`.

    A number wants just that status, given by the target itself. A server error, silence and what
    cannot be read are never wanted unless named; neither is an answer that asks to come again,
    which leaves the case inconclusive, since it says nothing of the target.
    """
    if _is_one_of(reply, wanted):
        return
    if reply.kind is Kind.COME_AGAIN:
        raise Inconclusive(f"{to}: {reply.come_again}")
    raise Violation(
        expected=f"{to} to be answered with {_named(wanted)}",
        actual=f"{by or 'it'} answered {reply.words}" if reply.answered else reply.words,
        job_ids=tuple(job.id for job in ((jobs,) if isinstance(jobs, Job) else jobs)),
    )


def expect_refusal(
    reply: Reply, *, to: str, by: str = "", jobs: tuple[Job, ...] | Job = ()
) -> None:
    """Raise Violation unless the target itself refused (4xx) what it was asked.

    That its user is no longer let in (401) refuses everything, and leaves the case inconclusive.
    """
    if reply.status == _NO_LONGER_LET_IN:
        raise Inconclusive(f"{to}: the run's own user is not let in: {reply.words}")
    expect_answer(reply, Kind.REFUSAL, to=to, by=by, jobs=jobs)


def require_answer(reply: Reply, *wanted: Kind | int, to: str) -> None:
    """Raise Inconclusive, with the answer in the reason, unless the reply is of a kind `wanted`.

    For what a case needs and does not judge.
    """
    if _is_one_of(reply, wanted):
        return
    said = reply.come_again if reply.kind is Kind.COME_AGAIN else reply.words
    raise Inconclusive(f"{to} was not answered with {_named(wanted)}: {said}")


def _is_one_of(reply: Reply, wanted: tuple[Kind | int, ...]) -> bool:
    own = reply.kind not in (Kind.MALFORMED, Kind.COME_AGAIN)
    return reply.kind in wanted or (own and reply.status in wanted)


def _named(wanted: tuple[Kind | int, ...]) -> str:
    return " or ".join(one.value if isinstance(one, Kind) else str(one) for one in wanted)


def expect(delivery: Delivery, *, left_alone: bool = False) -> DeliveryExpectation:
    """Begin a statement about what a reader received.

    It accuses nobody of what may be due to a job that no client read for too long, unless the case
    has `left_alone` the job on purpose.
    """
    return DeliveryExpectation(delivery, left_alone=left_alone)


class DeliveryExpectation:
    """Statements about one reader; each raises Violation when it does not hold."""

    def __init__(self, delivery: Delivery, *, left_alone: bool = False) -> None:
        self._delivery = delivery
        self._left_alone = left_alone

    def to_be_complete_and_in_order(self) -> None:
        """Every tick once, in order."""
        delivery = self._begun()
        emitted = delivery.job.probe.expected_ticks
        findings = check_delivery(emitted, delivery.ticks)
        self._attended_or(findings.clean)
        self._over_or(delivery.ticks)
        expect_that(
            findings.clean,
            expected=f"ticks 0..{len(emitted) - 1} once each, in order",
            actual=f"{len(delivery.ticks)} deliveries of {len(emitted)} ticks: {findings.words}"
            f"{self._how_it_ended()}",
            jobs=delivery.job,
            events=self._wrong_first(),
        )

    def to_have_lost_nothing(self, *, or_else: str = "") -> None:
        """Every tick at least once; `or_else` tells what may have led to the loss."""
        delivery = self._begun()
        emitted = delivery.job.probe.expected_ticks
        findings = check_delivery(emitted, delivery.ticks)
        self._attended_or(not findings.missing)
        self._over_or(sorted(set(delivery.ticks)))
        expect_that(
            not findings.missing,
            expected=f"all {len(emitted)} ticks",
            actual=f"{findings.words}{self._how_it_ended()}{or_else and f' {or_else}'}",
            jobs=delivery.job,
        )

    def to_be_unchanged(self) -> None:
        """Every tick came, once, in order, and each said what it was made to say.

        Raises Inconclusive when no tick carries its text, be it a plain one.
        """
        self.to_be_complete_and_in_order()
        delivery, probe = self._delivery, self._delivery.job.probe
        told = {event.tick: event for event in delivery.events if event.tick is not None}
        if all(event.checksum is None for event in told.values()):
            raise Inconclusive("the target's events do not carry the text that was logged")
        changed = [
            tick
            for tick, event in told.items()
            if event.checksum != checksum_of(probe.text_of(tick))
        ]
        expect_that(
            not changed,
            expected="each event's text as it was logged",
            actual="; ".join(
                f"tick {tick}: {_shown(probe.text_of(tick))} came as {_shown(told[tick].text)}"
                for tick in changed[:3]
            ),
            jobs=delivery.job,
            events=tuple(told[tick] for tick in changed[:1]),
        )

    def to_consist_of_events(self) -> None:
        """What came was events, and nothing between or behind them."""
        strange = [e for e in self._delivery.events if e.text.startswith(NO_EVENT)]
        expect_that(
            not strange,
            expected="nothing but events",
            actual="; ".join(_shown(event.text) for event in strange[:3]),
            jobs=self._delivery.job,
            events=tuple(strange[:1]),
        )

    def to_have_ended(self, *endings: Ending, by_grace: bool = False) -> None:
        """The reader was told that the job ended in one of these ways.

        A stream that its startup grace had ended before the job began settles nothing, unless the
        case is about readers that end `by_grace`.
        """
        delivery = self._delivery
        if delivery.ending in endings or by_grace:
            self._answered()
        else:
            self._begun()
        self._attended_or(delivery.ending in endings)
        expect_that(
            delivery.ending in endings,
            expected="the reader is told: " + " or ".join(ending.value for ending in endings),
            actual=f"{delivery.ending.value} after {len(delivery.ticks)} ticks"
            + (f" ({delivery.detail})" if delivery.detail else ""),
            jobs=delivery.job,
        )

    def to_have_ended_somehow(self) -> None:
        """Reading came to an end in bounded time, marked or not.

        A refusal, a server error, silence, and a connection that broke before any answer are none.
        """
        delivery = self._answered()
        expect_that(
            delivery.ending.is_end,
            expected="the reader reaches an end",
            actual=f"{delivery.ending.value} ({delivery.detail})",
            jobs=delivery.job,
        )

    def _wrong_first(self) -> tuple[Event, ...]:
        """The first event that should not have come when it came."""
        ticked = [event for event in self._delivery.events if event.tick is not None]
        at = first_wrong(self._delivery.job.probe.expected_ticks, self._delivery.ticks)
        return () if at is None else (ticked[at],)

    def _attended_or(self, holds: bool) -> None:
        """Raise Inconclusive where what does not hold may be due to a job left alone too long."""
        if not (holds or self._left_alone):
            require_kept(self._delivery)
            require_attended(self._delivery.job)

    def _answered(self) -> Delivery:
        """The delivery; raises Inconclusive when something in front of the target ended it."""
        if self._delivery.ending is Ending.PUT_OFF:
            raise Inconclusive(f"a reader was asked to come again: {self._delivery.detail}")
        return self._delivery

    def _begun(self) -> Delivery:
        """The delivery; raises Inconclusive when its job was too slow to start."""
        if self._answered().outlasted_by_grace:
            raise Inconclusive("the job had not begun when the startup grace was over")
        return self._delivery

    def _over_or(self, came: list[int]) -> None:
        """Raises Inconclusive when the rest was still on its way as the reader's time was over."""
        delivery = self._delivery
        wanted = list(delivery.job.probe.expected_ticks)
        if delivery.was_still_coming and len(came) < len(wanted) and came == wanted[: len(came)]:
            raise Inconclusive(
                f"{len(came)} of {len(wanted)} ticks had come and more were still coming when the "
                "reader's time was over, "
                f"{delivery.ended_s - delivery.job.submitted_s:.0f} s after the submit"
            )

    def _how_it_ended(self) -> str:
        delivery = self._delivery
        if delivery.ending is Ending.COMPLETED:
            return ""
        return f"; {delivery.ending.value}" + (f" ({delivery.detail})" if delivery.detail else "")


def _shown(text: str) -> str:
    """A text as it can be printed: in ASCII, and not all of it."""
    short = text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]}…{text[-_SHOWN:]}"
    return f"{short!a} ({len(text)} characters)"
