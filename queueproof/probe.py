"""The probe job: numbered ticks, so that loss, duplication and reordering can be counted.

A probe says what a job shall do in terms of any contract; each adapter turns the same probe
into its own contract's flow.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What a probe job does. All durations in seconds.

    ticks            how many numbered events it emits, 0 .. ticks-1
    interval_s       pause after each tick
    payload_bytes    padding carried by each tick's event
    words            texts that the ticks' events carry besides, in turn; none: no more text. What a
                     probe raises may carry that of its tick
    slow_start_s     delay before the job's very first event (a cold start)
    quiet_after      tick number after which it is silent for `quiet_s`
    fail_at          tick number before which it raises instead of ticking
    fail_silently    whether what it raises has no text but that of its tick
    block_at         tick number before which it blocks its worker's thread for `block_s`
    fail_times       how many of its first runs fail, each after its first tick
    retries          how often the queue is asked to run it again when it fails
    delay_s          how long the queue is asked to hold it back
    priority         which of the queue's priorities it asks for; empty for none
    unique           a name that no two jobs under way may share; empty for none
    answer           a text that it is asked to compute besides what is its own
    answer_alone     whether `answer` is all that it is asked to compute
    answer_bytes     so much padding in what it is asked to compute
    witnessed        report every tick to the witness, a side effect outside the queue
    """

    ticks: int = 5
    interval_s: float = 0.1
    payload_bytes: int = 0
    words: tuple[str, ...] = ()
    slow_start_s: float = 0.0
    quiet_after: int | None = None
    quiet_s: float = 0.0
    fail_at: int | None = None
    fail_silently: bool = False
    block_at: int | None = None
    block_s: float = 0.0
    fail_times: int = 0
    retries: int = 0
    delay_s: float = 0.0
    priority: str = ""
    unique: str = ""
    answer: str = ""
    answer_alone: bool = False
    answer_bytes: int = 0
    witnessed: bool = False

    @property
    def expected_ticks(self) -> range:
        """The tick numbers that a run of this probe emits."""
        return range(self.ticks if self.fail_at is None else min(self.fail_at, self.ticks))

    def text_of(self, tick: int) -> str:
        """What the event of a tick carries besides its number."""
        word = self.words[tick % len(self.words)] if self.words else ""
        return "." * self.payload_bytes + word

    @property
    def duration_s(self) -> float:
        """How long the job takes when nothing disturbs it."""
        return (
            len(self.expected_ticks) * self.interval_s
            + self.slow_start_s
            + self.delay_s
            + (self.quiet_s if self.quiet_after is not None else 0.0)
            + (self.block_s if self.block_at is not None else 0.0)
        )
