"""What must be so before a start makes sense; anything else is refused within seconds."""

from __future__ import annotations

import contextlib
import re
import socket

import redis

from reference_impl.common.addresses import place_of
from reference_impl.flowise.database import Database, DatabaseError, database_url, make_engine
from reference_impl.flowise.keys import Keys
from reference_impl.flowise.redis_link import REDIS_ERRORS, connect_blocking
from reference_impl.flowise.secret_key import SecretKey
from reference_impl.flowise.settings import Settings, SettingsError, redacted

OLDEST_REDIS = (6, 2)
MISMATCH = (
    "the secret key differs from the one of the main server on queue {queue}: main server and "
    "workers need to share it (FLOWISE_SECRETKEY_OVERWRITE, or one file below SECRETKEY_PATH)"
)


class StartRefused(Exception):
    """Why this program cannot start."""


def check_port(settings: Settings, *, name: str, port: int) -> None:
    """The port must be free."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, port))
        except OSError as error:
            place = place_of(settings.host, port)
            raise StartRefused(f"{name}: cannot listen on {place}: {error}") from error


def check_redis(settings: Settings, secret: SecretKey) -> None:
    """Redis must answer, let us in, be recent enough, and know no other secret key."""
    place = settings.redis_place
    try:
        with contextlib.closing(connect_blocking(settings)) as client:
            version = str(client.info("server").get("redis_version", "unknown"))
            found = client.get(Keys(settings.prediction_queue).secret)
    except SettingsError as error:
        raise StartRefused(str(error)) from error
    except (*REDIS_ERRORS, ValueError) as error:
        raise StartRefused(_why_no_redis(place, error)) from error
    if not _recent(version):
        raise StartRefused(f"Redis at {place} is version {version}; 6.2 or later is required")
    if found is not None and found != secret.fingerprint:
        raise StartRefused(MISMATCH.format(queue=settings.queue_name))


async def prepare_database(settings: Settings) -> Database:
    """Create folder and tables, or say in one line why that cannot be."""
    url = database_url(settings)
    try:
        if url.get_backend_name() == "sqlite" and settings.database_url is None:
            settings.database_folder.mkdir(parents=True, exist_ok=True)
        database = Database(make_engine(settings))
        await database.prepare()
    except (DatabaseError, OSError, ImportError) as error:
        line = redacted(str(error).partition("\n")[0])
        raise StartRefused(f"the database cannot be used: {line}") from error
    return database


def _why_no_redis(place: str, error: Exception) -> str:
    text = str(error).partition("\n")[0]
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower():
        return f"Redis at {place}: its certificate is not trusted (REDIS_CA): {text}"
    if isinstance(error, redis.AuthenticationError):
        return f"Redis at {place} refuses REDIS_USERNAME or REDIS_PASSWORD: {text}"
    return f"Redis at {place} cannot be used: {text}"


def _recent(version: str) -> bool:
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_REDIS
