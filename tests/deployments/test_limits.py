"""A good system is accused of nothing because something in front limits its clients' requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Fronted
from .fronts import HAPROXY_TCP, NGINX_LIMIT_429, NGINX_LIMIT_503, Front
from .judging import judge
from .serving import Deployment

LIMITED = pytest.mark.parametrize(
    "front", [NGINX_LIMIT_429, NGINX_LIMIT_503], ids=lambda front: str(front)
)
#: What the run says of a machine that stood still.
_STOOD_STILL = ("the harness was starved", "the harness waited", "for the cheapest request")
#: What fails first where a limit's answer is taken for the target's: access and submit.
ASKED = ("ACCS-001", "ACCS-003", "ACCS-004", "SUBM-001", "POLL-002", "CANC-008")


@LIMITED
def test_a_limit_that_nobody_declared_accuses_nobody_and_is_named(
    front: Front, three_workers: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Ten requests a second: what is put off for too long is inconclusive, and says by whom.

    On a busy machine a request that was put off may be without any answer when its time is over.
    """
    url = fronted(front, three_workers)

    verdict = judge(url, folder=tmp_path / "gate", only=[*ASKED, "POLL-008", "ACCS-005"])

    assert verdict.failed == {}, verdict
    assert verdict.exit_code in (0, 3), verdict
    assert _limited(tmp_path, front), "nginx has put nobody off"
    for reason in verdict.reasons("inconclusive"):
        named = "nginx" in reason or "429" in reason or "come again" in reason
        assert named or "no answer within" in reason, verdict


@LIMITED
def test_a_limit_that_is_declared_leaves_a_way_to_a_verdict(
    front: Front, three_workers: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """With `requests_per_s` no request is put off: every chosen requirement passes, as far as it is
    asked where nothing is `--disposable`.

    Every request is balanced, which is said where it was seen: one that comes after another was
    answered may find the same worker every time. A machine that stood still gives no verdict.
    """
    url = fronted(front, three_workers)

    verdict = judge(url, folder=tmp_path / "gate", only=ASKED, target="requests_per_s = 8")

    assert verdict.failed == {}, verdict
    unsettled = sorted(verdict.reasons("inconclusive"))
    if unsettled and all(any(words in why for words in _STOOD_STILL) for why in unsettled):
        pytest.skip(f"no verdict: {unsettled[0]}")
    assert not unsettled, unsettled
    assert verdict.exit_code == 0, verdict
    in_part = verdict.verdicts("passed_in_part")
    assert in_part == ["ACCS-003"], "of which one case makes a superuser, of disposable targets"
    assert sorted([*verdict.verdicts("passed"), *in_part]) == sorted(ASKED)
    met = verdict.report["target"]["workers"]
    assert "a front balances every request" in verdict.notes or met == ["a"], verdict
    assert not _limited(tmp_path, front), "nginx has put somebody off"


def test_a_paced_run_still_finds_every_worker_and_judges_them(
    three_workers: Deployment, fronted: Fronted, tmp_path: Path
) -> None:
    """Few requests suffice to tell three workers apart and to keep them in view."""
    url = fronted(HAPROXY_TCP, three_workers)

    verdict = judge(
        url,
        folder=tmp_path / "gate",
        only=["POLL-002", "MONI-004"],
        target="requests_per_s = 12\nworkers = 3",
    )

    assert verdict.exit_code == 0, verdict
    assert verdict.report["target"]["workers"] == ["a", "b", "c"]
    assert sorted(verdict.verdicts("passed")) == ["MONI-004", "POLL-002"]


def _limited(folder: Path, front: Front) -> bool:
    """Whether the front says in its log that it has put requests off."""
    log = folder / str(front) / "front.log"
    return "limiting requests" in log.read_text("utf-8")
