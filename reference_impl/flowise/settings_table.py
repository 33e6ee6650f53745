"""Every setting by its environment name: how it is read, its default, what is allowed.

Names and defaults are those of Flowise's "Running Flowise using Queue", Queue Mode and Docker
Setup; the secret key, database and paths are those its page refers to. Our own:

============================== ======= =========================================================
``REFERENCE_DATABASE_URL``     not set PostgreSQL (or SQLite) by URL; wins over ``DATABASE_*``
``REFERENCE_LOCK_S``           30      a worker silent for this long has lost its jobs
``REFERENCE_WAIT_S``           300     longest wait for a prediction's end; beyond it, 504
``REFERENCE_ANSWER_TIMEOUT_S`` 3       longest a request waits for Redis; beyond it, 503
``REFERENCE_OUTAGE_PATIENCE_S`` 10     how long a running prediction rides out an absent Redis
``REFERENCE_DRAIN_S``          30      how long a stopping worker lets its jobs finish
``REFERENCE_HEARTBEAT_S``      30      longest silence of an event stream
``REFERENCE_MEMBER_EMAIL``     not set an ordinary member, made at start: uses predictions,
``REFERENCE_MEMBER_PASSWORD``          sees no dashboard
``REFERENCE_VARIANT``          not set variant to be wired in, see ``flowise/variants.py``
``REFERENCE_FAST``             1       0 leaves out what only makes it quick (``fast/``)
============================== ======= =========================================================

``REMOVE_ON_AGE`` is in seconds, as BullMQ counts; ``-1`` keeps jobs of any age. The certificate
settings take a file's path, PEM text, or PEM text in base64.
"""

from __future__ import annotations

from collections.abc import Callable

from reference_impl.common.setting_readers import (
    PORT,
    Refused,
    Row,
    address,
    database_url,
    flag,
    one_of,
    seconds,
    text,
    variant_name,
    whole,
)
from reference_impl.common.setting_readers import redis_url as any_redis_url

# Prefixes under which a name nobody knows is a mistake and not somebody else's setting.
OWN_PREFIXES = ("QUEUE_", "REDIS_", "REMOVE_ON_", "WORKER_", "FLOWISE_", "REFERENCE_")

# Settings of the real system that deployments carry and nothing here depends on.
ACCEPTED = frozenset(
    {
        "FLOWISE_FILE_SIZE_LIMIT",
        "FLOWISE_PASSWORD",
        "FLOWISE_USERNAME",
        "REFERENCE_ENVIRONMENT",
    }
)


def queue_name(value: str) -> str:
    """A queue's name, which becomes part of Redis keys."""
    if ":" in value:
        raise Refused("must not contain ':', which separates the parts of Redis keys")
    return value


def redis_url(value: str) -> str:
    """redis:// or rediss://; the secure form is what REDIS_TLS says for a plain host."""
    if value.startswith("unix:"):
        raise Refused("must be a redis:// or rediss:// URL such as redis://host:6379")
    return any_redis_url(value)


def limit(value: str) -> int | None:
    """A number of seconds or jobs; -1 for none."""
    number = whole(low=-1)(value)
    return None if number == -1 else number


def mode(*words: str) -> Callable[[str], str]:
    """The document writes the values in small letters, and ``MODE=QUEUE`` in its flow diagram."""
    return one_of(*words)


TABLE: tuple[Row, ...] = (
    Row("MODE", "mode", "main", mode("main", "queue")),
    Row("HOST", "host", "127.0.0.1", address),
    Row("PORT", "port", 3000, PORT),
    Row("WORKER_PORT", "worker_port", 5566, PORT),
    Row("WORKER_CONCURRENCY", "concurrency", 10_000, whole(low=1)),
    Row("QUEUE_NAME", "queue_name", "flowise-queue", queue_name),
    Row("QUEUE_REDIS_EVENT_STREAM_MAX_LEN", "event_stream_max_len", 10_000, whole(low=1)),
    Row("REMOVE_ON_AGE", "remove_on_age_s", None, limit),
    Row("REMOVE_ON_COUNT", "remove_on_count", 10_000, limit),
    Row("REDIS_URL", "redis_url", None, redis_url),
    Row("REDIS_HOST", "redis_host", "localhost", text),
    Row("REDIS_PORT", "redis_port", 6379, PORT),
    Row("REDIS_USERNAME", "redis_username", None, text),
    Row("REDIS_PASSWORD", "redis_password", None, text),
    Row("REDIS_TLS", "redis_tls", False, flag),
    Row("REDIS_CERT", "redis_cert", None, text),
    Row("REDIS_KEY", "redis_key", None, text),
    Row("REDIS_CA", "redis_ca", None, text),
    Row("REDIS_KEEP_ALIVE", "redis_keep_alive_ms", None, whole(low=0)),
    Row("ENABLE_BULLMQ_DASHBOARD", "dashboard", False, flag),
    Row("DATABASE_TYPE", "database_type", "sqlite", one_of("sqlite", "postgres")),
    Row("DATABASE_PATH", "database_path", "~/.flowise", text),
    Row("DATABASE_HOST", "database_host", None, text),
    Row("DATABASE_PORT", "database_port", 5432, PORT),
    Row("DATABASE_USER", "database_user", None, text),
    Row("DATABASE_PASSWORD", "database_password", None, text),
    Row("DATABASE_NAME", "database_name", None, text),
    Row("SECRETKEY_PATH", "secretkey_path", "~/.flowise", text),
    Row("FLOWISE_SECRETKEY_OVERWRITE", "secretkey_overwrite", None, text),
    Row("REFERENCE_DATABASE_URL", "database_url", None, database_url),
    Row("REFERENCE_LOCK_S", "lock_s", 30.0, seconds(zero=False)),
    Row("REFERENCE_WAIT_S", "wait_s", 300.0, seconds(zero=False)),
    Row("REFERENCE_ANSWER_TIMEOUT_S", "answer_timeout_s", 3.0, seconds(zero=False)),
    Row("REFERENCE_OUTAGE_PATIENCE_S", "outage_patience_s", 10.0, seconds(zero=True)),
    Row("REFERENCE_DRAIN_S", "drain_s", 30.0, seconds(zero=True)),
    Row("REFERENCE_HEARTBEAT_S", "heartbeat_s", 30.0, seconds(zero=False)),
    Row("REFERENCE_MEMBER_EMAIL", "member_email", None, text),
    Row("REFERENCE_MEMBER_PASSWORD", "member_password", None, text),
    Row("REFERENCE_VARIANT", "variant", None, variant_name),
    Row("REFERENCE_FAST", "fast", True, flag),
)
SECRETS = frozenset({"REDIS_PASSWORD", "REDIS_KEY", "DATABASE_PASSWORD"}) | {
    "FLOWISE_SECRETKEY_OVERWRITE",
    "REFERENCE_MEMBER_PASSWORD",
}
