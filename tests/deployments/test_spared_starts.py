"""A target that others use has no build cancelled in its start, nor twice at once."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from .judging import judge
from .serving import Deployment

_SETTLES_S = 0.3


def test_cancels_keep_away_from_starts_and_from_one_another(
    three_workers: Deployment, tmp_path: Path
) -> None:
    judgement = judge(
        *three_workers.urls,
        folder=tmp_path,
        only=("CANC-004", "CANC-006"),
        environment=three_workers.known,
    )

    assert not judgement.failed, judgement
    assert "say that it is --disposable" in json.dumps(judgement.report)
    [history] = tmp_path.rglob("history.jsonl.gz")
    with gzip.open(history, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    submitted = {row["job"]: row["invoked_s"] for row in rows if row["kind"] == "submit"}
    last = dict[str, float]()
    cancels = [row for row in rows if row["kind"] == "cancel" and row["job"] in submitted]
    for row in sorted(cancels, key=lambda row: row["invoked_s"]):
        calm_s = last.get(row["job"], submitted[row["job"]])
        assert row["invoked_s"] - calm_s >= _SETTLES_S
        last[row["job"]] = row["ended_s"]
    assert len(cancels) > len(last) > 2
