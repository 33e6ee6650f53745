"""Celery behind Flower: a whole mapping of an API that tells states alone, as short as promised."""

from __future__ import annotations

from queueproof.config.load import load_target
from queueproof.requirements import load_registry
from queueproof.running.declared import why_not_by_description

from .conftest import ROOT

MAPPING = ROOT / "examples" / "celery_flower" / "mapping.toml"
_MOST_LINES = 45
_CELERYS_OWN = ("STAT-004", "CANC-008", "OUTG-001", "WORK-006", "WORK-007")


def test_the_mapping_has_at_most_forty_five_lines() -> None:
    assert len(MAPPING.read_text("utf-8").splitlines()) <= _MOST_LINES


def test_workers_are_launched_and_outages_judged() -> None:
    target = load_target(MAPPING, {})

    assert target.launch is not None
    assert target.launch.supervised
    assert target.workers == 2
    rows = {row.id: why_not_by_description(row, target) for row in load_registry("generic")}
    assert not any(rows[name] for name in ("STAT-001", "OUTG-003", "OUTG-004", "OUTG-008"))


def test_what_celery_does_by_design_is_not_judged() -> None:
    """Early acknowledgement loses a killed worker's task, and every id may be PENDING."""
    target = load_target(MAPPING, {})
    registry = load_registry("generic")

    assert all(why_not_by_description(registry[name], target) for name in _CELERYS_OWN)
