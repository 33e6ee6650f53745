"""Composition root of every pytest run: options and fixtures, nothing else.

`queueproof gate` plays the suites with a configured run; `pytest suites --target URL` (or
`--target embedded`) does the same from pytest's own command line, without a report.
"""

from __future__ import annotations

import random

import pytest

from queueproof.config.model import RunConfig
from queueproof.errors import QueueproofError
from queueproof.running.collected import Binding
from queueproof.running.marks import mark_of
from queueproof.running.plain_pytest import PlainRun
from queueproof.running.plugin import ConformanceRun
from queueproof.running.stage import Lane, Launch
from queueproof.running.target_options import TargetOptions
from queueproof.targets.fleet import Worker
from queueproof.targets.system import System

_PLUGIN = "queueproof-conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a run from pytest's own command line."""
    group = parser.getgroup("queueproof")
    group.addoption("--target", default="", help="URL of a deployment, or `embedded`")
    group.addoption("--contract", default=None, help="the contract to hold it to")


def pytest_configure(config: pytest.Config) -> None:
    """Play the suites on `--target`."""
    where = config.getoption("--target")
    if not where:
        return
    options = TargetOptions(
        urls=() if where == "embedded" else (where,), contract=config.getoption("--contract")
    )
    try:
        target, embedded = options.find()
        seed = random.randrange(1_000_000)  # noqa: S311
        run = PlainRun(RunConfig(target=target, embedded=embedded, seed=seed))
    except QueueproofError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(run, _PLUGIN)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Suites cannot run without a target."""
    is_case = any(mark_of(getattr(item, "function", None)) for item in items)
    if is_case and _run_of(config) is None:
        raise pytest.UsageError(
            "suites need a target: queueproof gate [URL], or pytest suites --target URL"
        )


def _run_of(config: pytest.Config) -> ConformanceRun | None:
    plugins = config.pluginmanager.get_plugins()
    return next((plugin for plugin in plugins if isinstance(plugin, ConformanceRun)), None)


@pytest.fixture
def binding(request: pytest.FixtureRequest) -> Binding:
    """What the running case runs on."""
    run = _run_of(request.config)
    assert run is not None
    return run.binding(request.node)


@pytest.fixture
def target(binding: Binding) -> System:
    """The deployment under test; alone on it when the case says so."""
    return binding.system


@pytest.fixture
def workers(binding: Binding) -> tuple[Worker, ...]:
    """The deployment's workers, in an order that the run's seed decides for each case."""
    return binding.shuffled_workers


@pytest.fixture
def seed(binding: Binding) -> int:
    """A number that the run's seed decides for each case."""
    return binding.choice.randrange(1_000_000)


@pytest.fixture
def lane(binding: Binding) -> Lane | None:
    """The means to disturb the target, when it was launched for this case."""
    return binding.lane


@pytest.fixture
def launch(binding: Binding) -> Launch:
    """Starts targets with settings of the case's choosing."""
    return binding.launch
