"""What goes wrong with the jobs of any queue, as one client and the jobs themselves see it.

Theory: the same functions judge the record and the replay. What decides is what a job was asked to
do, what its readers were told, and which of its ticks were really done: the jobs tell a witness.
Stand-alone scripts carry this file, so that it needs nothing but Python.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from queueproof.reproducing.player_core import PATIENCE_S, delivery, expected_ticks
from queueproof.targets.generic.wire import computed_by

READING = ("poll", "stream", "status")
#: What clocks and their roundings may make of a delay.
EARLY_S = 0.1
#: How many of a case's jobs any queue runs side by side: the others may have to wait.
SIDE_BY_SIDE = 4
#: How many characters of a result are kept.
RESULT_KEPT = 160

Pair = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class OneJob:
    """One job that was accepted, and everything that was done with it.

    Instants are seconds on the clock of what was seen. `claimed_s` is when a cancel was first
    answered with success; `crowd_s` how long it may have to wait for the other jobs; `struck` says
    that something else was disturbed meanwhile.
    """

    mine: list[Pair]
    probe: dict[str, Any]
    began_s: float
    cancelled: bool
    claimed_s: float | None
    effect_s: float
    crowd_s: float
    struck: bool

    def of(self, *kinds: str) -> list[Pair]:
        """The steps of these kinds, tidying up not included."""
        return [pair for pair in self.mine if pair[0]["kind"] in kinds and not pair[0].get("tidy")]

    @property
    def due_s(self) -> float:
        """When the job is over at the latest, if nobody cancels it."""
        return self.began_s + at_most_s(self.probe) + self.crowd_s


def symptoms(
    steps: list[dict[str, Any]], seen: list[dict[str, Any]], probes: dict[str, dict[str, Any]]
) -> list[str]:
    """What is wrong with what the steps saw, in words that name the kind of wrong."""
    pairs = list(zip(steps, seen, strict=True))
    asked = {step["job"] for step, _ in pairs if step["kind"] == "submit"}
    found: list[str] = []
    for step, o in pairs:
        if step["kind"] == "submit":
            found += of_submit(step, o)
        elif step["kind"] != "by_hand" and step["job"] not in asked:
            found += of_nothing(step["kind"], o)
    for name in asked - {""}:
        job = one_job(name, pairs, probes)
        for judge in (of_answers, of_ids, of_readers, of_ends, of_results, of_work):
            found += judge(job)
    return sorted(set(found))


def one_job(name: str, pairs: list[Pair], probes: dict[str, dict[str, Any]]) -> OneJob:
    """What concerns one job."""
    mine = [pair for pair in pairs if pair[0]["job"] == name]
    cancels = [pair for pair in mine if pair[0]["kind"] == "cancel" and not pair[0].get("tidy")]
    claims = [o["ended_s"] for _, o in cancels if o.get("claims_success")]
    return OneJob(
        mine=mine,
        probe=probes[name],
        began_s=min(o["began_s"] for step, o in mine if step["kind"] == "submit"),
        cancelled=bool(cancels),
        claimed_s=min(claims, default=None),
        effect_s=max((step.get("effect_s", 0.0) for step, _ in mine), default=0.0),
        crowd_s=crowd_s(name, probes),
        struck=any(step["kind"] == "by_hand" for step, _ in pairs),
    )


def crowd_s(name: str, probes: dict[str, dict[str, Any]]) -> float:
    """How long a job may have to wait for the others of its case."""
    others = [probe for job, probe in probes.items() if job != name]
    return sum(longest_s({**probe, "delay_s": 0.0}) for probe in others) / SIDE_BY_SIDE


def of_submit(step: dict[str, Any], o: dict[str, Any]) -> list[str]:
    """A submit, also of a kind of job that does not exist."""
    if step.get("unknown"):
        return ["a job of an unknown kind is accepted"] if o["answered"] and taken(o) else []
    if not o["answered"]:
        return ["a submit is not answered"]
    return [] if taken(o) else [f"a submit is refused with {o['status']}"]


def of_nothing(kind: str, o: dict[str, Any]) -> list[str]:
    """A request about a job that never existed, which must be refused."""
    if kind not in (*READING, "cancel", "result"):
        return []
    if not o["answered"]:
        return [f"a {kind} of a job that never existed is not answered"]
    success = o.get("claims_success", True) if kind == "cancel" else True
    return [f"a {kind} of a job that never existed succeeds"] if taken(o) and success else []


def of_answers(job: OneJob) -> list[str]:
    """Requests that nobody answered."""
    return [
        f"a {step['kind']} of a job is not answered"
        for step, o in job.of(*READING, "cancel", "result")
        if not o["answered"] and not gave_up(step, o)
    ]


def of_ids(job: OneJob) -> list[str]:
    """Two jobs under one id, where no name made them one."""
    twice = len(job.of("submit")) > 1 and not job.probe.get("unique")
    return ["an id is given twice"] if twice else []


def of_readers(job: OneJob) -> list[str]:
    """What polls, which are one reader, and streams, which are each its own, were told of ticks."""
    if runs_at_most(job.probe) > 1 or job.struck:
        return []  # the ticks of several runs
    ticks = expected_ticks(job.probe)
    polls = [o for _, o in job.of("poll")]
    told = [tick for o in polls for tick in o["ticks"]]
    over = any("end" in o["endings"] for o in polls)
    # A queue that tells no steps has none to lose.
    found = [f"polling {words}" for words in delivery(told, ticks, over and bool(told))]
    for o in (o for _, o in job.of("stream") if taken(o)):
        found += [
            f"a stream {words}" for words in delivery(o["ticks"], ticks, "end" in o["endings"])
        ]
        if o["closed"] and not o["endings"]:
            found.append("a stream ends without saying how")
    return found


def of_ends(job: OneJob) -> list[str]:
    """How the job was told to have ended."""
    reads = [o for _, o in job.of(*READING) if o["answered"]]
    told = {ending for o in reads for ending in o["endings"]}
    found = []
    if not job.cancelled and not job.struck:
        if "error" in told and not fails(job.probe):
            found.append("a job that does not fail is told to have failed")
        if "end" in told and "error" not in told and fails(job.probe):
            found.append("a job that fails is told as completed")
        if "cancelled" in told:
            found.append("a job that nobody cancelled is told as cancelled")
    if job.claimed_s is not None and "end" in told and "error" not in told:
        over_s = job.began_s + shortest_s(job.probe)
        if job.claimed_s < over_s - job.effect_s:
            found.append("a job that was cancelled is told as completed")
    return found + of_missing_ends(job, reads)


def of_missing_ends(job: OneJob, reads: list[dict[str, Any]]) -> list[str]:
    """An end that nobody was told, or that was taken back."""
    ends = [o["ended_s"] for o in reads if o["endings"]]
    if ends:
        # A position that lies behind the end has nothing more to tell; a state always has.
        later = [o for _, o in job.of("status") if o["began_s"] > min(ends) + PATIENCE_S]
        back = any(taken(o) and not o["endings"] for o in later)
        return ["an end that was told is not told again"] if back else []
    due_s = job.due_s
    if job.claimed_s is not None:
        due_s = job.claimed_s + job.effect_s + job.crowd_s + PATIENCE_S
    late = max((o["ended_s"] for o in reads), default=0.0) > due_s
    in_doubt = job.cancelled and job.claimed_s is None
    return ["a job is never told to have ended"] if late and not in_doubt else []


def of_results(job: OneJob) -> list[str]:
    """What a job that completed has computed."""
    key = next((o["key"] for _, o in job.mine if o.get("key")), "")
    wanted = computed_by(key, job.probe)[:RESULT_KEPT]
    ended = any("end" in o["endings"] for _, o in job.of(*READING))
    told = [o.get("result") for _, o in job.of("result") if taken(o)]
    wrong = key and ended and any(each not in (None, wanted) for each in told)
    return ["a result is not what the job computed"] if wrong else []


def of_work(job: OneJob) -> list[str]:
    """What the job really did, as it told the witness."""
    looks = [o for _, o in job.of("work") if o.get("witnessed")]
    if not looks:
        return []
    done = sorted(pair for o in looks for pair in zip(o["times"], o["ticks"], strict=True))
    counts = Counter(tick for _, tick in done)
    found = []
    if max(counts.values(), default=0) > runs_at_most(job.probe) and not job.struck:
        found.append("a job is run more often than was asked")
    wanted = {0} if job.probe.get("fail_times") else set(expected_ticks(job.probe))
    late = max(o["ended_s"] for o in looks) > job.due_s
    if late and not job.cancelled and not wanted <= set(counts):
        found.append("a job is not done to its end")
    if job.claimed_s is not None and done and done[-1][0] > job.claimed_s + job.effect_s:
        found.append("a cancel that claims success does not stop the job")
    if done and done[0][0] < job.began_s + (job.probe.get("delay_s") or 0.0) - EARLY_S:
        found.append("a delayed job is begun before its time")
    return found


def taken(o: dict[str, Any]) -> bool:
    """Whether an answer came, and was a success."""
    return bool(o["answered"] and 200 <= (o["status"] or 0) < 300)


def gave_up(step: dict[str, Any], o: dict[str, Any]) -> bool:
    """Whether the client meant to wait for a short while only."""
    return bool(o["ended_s"] - o["began_s"] < min(step["within_s"], 5.0))


def fails(probe: dict[str, Any]) -> bool:
    """Whether the job fails in the end."""
    if probe.get("fail_at") is not None and probe["fail_at"] < probe["ticks"]:
        return True
    return bool((probe.get("fail_times") or 0) > (probe.get("retries") or 0))


def runs_at_most(probe: dict[str, Any]) -> int:
    """How often the job may begin when no worker is lost."""
    failing = probe.get("fail_times") or probe.get("fail_at") is not None
    return 1 + (probe.get("retries") or 0) if failing else 1


def shortest_s(probe: dict[str, Any]) -> float:
    """How long the job lasts at least."""
    return float(len(expected_ticks(probe)) * probe["interval_s"] + (probe.get("delay_s") or 0.0))


def at_most_s(probe: dict[str, Any]) -> float:
    """How long after its submit the job is over at the latest, where it need not wait."""
    return 1.5 * longest_s(probe) + PATIENCE_S


def longest_s(probe: dict[str, Any]) -> float:
    """How long it takes when nothing disturbs it, its runs after failures included."""
    extra = sum(probe.get(name) or 0.0 for name in ("slow_start_s", "quiet_s", "block_s"))
    runs = runs_at_most(probe)
    return float((probe["ticks"] * probe["interval_s"] + extra + (runs > 1)) * runs) + (
        probe.get("delay_s") or 0.0
    )
