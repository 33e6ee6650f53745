"""What a target says while a run is under way acts on no terminal and no CI runner."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from rich.console import Console

from queueproof.chaos.outcome import ScenarioResult
from queueproof.chaos.progress import LiveChaos, PlainChaos
from queueproof.chaos.scenario import Scenario, for_contract, load_scenarios
from queueproof.reporting.model import CaseResult
from queueproof.running.live import LiveProgress, PlainProgress
from queueproof.verdicts import Verdict

HOSTILE = {
    "escape": "\x1b[2Jwiped",
    "carriage return": "failed\rpassed",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://evil\x1b\\here\x1b]8;;\x1b\\",
    "C1": "\x9b31mred\x9d0;owned\x9c",
    "direction": "\u202edelrever\u202c \u2066apart\u2069",
    "backspace": "ok\b\bno",
    "line separator": "one\u2028::error::two",
    "command": "\n::error title=x::of the target",
    "old command": "\n##[error]of the target",
    "markup": "[bold red]x[/bold red][link=http://evil]y[/link]",
}
#: What rich itself writes on a terminal: colours and the cursor's moves.
_OURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def case(words: str) -> CaseResult:
    return CaseResult(
        id="suites/x.py::test_x",
        requirement="POLL-003",
        title=f"A title {words}",
        verdict=Verdict.FAILED,
        duration_s=1.0,
        expected="nothing",
        actual=f"it said {words}",
    )


def scenario_result(words: str) -> ScenarioResult:
    return ScenarioResult(
        name="CHAOS-001", scenario=scenario(), failure=Verdict.INCONCLUSIVE, reason=words
    )


def scenario() -> Scenario:
    return for_contract(load_scenarios(), "langflow")[0]


def plain_gate(console: Console, words: str) -> None:
    progress = PlainProgress(console)
    progress.phase(words)
    progress.finished(case(words))


def live_gate(console: Console, words: str) -> None:
    progress = LiveProgress(console)
    progress.planned(case(words).id, "POLL-003", 1.0)
    progress.started(case(words).id)
    progress.phase(words)
    console.print(progress)
    progress.finished(case(words))
    console.print(progress)


def plain_chaos(console: Console, words: str) -> None:
    PlainChaos(console).finished("CHAOS-001", scenario_result(words))


def live_chaos(console: Console, words: str) -> None:
    progress = LiveChaos(console, 1)
    progress.started("CHAOS-001", scenario())
    progress.phase("CHAOS-001", "during")
    console.print(progress)
    progress.finished("CHAOS-001", scenario_result(words))
    console.print(progress)


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("tell", [plain_gate, live_gate, plain_chaos, live_chaos])
@pytest.mark.parametrize("terminal", [True, False])
def test_no_word_acts(tell: Callable[[Console, str], None], words: str, terminal: bool) -> None:
    """Only rich's own colours and line breaks come through."""
    sink = io.StringIO()

    tell(Console(file=sink, force_terminal=terminal, width=200, color_system=None), words)

    shown = _OURS.sub("", sink.getvalue()) if terminal else sink.getvalue()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", shown), shown
    assert not any(line.lstrip().startswith(("::", "##[")) for line in shown.splitlines()), shown
    assert "\x1b[2J" not in sink.getvalue()
    if "[bold red]" in words:
        assert "[bold red]x" in shown
