"""The target that a command's options name, and the words that name it again.

Every command that takes a target (gate, chaos, explore, load) goes through here, so that the same
words mean the same target everywhere, and a line that reproduces a failure can be parsed back.
"""

from __future__ import annotations

import os
import shlex
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from errno import EACCES, EADDRINUSE
from pathlib import Path

from queueproof.config.checks import check_url
from queueproof.config.environment_keys import variable_of
from queueproof.config.kinds import COUNT
from queueproof.config.load import load_target
from queueproof.config.model import RunConfig, TargetConfig
from queueproof.config.redis_url import (
    REDIS_URL_VARIABLE,
    check_plain_redis_url,
    trusting_ca,
    without_password,
)
from queueproof.config.transport import check_proxy
from queueproof.errors import UsageError
from queueproof.targets.contracts import contract_named, embedded_target

_STARTED_HERE = "what is started for a run reaches the witness itself: leave it out"


@dataclass(frozen=True, kw_only=True)
class TargetOptions:
    """What the command line says of the target; `contract` is None where it says nothing."""

    urls: tuple[str, ...] = ()
    contract: str | None = None
    config: Path | None = None
    workers: int | None = None
    redis_url: str = ""
    disposable: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    ca: str = ""
    proxy: str = ""

    def find(self) -> tuple[TargetConfig, bool]:
        """The target, and whether it is to be started for the run.

        URLs win over those of the file; without any, what the file launches, or the embedded
        reference. Raises UsageError for options that contradict each other or the file.
        """
        if self.workers is not None:
            COUNT.read(self.workers, "--workers")
        given = load_target(self.config, self._environment(), contract=self.contract)
        needs_mapping = contract_named(given.contract).needs_mapping
        if self.urls and needs_mapping and given.mapping is None:
            raise UsageError(
                f"the contract {given.contract} needs a target file with a [mapping] (--config): "
                f"see docs/{given.contract}.md"
            )
        if self.urls:
            given = replace(given, urls=tuple(check_url(url) for url in self.urls))
        embedded = not given.urls
        if embedded and self.config is None:
            given = embedded_target(given.contract, workers=self.workers)
        elif embedded and given.launch is None:
            raise UsageError(f"--config {self.config} names no urls, and no URL was given")
        else:
            given = replace(given, workers=self.workers or given.workers)
        if self.settings and given.launch is None:
            raise UsageError("--setting: nothing is launched, so nothing can be set")
        _check_machine(given)
        target = self._with_access(given)
        check = {"redis": _why_not_through_redis, "result": _why_not_by_results}.get(
            target.witness_through
        )
        if check is not None and (said := check(target, embedded=embedded)):
            raise UsageError(f'witness_through = "{target.witness_through}": {said}')
        return target, embedded

    def _environment(self) -> dict[str, str]:
        """The environment with the options in it that are also variables."""
        if self.proxy:
            check_proxy(self.proxy, "--proxy")
        options = {"ca": self.ca, "proxy": self.proxy}
        return {**os.environ, **{variable_of(name): text for name, text in options.items() if text}}

    def _with_access(self, target: TargetConfig) -> TargetConfig:
        """What the options allow besides what the file does."""
        if self.redis_url:
            url = check_plain_redis_url(self.redis_url, where="--redis-url")
            # The same place with its password, from the environment, is what was meant.
            if without_password(target.redis_url) != url:
                target = replace(target, redis_url=url)
        url = trusting_ca(target.redis_url, target.transport.ca)
        return replace(target, redis_url=url, disposable=target.disposable or self.disposable)

    def words(self) -> tuple[str, ...]:
        """The arguments that name this target again; no secret is among them.

        A Redis URL of the environment is named without its password, which stays there.
        """
        secret = without_password(os.environ.get(REDIS_URL_VARIABLE, ""))
        return (
            *(self.urls or os.environ.get(variable_of("urls"), "").replace(",", " ").split()),
            *option("--contract", self.contract),
            *option("--config", self.config),
            *option("--workers", self.workers),
            *option("--redis-url", self.redis_url or secret or None),
            *option("--ca", self.ca or None),
            *option("--proxy", self.proxy or None),
            *(("--disposable",) if self.disposable else ()),
            *(
                word
                for name, value in self.settings.items()
                for word in ("--setting", f"{name}={value}")
            ),
        )


def option(name: str, value: object) -> tuple[str, ...]:
    """An option with its value, as two words; none where there is no value."""
    return () if value is None else (name, str(value))


def settings_of(given: Iterable[str]) -> dict[str, str]:
    """Settings by name of words like NAME=VALUE; raises UsageError."""
    pairs = [word.partition("=") for word in given]
    for name, equals, value in pairs:
        if not (name and equals) or "\x00" in name + value:
            raise UsageError(f"--setting {name}: write it like --setting NAME=VALUE")
    return {name: value for name, _, value in pairs}


def command_again(run: RunConfig, command: str, *selection: str) -> str:
    """The command line that asks for one thing of this run again, quoted as a shell needs it."""
    words = run.again or _words_of(run)
    seed = ("--seed", str(run.seed))
    return shlex.join(["queueproof", command, *words, *selection, *seed])


def _words_of(run: RunConfig) -> tuple[str, ...]:
    """The same of a run that no command line described."""
    target = run.target
    if run.lab:
        return (run.lab, *option("--workers", target.workers))
    said = target.file or target.contract == TargetConfig.contract
    options = TargetOptions(
        urls=() if run.embedded else target.urls,
        contract=None if said else target.contract,
        config=Path(target.file) if target.file else None,
        redis_url="" if run.embedded or target.file else without_password(target.redis_url),
        disposable=target.disposable and not run.embedded and not target.file,
        settings=run.settings,
    )
    return options.words()


def _why_not_through_redis(target: TargetConfig, *, embedded: bool) -> str:
    """Why jobs cannot report through Redis, or what they say there proves nothing."""
    wrong = {
        _STARTED_HERE: embedded,
        f"jobs of the contract {target.contract} reach no Redis: give witness_host": not (
            contract_named(target.contract).through_redis
        ),
        "it needs the queue's Redis (redis_url)": not target.redis_url,
        "it does not go with disposable: what disturbs Redis would silence the witness": (
            target.disposable
        ),
    }
    return next((why for why, so in wrong.items() if so), "")


def _why_not_by_results(target: TargetConfig, *, embedded: bool) -> str:
    """Why results cannot tell that jobs were run."""
    if embedded:
        return _STARTED_HERE
    if target.mapping is None or not target.mapping.tells_results:
        return (
            "it needs a mapping with results: {answer} in [mapping.submit], and [mapping.status] "
            "result or [mapping.result]"
        )
    return ""


def _check_machine(target: TargetConfig) -> None:
    """What a file says of this machine and can be looked at before anything is started."""
    launch = target.launch
    for key in ("data_template", "data_parent"):
        folder = getattr(launch, key, "")
        if folder and not Path(folder).is_dir():
            raise UsageError(f"{target.file}, [launch]: {key} = {folder!r} is no folder")
    if target.witness_port:
        _check_port(target)


def _check_port(target: TargetConfig) -> None:
    where = f"{target.file}, [target]: witness_port = {target.witness_port}"
    family = socket.AF_INET6 if ":" in target.witness_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((target.witness_host, target.witness_port))
        except OSError as error:
            if error.errno == EADDRINUSE:
                raise UsageError(f"{where} is in use by another program") from None
            if error.errno == EACCES:
                raise UsageError(f"{where} is not allowed for this user") from None
