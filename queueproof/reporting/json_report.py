"""report.json: the source of every other format.

The document follows `reports/schema/report.schema.json`. Durations are rounded to milliseconds.
Row and summary verdicts are written for other readers' convenience and derived again on
loading, so that a file whose parts contradict each other is refused.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema

from queueproof import paths
from queueproof.errors import HarnessError, UsageError
from queueproof.input_files import read_json
from queueproof.redaction import redacted
from queueproof.reporting import quantities
from queueproof.reporting.earlier import upgraded
from queueproof.reporting.model import (
    SCHEMA_VERSION,
    Acceptance,
    CaseResult,
    Coverage,
    Quantity,
    RequirementResult,
    RunInfo,
    RunResult,
    Standing,
    TargetInfo,
)
from queueproof.verdicts import ExitCode, Verdict

#: How much of what a file says in the place of its version is quoted.
_SHOWN = 60
_PAIR = ("operation", "submitted_via", "acted_via", "count")


def render(result: RunResult) -> str:
    """The document of `result`; `load` reads it back as an equal result.

    Raises `HarnessError` if the result holds what JSON cannot express (a NaN, an open object).
    """
    try:
        return json.dumps(_document(result), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise HarnessError(f"this result cannot be expressed as JSON: {error}") from error


def load(path: Path) -> RunResult:
    """The result that `render` wrote.

    Raises `UsageError` if `path` cannot be read, is no report, is of another schema version, or
    contradicts itself.
    """
    data = read_json(path, what="report")
    if isinstance(data, dict):
        data = upgraded(data)
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        said = redacted(repr(version))[:_SHOWN]
        raise UsageError(
            f"{path} is not a report of schema {SCHEMA_VERSION} (it says {said}): "
            "use the queueproof that wrote it, or a report.json"
        )
    _check(path, data)
    result = _result(data)
    if json.loads(render(result)) != data:
        raise UsageError(f"{path} contradicts itself: its verdicts do not follow from its cases")
    return result


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the document."""
    source = paths.folder("reports") / "schema" / "report.schema.json"
    loaded: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return loaded


def _document(result: RunResult) -> dict[str, Any]:
    document = {
        "schema_version": SCHEMA_VERSION,
        "kind": result.kind,
        "run": asdict(result.run) | {"duration_s": round(result.run.duration_s, 3)},
        "target": asdict(result.target),
        "summary": _summary(result),
        "requirements": [_row(row) for row in result.requirements],
        "coverage": _coverage(result.coverage),
    }
    if result.kind == "chaos" or result.scenarios:
        document["scenarios"] = list(result.scenarios)
    if result.kind == "load" or result.profiles:
        document["profiles"] = list(result.profiles)
    if result.quantities:
        document["quantities"] = [quantities.entry_of(each) for each in result.quantities]
    if result.baseline is not None:
        document["baseline"] = [_acceptance(entry) for entry in result.baseline]
    if result.kind == "faulty" or result.variants:
        document["variants"] = list(result.variants)
        document["unproven_cases"] = list(result.unproven_cases)
    return document


def _summary(result: RunResult) -> dict[str, Any]:
    return {
        "verdict": result.verdict.value,
        "exit_code": int(result.exit_code),
        "assessed": {
            "of": len(result.requirements),
            "judged": result.assessed,
            "in_part": result.in_part,
        },
        "counts": result.counts(),
        "must": result.counts("MUST"),
        "should": result.counts("SHOULD"),
    }


def _row(row: RequirementResult) -> dict[str, Any]:
    promise = {"promise": row.promise} if row.promise else {}
    return {
        "id": row.id,
        "level": row.level,
        "area": row.area,
        "sentence": row.sentence,
        "source": row.source,
        "access": row.access,
        "verdict": row.verdict.value,
        "reason": row.reason,
        "cases": [_case(case) for case in row.cases],
        **promise,
    }


def _case(case: CaseResult) -> dict[str, Any]:
    document = asdict(case) | {
        "verdict": case.verdict.value,
        "duration_s": round(case.duration_s, 3),
    }
    for rare in ("wrong_operations", "log"):
        if not document[rare]:
            del document[rare]
    return document


def _acceptance(entry: Acceptance) -> dict[str, Any]:
    return asdict(entry) | {"standing": entry.standing.value}


def _coverage(coverage: Coverage) -> dict[str, Any]:
    pairs = [dict(zip(_PAIR, pair, strict=True)) for pair in coverage.pairs]
    return asdict(coverage) | {"pairs": pairs}


def _check(path: Path, data: Any) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    problem = jsonschema.exceptions.best_match(validator.iter_errors(data))
    if problem is not None:
        message = problem.message if len(problem.message) < 200 else f"{problem.message[:200]}…"
        raise UsageError(f"{path} is not a report: {problem.json_path}: {message}")
    try:
        began = datetime.fromisoformat(data["run"]["started_at"])
    except ValueError:
        began = None
    if began is None or began.tzinfo is None:
        raise UsageError(
            f"{path} is not a report: $.run.started_at: {data['run']['started_at'][:60]!r} is no "
            "instant such as 2026-11-22T01:04:05Z"
        )


def _result(data: dict[str, Any]) -> RunResult:
    summary = data["summary"]
    return RunResult(
        kind=data["kind"],
        run=RunInfo(**data["run"]),
        target=TargetInfo(**_tuples(data["target"])),
        verdict=Verdict(summary["verdict"]),
        exit_code=ExitCode(summary["exit_code"]),
        requirements=tuple(_loaded_row(row) for row in data["requirements"]),
        coverage=_loaded_coverage(data["coverage"]),
        scenarios=tuple(data.get("scenarios", ())),
        profiles=tuple(data.get("profiles", ())),
        baseline=_loaded_baseline(data.get("baseline")),
        variants=tuple(data.get("variants", ())),
        unproven_cases=tuple(data.get("unproven_cases", ())),
        quantities=tuple(
            Quantity(name=each["name"], values_s=tuple(each["values_s"]))
            for each in data.get("quantities", ())
        ),
    )


def _loaded_row(row: dict[str, Any]) -> RequirementResult:
    kept = {key: value for key, value in row.items() if key != "verdict"}
    return RequirementResult(**kept | {"cases": tuple(_loaded_case(case) for case in row["cases"])})


def _loaded_case(case: dict[str, Any]) -> CaseResult:
    return CaseResult(**_tuples(case) | {"verdict": Verdict(case["verdict"])})


def _loaded_baseline(entries: list[dict[str, Any]] | None) -> tuple[Acceptance, ...] | None:
    if entries is None:
        return None
    return tuple(Acceptance(**each | {"standing": Standing(each["standing"])}) for each in entries)


def _loaded_coverage(coverage: dict[str, Any]) -> Coverage:
    pairs = tuple(tuple(pair[key] for key in _PAIR) for pair in coverage["pairs"])
    return Coverage(**_tuples(coverage) | {"pairs": pairs})


def _tuples(data: dict[str, Any]) -> dict[str, Any]:
    """`data` with lists as the tuples that the frozen model holds."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
