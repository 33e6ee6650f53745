"""A case as pytest collected it, and what its fixtures give out while it runs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from queueproof import paths
from queueproof.errors import HarnessError, QueueproofError, UsageError
from queueproof.running.launch import Lane, Launch
from queueproof.running.marks import CaseMark, mark_of
from queueproof.running.standstill import Standstill
from queueproof.stack.log_lines import PrintedSince
from queueproof.targets.system import System
from queueproof.targets.worker import Worker


@dataclass
class Binding:
    """What one case runs on; the fixtures read it."""

    system: System
    lane: Lane | None
    launch: Launch
    choice: random.Random
    standstills: tuple[Standstill, ...] = ()
    printed: PrintedSince = field(default_factory=lambda: PrintedSince(()))

    @property
    def shuffled_workers(self) -> tuple[Worker, ...]:
        """The workers in the order that the seed decides: every run tries other pairs."""
        workers = self.system.workers
        return tuple(self.choice.sample(workers, len(workers)))


@dataclass(frozen=True)
class Case:
    """One collected case."""

    item: pytest.Function
    mark: CaseMark

    @property
    def id(self) -> str:
        """pytest's node id."""
        return self.item.nodeid

    @property
    def title(self) -> str:
        """The first line of the docstring, else the name in words."""
        doc = (self.item.function.__doc__ or "").strip().splitlines()
        return doc[0] if doc else self.item.name.removeprefix("test_").replace("_", " ")


def is_case(item: pytest.Item) -> bool:
    """Whether it judges a requirement."""
    return mark_of(getattr(item, "function", None)) is not None


def case_of(item: pytest.Item) -> Case:
    """The case behind a collected item; raises HarnessError for one without a mark."""
    mark = mark_of(getattr(item, "function", None))
    if mark is None or not isinstance(item, pytest.Function):
        raise HarnessError(f"{item.nodeid} judges no requirement: mark it with one")
    return Case(item, mark)


def fill_fixtures(session: pytest.Session, item: pytest.Function) -> dict[str, object]:
    """Resolve the case's fixtures through pytest; none of them may need teardown.

    pytest has no public way to do this outside its own loop, hence the private names.
    """
    setup_state = session._setupstate  # noqa: SLF001
    item._initrequest()  # noqa: SLF001
    setup_state.setup(item)
    names = item._fixtureinfo.argnames  # noqa: SLF001
    arguments = {name: item.funcargs[name] for name in names}
    setup_state.teardown_exact(session)  # type: ignore[arg-type]  # keeps the session only
    return arguments


def unreadable(report: pytest.CollectReport) -> QueueproofError:
    """Why a suite could not be read, in one line: whoever wrote it has to mend it."""
    told = [line for line in str(report.longrepr).splitlines() if line.startswith("E ")]
    why = (told[-1] if told else str(report.longrepr).strip().splitlines()[-1]).removeprefix("E")
    said = f"{report.nodeid or report.fspath} cannot be read: {why.strip()}"
    ours = Path(report.fspath).resolve().is_relative_to(paths.folder("suites"))
    return HarnessError(said) if ours else UsageError(said)
