"""What a matrix of outages consists of: which systems, and what is left to play of each.

A matrix is a folder (`reporting.outage_matrix`); what was played is read from the reports in it, so
that a run that was cut short goes on where it was. A cell with a verdict is not played again. One
that came to none is asked again by a later run, but not for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from queueproof import __version__
from queueproof.chaos.scenario import Scenario
from queueproof.config.promises import load_promises
from queueproof.errors import UsageError
from queueproof.lab.recipe import Choice, Recipe, choose
from queueproof.reporting import json_report
from queueproof.reporting.outage_matrix import (
    GATE,
    OUTAGES,
    entries_of,
    gate_of,
    is_settled,
    open_requirements,
    outage_of,
)

#: How often what comes to no verdict is asked.
MOST_LOOKS = 3
#: What of a description decides what a cell comes to, beside the promises.
_CONDITIONS = ("version", "workers", "slots", "settings", "recipe", "queueproof")


@dataclass(frozen=True)
class LeftToPlay:
    """One process to be run: the gate, or outages, on one system; `only` is what to play of it.

    `cells` is how many cells of the matrix it fills.
    """

    kind: str
    only: tuple[str, ...]

    @property
    def cells(self) -> int:
        """An outage is a cell, a gate is one."""
        return 1 if self.kind == GATE else len(self.only)


def systems_of(
    words: Iterable[str], recipes: Sequence[Recipe], *, beside: Iterable[str] = ()
) -> tuple[Choice, ...]:
    """The releases that `words` name; every library's own list where there are none.

    A word is `rq`, `celery==5.3.6`, or `celery:acks-late` for a variant. Raises UsageError for what
    no recipe covers, and for a system that has no bridge.
    """
    words = tuple(words)
    if not words and tuple(beside):
        raise UsageError("--with names packages beside one library: name the library, too")
    chosen = [_choice(word, recipes, beside) for word in words or default_words(recipes)]
    for choice in chosen:
        if not choice.recipe.bridge:
            raise UsageError(f"--matrix is of queue libraries, and {choice.recipe.system} is none")
    return tuple({choice.words: choice for choice in chosen}.values())


def default_words(recipes: Iterable[Recipe]) -> list[str]:
    """What the recipes name: the first of each library, then the second, and so on."""
    listed = [(recipe.system, recipe.matrix) for recipe in recipes if recipe.bridge]
    most = max((len(entries) for _, entries in listed), default=0)
    return [
        system + entries[turn]
        for turn in range(most)
        for system, entries in listed
        if turn < len(entries)
    ]


def folder_name(choice: Choice) -> str:
    """A system's folder below `runs`, such as celery-5.7.0--acks-late."""
    return choice.folder + (f"--{choice.variant}" if choice.variant else "")


def left_to_play(home: Path, outages: Sequence[str], *, gate: bool) -> list[LeftToPlay]:
    """What is still to be played of one system, whose runs are in `home`."""
    left = []
    if gate and (only := _left_of_gate(home / GATE)) is not None:
        left.append(LeftToPlay(GATE, only))
    entries = entries_of(home / OUTAGES)
    played = _times_played(home / OUTAGES)
    open_outages = tuple(
        one
        for one in outages
        if one not in entries
        or (not is_settled(entries[one][0]) and played.get(one, 0) < MOST_LOOKS)
    )
    return [*left, LeftToPlay(OUTAGES, open_outages)] if open_outages else left


def description(choice: Choice, workers: int, outages: Iterable[Scenario]) -> dict[str, Any]:
    """What `visit.json` says of a system before anything was played on it."""
    recipe = choice.recipe
    promises = load_promises(recipe.promises, where=f"recipe of {recipe.system}, [promises]")
    names = tuple(name for name in recipe.promises if name != "sources")
    return {
        "system": recipe.system,
        "version": choice.version,
        "variant": choice.variant,
        "beside": list(choice.beside),
        "words": list(choice.words),
        "workers": workers,
        "slots": recipe.target.get("worker_slots", 1),
        "settings": _settings(choice),
        "promises": [told for name in names if (told := promises.told((name,)))],
        "recipe": _digest(recipe),
        "queueproof": __version__,
        "outages": [{"id": one.id, "title": one.title} for one in outages],
        "runs": [],
    }


def played_alike(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether what one description's runs came to may stand beside the other description.

    Where a promise is documented decides nothing; what an older description does not say is not
    compared.
    """
    alike = all(before.get(name, now[name]) == now[name] for name in _CONDITIONS)
    return alike and _bare(before.get("promises", ())) == _bare(now["promises"])


def _bare(promises: Iterable[str]) -> set[str]:
    """The promises as they are told, without where each is made."""
    return {told.partition(" (")[0] for told in promises}


def _digest(recipe: Recipe) -> str:
    """A name for all that a recipe says of how its system is installed, started and judged."""
    said = {
        "install": recipe.install,
        "launch": recipe.launch,
        "first_start": recipe.first_start,
        "target": recipe.target,
        "timings": asdict(recipe.timings),
        "promises": {name: each for name, each in recipe.promises.items() if name != "sources"},
        "without": recipe.without,
        "workers": recipe.workers,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def _settings(choice: Choice) -> dict[str, str]:
    """What the variant sets: variables, and the workers' command if that is its own."""
    launch = choice.recipe.variants.get(choice.variant, {}).get("launch", {})
    settings = {str(name): str(value) for name, value in launch.get("environment", {}).items()}
    if words := launch.get("worker_command"):
        settings["worker"] = " ".join(words).replace("{installed}/bin/", "")
    return settings


def _choice(word: str, recipes: Sequence[Recipe], beside: Iterable[str]) -> Choice:
    wanted, _, variant = word.partition(":")
    return choose(wanted, recipes, beside=beside, variant=variant)


def _left_of_gate(runs: Path) -> tuple[str, ...] | None:
    """What of the gate is to be asked: all of it (empty), what came to no verdict, or None."""
    found = gate_of(runs)
    if found is None:
        return () if _times_failed(runs) < MOST_LOOKS else None
    if len(list(runs.glob("*/report.json"))) >= MOST_LOOKS:
        return None
    return tuple(open_requirements(found[0])) or None


def _times_failed(runs: Path) -> int:
    """How often a gate broke off though nobody interrupted it."""
    results = [json_report.load(path) for path in runs.glob("*/report.json")]
    return sum(not result.run.interrupted for result in results)


def _times_played(runs: Path) -> dict[str, int]:
    times: dict[str, int] = {}
    for path in runs.glob("*/report.json"):
        for entry in json_report.load(path).scenarios:
            times[outage_of(entry)] = times.get(outage_of(entry), 0) + 1
    return times
