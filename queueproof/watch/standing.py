"""What is green and what is red, since when, and how much of the error budget is left.

It is kept in a file, if one is given, so that a watch that is restarted neither forgets an outage
nor reports it twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from queueproof.errors import UsageError
from queueproof.redaction import redacted_all
from queueproof.reporting.files import replace_file
from queueproof.watch.looking import Observation, Round

_VERSION = 1
_MOST_ROUNDS = 100_000


@dataclass
class Check:
    """One check's colour: `since` is when it took it, in seconds of the epoch."""

    good: bool
    since: float
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A check that turned red, or green again after `lasted_s` seconds."""

    check: str
    good: bool
    words: str
    lasted_s: float

    def __str__(self) -> str:
        if self.good:
            return f"{self.check} is green again after {self.lasted_s:.0f} s"
        return f"{self.check} is red: {self.words}"


@dataclass
class Standing:
    """All checks' colours, and the rounds of the budget's window as (when, good)."""

    checks: dict[str, Check] = field(default_factory=dict)
    rounds: list[tuple[float, bool]] = field(default_factory=list)

    def enter(self, seen: Round, *, at: float, window_s: float) -> list[Change]:
        """Take in a round; what changed by it. A check that is not asked any more is forgotten.

        Where the target was not reached, what its workers would have done is not known: they keep
        the colour that they had. Of a worker that is not found any more the check `workers` tells.
        """
        self.rounds = [one for one in self.rounds if one[0] > at - window_s][-_MOST_ROUNDS:]
        self.rounds.append((at, seen.good))
        changes = [change for each in seen.observations if (change := self._take(each, at))]
        if len(seen.observations) > 1:
            asked = {each.check for each in seen.observations}
            self.checks = {name: one for name, one in self.checks.items() if name in asked}
        return changes

    @property
    def good(self) -> bool:
        """Whether everything is green."""
        return all(check.good for check in self.checks.values())

    def budget_left(self, objective: float) -> float:
        """Which share of the rounds that may be bad has not been used; below 0 when overdrawn."""
        allowed, bad = (1.0 - objective) * len(self.rounds), self.bad_rounds
        return 1.0 - bad / allowed if allowed else float(not bad)

    def budget_in_words(self, objective: float) -> str:
        """What is left of it in a few words; where it is overdrawn, by what."""
        left = self.budget_left(objective)
        if left >= 0.0:
            return f"budget left {left:.0%}"
        return f"budget spent, {self.bad_rounds} of {len(self.rounds)} rounds were bad"

    @property
    def bad_rounds(self) -> int:
        """How many rounds of the window had anything red in them."""
        return sum(not good for _, good in self.rounds)

    def _take(self, seen: Observation, at: float) -> Change | None:
        known = self.checks.get(seen.check)
        if known is not None and known.good is seen.good:
            known.words = seen.words
            return None
        self.checks[seen.check] = Check(seen.good, at, seen.words)
        if known is None and seen.good:
            return None
        lasted_s = at - known.since if known is not None else 0.0
        return Change(check=seen.check, good=seen.good, words=seen.words, lasted_s=lasted_s)


def load(path: Path | None) -> Standing:
    """The standing that an earlier watch has left there; raises UsageError for something else."""
    if path is None or not path.exists():
        return Standing()
    try:
        told = json.loads(path.read_text("utf-8"))
        if told["version"] != _VERSION:
            raise ValueError(f"version {told['version']}")
        return Standing(
            checks={name: Check(**one) for name, one in told["checks"].items()},
            rounds=[(float(at), bool(good)) for at, good in told["rounds"]],
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"--state {path}: not a state that a watch has left ({error})") from None


def save(standing: Standing, path: Path) -> None:
    """Keep it there; raises UsageError where nothing can be written."""
    checks = {name: asdict(one) for name, one in standing.checks.items()}
    told = {"version": _VERSION, "checks": checks, "rounds": standing.rounds}
    replace_file(path, json.dumps(redacted_all(told)))


def red(checks: Iterable[tuple[str, Check]]) -> list[str]:
    """The names of those that are red."""
    return [name for name, check in checks if not check.good]
