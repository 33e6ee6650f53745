"""What a runner writes into the history for the checkers, which see nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from queueproof.chaos.clients import Client
from queueproof.chaos.contract_traits import traits_of
from queueproof.chaos.scenario import Scenario
from queueproof.faults.registry import parameters_of
from queueproof.history import Event, EventKind, Outcome
from queueproof.targets.system import System

#: Faults that tell workers to stop, so that what is promised of a stop is judged.
_STOPS = ("graceful_stop", "rolling_restart", "scale_down")
#: Faults that make another Redis the master.
_MOVES = ("failover", "sentinel_failover")
#: How often a worker in a crash loop is killed with a job is not known beforehand.
_MOST_INTERRUPTIONS = 100


def note_scenario(system: System, scenario: Scenario) -> None:
    """The declared timings, and what the fault may do and cost."""
    traits = traits_of(system.adapter.contract)
    crew = [member.label for member in system.crew]
    labels = [*(worker.label for worker in system.workers), *crew]
    strikes = (
        range(len(labels)) if scenario.affected_replicas is None else scenario.affected_replicas
    )
    struck = [labels[index] for index in strikes if index < len(labels)]
    system.history.note(
        "scenario",
        scenario.title,
        timings=system.timings.as_dict(),
        traits={
            "costs": scenario.costs,
            "struck": struck,
            "silenced": struck if scenario.unresponsive else [],
            "deafens": scenario.blocks_cancels,
            "wedges": scenario.blocks_submits,
            "everybody": labels,
            "crew": crew,
            "crew_seen": all(member.pid is not None for member in system.crew),
            "rereads": traits.rereads,
            "end_closes": traits.end_closes,
            "health_notice_s": traits.health_notice_s,
            "undisturbed": not scenario.faults,
            "stops": any(spec.get("fault") in _STOPS for spec in scenario.faults),
            "moves": any(spec.get("fault") in _MOVES for spec in scenario.faults),
            "grace_s": max((_grace_s(spec) for spec in scenario.faults), default=0.0),
            "interruptions": sum(_interruptions(spec) for spec in scenario.faults),
            "promises": asdict(system.promises) if system.promises else {},
        },
    )


def _grace_s(spec: Mapping[str, Any]) -> float:
    """How long the workers that a fault reaches work on before it ends them."""
    if spec.get("fault") != "stop_then_kill":
        return 0.0
    return float(spec.get("grace_s", parameters_of("stop_then_kill")["grace_s"]))


def _interruptions(spec: Mapping[str, Any]) -> int:
    """How often a fault may end a run of one job, or keep its end from being told."""
    if spec.get("fault") == "crash_loop":
        return _MOST_INTERRUPTIONS
    twice = spec.get("fault") in ("rolling_restart", "scale_down") or "again_after_s" in spec
    return 2 if twice else 1


def note_work(system: System, clients: Iterable[Client]) -> None:
    """What the witness saw of every job that the clients tried to submit."""
    for client in clients:
        for key in client.keys:
            with system.history.operation("work") as operation:
                operation.outcome = Outcome.OK
                heard = system.witness.hears
                operation.facts.update(key=key, errand=client.errand.number, heard=heard)
                if system.crew:
                    operation.facts["hosts"] = _hosts(system, key)
                operation.events.extend(
                    Event(EventKind.TICK, sighting.at_s, tick=sighting.tick)
                    for sighting in system.witness.sightings(key)
                )


def note_programs(system: System, ended: Mapping[str, str]) -> None:
    """Which worker programs have ended though nothing ended them, and the last that each said."""
    if system.crew:
        system.history.note("programs", ", ".join(ended) or "all run", ended=dict(ended))


def _hosts(system: System, key: str) -> list[str]:
    """The server, and the worker that did the job; all workers where that could not be seen."""
    server = [worker.label for worker in system.workers]
    worker = system.witness.worker_of(key)
    return [*server, worker] if worker else [*server, *(member.label for member in system.crew)]
