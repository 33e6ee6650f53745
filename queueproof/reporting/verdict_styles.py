"""How a terminal shows each verdict, wherever one is printed."""

from __future__ import annotations

from types import MappingProxyType

from queueproof.verdicts import Verdict

VERDICT_STYLES = MappingProxyType(
    {
        Verdict.PASSED: "green",
        Verdict.PASSED_IN_PART: "green",
        Verdict.FAILED: "bold red",
        Verdict.INCONCLUSIVE: "yellow",
        Verdict.ERROR: "bold magenta",
        Verdict.NOT_ASSESSED: "dim",
    }
)
