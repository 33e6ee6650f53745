"""Play a target that fails now and then, calm or under burners: ``python -m tests.flaky``.

Each play is a gate of its own on the reference's variant `langflow_flaky`. Printed are the exit
codes, and for each case how often it failed, was inconclusive, and passed, beside what is computed
(`shares.py`) from the share of looks that saw the fault.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.flaky.shares import busy, calm

ONLY = ("STRM-001", "STRM-002", "STRM-003")


def main() -> None:
    """Play and print."""
    given = _arguments()
    codes: Counter[int] = Counter()
    verdicts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with _burning(given.burners):
        for number in range(given.times):
            code, told = _play(given, seed=number)
            codes[code] += 1
            for case, verdict in told.items():
                verdicts[case][verdict] += 1
    how = f"under {given.burners} burners" if given.burners else "calm"
    _say(f"{given.times} gates, {how}; a share of {given.share:g} of the readers is told less")
    _say("exit codes: " + ", ".join(f"{code}: {times}" for code, times in sorted(codes.items())))
    for case, tally in sorted(verdicts.items()):
        _say(f"  {case}: " + ", ".join(f"{times} {verdict}" for verdict, times in tally.items()))
    whole = sum(verdicts.values(), Counter[str]())
    plays = sum(whole.values())
    _say("all cases: " + ", ".join(f"{n / plays:.0%} {verdict}" for verdict, n in whole.items()))
    _say(f"computed for one look in {given.share:g}: calm {calm(given.share).words} passed;")
    for later, words in ((True, "calm by the third look"), (False, "busy throughout")):
        _say(f"  busy, {words}: {busy(given.share, calm_later=later).words} passed")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.flaky", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="how many gates")
    parser.add_argument("--burners", type=int, default=0, help="processes that burn a processor")
    parser.add_argument("--share", type=float, default=0.3, help="of the readers")
    parser.add_argument("--only", nargs="*", default=ONLY, help="requirements")
    return parser.parse_args()


def _play(given: argparse.Namespace, *, seed: int) -> tuple[int, dict[str, str]]:
    """One gate's exit code, and its cases' verdicts."""
    settings = {
        "REFERENCE_ENVIRONMENT": "test",
        "REFERENCE_VARIANT": "langflow_flaky",
        "VARIANT_SHARE": str(given.share),
    }
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "queueproof", "gate", "--out", out, "--seed", str(seed)]
        for requirement in given.only:
            command += ["--only", requirement]
        for name, value in settings.items():
            command += ["--setting", f"{name}={value}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        reports = list(Path(out).glob("*/report.json"))
        if not reports:
            raise SystemExit(f"no report: {done.stdout}{done.stderr}")
        rows = json.loads(reports[0].read_text("utf-8"))["requirements"]
    return done.returncode, {
        f"{row['id']} {case['id'].rsplit('::', 1)[-1]}": case["verdict"]
        for row in rows
        for case in row["cases"]
    }


@contextmanager
def _burning(number: int) -> Iterator[None]:
    burners = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(number)]
    for burner in burners:
        burner.start()
    try:
        yield
    finally:
        for burner in burners:
            burner.terminate()
            burner.join()


def _burn() -> None:
    while True:
        pass


if __name__ == "__main__":
    main()
