"""What every test starts with: no secret of another test is known, no example is timed, no signal
ignored.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from queueproof.redaction import known_secrets
from tests.preforked import share_servers

# How long an example takes says how busy the machine is, nothing of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Thousands of tests are collected and kept: to look again and again for garbage among them is a
# sixth of the time that this takes.
gc.disable()

# What runs the tests may ignore it (nohup), and programs that they start would inherit that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


#: Files that take half a minute and more: were they last, one process would run alone. Those that
#: mostly wait stand among those that do not: all at once they would leave the processors idle.
LONGEST_FIRST = (
    "test_fronts.py",
    "test_limits.py",
    "test_gate.py",
    "test_standstill.py",
    "test_redis.py",
    "test_queue_scripts.py",
    "test_fronts_of_other_contracts.py",
    "test_own_sentinels.py",
    "test_canary.py",
    "test_odd_fronts.py",
    "test_told_by_results.py",
    "test_gates.py",
    "test_queue_sweeps.py",
    "test_replicas.py",
    "test_sample.py",
    "test_declared_failover.py",
    "test_guarded_chaos.py",
    "test_traffic.py",
    "test_ways_in.py",
    "test_one_pair.py",
    "test_browser.py",
    "test_locust.py",
    "test_witness_through_redis.py",
    "test_runs.py",
    "test_exploring.py",
    "test_flowise_workers.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """The processes of one run fork their programs of the same two servers."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        share_servers()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; else in the order of the folders."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


def pytest_collection_finish() -> None:
    """What was collected stays; from here on garbage is looked for."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def no_known_secrets() -> Iterator[None]:
    """Passwords of one test are ordinary words in the next."""
    yield
    known_secrets.forget()
