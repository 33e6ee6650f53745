"""What every test starts with: no secret of another test is known, no example is timed, no signal
ignored.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from queueproof.redaction import known_secrets

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# What runs the tests may ignore it (nohup), and programs that they start would inherit that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def no_known_secrets() -> Iterator[None]:
    """Passwords of one test are ordinary words in the next."""
    yield
    known_secrets.forget()
