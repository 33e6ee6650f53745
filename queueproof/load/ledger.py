"""The history of a load run: every job checked as it is read, and written down.

A history that cannot be written costs no verdict: jobs are checked all the same, and `close` says
so.

Jobs come one after another and are not kept, so that an hour's run is read in the memory of a
minute's. Jobs with a deviation go to the front of `history.jsonl.gz`, where a page finds them.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from queueproof.checkers.jobs import LoadFinding, check_life
from queueproof.load.records import RECORDS
from queueproof.redaction import redacted_all
from queueproof.reporting import HISTORY

SOUND, DEVIANT = "sound", "deviant"
_FINDINGS_KEPT = 10_000

Row = dict[str, Any]


class Ledger:
    """Checks and writes the jobs of one run; `jobs` is how many were accepted."""

    def __init__(self, folder: Path, *, effect_s: float) -> None:
        self.jobs = 0
        self.deviant = 0
        self.findings: list[LoadFinding] = []
        self._folder = folder
        self._effect_s = effect_s
        self._numbers = 0
        self._rest = folder / ".sound.gz"
        self._trouble: OSError | None = None
        self._open: dict[str, TextIO] = {}
        with self._remembering():
            self._open[DEVIANT] = _compressed(folder / HISTORY)
            self._open[SOUND] = _compressed(self._rest)

    def enter(self, life: Sequence[Row]) -> None:
        """One job's rows."""
        self.jobs += any(row["job"] for row in life)
        findings = check_life(life, effect_s=self._effect_s)
        self.deviant += bool(findings)
        if len(self.findings) < _FINDINGS_KEPT:
            self.findings += findings
        for row in life:
            case = DEVIANT if findings else SOUND
            line = {"number": self._numbers, "case": case, "worker": None, "asked": {}, **row}
            if self._trouble is None:
                with self._remembering():
                    text = json.dumps(redacted_all(line), ensure_ascii=False) + "\n"
                    self._open[case].write(text)
            self._numbers += 1

    def close(self) -> str:
        """Put the history together; the generator's own records are then of no more use.

        Returns why it could not be written; empty when it was.
        """
        for sink in self._open.values():
            with self._remembering():
                sink.close()
        if self._trouble is None:
            with self._remembering():
                self._put_together()
        if self._trouble is None:
            return ""
        return f"cannot write {self._folder / HISTORY}: {self._trouble.strerror or self._trouble}"

    def _put_together(self) -> None:
        # Members of a gzip file stand one behind the other.
        with (self._folder / HISTORY).open("ab") as whole, self._rest.open("rb") as rest:
            shutil.copyfileobj(rest, whole)
        self._rest.unlink()
        (self._folder / RECORDS).unlink(missing_ok=True)

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        """The first thing that could not be written, by which all later ones are left."""
        try:
            yield
        except OSError as error:
            self._trouble = self._trouble or error


def _compressed(path: Path) -> TextIO:
    return gzip.open(path, "wt", encoding="utf-8", compresslevel=5)
