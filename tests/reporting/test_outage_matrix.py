"""The matrix of outages says what the reports say, in a word, and leaves open what is open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queueproof.config.promises import Promises
from queueproof.errors import UsageError
from queueproof.reporting import matrix, outage_matrix
from queueproof.reporting.outage_matrix import entries_of, gate_of, words_of
from queueproof.reporting.outage_rows import CellStanding, OutageCell, OutageMatrix
from queueproof.verdicts import Verdict

from . import queue_samples, samples
from .queue_samples import chaos_of, entry, outcome, put, visit

CONCLUSIVE, OPEN = Verdict.PASSED, Verdict.INCONCLUSIVE
SOURCES = {"delivery": "Guide > Acks"}
AT_LEAST_ONCE, AT_MOST_ONCE = (
    Promises(delivery=each, sources=SOURCES).told(("delivery",))
    for each in ("at-least-once", "at-most-once")
)
REQUEUED, DROPPED, DRAINED = (
    Promises(stop=each, stop_s=5.0).told(("stop", "stop_s"))
    for each in ("requeue", "drop", "drain")
)


def cells(found: OutageMatrix) -> dict[tuple[str, str], OutageCell]:
    return {(row.name, cell.outage): cell for row in found.rows for cell in row.cells}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (outcome("kept"), ("kept",)),
        (outcome("told", 0.32), ("told 0.3 s",)),
        (outcome("again", 98.2), ("again 98 s",)),
        (outcome("again", 495.0), ("again 8 min 15 s",)),
        (outcome("lost", 300.0), ("lost",)),
        (outcome("untold", 60.0, "deaf"), ("untold", "deaf")),
        (outcome("twice", 5.0, "exits"), ("twice 5.0 s", "exits")),
        (outcome("kept", workers="refuses"), ("kept", "refuses")),
        ({"jobs": None, "workers": "deaf"}, ("deaf",)),
        ({}, ()),
    ],
)
def test_a_cell_is_a_word_with_its_time_and_one_for_the_workers(
    said: dict[str, object], words: tuple[str, ...]
) -> None:
    """Of what never came, the time is how long was watched: that is no part of the word."""
    assert words_of(said) == words


def test_a_cell_has_its_standing_its_promise_and_the_way_to_its_run(tmp_path: Path) -> None:
    found = cells(outage_matrix.collect(queue_samples.whole(tmp_path)))

    lost = found["celery-5.7.0", "CHAOS-201"]
    assert (lost.standing, lost.words, lost.excuse) == (CellStanding.HELD, ("lost",), "by design")
    assert "4 lost (watched for 71.0 s), 9 kept" in lost.seen
    assert lost.page == "runs/celery-5.7.0/outages/run-1/report.html#CHAOS-201"
    assert lost.reproduce == "queueproof lab rq==3.0.0 --chaos --only CHAOS-201"
    exits = found["celery-5.7.0", "CHAOS-214"]
    assert (exits.standing, exits.words) == (CellStanding.BROKEN, ("again 98 s", "exits"))
    assert exits.broken == ("OUTG-003: worker b took none",)
    assert exits.promised == AT_LEAST_ONCE


def test_what_has_no_verdict_is_open_and_no_word_is_guessed(tmp_path: Path) -> None:
    found = cells(outage_matrix.collect(queue_samples.whole(tmp_path)))

    busy = found["rq-3.0.0", "CHAOS-201"]
    assert (busy.standing, busy.words) == (CellStanding.OPEN, ())
    assert busy.reason == "queueproof itself was late"
    unplayed = found["celery-5.7.0--acks-late", "CHAOS-214"]
    assert (unplayed.standing, unplayed.reason) == (CellStanding.OPEN, "not played yet")
    unasked = found["rq-3.0.0", "CHAOS-214"]
    assert (unasked.standing, unasked.reason) == (CellStanding.UNASKED, "needs worker programs")


@pytest.mark.parametrize(
    ("changes", "excuse"),
    [
        ({}, ""),
        ({"outcome": outcome("lost", 9.0), "promised": AT_MOST_ONCE}, "by design"),
        ({"outcome": outcome("told", 9.0), "promised": AT_MOST_ONCE}, "by design"),
        ({"outcome": outcome("again", 9.0)}, "by design"),
        ({"outcome": outcome("twice", 9.0)}, "by design"),
        (
            {"outcome": outcome("again", 9.0), "promised": REQUEUED},
            "by design",
        ),
        ({"outcome": outcome("lost", 9.0), "promised": DROPPED}, "by design"),
        ({"outcome": outcome("lost", 9.0), "promised": ""}, "nothing promised"),
        ({"outcome": outcome("lost", 9.0), "promised": AT_MOST_ONCE, "verdict": "failed"}, ""),
    ],
)
def test_what_was_lost_and_breaks_no_promise_has_an_excuse(
    tmp_path: Path, changes: dict[str, object], excuse: str
) -> None:
    """What was kept needs none, what breaks a promise has none."""
    put(tmp_path, "rq-3.0.0", visit(), outages_1=chaos_of(entry("CHAOS-201") | changes))

    assert cells(outage_matrix.collect(tmp_path))["rq-3.0.0", "CHAOS-201"].excuse == excuse


@pytest.mark.parametrize(
    ("said", "promised"),
    [
        (outcome("lost", 9.0), "unique_ids = true"),
        (outcome("twice", 52.0), "keeps_data = true (Guide > Persistence)"),
        (outcome("lost", 9.0), AT_LEAST_ONCE),
        (outcome("again", 9.0), AT_MOST_ONCE),
        (outcome("untold", 9.0), AT_MOST_ONCE),
        (outcome("lost", 9.0), DRAINED),
        (outcome("lost", 9.0, workers="deaf"), AT_MOST_ONCE),
        (outcome("kept", workers="exits"), AT_LEAST_ONCE),
    ],
)
def test_a_promise_of_something_else_makes_nothing_by_design(
    tmp_path: Path, said: dict[str, object], promised: str
) -> None:
    """It was asked about, and it announces neither loss nor repetition."""
    held = entry("CHAOS-201", outcome=said, promised=promised)
    put(tmp_path, "rq-3.0.0", visit(), outages_1=chaos_of(held))

    found = cells(outage_matrix.collect(tmp_path))["rq-3.0.0", "CHAOS-201"]
    assert found.excuse == "nothing promised"


def test_a_disputed_cell_is_open_and_leads_to_the_dispute(tmp_path: Path) -> None:
    queue_samples.whole(tmp_path)
    disputes = {"celery-5.7.0": {"CHAOS-214": "https://example.org/issues/1"}}
    (tmp_path / "disputes.json").write_text(json.dumps(disputes), "utf-8")

    found = cells(outage_matrix.collect(tmp_path))

    cell = found["celery-5.7.0", "CHAOS-214"]
    assert (cell.standing, cell.words) == (CellStanding.OPEN, ())
    assert cell.reason == "disputed: https://example.org/issues/1"
    assert found["celery-5.7.0", "CHAOS-201"].standing is CellStanding.HELD


def test_the_first_verdict_stays_and_an_open_one_gives_way(tmp_path: Path) -> None:
    failed = entry("CHAOS-201", Verdict.FAILED)
    busy = entry("CHAOS-214", OPEN)
    home = put(
        tmp_path,
        "rq-3.0.0",
        visit(),
        outages_1=chaos_of(failed, busy),
        outages_2=chaos_of(entry("CHAOS-201"), entry("CHAOS-214")),
    )

    found = entries_of(home / "outages")

    assert found["CHAOS-201"][0]["verdict"] == "failed"
    assert found["CHAOS-214"][0]["verdict"] == "passed"


def test_an_outage_that_met_no_job_of_its_worker_shows_nothing(tmp_path: Path) -> None:
    """Nothing was lost, since there was nothing to lose: it is open, and played again."""
    idle = entry("CHAOS-201", outcome=outcome("kept") | {"struck": 0})
    home = put(tmp_path, "rq-3.0.0", visit(), outages_1=chaos_of(idle))

    cell = cells(outage_matrix.collect(tmp_path))["rq-3.0.0", "CHAOS-201"]

    assert (cell.standing, cell.words) == (CellStanding.OPEN, ())
    assert cell.reason == "the workers that the outage reached had no job"
    assert not outage_matrix.is_settled(entries_of(home / "outages")["CHAOS-201"][0])


def test_a_second_look_is_of_the_same_outage(tmp_path: Path) -> None:
    """Its report calls it by another name, and that is where the cell leads."""
    again = entry("CHAOS-201-again", Verdict.FAILED)
    put(tmp_path, "rq-3.0.0", visit(), outages_1=chaos_of(again))

    cell = cells(outage_matrix.collect(tmp_path))["rq-3.0.0", "CHAOS-201"]

    assert cell.standing is CellStanding.BROKEN
    assert cell.broken == ("OUTG-003: worker b took none",)
    assert cell.page.endswith("report.html#CHAOS-201-again")


def test_what_an_interrupted_run_never_began_was_not_played(tmp_path: Path) -> None:
    """Its report says not assessed, which is no verdict on the system."""
    unplayed = entry("CHAOS-214", Verdict.NOT_ASSESSED, reason="interrupted by SIGTERM")
    run = chaos_of(entry("CHAOS-201"), unplayed, interrupted="interrupted by SIGTERM")
    home = put(tmp_path, "rq-3.0.0", visit(), outages_1=run)

    assert entries_of(home / "outages").keys() == {"CHAOS-201"}


def test_a_gate_takes_later_verdicts_for_what_it_left_open_alone(tmp_path: Path) -> None:
    def rows(one: Verdict, other: Verdict) -> list[object]:
        return [
            samples.row("POLL-001", samples.case("POLL-001", one)),
            samples.row("POLL-002", samples.case("POLL-002", other)),
        ]

    home = put(
        tmp_path,
        "rq-3.0.0",
        visit(),
        gate_0=queue_samples.gate_of(*rows(Verdict.FAILED, OPEN), interrupted="by SIGINT"),
        gate_1=queue_samples.gate_of(*rows(Verdict.FAILED, OPEN)),
        gate_2=queue_samples.gate_of(*rows(Verdict.PASSED, OPEN)),
        gate_3=queue_samples.gate_of(*rows(Verdict.PASSED, Verdict.PASSED)),
    )

    found = gate_of(home / "gate")

    assert found is not None
    result, run = found
    verdicts = {row.id: row.verdict for row in result.requirements}
    assert verdicts == {"POLL-001": Verdict.FAILED, "POLL-002": Verdict.PASSED}
    assert run.name == "run-1"
    assert gate_of(home / "nowhere") is None


@pytest.mark.parametrize(
    "changes", [{"run": samples.run(interrupted="by SIGINT")}, {"verdict": Verdict.ERROR}]
)
def test_a_gate_that_broke_off_settles_nothing(tmp_path: Path, changes: dict[str, object]) -> None:
    """Its target went away: what it never asked looks as if it were not to be asked."""
    rows = (
        samples.row("POLL-001", samples.case("POLL-001", Verdict.PASSED)),
        samples.row("POLL-002", samples.case("POLL-002", Verdict.NOT_ASSESSED)),
    )
    home = put(tmp_path, "rq-3.0.0", visit(), gate_1=samples.result(*rows, **changes))

    assert gate_of(home / "gate") is None
    (row,) = outage_matrix.collect(tmp_path).rows
    assert (row.gate_settled, row.holds) == (False, "")


def test_page_and_data_are_written_over_what_is_there(tmp_path: Path) -> None:
    """The page names each word, its run, its command, and the gate's requirements."""
    outage_matrix.write(queue_samples.whole(tmp_path))

    page = (tmp_path / "index.html").read_text("utf-8")
    assert 'href="runs/celery-5.7.0/outages/run-1/report.html#CHAOS-201"' in page
    for text in ("by design", "again 98 s", "exits", "POLL-001", "210", "14.2", "2 processors"):
        assert text in page
    data = json.loads((tmp_path / "matrix.json").read_text("utf-8"))
    assert [one["id"] for one in data["outages"]] == ["CHAOS-201", "CHAOS-214"]
    celery = next(one for one in data["systems"] if one["name"] == "celery-5.7.0")
    assert [cell["standing"] for cell in celery["cells"]] == ["held", "broken"]
    assert [cell["excuse"] for cell in celery["cells"]] == ["by design", ""]
    assert celery["gate"]["holds"] == "1 of 1"


