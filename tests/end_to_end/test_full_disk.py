"""A disk that takes no more: what was found is told, then one line says what to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.preforked import preforked

from .conftest import Reference, clean_environment

_ROOM = 6 * 4096
_HERE = str(Path(__file__).parents[2])


@pytest.fixture
def little_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a run's folder, but for no report."""
    place = tmp_path / "little"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root")
@pytest.mark.parametrize(
    "command",
    [
        ("gate", "--only", "POLL-007"),
        ("explore", "--duration", "1s", "--calm"),
        ("load", "--duration", "2s", "--rate", "4"),
    ],
    ids=["gate", "explore", "load"],
)
def test_a_full_disk_is_a_line_and_exit_code_2(
    reference: Reference, little_disk: Path, command: tuple[str, ...]
) -> None:
    """Not our own error, and no traceback; the verdict is not lost with the report."""
    name, *options = command

    done = preforked().run(
        [name, reference.url, *options, "--out", str(little_disk)],
        environment={**clean_environment(), **reference.known},
        timeout_s=170,
    )

    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    [line] = [each for each in done.stderr.splitlines() if each.startswith("queueproof: ")]
    assert "cannot write" in line
    assert "No space left on device" in line
    assert re.search(r"· exit [03]$", done.stdout, re.MULTILINE), done.stdout
    assert "report.html" not in done.stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root")
def test_a_container_that_may_only_be_read_is_told_what_it_lacks() -> None:
    """As many are run: with no folder for temporary files."""
    places = " ".join(filter(os.path.isdir, ("/tmp", "/var/tmp", "/usr/tmp")))
    read_only = (
        f"for place in {places}; do mount --bind $place $place && "
        'mount -o remount,ro,bind $place || exit 99; done; cd /proc && exec "$@"'
    )
    program = (sys.executable, "-m", "queueproof", "gate", "http://127.0.0.1:1", "--list")

    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", read_only, "sh", *program],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**clean_environment(), "TMPDIR": "", "PYTHONPATH": _HERE},
    )
    if done.returncode in (1, 99) and "queueproof:" not in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")

    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr == (
        "queueproof: there is no folder for temporary files; give TMPDIR, and --out, a folder that "
        "can be written\n"
    )
