"""Gunicorn's configuration, made from the settings. ``GUNICORN_CMD_ARGS`` overrides it natively.

Langflow 1.10 "Deploy Langflow with multiple workers", Recommended Gunicorn settings.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from reference_impl.common.addresses import place_of
from reference_impl.fast import starting
from reference_impl.langflow import boot
from reference_impl.langflow.settings import load

_settings = load(os.environ)

KILL_AFTER_DRAIN_S = 10
KEEP_ALIVE_S = 75

bind = place_of(_settings.host, _settings.port)
workers = _settings.workers
worker_class = "reference_impl.langflow.gunicorn_worker.ReferenceWorker"
timeout = _settings.worker_timeout_s
graceful_timeout = int(_settings.drain_s) + KILL_AFTER_DRAIN_S
preload_app = _settings.preload
keepalive = KEEP_ALIVE_S
loglevel = "warning"
proc_name = "langflow-reference"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """In the master, before anything else.

    A terminal or a connection that closes sends SIGHUP. Gunicorn would load everything anew and
    live on without anybody who could end it; it is an end here, as for any program. `nohup` is
    for those who want otherwise.
    """
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    server.handle_hup = _do_nothing if ignored else server.handle_term
    boot.allow_many_connections()
    if _settings.preload:
        print(boot.PRELOAD_BEGINS, flush=True)


def when_ready(server: Any) -> None:
    """In the master, before it forks."""
    starting.loaded()
    if _settings.preload:
        print(boot.PRELOAD_DONE, flush=True)


def post_worker_init(worker: Any) -> None:
    """In a worker, once it has the application.

    A terminal that closes tells every process; a worker drains when the master says so.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    starting.loaded()


def on_exit(server: Any) -> None:
    """In the master, after its workers."""
    try:
        boot.leave(_settings)
    except Exception as error:  # noqa: BLE001 - a database that is away must not spoil the exit code
        print(f"replica row not removed: {type(error).__name__}", file=sys.stderr)


def _do_nothing() -> None:
    """Not even that."""
