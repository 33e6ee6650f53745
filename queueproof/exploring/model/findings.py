"""What the model concludes: findings, and which requirements it had occasion to judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class ModelFinding:
    """Something that may not be.

    `rule` names the broken rule of the model, whatever requirement it amounted to: while a
    schedule is made shorter the requirement may become more precise, the rule stays.
    """

    rule: str
    requirement: str
    expected: str
    actual: str
    job: int = 0


@dataclass
class Judgement:
    """Everything the model has to say about one record."""

    findings: list[ModelFinding] = field(default_factory=list)
    judged: Counter[str] = field(default_factory=Counter)

    def of(self, promised: Collection[str]) -> Judgement:
        """What is said of these requirements: no queue is accused of what it never promised."""
        return Judgement(
            [finding for finding in self.findings if finding.requirement in promised],
            Counter({name: n for name, n in self.judged.items() if name in promised}),
        )

    def expect(
        self,
        holds: bool,
        requirement: str,
        *,
        rule: str,
        expected: str,
        actual: str,
        job: int = 0,
    ) -> bool:
        """Count an occasion to judge `requirement`; a finding when it does not hold."""
        self.judged[requirement] += 1
        if not holds:
            self.findings.append(
                ModelFinding(
                    rule=rule, requirement=requirement, expected=expected, actual=actual, job=job
                )
            )
        return holds
