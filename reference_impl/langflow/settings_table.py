"""Every setting by its environment name: how it is read, its default, what is allowed.

The LANGFLOW_ names, defaults and fallbacks are those of Langflow 1.10 "Deploy Langflow with
multiple workers", Configuration reference and Prerequisites. The REFERENCE_ ones are our own:

============================== ======= =========================================================
``REFERENCE_POLL_HOLD_S``      10      longest a poll with nothing to tell is held
``REFERENCE_ANSWER_TIMEOUT_S`` 3       longest a request waits for the store; beyond it, 503
``REFERENCE_OWNER_LEASE_S``    5       a worker silent for this long is dead
``REFERENCE_OUTAGE_PATIENCE_S`` 10     how long writers and readers ride out an absent Redis
``REFERENCE_DRAIN_S``          20      how long a stopping worker lets its jobs finish
``REFERENCE_WORKER_HEADER``    not set response header that names the worker
``REFERENCE_ENVIRONMENT``      (below) ``production``, the default, or ``test``: may be a variant
``REFERENCE_VARIANT``          not set variant to be wired in, see ``langflow/variants.py``
``REFERENCE_FAST``             1       0 leaves out what only makes it quick (``fast/``)
============================== ======= =========================================================
"""

from __future__ import annotations

from reference_impl.common.setting_readers import (
    PORT,
    Row,
    address,
    database_url,
    flag,
    header_name,
    one_of,
    redis_or_sentinel_url,
    redis_url,
    seconds,
    text,
    variant_name,
    whole,
)

TABLE: tuple[Row, ...] = (
    Row("LANGFLOW_HOST", "host", "127.0.0.1", address),
    Row("LANGFLOW_PORT", "port", 7860, PORT),
    Row("LANGFLOW_WORKERS", "workers", 1, whole(low=1)),
    Row("LANGFLOW_WORKER_TIMEOUT", "worker_timeout_s", 300, whole(low=1)),
    Row("LANGFLOW_GUNICORN_PRELOAD", "preload", False, flag),
    Row("LANGFLOW_CONFIG_DIR", "config_dir", "~/.cache/langflow", text),
    Row("LANGFLOW_DATABASE_URL", "database_url", None, database_url),
    Row("LANGFLOW_SUPERUSER", "superuser", None, text),
    Row("LANGFLOW_SUPERUSER_PASSWORD", "superuser_password", None, text),
    Row("LANGFLOW_AUTO_LOGIN", "auto_login", True, flag),
    Row("LANGFLOW_JOB_QUEUE_TYPE", "queue_type", "asyncio", one_of("asyncio", "redis")),
    Row("LANGFLOW_REDIS_QUEUE_URL", "queue_url", None, redis_or_sentinel_url),
    Row("LANGFLOW_REDIS_QUEUE_HOST", "queue_host", None, text),
    Row("LANGFLOW_REDIS_QUEUE_PORT", "queue_port", None, PORT),
    Row("LANGFLOW_REDIS_QUEUE_DB", "queue_db", 1, whole(low=0)),
    Row("LANGFLOW_REDIS_QUEUE_TTL", "ttl_s", 3600, whole(low=1)),
    Row("LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S", "startup_grace_s", 30.0, seconds(zero=True)),
    Row("LANGFLOW_REDIS_QUEUE_CANCEL_CHANNEL_ENABLED", "cancel_channel_enabled", True, flag),
    Row("LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL", "cancel_marker_ttl_s", 60, whole(low=1)),
    Row(
        "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S",
        "stale_threshold_s",
        90.0,
        seconds(zero=True),
    ),
    Row(
        "LANGFLOW_REDIS_QUEUE_POLLING_WATCHDOG_INTERVAL_S",
        "watchdog_interval_s",
        15.0,
        seconds(zero=False),
    ),
    Row("LANGFLOW_REDIS_URL", "cache_url", None, redis_url),
    Row("LANGFLOW_REDIS_HOST", "cache_host", None, text),
    Row("LANGFLOW_REDIS_PORT", "cache_port", None, PORT),
    Row("LANGFLOW_REDIS_DB", "cache_db", 0, whole(low=0)),
    # Accepted because deployments set them; nothing here depends on them.
    Row("LANGFLOW_CACHE_TYPE", "cache_type", "async", text),
    Row("LANGFLOW_CREATE_STARTER_PROJECTS", "create_starter_projects", False, flag),
    Row("LANGFLOW_LOG_LEVEL", "log_level", "info", text),
    Row("LANGFLOW_EVENT_DELIVERY", "event_delivery", "streaming", text),
    Row("REFERENCE_POLL_HOLD_S", "poll_hold_s", 10.0, seconds(zero=True)),
    Row("REFERENCE_ANSWER_TIMEOUT_S", "answer_timeout_s", 3.0, seconds(zero=False)),
    Row("REFERENCE_OWNER_LEASE_S", "owner_lease_s", 5.0, seconds(zero=False)),
    Row("REFERENCE_OUTAGE_PATIENCE_S", "outage_patience_s", 10.0, seconds(zero=True)),
    Row("REFERENCE_DRAIN_S", "drain_s", 20.0, seconds(zero=True)),
    Row("REFERENCE_WORKER_HEADER", "worker_header", None, header_name),
    Row("REFERENCE_ENVIRONMENT", "environment", "production", one_of("production", "test")),
    Row("REFERENCE_VARIANT", "variant", None, variant_name),
    Row("REFERENCE_FAST", "fast", True, flag),
)
