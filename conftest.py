"""Composition root of every pytest run: options and fixtures, nothing else.

`queueproof gate` plays the suites with a configured run; `pytest suites --target URL` (or
`--target embedded`) does the same from pytest's own command line, without a report.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from queueproof.config.load import check_url, load_target
from queueproof.config.model import RunConfig
from queueproof.running.collected import Binding
from queueproof.running.marks import mark_of
from queueproof.running.plugin import ConformanceRun
from queueproof.running.progress import Silence
from queueproof.running.stage import Lane, Launch
from queueproof.stack.embedded import embedded_target
from queueproof.targets.fleet import Worker
from queueproof.targets.system import System

_PLUGIN = "queueproof-conformance"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a run from pytest's own command line."""
    group = parser.getgroup("queueproof")
    group.addoption("--target", default="", help="URL of a deployment, or `embedded`")
    group.addoption("--contract", default="langflow", help="the contract to hold it to")


def pytest_configure(config: pytest.Config) -> None:
    """Play the suites on `--target`."""
    where = config.getoption("--target")
    if not where:
        return
    embedded = where == "embedded"
    contract = config.getoption("--contract")
    target = (
        embedded_target(contract)
        if embedded
        else replace(load_target(None), urls=(check_url(where),), contract=contract)
    )
    run = RunConfig(target=target, embedded=embedded, seed=random.randrange(1_000_000))  # noqa: S311
    config.pluginmanager.register(ConformanceRun(run, Silence()), _PLUGIN)


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
