"""What one look, or two, at something under disturbance are worth.

What was seen wrong while the harness was starved is looked at again, alone, and nothing that was
seen is lost: seen twice it is a failure, as in the gate (a machine that is merely slow is no excuse
the second time, a harness that was late itself still is); seen once it is inconclusive, and both
looks are told. What is seen for the first time by a starved second look is in doubt like any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from queueproof.chaos.judging import Judgement
from queueproof.checkers.findings import Finding
from queueproof.running.strain import Strain
from queueproof.verdicts import Verdict, worst


def starved(judgements: Sequence[Judgement], strain: Strain) -> bool:
    """Whether something is wrong that the harness was too starved to accuse anybody of."""
    return strain.severe and any(judgement.broken for judgement in judgements)


def seen_in(judgements: Sequence[Judgement], requirement: str) -> Judgement | None:
    """What an earlier look saw wrong with a requirement; None when nothing was."""
    own = (judgement for judgement in judgements if judgement.requirement == requirement)
    return next((judgement for judgement in own if judgement.broken), None)


def verdict_of(
    judgement: Judgement, strain: Strain, *, earlier: Judgement | None = None
) -> Verdict:
    """The verdict of the only look, or of the second after one that saw something wrong."""
    if earlier is not None:
        strain = late_only(strain)
    verdict = judgement.verdict
    if verdict is Verdict.FAILED and strain.severe:
        return Verdict.INCONCLUSIVE
    return verdict if earlier is None else worst([verdict, Verdict.INCONCLUSIVE])


def late_only(strain: Strain) -> Strain:
    """The strain without what a slow machine explains: whether the harness itself was late."""
    return replace(strain, waiting=0.0, pulse_s=0.0)


def both_told(first: Strain, earlier: Judgement, second: Strain, judgement: Judgement) -> str:
    """Two looks in words, of which one at least proved nothing."""
    told = f"{first} while it saw: {in_words(earlier.broken)}; on a second look, alone, "
    if judgement.broken:
        return f"{told}{late_only(second)} while it saw: {in_words(judgement.broken)}"
    if judgement.doubtful:
        return f"{told}{judgement.doubtful[0].actual}"
    held = judgement.verdict is Verdict.PASSED
    return told + ("it held" if held else "there was no occasion to judge it")


def in_words(broken: Sequence[Finding]) -> str:
    """The first of what is wrong, and how much more there is."""
    more = f" (and {len(broken) - 1} more findings)" if len(broken) > 1 else ""
    return f"{broken[0].actual}{more}"
