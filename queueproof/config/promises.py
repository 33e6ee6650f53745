"""The [promises] table of a target file: what a queue promises, of what another need not.

Queues differ by design: silence about the job of a killed worker is right for a queue that
promises to run a job at most once, and a second run is right for one that promises at least once.
So a promise that is not made is never judged. Every default promises nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from queueproof.config.kinds import Flag, ListOf, Number, Scalar, Table, TableOf, Text, Whole
from queueproof.errors import UsageError

AT_MOST_ONCE, AT_LEAST_ONCE = "at-most-once", "at-least-once"
_DAY_S = 24 * 3600.0
_LASTING = Number(most=400 * _DAY_S)
_BOUND = Number(above=True, most=3600.0)
PROMISES = Table(
    {
        "delivery": Text(choices=(AT_MOST_ONCE, AT_LEAST_ONCE)),
        "redelivery_s": _BOUND,
        "longest_job_s": _BOUND,
        "stop": Text(choices=("drain", "requeue", "drop")),
        "stop_s": _BOUND,
        "cancels": Text(choices=("none", "waiting", "running")),
        "unknown_jobs": Text(choices=("refused", "accepted")),
        "unique_ids": Flag(),
        "results_s": _LASTING,
        "retries": Whole(most=100),
        "retry_pause_s": Number(most=3600.0),
        "delay_late_s": _BOUND,
        "due_at_once": Whole(most=100_000),
        "priorities": ListOf(kind=Scalar(), least=2),
        "order": Text(choices=("none", "fifo")),
        "unique": Text(choices=("waiting", "running")),
        "dead_letters": Flag(),
        "own_dead_letters": Flag(),
        "payload_bytes": Whole(most=1 << 30),
        "any_slot": Flag(),
        "cleans_up": Flag(),
        "keeps_data": Flag(),
        "supervised": Flag(),
        "others_once": Flag(),
        "sources": TableOf(kind=Text(filled=True)),
    }
)


@dataclass(frozen=True, kw_only=True)
class Promises:
    """What a target promises; a value that says nothing is a promise that is not made.

    delivery      a job whose worker is lost: `at-most-once` (it is never begun again) or
                  `at-least-once` (it is begun again, until it ended); empty for neither
    redelivery_s  from the loss of a worker to its job being run again or told to have failed
    longest_job_s how long a job may take; what takes longer may be ended, or be begun again
    stop          what SIGTERM does with jobs under way: they are run to their end (`drain`), begun
                  again elsewhere (`requeue`), or ended (`drop`)
    stop_s        how long a stop takes at most
    cancels       which jobs a cancel stops: none, those that wait, those that run too
    unknown_jobs  what is asked of a job that never existed is `refused`, as without a word on it,
                  or `accepted` (its status says that it waits, its cancel that it was sent)
    unique_ids    an id is never given twice, not even over lost data
    results_s     how long an ended job's state and result can be asked for
    retries       how often a job that fails is run again where `{retries}` asks for it; at most
    retry_pause_s the pause before such another run, at least
    delay_late_s  a job with `{delay_s}` begins no earlier, and no later than so much after
    due_at_once   how many delayed jobs may be due at one instant, at least
    priorities    what `{priority}` may be, the least urgent first
    order         `fifo`: jobs that wait begin in about the order of their submits
    unique        of jobs with the same `{unique}` only one is run: while the first waits, or until
                  it has ended (`running`); then the name is free again
    dead_letters  a job that failed for good is among those that `[mapping.dead]` lists
    own_dead_letters  `[mapping.dead]` lists the asking user's jobs alone, or refuses
    payload_bytes how much a job may be given, and compute, at most
    any_slot      a job that waits is begun as soon as any worker has a free slot, however long
                  other jobs take
    cleans_up     what is left of ended jobs expires, or is removed
    keeps_data    what was accepted survives a restart of Redis that keeps its data
    supervised    workers that exit are started again by what watches over them: they may exit
    others_once   the loss of a worker makes no job of another worker run twice
    sources       where each promise is made, by its name: a heading of documentation
    """

    delivery: str = ""
    redelivery_s: float = 0.0
    longest_job_s: float = 0.0
    stop: str = ""
    stop_s: float = 0.0
    cancels: str = ""
    unknown_jobs: str = ""
    unique_ids: bool = False
    results_s: float = 0.0
    retries: int = 0
    retry_pause_s: float = 0.0
    delay_late_s: float = 0.0
    due_at_once: int = 0
    priorities: tuple[str, ...] = ()
    order: str = ""
    unique: str = ""
    dead_letters: bool = False
    own_dead_letters: bool = False
    payload_bytes: int = 0
    any_slot: bool = False
    cleans_up: bool = False
    keeps_data: bool = False
    supervised: bool = False
    others_once: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)

    def lacking(self, wanted: Mapping[str, tuple[str, ...]]) -> str:
        """Why requirements that want these promises are not judged; empty where all are made.

        `wanted` has the values that do, by promise; none of them for a promise that must be made
        at all.
        """
        for name, values in wanted.items():
            made = getattr(self, name)
            if (made in values) if values else made:
                continue
            ways = " or ".join(f'{name} = "{value}"' for value in values if value) or name
            said = f"the target file promises {name} = {_shown(made)}" if made else ""
            return f"{said or 'not promised by the target file'}: needs [promises] {ways}"
        return ""

    def too_long(self, job_s: float) -> str:
        """Why a job of so many seconds is none for this target; empty where it is one."""
        if not self.longest_job_s or job_s <= self.longest_job_s:
            return ""
        source = self.sources.get("longest_job_s", "")
        return (
            f"a job of {job_s:g} s is longer than the target file allows: longest_job_s = "
            f"{self.longest_job_s:g}" + (f" ({source})" if source else "")
        )

    def told(self, names: tuple[str, ...]) -> str:
        """The promises of these names that are made, in a line, with where they are made."""
        lines = []
        for name in names:
            made = getattr(self, name)
            if made:
                source = self.sources.get(name, "")
                lines.append(f"{name} = {_shown(made)}" + (f" ({source})" if source else ""))
        return ", ".join(lines)


def load_promises(given: Mapping[str, Any], *, where: str) -> Promises:
    """The table, checked; raises UsageError that names the entry for a mistake."""
    promises = Promises(**PROMISES.read(given, where))
    names = {item.name for item in fields(Promises)} - {"sources"}
    strange = sorted(set(promises.sources) - names)
    if strange:
        raise UsageError(f"{where}: sources: there is no promise {strange[0]!r}")
    if promises.delivery == AT_LEAST_ONCE and not promises.redelivery_s:
        raise UsageError(f"{where}: delivery = at-least-once needs redelivery_s, its bound")
    if promises.stop and not promises.stop_s:
        raise UsageError(f"{where}: stop needs stop_s, the time that it takes at most")
    if promises.retry_pause_s and not promises.retries:
        raise UsageError(f"{where}: retry_pause_s without retries says nothing")
    return promises


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true"
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{each}"' for each in value) + "]"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"