def test_what_is_not_to_be_asked_is_no_cell(tmp_path: Path) -> None:
    """Neither has it a verdict, nor does it wait for one."""
    found = outage_matrix.collect(queue_samples.whole(tmp_path))

    assert (found.cells, found.open_cells) == (5, 2)


def test_hostile_words_cannot_act_on_the_page(tmp_path: Path) -> None:
    markup = "<script>alert(1)</script>"
    said = entry("CHAOS-201", Verdict.FAILED, promised=markup, reproduce=markup)
    put(tmp_path, "rq-3.0.0", visit(version=markup), outages_1=chaos_of(said))

    outage_matrix.write(tmp_path)

    assert markup not in (tmp_path / "index.html").read_text("utf-8")


def test_a_folder_without_visits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no runs/\*/visit.json"):
        outage_matrix.collect(tmp_path)


def test_its_reports_are_no_columns_of_the_matrix_of_targets(tmp_path: Path) -> None:
    queue_samples.whole(tmp_path / "queues")
    put(tmp_path, "other", visit())
    (tmp_path / "product-1.0").mkdir()
    source = tmp_path / "queues" / "runs" / "celery-5.7.0" / "gate" / "run-1" / "report.json"
    (tmp_path / "product-1.0" / "report.json").write_bytes(source.read_bytes())

    assert [column.name for column in matrix.collect(tmp_path)] == ["product-1.0"]
