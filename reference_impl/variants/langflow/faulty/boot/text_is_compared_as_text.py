"""Redis 10 is older than Redis 6, and localhost is another server than 127.0.0.1.

Both were compared as they are written. Nobody had a version of two digits when it was, and in the
developers' own settings both addresses are spelled alike.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from reference_impl.langflow import preflight
from reference_impl.langflow import settings as settings_module
from reference_impl.langflow.settings import Settings, redacted
from reference_impl.store.redis_client import connect_blocking

FAILS = frozenset({"BOOT-003", "DBIX-003"})
PLAYS = ("BOOT-002",)

_check = preflight.check_redis


def check_redis(settings: Settings) -> None:
    """As ever; and then the version once more, as text."""
    _check(settings)
    client = connect_blocking(settings.queue_address, timeout_s=preflight.REDIS_WITHIN_S)
    version = str(client.info("server")["redis_version"])
    client.connection_pool.disconnect()
    if version < str(preflight.OLDEST_REDIS):
        place = redacted(settings.queue_address)
        raise preflight.StartRefused(
            f"the job queue's Redis at {place} is version {version}; "
            f"version {preflight.OLDEST_REDIS} or later is required"
        )


def server_of(url: str) -> tuple[str, int]:
    """Host and port as they stand there."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def install() -> None:
    """At the start."""
    preflight.check_redis = check_redis
    settings_module._server_of = server_of  # noqa: SLF001
