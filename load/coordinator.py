"""The coordinator of a run's processes: the spec goes out, records come in, all stop at once.

The coordinating process is locust's master, or the only one. It writes what comes down beside the
spec, ends a climb when the capacity is found, and ends the run when a file named `stop` appears
in the run's folder, which is how it is interrupted without losing what was measured.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import gevent
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from load.generator import Generator
from queueproof.load.climbing import ClimbWatch
from queueproof.load.records import RECORDS
from queueproof.load.run_spec import RUN_SPEC_VARIABLE, STOP_FILE, RunSpec, read_spec
from queueproof.redaction import known_secrets, redacted

_SPEC = "queueproof_run_spec"
_RECORD = "queueproof_record"
_STOP = "queueproof_stop"
_SPEC_WITHIN_S = 30.0
_LOOK_EVERY_S = 0.2
_UI_STAYS_S = 3.0


class Coordinator:
    """One process's part in the run."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.spec: RunSpec | None = None
        self.generator: Generator | None = None
        self._watch: ClimbWatch | None = None
        self._closed = 0
        self._told_to_stop = ""
        path = os.environ.get(RUN_SPEC_VARIABLE)
        if path and not isinstance(environment.runner, WorkerRunner):
            self._hold(read_spec(_text_of(path)))

    def listen(self) -> None:
        """Connect this process to the others."""
        runner = self.environment.runner
        if isinstance(runner, MasterRunner):
            runner.register_message(_RECORD, self._on_record)
            runner.register_message(_SPEC, self._on_wish)
        elif isinstance(runner, WorkerRunner):
            runner.register_message(_SPEC, self._on_spec)
            runner.register_message(_STOP, self._on_stop)
        if self.spec is not None:
            gevent.spawn(self._look_for_stop, Path(self.spec.folder) / STOP_FILE)

    def await_spec(self) -> RunSpec:
        """The spec, asked of the master where this process has none."""
        runner = self.environment.runner
        assert runner is not None
        late_s = time.monotonic() + _SPEC_WITHIN_S
        if self.spec is None:
            runner.send_message(_SPEC, {})
        while self.spec is None:
            if time.monotonic() > late_s:
                raise RuntimeError("the master sent no spec")
            gevent.sleep(0.01)
        return self.spec

    def index(self) -> int:
        """This process's number among the generating ones."""
        runner = self.environment.runner
        return runner.worker_index if isinstance(runner, WorkerRunner) else 0

    def take(self, record: dict[str, Any]) -> None:
        """A record of this process: to the master, or written down."""
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            runner.send_message(_RECORD, record)
        else:
            self._write(record)

    def stop(self, why: str) -> None:
        """No more arrivals, in any process."""
        if self._told_to_stop:
            return
        self._told_to_stop = why
        runner = self.environment.runner
        if isinstance(runner, MasterRunner):
            runner.send_message(_STOP, {"why": why})
        elif self.generator is not None:
            self.generator.stop(why)

    def _hold(self, spec: RunSpec) -> None:
        self.spec = spec
        for template in spec.templates:
            known_secrets.learn_headers(template.headers)
        # Which of the front's headers let in is not known here: all of them may.
        known_secrets.learn(*spec.headers.values())
        known_secrets.learn_headers(spec.headers)
        known_secrets.learn_url(spec.proxy)
        if spec.climb is not None:
            self._watch = ClimbWatch(spec.climb, spec.stretches, window_s=spec.window_s)

    def _on_record(self, environment: Environment, msg: Any, **_: Any) -> None:  # noqa: ARG002
        self._write(msg.data)

    def _on_wish(self, environment: Environment, msg: Any, **_: Any) -> None:
        assert self.spec is not None
        assert environment.runner is not None
        text = self.spec.as_json()
        environment.runner.send_message(_SPEC, {"spec": text}, client_id=msg.node_id)

    def _on_spec(self, environment: Environment, msg: Any, **_: Any) -> None:  # noqa: ARG002
        self.spec = read_spec(msg.data["spec"])

    def _on_stop(self, environment: Environment, msg: Any, **_: Any) -> None:  # noqa: ARG002
        if self.generator is not None:
            self.generator.stop(msg.data["why"])

    def _look_for_stop(self, path: Path) -> None:
        while not path.exists():
            gevent.sleep(_LOOK_EVERY_S)
        self.stop(path.read_text("utf-8").strip() or "stopped")

    def _write(self, record: dict[str, Any]) -> None:
        assert self.spec is not None
        with (Path(self.spec.folder) / RECORDS).open("a", encoding="utf-8") as sink:
            sink.write(redacted(json.dumps(record, ensure_ascii=False)) + "\n")
        if self._watch is not None and "totals" not in record:
            why = self._watch.add(record, processes=self.spec.processes)
            if why:
                self.stop(why)
        self._closed += "totals" in record
        if self._closed == self.spec.processes:
            gevent.spawn(self._finish)

    def _finish(self) -> None:
        runner = self.environment.runner
        assert runner is not None
        self.environment.process_exit_code = 0
        web_ui: Any = self.environment.web_ui  # locust leaves its methods untyped
        if web_ui is not None:
            runner.stop()
            gevent.sleep(_UI_STAYS_S)
            web_ui.stop()
        runner.quit()


def _text_of(path: str) -> str:
    """The whole file, also where opening it again goes on where another reader stopped."""
    with Path(path).open(encoding="utf-8") as source:
        source.seek(0)
        return source.read()
