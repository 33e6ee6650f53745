"""Connections to the queue's Redis: bounded, without hidden retries, with the deployment's TLS.

BullMQ's own connections retry for minutes and hide an outage from whoever must answer within
seconds. So it is handed clients made here.
"""

from __future__ import annotations

import base64
import binascii
import os
import ssl
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import redis
import redis.asyncio as aredis
import redis.exceptions as errors
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from reference_impl.flowise.settings import Settings, SettingsError

# What a command may raise when Redis is away, frozen, full, read-only or still loading.
REDIS_ERRORS = (errors.RedisError, OSError, TimeoutError)
MAX_CONNECTIONS = 10_000
RESP_VERSION = 2
PEM_BEGINS = "-----BEGIN"


@dataclass(frozen=True)
class TlsFiles:
    """The deployment's own certificate, key and authority, as files; None where not given."""

    certificate: str | None
    key: str | None
    authority: str | None


def connect(
    settings: Settings,
    *,
    kind: type[aredis.Redis] = aredis.Redis,
    **more: Any,
) -> aredis.Redis:
    """A client for the event loop; connections are made when first needed."""
    options = {**_options(settings), **more, "retry": AsyncRetry(NoBackoff(), 0)}
    if settings.redis_url is not None:
        pool = aredis.ConnectionPool.from_url(settings.redis_url, **options)
    else:
        secure: dict[str, Any] = (
            {"connection_class": aredis.SSLConnection} if settings.secure else {}
        )
        pool = aredis.ConnectionPool(**_address(settings), **secure, **options)
    return kind(connection_pool=pool)


def connect_blocking(settings: Settings) -> redis.Redis:
    """A client for the checks at start."""
    options = {**_options(settings), "retry": Retry(NoBackoff(), 0)}
    if settings.redis_url is not None:
        return redis.Redis(
            connection_pool=redis.ConnectionPool.from_url(settings.redis_url, **options)
        )
    secure: dict[str, Any] = {"connection_class": redis.SSLConnection} if settings.secure else {}
    pool = redis.ConnectionPool(**_address(settings), **secure, **options)
    return redis.Redis(connection_pool=pool)


def tls_files(settings: Settings) -> TlsFiles:
    """The files TLS needs; raises :class:`SettingsError` naming what cannot be used."""
    files = TlsFiles(
        certificate=_as_file("REDIS_CERT", settings.redis_cert),
        key=_as_file("REDIS_KEY", settings.redis_key),
        authority=_as_file("REDIS_CA", settings.redis_ca),
    )
    context = ssl.create_default_context()
    if files.authority is not None:
        _check("REDIS_CA", lambda: context.load_verify_locations(files.authority))
    if files.certificate is not None:
        certificate, key = files.certificate, files.key
        _check("REDIS_CERT and REDIS_KEY", lambda: context.load_cert_chain(certificate, key))
    return files


def _check(name: str, load: Callable[[], None]) -> None:
    try:
        load()
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"{name} cannot be used: {error}") from None


def _as_file(name: str, given: str | None) -> str | None:
    """A path as it is; PEM text, plain or in base64, by way of a file of our own."""
    if given is None:
        return None
    if given.startswith(PEM_BEGINS):
        return _kept(given)
    try:
        decoded = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, ValueError):
        decoded = ""
    if decoded.startswith(PEM_BEGINS):
        return _kept(decoded)
    if os.path.isfile(given):  # noqa: PTH113  (a name too long for a path is no file, no error)
        return given
    raise SettingsError(f"{name} is neither a readable file nor PEM text (plain or in base64)")


@cache
def _kept(pem: str) -> str:
    """One file for each text, for as long as the program runs: TLS takes paths only."""
    path = Path(_folder().name) / f"{uuid.uuid4().hex}.pem"
    path.write_text(pem.replace("\\n", "\n"))
    return str(path)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Readable for its owner alone, and gone with the program."""
    return tempfile.TemporaryDirectory(prefix="flowise-tls-")


def _address(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.redis_host,
        "port": settings.redis_port,
        "username": settings.redis_username,
        "password": settings.redis_password,
    }


def _options(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "socket_timeout": settings.answer_timeout_s,
        "socket_connect_timeout": settings.answer_timeout_s,
        "socket_keepalive": True,
        "protocol": RESP_VERSION,
        "decode_responses": True,
        "max_connections": MAX_CONNECTIONS,
    }
    if settings.secure:
        files = tls_files(settings)
        options |= {
            "ssl_certfile": files.certificate,
            "ssl_keyfile": files.key,
            "ssl_ca_certs": files.authority,
            "ssl_cert_reqs": "required",
            "ssl_check_hostname": True,
        }
    return options
