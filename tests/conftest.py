"""What every test starts with: no secret of another test is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from queueproof.redaction import known_secrets


@pytest.fixture(autouse=True)
def no_known_secrets() -> Iterator[None]:
    """Passwords of one test are ordinary words in the next."""
    yield
    known_secrets.forget()
