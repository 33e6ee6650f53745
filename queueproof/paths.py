"""The folders of the project: in a checkout, or carried inside the installed wheel."""

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


def folder(name: str) -> Path:
    """One of the folders in `root`, such as `suites` or `reports`."""
    return root() / name
