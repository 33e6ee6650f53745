"""What must be so before a start makes sense; anything else is refused within seconds."""

from __future__ import annotations

import re
import socket

from sqlalchemy.exc import SQLAlchemyError

from reference_impl.common.addresses import place_of
from reference_impl.langflow import boot
from reference_impl.langflow.replicas import MixedQueueTypes
from reference_impl.langflow.settings import Settings, redacted
from reference_impl.store.redis_client import REDIS_ERRORS, connect_blocking

OLDEST_REDIS = 6
REDIS_WITHIN_S = 3.0


class StartRefused(Exception):
    """Why this deployment cannot start."""


def check(settings: Settings) -> None:
    """Check port, Redis and database, in this order."""
    check_port(settings)
    if settings.on_redis:
        check_redis(settings)
    check_database(settings)


def check_port(settings: Settings) -> None:
    """The port must be free; Gunicorn itself would try for five seconds."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            place = place_of(settings.host, settings.port)
            raise StartRefused(f"LANGFLOW_PORT: cannot listen on {place}: {error}") from error


def check_redis(settings: Settings) -> None:
    """Redis must answer, let us in, and be of version 6 or later."""
    place = redacted(settings.queue_address)
    try:
        client = connect_blocking(settings.queue_address, timeout_s=REDIS_WITHIN_S)
        client.ping()
        version = str(client.info("server").get("redis_version", "unknown"))
        client.connection_pool.disconnect()
    except (*REDIS_ERRORS, ValueError) as error:
        raise StartRefused(f"the job queue's Redis at {place} cannot be used: {error}") from error
    major = re.match(r"\d+", version)
    if major is None or int(major[0]) < OLDEST_REDIS:
        raise StartRefused(
            f"the job queue's Redis at {place} is version {version}; "
            f"version {OLDEST_REDIS} or later is required"
        )


def check_database(settings: Settings) -> None:
    """The database must take the tables and the superuser, and no rival queue type."""
    try:
        boot.prepare(settings)
    except MixedQueueTypes as error:
        raise StartRefused(str(error)) from error
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise StartRefused(f"the database cannot be used: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return redacted(str(error).partition("\n")[0])
