"""The pytest plugin (`pytest11`): fixtures of cases, and options that name a target.

In a team's own repository, with queueproof installed::

    pytest --queueproof-target=http://127.0.0.1:7860 my_cases/

plays the cases in `my_cases/` on that deployment. Failures are reported as pytest reports them,
and the exit codes are pytest's. `queueproof gate --suites my_cases` plays the same cases beside our
own, with a report. Without a target the plugin adds its fixtures and nothing else: the rest of
queueproof is imported when there is something to judge.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from queueproof.running.collected import Binding
    from queueproof.running.launch import Lane, Launch
    from queueproof.running.plugin import ConformanceRun
    from queueproof.running.standstill import Standstill
    from queueproof.targets.system import System
    from queueproof.targets.worker import Worker

_PLUGIN = "queueproof-conformance"
_HOW = "queueproof gate [URL], or pytest --queueproof-target=URL"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a run from pytest's own command line; each is one of `queueproof gate`."""
    group = parser.getgroup("queueproof", "queueproof: judge a deployment of a job queue")

    def add(name: str, told: str, **how: Any) -> None:
        dest = f"queueproof_{name.replace('-', '_')}"
        group.addoption(f"--queueproof-{name}", dest=dest, help=told, **how)

    add("target", "base URL of a deployment (repeatable), or `embedded`", action="append")
    add("contract", "the contract to hold it to", metavar="NAME")
    add("config", "target file (TOML)", type=Path, metavar="FILE")
    add("redis-url", "the queue's Redis, without password", default="", metavar="URL")
    add("workers", "how many workers to find", type=int, metavar="N")
    add("disposable", "the target may be disturbed", action="store_true")
    add("suites", "folder with requirements of your own", action="append", metavar="DIR")


def pytest_configure(config: pytest.Config) -> None:
    """Play cases on the target that is named, if one is."""
    option = config.option
    named = option.queueproof_target or []
    if not (named or option.queueproof_config) or config.pluginmanager.has_plugin(_PLUGIN):
        return
    from queueproof.errors import QueueproofError

    try:
        run = _configured(config, [url for url in named if url != "embedded"])
    except QueueproofError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(run, _PLUGIN)


def _configured(config: pytest.Config, urls: list[str]) -> ConformanceRun:
    import random

    from queueproof.config.model import RunConfig
    from queueproof.plugins import use_folders
    from queueproof.running.plain_pytest import PlainRun
    from queueproof.running.target_options import TargetOptions

    option = config.option
    folders = list(dict.fromkeys(_suites_of(config)))
    use_folders("suites", folders)
    options = TargetOptions(
        urls=tuple(urls),
        contract=option.queueproof_contract,
        config=option.queueproof_config,
        workers=option.queueproof_workers,
        redis_url=option.queueproof_redis_url,
        disposable=option.queueproof_disposable,
    )
    target, embedded = options.find()
    suites = tuple(word for folder in folders for word in ("--suites", str(folder)))
    again = (*options.words(), *suites)
    seed = random.randrange(1_000_000)  # noqa: S311  (which workers a case takes, no secret)
    return PlainRun(RunConfig(target=target, embedded=embedded, seed=seed, again=again))


def _suites_of(config: pytest.Config) -> Iterator[Path]:
    """The folders named, and those of the arguments (or above them) that hold requirements."""
    yield from (Path(name).resolve() for name in config.option.queueproof_suites or ())
    for argument in config.args:
        path = (config.invocation_params.dir / argument.partition("::")[0]).resolve()
        for folder in (path, *path.parents):
            if any((folder / "requirements").glob("*.toml")):
                yield folder
                break
            if folder == config.rootpath:
                break


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Cases cannot run without a target; other tests need none."""
    if run_of(config) is None and any(_is_case(item) for item in items):
        raise pytest.UsageError(f"suites need a target: {_HOW}")


def _is_case(item: pytest.Item) -> bool:
    # The attribute that `requirement` sets; asked by name, so that nothing need be imported.
    return hasattr(getattr(item, "function", None), "queueproof_mark")


def run_of(config: pytest.Config) -> ConformanceRun | None:
    """The run that plays the cases of this pytest session, if there is one."""
    plugins = config.pluginmanager.get_plugins()
    found = (one for one in plugins if getattr(one, "is_queueproof_run", False) is True)
    return next(found, None)


@pytest.fixture
def binding(request: pytest.FixtureRequest) -> Binding:
    """What the running case runs on."""
    run = run_of(request.config)
    if run is None:
        raise pytest.UsageError(f"{request.fixturename} needs a target: {_HOW}")
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
def standstills(binding: Binding) -> tuple[Standstill, ...]:
    """Where the run has seen its target stop beginning jobs; for a case that closes it."""
    return binding.standstills


@pytest.fixture
def launch(binding: Binding) -> Launch:
    """Starts targets with settings of the case's choosing."""
    return binding.launch
