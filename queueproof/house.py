"""Where the rooms of the house are: in a checkout, or carried inside the installed wheel."""

from __future__ import annotations

from pathlib import Path

from queueproof.errors import HarnessError

_PACKAGE = Path(__file__).resolve().parent


def root() -> Path:
    """The folder that holds `suites/`, `reports/`, `reference_impl/` and `conftest.py`."""
    for candidate in (_PACKAGE.parent, _PACKAGE / "_carried"):
        if (candidate / "suites").is_dir() and (candidate / "conftest.py").is_file():
            return candidate
    raise HarnessError(
        f"suites/ and conftest.py are neither beside {_PACKAGE} nor inside it: "
        "this installation is incomplete, reinstall queueproof"
    )


def path(room: str) -> Path:
    """The folder of one room, such as `suites` or `reports`."""
    return root() / room
