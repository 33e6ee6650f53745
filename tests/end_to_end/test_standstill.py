"""A target that stops beginning jobs in mid-run fails for that, and for nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.preforked import CALM

from .conftest import GateRun, run_gate, started_reference

# It ends what would follow in the first second; the others come behind it, one at a time: one that
# asks both workers for jobs, and others that are not played any more.
CULPRIT = "CANC-004"
MET = ("STRM-002", "STRM-011", "SUBM-002")


VARIANTS = ("cancelled_start_keeps_its_lock", "cancelled_start_stops_its_worker")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, GateRun]:
    """A gate on each variant, side by side: most of their time is waiting."""
    folders = [tmp_path_factory.mktemp(variant) for variant in VARIANTS]
    with ThreadPoolExecutor(len(VARIANTS)) as pool:
        return dict(zip(VARIANTS, pool.map(judged, folders, VARIANTS), strict=True))


def judged(folder: Path, variant: str) -> GateRun:
    """A gate at a URL, where nobody can launch the target anew."""
    target = folder / "target.toml"
    asked = [word for id_ in (CULPRIT, *MET, "SUBM-009") for word in ("--only", id_)]
    settings = {
        "REFERENCE_ENVIRONMENT": "test",
        "REFERENCE_VARIANT": variant,
        # Without it a cancelled job tells the workers apart, and none would begin from then on.
        "REFERENCE_WORKER_HEADER": "x-worker",
        # Nobody waits for the builds that it never begins.
        "REFERENCE_DRAIN_S": "0",
    }
    with started_reference(folder, **settings) as running:
        target.write_text(
            f'[target]\nurls = ["{running.url}"]\nworker_header = "x-worker"\n'
            "cases_at_once = 1\n\n"
            "[timings]\nrecovery_s = 3\nanswer_s = 2\nstartup_grace_s = 3\n",
            "utf-8",
        )
        return run_gate(
            "--config",
            str(target),
            *asked,
            # Builds are cancelled as they begin only where that harms nobody else.
            "--disposable",
            out=folder / "out",
            **CALM,
            **running.known,
        )


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_standstill_is_told_first_and_accuses_once(
    runs: dict[str, GateRun], variant: str
) -> None:
    """Whether the machine is busy is no matter: a job that is never begun does not come late."""
    run = runs[variant]

    rows = {row["id"]: row for row in run.report["requirements"]}
    assert run.exit_code == 1, run.output
    assert {id_ for id_, row in rows.items() if row["verdict"] == "failed"} == {"SUBM-009"}
    [case] = rows["SUBM-009"]["cases"]
    assert "accepts jobs and begins none since" in case["actual"]
    assert {rows[id_]["verdict"] for id_ in MET} == {"inconclusive"}
    [folder] = run.out.iterdir()
    summary = (folder / "summary.md").read_text("utf-8")
    assert "the target stopped beginning jobs in mid-run" in summary.splitlines()[0]
    assert run.output.count("! the target stopped beginning jobs: worker") >= 1
