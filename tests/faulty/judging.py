"""What a run on a variant proves about the suites: pure functions over verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from queueproof.requirements.registry import Registry
from queueproof.verdicts import Verdict
from tests.faulty.catalogue import Kind, Variant
from tests.faulty.unbreakable import INDIFFERENT


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of the suites on one variant.

    verdicts   by requirement, of those that were asked
    actuals    by requirement, what was seen of those that failed
    trouble    why there are no verdicts, when the gate itself came to nothing
    left_open  what a run before this one could not judge, and this one was made for
    cases      by case
    looked     by case, the operations that it did; of mechanical variants alone
    doubted    the requirements of which a case was inconclusive, whatever the others were
    """

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    actuals: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""
    left_open: frozenset[str] = frozenset()
    duration_s: float = 0.0
    cases: Mapping[str, Verdict] = field(default_factory=dict)
    looked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    doubted: frozenset[str] = frozenset()

    def those(self, verdict: Verdict) -> frozenset[str]:
        """The requirements with this verdict."""
        return frozenset(id_ for id_, given in self.verdicts.items() if given is verdict)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A variant, what was played on it, and whatever is wrong with that.

    blind      had to fail and did not
    unjust     failed and must not
    unsettled  a harmless variant's requirements that did not simply pass
    credulous  the cases that passed although the answers they looked at were exchanged
    """

    variant: Variant
    played: Played
    blind: frozenset[str] = frozenset()
    unjust: frozenset[str] = frozenset()
    unsettled: frozenset[str] = frozenset()
    credulous: frozenset[str] = frozenset()

    @property
    def verdict(self) -> Verdict:
        """Passed when the suites said exactly what they had to."""
        if self.played.trouble or self.played.those(Verdict.ERROR):
            return Verdict.ERROR
        wrong = self.blind | self.unjust | self.unsettled | self.credulous
        return Verdict.FAILED if wrong else Verdict.PASSED

    @property
    def reason(self) -> str:
        """What is wrong, in words; empty when nothing is."""
        told = {
            "our own error in": self.played.those(Verdict.ERROR),
            "not failed by": self.blind,
            "wrongly failed by": self.unjust,
            "not settled by": self.unsettled,
            "believed by": self.credulous,
        }
        found = [f"{words} {', '.join(sorted(ids))}" for words, ids in told.items() if ids]
        return "; ".join(filter(None, [self.played.trouble, *found]))


def judge(variant: Variant, played: Played) -> Judgement:
    """Compare what failed with what had to.

    On a broken variant another requirement may be left inconclusive: its case could not get as
    far as its question. A harmless one must pass everything that is asked; an outage need not give
    an occasion to judge all of it. On a mechanical one no
    case may pass that looked at an answer which was exchanged.
    """
    if variant.kind is Kind.MECHANICAL:
        return Judgement(variant=variant, played=played, credulous=credulous_cases(variant, played))
    failed = played.those(Verdict.FAILED)
    doubtful: frozenset[str] = frozenset()
    if variant.kind is Kind.HARMLESS:
        doubtful = played.those(Verdict.INCONCLUSIVE)
        if not variant.scenario:
            doubtful |= played.those(Verdict.NOT_ASSESSED)
    return Judgement(
        variant=variant,
        played=played,
        blind=frozenset() if played.trouble else variant.fails - failed,
        unjust=failed - variant.fails,
        unsettled=doubtful,
    )


def credulous_cases(variant: Variant, played: Played) -> frozenset[str]:
    """The cases that passed a mechanical variant and looked, without an excuse for it."""
    operation = variant.alters.partition(" ")[0]
    return frozenset(
        case
        for case, verdict in played.cases.items()
        if verdict is Verdict.PASSED
        and operation in played.looked.get(case, ())
        and (short(case), variant.alters) not in INDIFFERENT
        and (short(case), operation) not in INDIFFERENT
    )


def short(case: str) -> str:
    """A case's id without its folders: ``test_file.py::test_name``."""
    return case.rpartition("/")[2]


def unproven(
    cases: Iterable[str], told: Iterable[Judgement], excuses: Mapping[str, str]
) -> tuple[str, ...]:
    """The cases that no broken variant's gate was seen to fail, and no reason excuses."""
    proven = {
        case
        for one in told
        if one.variant.kind is Kind.FAULTY
        for case, verdict in one.played.cases.items()
        if verdict is Verdict.FAILED
    }
    return tuple(sorted(c for c in set(cases) - proven if short(c) not in excuses))


def left_open(told: Judgement) -> frozenset[str]:
    """What a run could not judge and another, on a calmer machine, may.

    That is also a case that was to fail beside one of its requirement that did. Nothing when
    anything else is wrong: what was judged wrongly stays so, and so does what passed.
    """
    if told.played.trouble or told.unjust or told.played.those(Verdict.ERROR):
        return frozenset()
    missing = told.blind | told.unsettled
    if not missing <= told.played.those(Verdict.INCONCLUSIVE):
        return frozenset()
    unproven = told.variant.fails & told.played.doubted
    return missing | (unproven if told.variant.kind is Kind.FAULTY else frozenset())


def without_variant(
    registry: Registry, variants: Iterable[Variant], unbreakable: Mapping[str, str]
) -> frozenset[str]:
    """The requirements that no broken variant is there to fail, and no reason excuses."""
    broken = {id_ for variant in variants for id_ in variant.fails}
    return frozenset(requirement.id for requirement in registry) - broken - set(unbreakable)
