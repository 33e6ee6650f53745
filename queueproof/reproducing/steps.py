"""What a failed case did, as steps to repeat: out of the history's rows, into plain data.

Theory. Replaying every recorded poll one by one would judge the clock: a job a little slower than
when it was recorded would seem to lose events. So polls that follow one another are one step,
"poll until the end" (or until a tick, or just so many), which keeps the recorded turns of workers.
A step begins when all steps are done that had ended before it began in the record, and after the
same pause; streams therefore run beside one another as they did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from queueproof.reproducing.player_core import OVER
from queueproof.targets.contracts import contract_named, contract_names
from queueproof.targets.workload_traits import ReplayTraits

Row = dict[str, Any]

_CONFIRMED = " confirmed: "
_SLACK_S = 10.0
#: Operations that are repeated until they tell an end, and become one step.
_REPEATED = ("poll", "status")
_ENDINGS = {"completed": ["end"], "failed": ["error", "end"], "cancelled": ["cancelled"]}
_WATCHED_S = 300.0
#: What an answer said besides its status, where a history has it.
_TOLD = ("claims_success", "key", "witnessed", "result")
_PROBE = {"ticks": 5, "interval_s": 0.1}


@dataclass(kw_only=True)
class _Draft:
    """A step in the making: one operation, or polls that follow one another."""

    kind: str
    rows: list[Row] = field(default_factory=list)

    @property
    def began_s(self) -> float:
        return float(self.rows[0]["invoked_s"])

    @property
    def ended_s(self) -> float:
        last = self.rows[-1]
        return float(last["invoked_s"] if last.get("ended_s") is None else last["ended_s"])

    @property
    def job(self) -> str | None:
        return self.rows[0].get("job")

    @property
    def events(self) -> list[list[Any]]:
        return [event for row in self.rows for event in row.get("events") or ()]

    @property
    def endings(self) -> list[str]:
        told = [event[0] for event in self.events if event[0] in OVER]
        states = [str(_facts(row).get("ending")) for row in self.rows]
        return told + [word for state in states for word in _ENDINGS.get(state, [])]

    @property
    def over(self) -> bool:
        return bool(self.endings)

    @property
    def answered(self) -> bool:
        return self.kind == "work" or self.rows[-1].get("status") is not None


def steps_of(rows: Iterable[Row], contract: str) -> list[dict[str, Any]]:
    """The steps of one case's operations, in order; see the player for their fields."""
    drafts = _drafts(sorted(rows, key=lambda row: row["invoked_s"]), operations_of(contract))
    jobs = {job: f"job {n}" for n, job in enumerate(_once(d.job for d in drafts), 1)}
    return [_step(number, drafts, jobs) for number in range(len(drafts))]


def probes_of(rows: Iterable[Row], contract: str) -> dict[str, dict[str, Any]]:
    """The probe of each job by the name that `steps_of` gives it.

    What a history does not say (older ones carry no parameters) is read off the ticks.
    """
    kinds = operations_of(contract)
    played = [row for row in rows if row["kind"] in kinds and row.get("job")]
    jobs = _once(row["job"] for row in sorted(played, key=lambda row: row["invoked_s"]))
    return {
        f"job {number}": _probe([row for row in played if row["job"] == job])
        for number, job in enumerate(jobs, 1)
    }


def connections_of(steps: Iterable[dict[str, Any]]) -> dict[str, int]:
    """How many connections to each worker the steps need at most.

    A stream keeps its own; so does what is not answered, since that connection is lost.
    """
    needed: dict[str, int] = {}
    for step in steps:
        kept = step["kind"] == "stream" or not step["recorded"]["answered"]
        for worker in () if step["kind"] == "by_hand" else set(step["workers"]):
            needed[worker] = needed.get(worker, 1) + kept
    return needed


def operations_of(contract: str) -> tuple[str, ...]:
    """The operations that a script of this contract can repeat; none of one that is not known."""
    replay = replay_of(contract)
    return replay.operations if replay else ()


def replay_of(contract: str) -> ReplayTraits | None:
    """How failures of a contract are played again; a report may be of one that is not known."""
    return contract_named(contract).replay if contract in contract_names() else None


def last_look(rows: list[Row]) -> list[Row]:
    """The rows of the last time that a case saw what it failed for; it may have looked again.

    Behind each such look, its jobs' work was set down, and they were tidied away.
    """
    looks: list[list[Row]] = [[]]
    ended = False
    for row in sorted(rows, key=lambda row: row["invoked_s"]):
        if ended and row["kind"] != "work" and not _facts(row).get("tidying"):
            looks.append([])
            ended = False
        looks[-1].append(row)
        ended = ended or row["kind"] == "work"
    seen = [look for look in looks if any(row["kind"] == "work" for row in look)]
    return seen[-1] if seen else rows


def _facts(row: Row) -> dict[str, Any]:
    return row.get("facts") or {}


def _drafts(rows: list[Row], kinds: tuple[str, ...]) -> list[_Draft]:
    drafts: list[_Draft] = []
    for row in rows:
        if row["kind"] == "fault":
            if _CONFIRMED in str(row.get("detail")):
                continue  # what was seen of it, not something to do
            drafts.append(_Draft(kind="by_hand", rows=[row]))
        elif row["kind"] in kinds and _by_user(row):
            chain = _chain(drafts, row) if row["kind"] in _REPEATED else None
            if chain is not None:
                chain.rows.append(row)
            else:
                drafts.append(_Draft(kind=row["kind"], rows=[row]))
    return drafts


