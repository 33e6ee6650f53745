"""What the model concludes: findings, and which requirements it had occasion to judge."""

from __future__ import annotations

from collections import Counter
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
