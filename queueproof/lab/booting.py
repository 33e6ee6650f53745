"""Starting an installed system, and making the data that every start begins from."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from dataclasses import replace
from pathlib import Path

from queueproof import paths
from queueproof.config.model import Credentials, LaunchConfig, TargetConfig
from queueproof.config.promises import AT_LEAST_ONCE, load_promises
from queueproof.errors import UsageError
from queueproof.lab import bridged
from queueproof.lab.install import folder_of, installed
from queueproof.lab.recipe import Choice
from queueproof.stack.launcher import Boot, Launcher
from queueproof.stack.redis_server import RedisServer, find_redis_binary
from queueproof.targets.contracts import contract_named

_SUPERUSER_FILE = "superuser"
_FIRST_DATA = "data"
_MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM_BYTES = 1_000_000_000


def target_of(choice: Choice, *, workers: int, for_cases: bool = False) -> TargetConfig:
    """The system as a target that the gate launches; everything but its secrets is a recipe's.

    `for_cases`: cases may start it too, with other settings; each start of theirs takes a while.
    """
    recipe = choice.recipe
    settings = dict(recipe.target)
    credentials = Credentials(
        username=settings.pop("username", ""), password=_password(password_file(choice))
    )
    first_data = folder_of(choice) / _FIRST_DATA
    if recipe.is_mapped:
        credentials = Credentials()
        promises = load_promises(recipe.promises, where=f"recipe of {recipe.system}, [promises]")
        settings["promises"] = promises
        settings["at_least_once"] = promises.delivery == AT_LEAST_ONCE
    return TargetConfig(
        contract=recipe.contract,
        workers=workers,
        disposable=True,
        timings=recipe.timings,
        credentials=credentials,
        mapping=bridged.mapping_of(recipe) if recipe.is_mapped else None,
        launch=replace(
            _launch(choice, credentials, workers),
            data_template=str(first_data) if first_data.exists() else "",
            for_cases=for_cases,
        ),
        **settings,
    )


def has_data(choice: Choice) -> bool:
    """Whether the data of a first start is there; a library needs none."""
    return choice.recipe.is_mapped or (folder_of(choice) / _FIRST_DATA).exists()


def password_file(choice: Choice) -> Path:
    """Where the superuser's password is kept; only its owner may read it."""
    return folder_of(choice) / _SUPERUSER_FILE


async def make_data(choice: Choice) -> float:
    """Start the system once, alone, and keep what it wrote; returns the seconds it took.

    Raises UsageError, with its last words, when it does not serve.
    """
    began, home = time.monotonic(), folder_of(choice)
    config = target_of(choice, workers=1).launch
    assert config is not None
    launcher = Launcher(config, ready_path=contract_named(choice.recipe.contract).ready_path)
    redis = RedisServer(find_redis_binary())
    await redis.start()
    try:
        boot = await start(launcher, redis, choice.recipe.first_start)
        await launcher.stop(boot, keep_data=True)
        _keep(boot, home)
    finally:
        await redis.close()
    return time.monotonic() - began


async def start(
    launcher: Launcher, redis: RedisServer, settings: dict[str, str], *, crew: int = 0
) -> Boot:
    """Start the system once, with `crew` workers where these are programs of their own.

    Raises UsageError, with its last words, when it does not serve.
    """
    merged = {**launcher.config.environment, **settings}
    filled = {name: v.replace("{redis_port}", str(redis.port)) for name, v in merged.items()}
    boot = await launcher.boot(filled, crew=crew)
    mute = next((one for one in [boot, *boot.crew] if not one.serving), None)
    if mute is not None:
        why = mute.why_mute  # its output goes with it
        await launcher.stop(boot)
        raise UsageError(f"the system does not serve, {why}")
    return boot


def _keep(boot: Boot, home: Path) -> None:
    """Move a first start's data in one step, so that half of it is never taken for the whole."""
    for log in boot.data.glob("target-*.log"):
        shutil.move(log, home / "first-start.log")
    shutil.copytree(boot.data, home / f"{_FIRST_DATA}.new", dirs_exist_ok=True)
    shutil.rmtree(boot.data, ignore_errors=True)
    (home / f"{_FIRST_DATA}.new").rename(home / _FIRST_DATA)


def _launch(choice: Choice, credentials: Credentials, workers: int) -> LaunchConfig:
    fill = {
        "{installed}": str(installed(choice)),
        "{bridges}": str(paths.folder("bridges")),
        "{root}": str(paths.root()),
        "{workers}": str(workers),
        "{username}": credentials.username,
        "{password}": credentials.password,
    }
    launch = choice.recipe.launch
    if choice.recipe.bridge:
        launch = bridged.launch_of(choice.recipe)
    environment = {k: _filled(value, fill) for k, value in launch.get("environment", {}).items()}
    return LaunchConfig(
        command=tuple(_filled(word, fill) for word in launch["command"]),
        ready=launch.get("ready", ""),
        worker_command=tuple(_filled(word, fill) for word in launch.get("worker_command", ())),
        worker_ready=launch.get("worker_ready", "/healthz"),
        environment=environment,
        boot_s=float(launch.get("boot_s", 60.0)),
        data_parent=_in_memory(),
        lanes=0,
        at_once=1,
    )


def _in_memory() -> str:
    """A file system in memory, where there is one with room; else no preference.

    Workers that share an SQLite file on a slow disk wait for each other, which is no fault of
    theirs.
    """
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return str(_MEMORY) if roomy and not os.environ.get("TMPDIR") else ""


def _filled(text: str, fill: dict[str, str]) -> str:
    for name, value in fill.items():
        text = text.replace(name, value)
    return text


def _password(path: Path) -> str:
    """The superuser's password, made once; it has what every system asks of one."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"Lab-{secrets.token_hex(8)}", "ascii")
    return path.read_text("ascii")
