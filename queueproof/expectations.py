"""How a case states its one verdict: `expect(delivery).to_be_complete_and_in_order()`."""

from __future__ import annotations

from queueproof.checkers.delivery import check_delivery
from queueproof.errors import Inconclusive, Violation
from queueproof.targets.job import Delivery, Ending, Job


def expect_that(
    holds: bool, *, expected: str, actual: str, jobs: tuple[Job, ...] | Job = ()
) -> None:
    """Raise Violation unless `holds`."""
    if not holds:
        named = (jobs,) if isinstance(jobs, Job) else jobs
        raise Violation(expected=expected, actual=actual, job_ids=tuple(job.id for job in named))


def expect(delivery: Delivery) -> DeliveryExpectation:
    """Begin a statement about what a reader received."""
    return DeliveryExpectation(delivery)


class DeliveryExpectation:
    """Statements about one reader; each raises Violation when it does not hold."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def to_be_complete_and_in_order(self) -> None:
        """Every tick once, in order."""
        delivery = self._begun()
        emitted = delivery.job.probe.expected_ticks
        findings = check_delivery(emitted, delivery.ticks)
        expect_that(
            findings.clean,
            expected=f"ticks 0..{len(emitted) - 1} once each, in order",
            actual=f"{len(delivery.ticks)} deliveries of {len(emitted)} ticks: {findings.words}"
            f"{self._how_it_ended()}",
            jobs=delivery.job,
        )

    def to_have_lost_nothing(self) -> None:
        """Every tick at least once."""
        delivery = self._begun()
        emitted = delivery.job.probe.expected_ticks
        findings = check_delivery(emitted, delivery.ticks)
        expect_that(
            not findings.missing,
            expected=f"all {len(emitted)} ticks",
            actual=f"{findings.words}{self._how_it_ended()}",
            jobs=delivery.job,
        )

    def to_have_ended(self, *endings: Ending) -> None:
        """The reader was told that the job ended in one of these ways."""
        delivery = self._delivery
        expect_that(
            delivery.ending in endings,
            expected="the reader is told: " + " or ".join(ending.value for ending in endings),
            actual=f"{delivery.ending.value} after {len(delivery.ticks)} ticks"
            + (f" ({delivery.detail})" if delivery.detail else ""),
            jobs=delivery.job,
        )

    def to_have_ended_somehow(self) -> None:
        """Reading came to an end in bounded time, marked or not."""
        delivery = self._delivery
        expect_that(
            delivery.ending not in (Ending.SILENT, Ending.REFUSED),
            expected="the reader reaches an end",
            actual=f"{delivery.ending.value} ({delivery.detail})",
            jobs=delivery.job,
        )

    def _begun(self) -> Delivery:
        """The delivery; raises Inconclusive when its job was too slow to start."""
        if self._delivery.outlasted_by_grace:
            raise Inconclusive("the job had not begun when the startup grace was over")
        return self._delivery

    def _how_it_ended(self) -> str:
        delivery = self._delivery
        if delivery.ending is Ending.COMPLETED:
            return ""
        return f"; {delivery.ending.value}" + (f" ({delivery.detail})" if delivery.detail else "")
