"""A good system is accused of nothing through whatever stands in front of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Fronted
from .fronts import FRONTS, Front
from .judging import judge
from .serving import Deployment


@pytest.mark.parametrize("front", FRONTS, ids=lambda front: front.name.replace(" ", "-"))
def test_polling_through_a_front_is_accused_of_nothing(
    front: Front, three_workers: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Whatever the front balances, a job is delivered whole."""
    url = fronted(front, three_workers)

    verdict = judge(url, folder=tmp_path / "gate", only=["POLL-002", "STRM-002"])

    assert verdict.exit_code == 0, verdict
    assert verdict.failed == {}
