"""Starting whole targets with chosen settings, for cases that need another configuration."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from queueproof.config.model import LaunchConfig
from queueproof.errors import TargetUnreachable
from queueproof.stack.children import Child, free_port, start_child
from queueproof.targets.http import exchange
from queueproof.targets.vantage import Vantage

_LOOK_EVERY_S = 0.1
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Boot:
    """What came of starting a target: it serves, or it ended or hung without serving."""

    child: Child
    url: str
    data: Path
    serving: bool
    took_s: float

    @property
    def refused(self) -> bool:
        """Whether the program ended by itself with an error."""
        return not self.serving and self.child.exit_code not in (None, 0)

    @property
    def output(self) -> str:
        """What the program printed, without the colours."""
        return _COLOURS.sub("", self.child.output)

    @property
    def last_lines(self) -> str:
        """The end of the output, in one line, for reports."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return " / ".join(lines[-3:])[-300:]


class Launcher:
    """Starts and stops targets as a LaunchConfig tells."""

    def __init__(self, config: LaunchConfig, *, ready_path: str) -> None:
        self.config = config
        self._ready_path = ready_path
        self._turn = asyncio.Semaphore(config.at_once)

    async def boot(
        self,
        settings: Mapping[str, str | None],
        *,
        data: Path | None = None,
        port: int | None = None,
    ) -> Boot:
        """Start a target; a setting of None is left unset.

        `data` reuses an earlier folder, `port` an earlier port.
        """
        async with self._turn:
            return await self._boot(settings, data or self.new_data(), port or free_port())

    async def stop(self, boot: Boot, *, keep_data: bool = False) -> None:
        """Stop a target, whatever state it is in."""
        await boot.child.stop()
        if not keep_data:
            shutil.rmtree(boot.data, ignore_errors=True)

    def new_data(self) -> Path:
        """A folder for one target's data, filled from the template."""
        folder = Path(tempfile.mkdtemp(prefix="queueproof-target-"))
        if self.config.data_template:
            shutil.copytree(self.config.data_template, folder, dirs_exist_ok=True)
        return folder

    async def _boot(self, settings: Mapping[str, str | None], data: Path, port: int) -> Boot:
        fill = {"port": str(port), "data": str(data)}
        merged = {**self.config.environment, **settings}
        environment = {
            name: _filled(value, fill) for name, value in merged.items() if value is not None
        }
        command = [_filled(part, fill) for part in self.config.command]
        started = time.monotonic()
        child = await start_child(
            command, environment=environment, log=data / f"target-{port}.log", cwd=data
        )
        url = f"http://127.0.0.1:{port}"
        try:
            serving = await self._await_ready(child, url, started)
        except BaseException:
            await child.stop(grace_s=1.0)
            raise
        return Boot(child, url, data, serving, time.monotonic() - started)

    async def _await_ready(self, child: Child, url: str, started: float) -> bool:
        vantage = Vantage(url)
        try:
            while time.monotonic() - started < self.config.boot_s:
                if child.exit_code is not None:
                    return False
                with suppress(TargetUnreachable):
                    answer = await exchange(vantage, "GET", self._ready_path, within_s=2.0)
                    if answer.status == 200:
                        return True
                await asyncio.sleep(_LOOK_EVERY_S)
            return False
        finally:
            await vantage.close()


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
