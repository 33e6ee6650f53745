"""Target files for variants that are judged by other promises than the reference makes."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from queueproof import paths

#: Who the reference of any queue knows; a run that is given a file is given these, too.
TOKENS = {"QUEUEPROOF_TOKEN": "token-of-ann", "QUEUEPROOF_OTHER_TOKEN": "token-of-bob"}
#: As few as its outages have without a file.
_FEW_SLOTS = 3


def write_target_file(promises: Mapping[str, str], folder: Path) -> Path:
    """The reference's own target file with these promises in place of its own; `promises` has TOML
    values by name.
    """
    text = (files("queueproof.targets.generic") / "generic_reference.toml").read_text("utf-8")
    for name, value in {**promises, "worker_slots": str(_FEW_SLOTS)}.items():
        row = re.compile(rf"^{name} = .*$", re.MULTILINE)
        assert row.search(text), f"the reference's target file has no {name}"
        text = row.sub(f"{name} = {value}", text, count=1)
    text = text.replace('["python",', f'["{sys.executable}",')
    settings = f'JOBS_SLOTS = "{_FEW_SLOTS}"\nPYTHONPATH = "{paths.root()}"\n'
    text = text.replace("[launch.environment]\n", f"[launch.environment]\n{settings}")
    path = folder / "target.toml"
    path.write_text(text, "utf-8")
    return path
