"""Playing a recorded schedule again: fixed, still fails, or not reproduced.

Theory: an outage is a race, so one good play proves little. The schedule is played several times.
One play in which a recorded requirement fails is enough for `still fails`. `Fixed` needs every
play to pass with its fault confirmed, and in each the jobs that were the evidence must have come
as far as they did then; a replay in which they did not has not asked the question again.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from rich.console import Console
from rich.text import Text

from queueproof.chaos.outcome import ScenarioResult
from queueproof.chaos.progress import chaos_progress
from queueproof.chaos.report import result_of, write_report
from queueproof.chaos.run import ChaosRun, Part
from queueproof.chaos.scenario import choose, load_scenarios
from queueproof.chaos.schedule import Schedule, accepted_errands, read_schedule
from queueproof.config.model import RunConfig
from queueproof.errors import UsageError
from queueproof.reporting.text import shown_in_line
from queueproof.running.run_folder import RunFolder
from queueproof.verdicts import ExitCode, Verdict

TIMES = 3


class Conclusion(Enum):
    """What a replay says about a recorded failure."""

    FIXED = "fixed"
    STILL_FAILS = "still fails"
    NOT_REPRODUCED = "not reproduced"


_EXIT = {
    Conclusion.FIXED: ExitCode.PASSED,
    Conclusion.STILL_FAILS: ExitCode.FAILED,
    Conclusion.NOT_REPRODUCED: ExitCode.INCONCLUSIVE,
}


def run_replay(
    config: RunConfig, path: Path, console: Console, *, at_once: int, where: str = ""
) -> ExitCode:
    """Replay the schedule at `path`, report, conclude; returns the exit code."""
    schedule = read_schedule(path)
    [scenario] = choose(load_scenarios(), [schedule.plan.scenario])
    if config.target.contract not in scenario.contracts:
        raise UsageError(f"--replay {path}: {scenario.id} is for {', '.join(scenario.contracts)}")
    parts = [
        Part(scenario=scenario, name=f"{scenario.id}-replay-{turn}", plan=schedule.plan)
        for turn in range(1, TIMES + 1)
    ]
    run_folder = RunFolder.below(config.out)
    with chaos_progress(console, len(parts)) as progress:
        run = ChaosRun(config, progress, at_once=at_once, where=where)
        run.play(parts)
    if run.error is not None:
        run_folder.forget()
        raise run.error
    result = result_of(run, parts, run_folder)
    write_report(run, result, run_folder.path, console)
    conclusion, why = conclude(schedule, run.results.values())
    line = shown_in_line(f"{scenario.id} {conclusion.value}: {why}")
    console.print(Text(line, style="bold"))
    if result.exit_code is ExitCode.INTERNAL:
        return result.exit_code
    return _EXIT[conclusion]


def conclude(schedule: Schedule, results: Iterable[ScenarioResult]) -> tuple[Conclusion, str]:
    """The conclusion and, in a few words, why."""
    results = list(results)
    recorded = set(schedule.failing)
    again = {id_ for result in results for id_ in result.failing} & recorded
    if again:
        return Conclusion.STILL_FAILS, f"{', '.join(sorted(again))} failed again"
    doubts = [why for result in results if (why := _why_not_asked(schedule, result))]
    if doubts or len(results) < TIMES:
        return Conclusion.NOT_REPRODUCED, doubts[0] if doubts else "not every replay was played"
    if not recorded:
        return Conclusion.NOT_REPRODUCED, "the schedule records no failure"
    return Conclusion.FIXED, (
        f"{', '.join(sorted(recorded))} held in {len(results)} replays under the same circumstances"
    )


def _why_not_asked(schedule: Schedule, result: ScenarioResult) -> str:
    """Why a replay that did not fail proves nothing; empty when it does."""
    if result.outage is None:
        return f"{result.name} was not judged: {result.reason}"
    if result.doubt:
        return f"{result.name}: {result.doubt}"
    verdicts = {j.requirement: result.verdict_of(j) for j in result.judgements}
    unsettled = [id_ for id_ in schedule.failing if verdicts.get(id_) is not Verdict.PASSED]
    if unsettled:
        return f"{result.name}: {unsettled[0]} was not settled"
    accepted = accepted_errands(result.outage)
    for errand, was in schedule.evidence.items():
        if (errand in accepted) != was:
            then, now = ("accepted", "not accepted") if was else ("not accepted", "accepted")
            return f"{result.name}: the job of errand {errand} was {then} then and {now} now"
    return ""
