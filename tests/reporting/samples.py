"""Sample results for the writers' tests: every verdict, every kind, and strings that bite."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from queueproof.reporting.model import (
    Acceptance,
    CaseResult,
    Coverage,
    RequirementResult,
    RunInfo,
    RunResult,
    Standing,
    TargetInfo,
)
from queueproof.verdicts import ExitCode, Verdict, exit_code_for

MARKUP = "<script>alert('x')</script><img src=x onerror=alert(1)> &amp; ]]> --> </pre></details>"
RICH_MARKUP = "[red]not red[/red] [link=file:///etc]no link[/link] [/] :boom:"
MARKDOWN = (
    "| a | b |\n# no heading\n```sh\nno code\n```\n[no](javascript:alert(1)) **no** `no` @team"
)
CONTROLS = "bell \x07 escape \x1b[31mred\x1b[0m null \x00 return \r\n next \x85 end"
BACKWARDS = "queueproof gate \u202elru\u202c --only X \u2066isolated\u2069"
UNPAIRED = "unpaired \ud800 surrogate \udfff and noncharacters \ufffe \uffff"
SCRIPTS = "任務佇列 · очередь задач · صف المهام · תור משימות · ジョブキュー · 🧪🔁"
LONG = "payload=" + "0123456789abcdef" * 200
JINJA = "{{ 7 * 7 }} {% raw %} {# no comment #} ${7*7}"
HOSTILE = (MARKUP, RICH_MARKUP, MARKDOWN, CONTROLS, BACKWARDS, UNPAIRED, SCRIPTS, LONG, JINJA)

_DOCUMENT = 'Langflow 1.10, "Deploy Langflow with multiple workers"'
_TRACE = (
    "   0.000s submit via a 200 ok in 0.012s",
    "   0.014s poll via a 200 ok in 0.101s ticks 0..2",
    "   0.118s poll via b 200 ok in 0.009s ticks 0..3",
    "   0.231s poll via c 200 ok in 0.013s ticks 0..5 [end]",
)


def case(requirement: str, verdict: Verdict, **changes: Any) -> CaseResult:
    """A case of `requirement` with what its verdict calls for."""
    plain = CaseResult(
        id=f"suites/polling/test_{requirement.lower().replace('-', '_')}.py::test_holds",
        requirement=requirement,
        title="a poll on another worker continues where the last one ended",
        verdict=verdict,
        duration_s=1.234,
        reproduce=f"queueproof gate http://127.0.0.1:7860 --only {requirement} --seed 41",
    )
    return replace(plain, **(_particulars(verdict) | changes))


def row(
    requirement: str, *cases: CaseResult, level: str = "MUST", area: str = "polling", **changes: Any
) -> RequirementResult:
    """A requirement with its cases."""
    plain = RequirementResult(
        id=requirement,
        level=level,
        area=area,
        sentence="polling through any worker delivers every event once and in order",
        source=f"{_DOCUMENT}, Job queue",
        access="http",
        cases=cases,
    )
    return replace(plain, **changes)


def rows_of_every_verdict() -> tuple[RequirementResult, ...]:
    """Seven requirements in three areas: each verdict, one judged in part, one without a case."""
    return (
        row("POLL-001", case("POLL-001", Verdict.PASSED)),
        row(
            "POLL-003",
            case("POLL-003", Verdict.PASSED, id="twin"),
            case("POLL-003", Verdict.FAILED),
        ),
        row("POLL-007", case("POLL-007", Verdict.INCONCLUSIVE), level="SHOULD"),
        row("CANCEL-002", case("CANCEL-002", Verdict.ERROR), area="cancel"),
        row(
            "CANCEL-004",
            case("CANCEL-004", Verdict.PASSED),
            case("CANCEL-004", Verdict.NOT_ASSESSED, id="other", reason="needs two workers"),
            area="cancel",
        ),
        row("TTL-001", case("TTL-001", Verdict.NOT_ASSESSED), area="ttl", level="SHOULD"),
        row("TTL-002", area="ttl", reason="left out by --only"),
    )


def result(*rows: RequirementResult, verdict: Verdict | None = None, **changes: Any) -> RunResult:
    """A gate run over `rows`; its verdict is the worst of theirs unless given."""
    gravest = verdict or max((row.verdict for row in rows), key=lambda each: each.gravity)
    plain = RunResult(
        kind="gate",
        run=run(),
        target=target(),
        verdict=gravest,
        exit_code=exit_code_for(gravest),
        requirements=rows,
        coverage=coverage(),
    )
    return replace(plain, **changes)


def run(**changes: Any) -> RunInfo:
    """How the sample run came to be."""
    plain = RunInfo(
        id="2026-11-22T0104-gate-41",
        started_at="2026-11-22T01:04:05Z",
        duration_s=41.237,
        command="queueproof gate http://127.0.0.1:7860 --contract langflow --seed 41",
        seed=41,
        tool_version="0.1.0",
        python="3.11.7",
    )
    return replace(plain, **changes)


def target(**changes: Any) -> TargetInfo:
    """A deployment of three workers."""
    plain = TargetInfo(
        contract="langflow",
        urls=("http://127.0.0.1:7860",),
        version="1.13.0",
        workers=("a", "b", "c"),
        timings={"ttl_s": 3600.0, "startup_grace_s": 30.0, "stale_threshold_s": 90.0},
        access=("http", "admin", "redis"),
        capabilities=("cancel_channel",),
    )
    return replace(plain, **changes)


def coverage() -> Coverage:
    """Every pair read, cancels only where the job was submitted."""
    reads = tuple(("read", submit, act, 4) for submit in "abc" for act in "abc")
    cancels = tuple(("cancel", worker, worker, 1) for worker in "abc")
    return Coverage(
        pairs=reads + cancels,
        areas={"polling": 3, "cancel": 2},
        notes=("workers were told apart by active_jobs",),
    )


def every_verdict() -> RunResult:
    """One gate run with every verdict in it."""
    return result(*rows_of_every_verdict())


def passing() -> RunResult:
    """A gate run in which everything holds."""
    return result(row("POLL-001", case("POLL-001", Verdict.PASSED)))


def hostile() -> RunResult:
    """A gate run whose every free text is hostile, one kind of hostility a requirement."""
    rows = tuple(_hostile_row(index, text) for index, text in enumerate(HOSTILE))
    everything = " ".join(HOSTILE[:7])
    return result(
        *rows,
        run=run(command=everything, interrupted=everything),
        target=target(urls=(everything,), version=everything, workers=("a", MARKUP)),
        coverage=Coverage(pairs=(("read", MARKUP, "a", 1),), areas={MARKUP: 1}, notes=HOSTILE),
    )


def load() -> RunResult:
    """A load run: one profile, no requirement rows."""
    profile = {
        "id": "steady",
        "verdict": "inconclusive",
        "latency_ms": {"p50": 45.0, "p99": 1100.0},
        "throughput_per_s": 28.1,
        "errors": 0,
        "timeline": [
            {
                "at_s": 0.0,
                "offered_per_s": 10.0,
                "served_per_s": 9.5,
                "p50_ms": 40.0,
                "p99_ms": 90.0,
            },
            {
                "at_s": 1.0,
                "offered_per_s": 30.0,
                "served_per_s": 28.1,
                "p50_ms": 45.0,
                "p99_ms": 1100.0,
            },
            {
                "at_s": 2.0,
                "offered_per_s": 30.0,
                "served_per_s": 30.0,
                "p50_ms": 44.0,
                "p99_ms": None,
            },
        ],
        "stages": [{"name": MARKUP, "from_s": 0.0, "to_s": 1.0}],
        "faults": [{"name": "Redis frozen", "from_s": 1.0, "to_s": 1.5}],
    }
    return result(verdict=Verdict.INCONCLUSIVE, kind="load", profiles=(profile,))


def with_baseline() -> RunResult:
    """A run with a known failure, an unexpected one, and two entries that are out of date."""
    entries = (
        Acceptance(id="POLL-003", reason=MARKUP, standing=Standing.ACCEPTED, note="failed"),
        Acceptance(
            id="POLL-001",
            reason="mended since",
            link="https://example.org/issues/1",
            standing=Standing.STALE,
            note="the requirement holds now: remove the entry",
        ),
        Acceptance(
            id="TTL-009",
            reason="waits for 1.14",
            until="2026-01-31",
            standing=Standing.EXPIRED,
            note="accepted only until 2026-01-31",
        ),
    )
    rows = (*rows_of_every_verdict()[:2], row("TTL-009", case("TTL-009", Verdict.FAILED)))
    return result(*rows, baseline=entries)


def variants() -> RunResult:
    """A proof with a blind case and an unjust one."""
    broken = {
        "id": "cursor_per_worker",
        "kind": "faulty",
        "incident": f"Each worker polls with a cursor of its own. {MARKUP}",
        "verdict": "failed",
        "reason": "not failed by POLL-003; wrongly failed by POLL-001",
        "must_fail": ["POLL-002", "POLL-003"],
        "verdicts": {"POLL-001": "failed", "POLL-002": "failed", "POLL-003": "passed"},
        "duration_s": 12.5,
    }
    harmless = {
        "id": "slow_answers",
        "kind": "harmless",
        "incident": "Every request comes late.",
        "verdict": "passed",
        "reason": "",
        "must_fail": [],
        "left_open_before": ["POLL-001"],
        "verdicts": {"POLL-001": "passed", "POLL-002": "inconclusive"},
        "duration_s": 14.0,
    }
    rows = [
        row("POLL-001", case("POLL-001", Verdict.FAILED, id="cursor_per_worker")),
        row("POLL-002", case("POLL-002", Verdict.PASSED, id="cursor_per_worker")),
        row("POLL-003", case("POLL-003", Verdict.FAILED, id="cursor_per_worker")),
        row("POLL-004"),
    ]
    return result(*rows, kind="faulty", variants=(broken, harmless))


def cut_short() -> RunResult:
    """A run that found nothing wrong, but was interrupted and so proves nothing."""
    return replace(
        passing(),
        verdict=Verdict.INCONCLUSIVE,
        exit_code=ExitCode.INCONCLUSIVE,
        run=run(interrupted="SIGTERM after 12 of 74 cases"),
    )


def _particulars(verdict: Verdict) -> dict[str, Any]:
    particulars: dict[Verdict, dict[str, Any]] = {
        Verdict.PASSED: {},
        Verdict.FAILED: {
            "expected": "ticks 0..11 once each, in order",
            "actual": "21 deliveries of 12 ticks: 9 duplicates, first at poll 4 (worker b), tick 0",
            "trace": _TRACE,
            "history_refs": ("history.jsonl.gz#job=1f2c9e",),
        },
        Verdict.INCONCLUSIVE: {"reason": "the fault showed no effect: no connection was cut"},
        Verdict.ERROR: {"reason": "HarnessError: the fault proxy did not start"},
        Verdict.NOT_ASSESSED: {"reason": "needs redis access (give --redis-url)"},
    }
    return particulars[verdict]


def _hostile_row(index: int, text: str) -> RequirementResult:
    name = f"HOST-{index:03d}"
    failed = case(name, Verdict.FAILED, id=f"{name}::{text[:40]}", title=text, expected=text)
    failed = replace(failed, actual=text, trace=(text, text), history_refs=(text,), reproduce=text)
    doubtful = case(name, Verdict.INCONCLUSIVE, id=f"{name}-doubt", title=text, reason=text)
    skipped = case(name, Verdict.NOT_ASSESSED, id=f"{name}-skip", title=text, reason=text)
    cases = (failed, doubtful, skipped)
    return row(name, *cases, area="hostile", sentence=text, reason=text, source=text)
