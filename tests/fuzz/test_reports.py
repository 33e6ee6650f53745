"""Whatever stands in a report or a history, `queueproof report …` ends as documented."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueproof import paths
from queueproof.reporting import json_report
from queueproof.reporting.timeline import read_history
from tests.reporting import outage_samples, samples
from tests.reporting.test_timeline import operation, write_history

from .inputs import BOUNDED, LEAVES, Ended, changed, command, judge, refused_in_a_line

FEW = settings(BOUNDED, max_examples=12)
ANY = (0, 1, 2, 3, 4, 5)
REPORTS = [
    json.loads(json_report.render(made()))
    for made in (samples.every_verdict, outage_samples.chaos, samples.load, samples.variants)
]
ROWS = [
    operation(0, kind="submit", asked={"ticks": 3, "interval_s": 0.1, "role": "user"}, facts={}),
    operation(1),
    operation(2, kind="stream", facts={"ended": "clean"}, ended_s=None),
    operation(3, kind="fault", detail="Redis frozen applied", job=None, worker=None),
    operation(4, kind="cancel"),
]
#: Values as JSON has them, NaN and Infinity among them, which it has not.
JSON = st.recursive(
    LEAVES.filter(lambda value: not hasattr(value, "isoformat")) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=5,
)


def _with_open_parts(report: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The report with its scenarios, profiles or variants changed, which are free in part."""
    open_ = {name: report[name] for name in ("scenarios", "profiles", "variants") if name in report}
    return changed(open_, JSON).map(lambda parts: {**report, **dict(parts)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder that is written anew for each example, and a good one beside it."""
    place = tmp_path_factory.mktemp("fuzz")
    good = place / "good"
    good.mkdir()
    (good / "report.json").write_text(json_report.render(samples.every_verdict()), "utf-8")
    write_history(good / "history.jsonl.gz", ROWS)
    (place / "run").mkdir()
    return place


def commands(folder: Path) -> list[Ended]:
    """Every command that reads a report, each judged."""
    run, good, out = str(folder / "run"), str(folder / "good"), str(folder / "out")
    published = str(folder / "published")
    asked = [
        ("diff", good, run),
        ("diff", run, good, "--format", "html", "--out", f"{out}/diff.html"),
        ("merge", run, good, "--out", out),
        ("render", run, "--out", out),
        ("matrix", run, "--out", f"{out}/matrix.html"),
        ("publish", run, "--name", "x", "--to", published),
        ("issue", "POLL-003", "--report", run, "--out", out),
        ("baseline", run, "--reason", "known", "--out", f"{out}/baseline.toml"),
        ("badge", run, "--out", f"{out}/badge.svg"),
    ]
    ended = [command("report", *words) for words in asked]
    for one in ended:
        judge(one, codes=ANY)
    return ended


def put(folder: Path, report: Any, rows: Any) -> None:
    """The report, and the history beside it."""
    run = folder / "run"
    (run / "report.json").write_text(json.dumps(report), "utf-8")
    with gzip.open(run / "history.jsonl.gz", "wt", encoding="utf-8", compresslevel=1) as sink:
        for row in rows if isinstance(rows, list) else [rows]:
            sink.write(json.dumps(row) + "\n")


@BOUNDED
@given(report=st.sampled_from(REPORTS).flatmap(lambda one: changed(one, JSON)))
def test_a_report_is_read_or_refused_in_a_line(folder: Path, report: Any) -> None:
    put(folder, report, ROWS)
    with refused_in_a_line():
        json_report.load(folder / "run" / "report.json")


@BOUNDED
@given(rows=changed(ROWS, JSON))
def test_a_history_is_read_or_refused_in_a_line(folder: Path, rows: Any) -> None:
    put(folder, REPORTS[0], rows)
    with refused_in_a_line():
        read_history(folder / "run" / "history.jsonl.gz")


@pytest.mark.parametrize("number", range(len(REPORTS)))
def test_every_command_takes_every_kind_of_report(folder: Path, number: int) -> None:
    put(folder, REPORTS[number], ROWS)
    commands(folder)


@FEW
@given(report=st.sampled_from(REPORTS).flatmap(lambda one: changed(one, JSON)))
def test_no_command_fails_over_a_report(folder: Path, report: Any) -> None:
    put(folder, report, ROWS)
    commands(folder)


@FEW
@given(report=st.sampled_from(REPORTS[1:]).flatmap(_with_open_parts))
def test_no_command_fails_over_what_a_schema_leaves_open(folder: Path, report: Any) -> None:
    put(folder, report, ROWS)
    commands(folder)


@FEW
@given(rows=changed(ROWS, JSON))
def test_no_command_fails_over_a_history(folder: Path, rows: Any) -> None:
    put(folder, REPORTS[0], rows)
    commands(folder)


@pytest.mark.parametrize("name", sorted({name for row in ROWS for name in row}))
def test_no_command_fails_over_a_history_without_a_field(folder: Path, name: str) -> None:
    """Whichever it is: chance drops few of them where they matter."""
    put(folder, REPORTS[0], [{n: v for n, v in row.items() if n != name} for row in ROWS])
    commands(folder)


def _with(path: str, value: Any) -> Callable[[], bytes]:
    def made() -> bytes:
        report = json.loads(json.dumps(REPORTS[0]))
        *way, last = path.split(".")
        holder = report
        for step in way:
            holder = holder[int(step)] if step.isdigit() else holder[step]
        holder[last] = value
        return json.dumps(report).encode()

    return made


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (_with("run.duration_s", float("nan")), "NaN is no number"),
        (_with("run.duration_s", 10**400), "too large"),
        (_with("run.started_at", "yesterday"), "$.run.started_at"),
        (_with("run.started_at", "2026-11-22T01:04:05"), "$.run.started_at"),
        (_with("scenarios", [1]), "$.scenarios[0]"),
        (_with("scenarios", {}), "$.scenarios"),
        (_with("profiles", [{"id": "x"}]), "$.profiles[0]"),
        (
            _with("profiles", [{"id": "x", "verdict": "passed", "history_check": {}}]),
            "$.profiles[0]",
        ),
        (_with("requirements", {}), "$.requirements"),
        (_with("requirements.0.cases", [None]), "$.requirements[0].cases[0]"),
        (_with("target.timings", {"a": "b"}), "$.target.timings"),
        (lambda: b"", "not JSON"),
        (lambda: b"\xff\xfe{}", "not UTF-8"),
        (lambda: b"[" * 100_000, "nested too deeply"),
        (lambda: b"[]", "not a report"),
        (lambda: b'{"schema_version": "1.0"}', "not a report"),
    ],
)
def test_what_is_wrong_with_a_report_is_told_with_its_place(
    folder: Path, content: Callable[[], bytes], place: str
) -> None:
    """By every command, with exit code 2."""
    put(folder, {}, ROWS)
    (folder / "run" / "report.json").write_bytes(content())

    for ended in commands(folder):
        assert ended.code == 2, ended
        assert place in ended.err, ended
        assert "report.json" in ended.err, ended


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"invoked_s": "1"}, "line 2: invoked_s must be a number of seconds"),
        ({"invoked_s": True}, "invoked_s must be"),
        ({"invoked_s": 1e300}, "invoked_s must be"),
        ({"ended_s": []}, "ended_s must be"),
        ({"number": "one"}, "number must be a whole number"),
        ({"case": 1}, "case must be a text"),
        ({"kind": None}, "kind must be a text"),
        ({"job": 7}, "job must be a text or null"),
        ({"status": "200"}, "status must be"),
        ({"events": {"a": 1}}, "events must be a list"),
        ({"events": [["tick", None, 0.1, ""]]}, "events must be a list"),
        ({"events": [["tick"]]}, "events must be a list"),
        ({"asked": [1]}, "asked must be"),
        ({"asked": {"ticks": "many"}}, "asked"),
        ({"facts": "x"}, "facts must be"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line(
    folder: Path, change: dict[str, Any], said: str
) -> None:
    """By the commands that read the history."""
    put(folder, REPORTS[0], [ROWS[0], operation(1) | change])
    run, good = str(folder / "run"), str(folder / "good")

    for words in (
        ("merge", run, good, "--out", str(folder / "o")),
        ("render", run),
        ("issue", "POLL-003", "--report", run),
        ("publish", run, "--name", "x", "--to", str(folder / "p")),
    ):
        ended = command("report", *words)
        judge(ended, codes=(2,))
        assert "history.jsonl.gz" in ended.err, ended
        assert said in ended.err, ended


@pytest.mark.parametrize(
    "content",
    [b"", b"no gzip", gzip.compress(b"x" * 10_000)[:-9], gzip.compress(b"\xff\n"), b"\x1f\x8b"],
    ids=["empty", "no gzip", "cut off", "no text", "a beginning"],
)
def test_a_broken_history_is_told(folder: Path, content: bytes) -> None:
    """Empty, no gzip, cut off, no UTF-8."""
    put(folder, REPORTS[0], ROWS)
    (folder / "run" / "history.jsonl.gz").write_bytes(content)

    ended = command("report", "render", str(folder / "run"))

    if content:
        judge(ended, codes=(2,))
        assert "history" in ended.err


def test_a_folder_in_the_place_of_a_report_is_told(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()

    judge(command("report", "badge", str(tmp_path)), codes=(2,))


def test_runs_of_different_time_zones_are_merged_by_their_instants(tmp_path: Path) -> None:
    for name, began in (("a", "2026-11-22T02:00:00+02:00"), ("b", "2026-11-22T01:00:00Z")):
        (tmp_path / name).mkdir()
        report = json.loads(json.dumps(REPORTS[0]))
        report["run"] |= {"id": name, "started_at": began}
        (tmp_path / name / "report.json").write_text(json.dumps(report), "utf-8")
        write_history(tmp_path / name / "history.jsonl.gz", [operation(0)])

    out = tmp_path / "out"
    merged = command("report", "merge", *(str(tmp_path / n) for n in "ba"), "--out", str(out))

    judge(merged, codes=ANY)
    assert json_report.load(out / "report.json").run.id == "a+b"
    rows = read_history(out / "history.jsonl.gz")
    assert [row["invoked_s"] for row in rows] == [0.0, 3600.0]


@pytest.mark.parametrize(
    "name", [path.name for path in sorted(paths.folder("reports").glob("published/*/"))]
)
def test_published_reports_are_read(name: str) -> None:
    """Those of earlier schema versions too."""
    place = paths.folder("reports") / "published" / name
    if not (place / "report.json").is_file():
        pytest.skip("no report")
    assert json_report.load(place / "report.json").requirements
    assert read_history(place / "history.jsonl.gz", limit=100)
