"""What may be asked of a target: nothing that disturbs it, unless its owner said so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.config.model import RunConfig, TargetConfig, Timings
from queueproof.errors import CaseOutcome, Inconclusive, NotAssessed
from queueproof.requirements import Access, load_registry
from queueproof.running.applicability import why_not_to_ask
from queueproof.running.capabilities import Capabilities
from queueproof.running.marks import CaseMark

DESTRUCTIVE = next(row for row in load_registry("langflow") if row.destructive)


def why(
    *,
    disposable: bool,
    access: Access,
    declared: int | None = None,
    down: tuple[str, ...] = (),
    unsorted_because: str = "",
    **mark: Any,
) -> CaseOutcome | None:
    """Why a destructive requirement's case cannot be asked of a target seen as a whole."""
    launch: Any = SimpleNamespace(for_cases=True) if access is Access.LAUNCH else None
    target = TargetConfig(
        disposable=disposable,
        process_root=1,
        redis_url="redis://h/1",
        launch=launch,
        workers=declared,
    )
    system: Any = SimpleNamespace(
        adapter=SimpleNamespace(has=lambda _: True, operations={"monitor"}),
        redis=object(),
        processes=object(),
        crew=(),
        workers=("a", "b", "c"),
        timings=Timings(),
        fleet=SimpleNamespace(
            identifier=None if unsorted_because else object(),
            unsorted_because=unsorted_because,
            addresses=SimpleNamespace(
                down=down, out_of_service=f"{', '.join(down)} refuses connections" if down else ""
            ),
            found=3,
        ),
    )
    config = RunConfig(target=target, embedded=False, patience_s=30.0)
    able = Capabilities(frozenset({"monitor", *DESTRUCTIVE.needs}))
    case = CaseMark(requirement=DESTRUCTIVE.id, access=access, **mark)
    return why_not_to_ask(DESTRUCTIVE, case, config=config, system=system, able=able)


@pytest.mark.parametrize("access", [Access.HTTP, Access.ADMIN, Access.REDIS, Access.PROCESS])
def test_nothing_that_disturbs_is_asked_of_a_target_that_is_not_disposable(access: Access) -> None:
    """Whatever access was given."""
    reason = why(disposable=False, access=access)

    assert isinstance(reason, NotAssessed)
    assert "--disposable" in str(reason)
    assert why(disposable=True, access=access) is None


def test_a_copy_of_the_target_is_ours_to_disturb() -> None:
    """One that the case launches for itself."""
    assert why(disposable=False, access=Access.LAUNCH) is None


def test_a_case_that_wants_more_workers_or_waits_too_long_is_not_asked() -> None:
    """And says how many there are, or how long it would take."""
    assert "found 3" in str(why(disposable=True, access=Access.PROCESS, workers=4))
    assert "waits 31 s" in str(why(disposable=True, access=Access.PROCESS, wait=lambda _: 31.0))


def test_workers_that_are_declared_and_were_not_found_leave_a_case_open() -> None:
    """It could have been asked of the target as it is declared."""
    reason = why(disposable=True, access=Access.PROCESS, workers=4, declared=5)

    assert isinstance(reason, Inconclusive)
    assert "5 workers are declared, 3 found" in str(reason)


def test_a_url_that_refuses_leaves_open_what_needs_its_worker() -> None:
    """And the reason names it."""
    reason = why(disposable=True, access=Access.PROCESS, workers=4, down=("http://two",))

    assert isinstance(reason, Inconclusive)
    assert "http://two refuses connections" in str(reason)


def test_where_workers_cannot_be_told_apart_the_reason_is_the_true_one() -> None:
    """Whatever is declared: what cannot be told apart cannot be counted."""
    front = "a front balances every request"
    reason = why(
        disposable=True, access=Access.PROCESS, workers=4, declared=5, unsorted_because=front
    )

    assert isinstance(reason, NotAssessed)
    assert front in str(reason)
