"""A few generated schedules in every run (completes `Langflow 1.10, "Deploy Langflow with
multiple workers"`, Introduction).

The run's seed decides which. `queueproof explore` plays many more, and makes a failure short.
"""

from __future__ import annotations

from queueproof.case import Inconclusive, System, Violation, Worker, requirement
from queueproof.exploring.gate_sample import explore_in_a_gate
from queueproof.exploring.steps import numbered


@requirement("EXPL-001")
async def test_schedules_nobody_wrote_break_nothing(
    target: System, workers: tuple[Worker, ...], seed: int
) -> None:
    """A handful of generated schedules, played side by side, break no rule of the model."""
    trials = await explore_in_a_gate(target, seed=seed)

    broken = next((trial for trial in trials if trial.finding is not None), None)
    if broken is not None:
        assert broken.finding is not None
        raise Violation(
            expected=f"{broken.finding.requirement}: {broken.finding.expected}",
            actual=f"{broken.finding.actual} (schedules' seed {seed}: "
            + " · ".join(numbered(broken.schedule))
            + ")",
            job_ids=broken.job_ids,
        )
    if all(trial.doubt for trial in trials):
        raise Inconclusive(f"no schedule could be judged: {trials[0].doubt}")
