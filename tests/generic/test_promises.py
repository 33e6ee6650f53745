"""What a target file promises is checked, and decides what is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queueproof.config.load import load_target
from queueproof.config.model import TargetConfig
from queueproof.config.promises import Promises, load_promises
from queueproof.errors import UsageError
from queueproof.requirements import load_registry
from queueproof.running.declared import promise_beside, why_not_by_description

from .conftest import MAPPING


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"delivery": "exactly-once"}, "delivery must be one of at-most-once, at-least-once"),
        ({"delivery": "at-least-once"}, "needs redelivery_s"),
        ({"redelivery_s": 0}, "redelivery_s must be above 0"),
        ({"stop": "drain"}, "stop needs stop_s"),
        ({"cancels": True}, "cancels must be a text"),
        ({"retries": 1.5}, "retries must be a whole number"),
        ({"retry_pause_s": 1.0}, "without retries says nothing"),
        ({"priorities": ["only"]}, "priorities"),
        ({"cancel": "running"}, "did you mean cancels"),
        ({"sources": {"speed": "README"}}, "there is no promise 'speed'"),
    ],
)
def test_a_wrong_promise_is_refused_when_it_is_read(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_promises(given, where="[promises]")


def test_nothing_is_promised_that_is_not_declared() -> None:
    promises = load_promises({}, where="[promises]")

    assert promises == Promises()
    names = {name: () for name in vars(promises) if name != "sources"}
    assert all(promises.lacking({name: ()}) for name in names)


def test_who_answers_for_jobs_that_never_existed_may_say_so() -> None:
    """A status that says of any id that it waits, a cancel that is a broadcast: by design."""
    registry = load_registry("generic")
    rows = [registry[name] for name in ("STAT-004", "CANC-008", "POLL-007", "STRM-010")]
    usual = Promises(cancels="running")

    for promises in (usual, replace(usual, unknown_jobs="refused")):
        assert not any(promises.lacking(row.promises) for row in rows)
    said = replace(usual, unknown_jobs="accepted").lacking(rows[0].promises)
    assert said == (
        'the target file promises unknown_jobs = "accepted": needs [promises] '
        'unknown_jobs = "refused"'
    )


def documented() -> TargetConfig:
    return load_target(MAPPING, {})


def test_a_promise_that_is_not_made_names_what_is_lacking() -> None:
    rows = {row.id: row for row in load_registry("generic")}
    target = documented()

    assert why_not_by_description(rows["CANC-002"], target) == ""
    waiting = replace(target, promises=Promises(cancels="waiting"))
    assert why_not_by_description(rows["CANC-002"], waiting) == (
        'the target file promises cancels = "waiting": needs [promises] cancels = "running"'
    )
    assert why_not_by_description(rows["CANC-007"], waiting) == ""


def test_an_outage_breaks_no_promise_that_was_not_made() -> None:
    """But for what every client needs: workers take jobs again, as many at once as before, and an
    end stays as it was told.

    A health check is judged only where the mapping names one.
    """
    rows = [row for row in load_registry("generic") if row.id.startswith("OUTG")]
    unpromised = {row.id for row in rows if not row.asks and not Promises().lacking(row.promises)}

    assert unpromised == {"OUTG-003", "OUTG-007", "OUTG-013"}


def test_a_promise_is_told_with_where_it_is_made() -> None:
    rows = {row.id: row for row in load_registry("generic")}
    promises = Promises(cancels="running", sources={"cancels": "Guide, Stopping jobs"})
    target = replace(documented(), promises=promises)

    assert promise_beside(rows["CANC-002"], target) == 'cancels = "running" (Guide, Stopping jobs)'
    assert promise_beside(rows["POLL-002"], target) == ""


def test_at_least_once_is_the_same_in_both_places(tmp_path: Any) -> None:
    file = tmp_path / "target.toml"
    text = MAPPING.read_text("utf-8")
    file.write_text(
        text.replace("[promises]", '[promises]\ndelivery = "at-least-once"\nredelivery_s = 9', 1),
        "utf-8",
    )

    assert load_target(file, {}).at_least_once


def test_a_contract_with_a_document_of_its_own_promises_by_that() -> None:
    for row in load_registry("langflow"):
        assert why_not_by_description(row, TargetConfig()) == ""
