"""What a runner writes into the history for the checkers, which see nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from queueproof.chaos.errands import Client
from queueproof.chaos.scenario import Scenario
from queueproof.history import Event, EventKind, Outcome
from queueproof.targets.system import System


def note_scenario(system: System, scenario: Scenario) -> None:
    """The declared timings, and what the fault may do and cost."""
    labels = [worker.label for worker in system.workers]
    strikes = range(len(labels)) if scenario.strikes is None else scenario.strikes
    struck = [labels[index] for index in strikes if index < len(labels)]
    system.history.note(
        "scenario",
        scenario.title,
        timings=system.timings.as_dict(),
        traits={
            "costs": scenario.costs,
            "struck": struck,
            "silenced": struck if scenario.silences else [],
            "deafens": scenario.deafens,
            "wedges": scenario.wedges,
        },
    )


def note_work(system: System, clients: Iterable[Client]) -> None:
    """What the witness saw of every job that the clients tried to submit."""
    for client in clients:
        for key in client.keys:
            with system.history.operation("work") as operation:
                operation.outcome = Outcome.OK
                operation.facts.update(key=key, errand=client.errand.number)
                operation.events.extend(
                    Event(EventKind.TICK, sighting.at_s, tick=sighting.tick)
                    for sighting in system.witness.sightings(key)
                )