def _by_user(row: Row) -> bool:
    """Whether the run's own user did it: a script has one login."""
    return bool((row.get("asked") or {}).get("role", "user") == "user")


def _chain(drafts: list[_Draft], row: Row) -> _Draft | None:
    """The polls that `row` continues: of its job, done, not at an end, nothing between."""
    same = [draft for draft in drafts if draft.job == row.get("job") and draft.kind != "submit"]
    if not same or same[-1].kind != row["kind"]:
        return None
    last = same[-1]
    goes_on = not last.over and last.rows[-1].get("status") == 200
    return last if goes_on and last.ended_s <= row["invoked_s"] else None


def _step(number: int, drafts: list[_Draft], jobs: dict[str, str]) -> dict[str, Any]:
    draft = drafts[number]
    after = _predecessors(number, drafts)
    pause_s = draft.began_s - max((drafts[each].ended_s for each in after), default=draft.began_s)
    return {
        "kind": draft.kind,
        "job": jobs.get(draft.job or "", ""),
        "workers": _turns([str(row.get("worker") or "any") for row in draft.rows]),
        "after": after,
        # Work is watched from when everything else is done, however late the record set it down.
        "pause_s": 0.0 if draft.kind == "work" else round(pause_s, 3),
        "within_s": _bound_s(draft),
        "tidy": _tidies(number, drafts),
        **_until(draft),
        **_asked(draft),
        "recorded": _recorded(draft),
    }


def _tidies(number: int, drafts: list[_Draft]) -> bool:
    """Whether a cancel is no matter of the case: it says so, or only cancels of its jobs follow."""
    draft = drafts[number]
    if draft.kind != "cancel" or _facts(draft.rows[0]).get("tidying"):
        return draft.kind == "cancel"
    submitted = any(other.kind != "cancel" and other.job == draft.job for other in drafts)
    return submitted and all(other.kind == "cancel" for other in drafts[number:])


def _turns(workers: list[str]) -> list[str]:
    """The shortest sequence of workers that, repeated, gives the recorded one."""
    for length in range(1, len(workers)):
        if all(worker == workers[at % length] for at, worker in enumerate(workers)):
            return workers[:length]
    return workers


def _predecessors(number: int, drafts: list[_Draft]) -> list[int]:
    """The steps that were over when this one began, less those that others waited for already."""
    mine = drafts[number].began_s
    done = [each for each in range(number) if drafts[each].ended_s <= mine]
    latest_start = max((drafts[each].began_s for each in done), default=0.0)
    return [each for each in done if drafts[each].ended_s > latest_start]


def _bound_s(draft: _Draft) -> float:
    """How long the step may take: what was given up once is given up after as long again."""
    if draft.kind == "work":
        return _WATCHED_S
    took_s = draft.ended_s - draft.began_s
    answered = draft.answered
    if draft.kind == "stream" and answered and not draft.over:
        return round(took_s + (_SLACK_S if _closed_by_target(draft) else 0.0), 1)
    return round(took_s * 2 + _SLACK_S if answered else took_s, 1)


def _until(draft: _Draft) -> dict[str, Any]:
    """When a step of polls is done: at the end, at a tick, or after so many."""
    if draft.kind == "by_hand":
        return {"words": str(draft.rows[0].get("detail", ""))}
    if draft.kind not in _REPEATED:
        return {}
    ticks = [event[1] for event in draft.events if event[0] == "tick"]
    if draft.over or draft.rows[-1].get("status") != 200:
        single = len(draft.rows) == 1 and not draft.over
        return {"polls": 1} if single else {"until_end": True}
    return {"until_tick": max(ticks)} if ticks else {"polls": len(draft.rows)}


def _asked(draft: _Draft) -> dict[str, Any]:
    """The probe of a submit that gave no job; one without any was of an unknown kind."""
    if draft.kind != "submit" or draft.job:
        return {}
    asked = draft.rows[0].get("asked")
    return {"probe": asked} if asked else {"unknown": True}


def _recorded(draft: _Draft) -> dict[str, Any]:
    """What was observed then, in the terms of the player's own observations."""
    last = draft.rows[-1]
    answered = draft.answered
    told = {name: value for name, value in _facts(last).items() if name in _TOLD}
    if draft.kind == "work":
        told["times"] = [event[2] for event in draft.events]
    return {
        "status": last.get("status"),
        "ticks": [event[1] for event in draft.events if event[0] == "tick"],
        "endings": draft.endings,
        "closed": draft.kind == "stream" and answered and _closed_by_target(draft),
        "answered": answered,
        "began_s": round(draft.began_s, 3),
        "ended_s": round(draft.ended_s, 3),
        **told,
    }


def _closed_by_target(draft: _Draft) -> bool:
    """Whether the stream ended by itself; what older histories do not say is taken as so."""
    facts = draft.rows[-1].get("facts")
    return draft.over or facts is None or bool(facts.get("ended") == "clean")


def _probe(rows: list[Row]) -> dict[str, Any]:
    for row in rows:
        if row["kind"] in ("submit", "predict") and row.get("asked"):
            return _PROBE | {k: v for k, v in row["asked"].items() if k != "role"}
    events = [event for row in rows for event in row.get("events") or ()]
    ticks = {event[1]: event[2] for event in events if event[0] == "tick"}
    if not ticks:
        return dict(_PROBE)
    span_s = max(ticks.values()) - min(ticks.values())
    interval_s = span_s / max(len(ticks) - 1, 1)
    return {"ticks": max(ticks) + 1, "interval_s": round(min(max(interval_s, 0.01), 2.0), 2)}


def _once(values: Iterable[str | None]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]
