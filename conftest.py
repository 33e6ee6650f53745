"""Options of a run on a checkout: `pytest suites --target URL` (or `--target embedded`).

They are short for `--queueproof-target` and `--queueproof-contract` of the plugin, which has the
fixtures too (`queueproof/pytest_plugin.py`).
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The short forms."""
    group = parser.getgroup("queueproof")
    group.addoption("--target", dest="queueproof_target", action="append", help="short form")
    group.addoption("--contract", dest="queueproof_contract", help="short form")
