"""A gate on a deployment, as its user runs it, and what it said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.preforked import preforked

from .serving import LOGIN, TIMINGS, Deployment, bare_environment

_LONGEST_S = 400.0


@dataclass(frozen=True)
class Judgement:
    """A finished gate: its exit code, what it printed, and its report."""

    exit_code: int
    output: str
    report: dict[str, Any]

    @property
    def cases(self) -> list[dict[str, Any]]:
        """Every case's result."""
        return [case for row in self.report["requirements"] for case in row["cases"]]

    def verdicts(self, verdict: str) -> list[str]:
        """The requirements with that verdict."""
        rows = self.report["requirements"]
        return [row["id"] for row in rows if row["verdict"] == verdict]

    def reasons(self, verdict: str) -> set[str]:
        """Why cases ended so."""
        return {case["reason"] for case in self.cases if case["verdict"] == verdict}

    @property
    def failed(self) -> dict[str, str]:
        """What was seen, by the requirement that failed."""
        return {
            case["requirement"]: case["actual"]
            for case in self.cases
            if case["verdict"] == "failed"
        }

    @property
    def notes(self) -> str:
        """What the report says of how it was judged."""
        return " · ".join(self.report["coverage"]["notes"])

    def __str__(self) -> str:
        return f"exit {self.exit_code}: {self.output}"


def judge(
    *urls: str,
    folder: Path,
    only: Sequence[str] = (),
    target: str = "",
    timings: Mapping[str, float] = TIMINGS,
    options: Sequence[str] = (),
    environment: Mapping[str, str] = LOGIN,
    tables: str = "",
) -> Judgement:
    """Run a gate to its end; `target` is more of the target file's table of that name, `tables`
    are more of its tables.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "target.toml"
    declared = "\n".join(f"{name} = {value}" for name, value in timings.items())
    file.write_text(
        f"[target]\nurls = {json.dumps(urls)}\n{target}\n[timings]\n{declared}\n{tables}",
        "utf-8",
    )
    chosen = [part for name in only for part in ("--only", name)]
    done = preforked().run(
        ["gate", "--config", str(file), *chosen, *options, "--out", str(folder / "out")],
        environment={**bare_environment(), **environment},
        timeout_s=_LONGEST_S,
    )
    found = sorted((folder / "out").glob("*/report.json"))
    report = json.loads(found[-1].read_text("utf-8")) if found else {}
    return Judgement(done.returncode, done.stdout + done.stderr, report)


def judge_as_described(
    deployment: Deployment, *urls: str, folder: Path, only: Sequence[str] = (), target: str = ""
) -> Judgement:
    """Run a gate at these URLs with the target file that describes the deployment."""
    return judge(
        *urls,
        folder=folder,
        only=only,
        target=f'contract = "{deployment.contract}"\n{target}',
        timings=deployment.timings,
        environment=deployment.login,
        tables=deployment.tables,
    )
