"""The GitHub action's step: from inputs (INPUT_*) to `queueproof gate`, its outcome as outputs.

Summary and annotations are the gate's own doing, since it sees GITHUB_STEP_SUMMARY. Inputs are
data: they are split as a shell splits words, and never run by one.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_USAGE = 2


def arguments_of(inputs: Mapping[str, str]) -> list[str]:
    """The gate's arguments; raises ValueError for a quotation that does not end.

    `only` may be words, words with commas, or a YAML block or list, one a line.
    """
    words = [inputs["INPUT_URL"]] if inputs.get("INPUT_URL") else []
    for name in ("contract", "out", "config", "baseline"):
        value = inputs.get(f"INPUT_{name.upper()}", "")
        words += [f"--{name}", value] if value else []
    for word in re.split(r"[\s,\[\]\"']+", inputs.get("INPUT_ONLY", "")):
        words += ["--only", word] if word.strip("-") else []
    return words + shlex.split(inputs.get("INPUT_ARGUMENTS", ""))


def newest_report(out: Path) -> str:
    """The folder of the newest report below `out`; empty where there is none."""
    reports = sorted(out.glob("*/report.json"), key=lambda path: path.stat().st_mtime)
    return str(reports[-1].parent) if reports else ""


def main() -> int:
    """Judge, write the outputs, end as the gate does."""
    try:
        arguments = arguments_of(os.environ)
    except ValueError as error:
        print(f"queueproof: the input `arguments`: {error}", file=sys.stderr)  # noqa: T201
        code = _USAGE
    else:
        code = subprocess.run(["queueproof", "gate", *arguments], check=False).returncode  # noqa: S603, S607
    report = newest_report(Path(os.environ.get("INPUT_OUT") or "reports/out"))
    with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as sink:
        sink.write(f"exit-code={code}\nreport={report}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
