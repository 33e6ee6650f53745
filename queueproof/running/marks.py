"""The mark a case carries: which requirement it judges, and what it needs to be run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from queueproof.config.model import Timings
from queueproof.requirements import Access

Function = TypeVar("Function", bound=Callable[..., Any])
_ATTRIBUTE = "queueproof_mark"


@dataclass(frozen=True, kw_only=True)
class CaseMark:
    """What a case says about itself.

    access   raises the requirement's own access level for this case
    alone    nothing else may use the target meanwhile
    last     of those that are alone on one target, it comes last: it leaves less than it found
    closing  it is played when all others are over, on the target that they shared
    workers  how many distinct workers it needs
    needs    capabilities besides the requirement's own
    contracts  whose target it can be played on; empty for every contract that shares the
             requirement
    promises  what a described target must promise besides, by key of `[promises]`: of one that does
             not, it is no case at all, for there are no such jobs
    wait     seconds it waits at least, from the target's timings; 0 when nothing is waited for
    """

    requirement: str
    access: Access | None = None
    alone: bool = False
    last: bool = False
    closing: bool = False
    workers: int = 1
    needs: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    wait: Callable[[Timings], float] = lambda _: 0.0


def requirement(
    requirement_id: str,
    *,
    access: Access | None = None,
    alone: bool = False,
    last: bool = False,
    closing: bool = False,
    workers: int = 1,
    needs: tuple[str, ...] = (),
    contracts: tuple[str, ...] = (),
    promises: tuple[str, ...] = (),
    wait: Callable[[Timings], float] = lambda _: 0.0,
) -> Callable[[Function], Function]:
    """Mark a case as judging `requirement_id` (see CaseMark for the options)."""

    def mark(function: Function) -> Function:
        value = CaseMark(
            requirement=requirement_id,
            access=access,
            alone=alone,
            last=last,
            closing=closing,
            workers=workers,
            needs=needs,
            contracts=contracts,
            promises=promises,
            wait=wait,
        )
        setattr(function, _ATTRIBUTE, value)
        return function

    return mark


def mark_of(function: object) -> CaseMark | None:
    """The mark of a case function; None for a function that is no case."""
    mark = getattr(function, _ATTRIBUTE, None)
    return mark if isinstance(mark, CaseMark) else None
