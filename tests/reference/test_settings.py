"""Settings: the document's names, defaults and fallbacks; refusals in one clear line."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from reference_impl.langflow.settings import Settings, SettingsError, load, redacted

DOCUMENTED_DEFAULTS = {
    "workers": 1,
    "queue_type": "asyncio",
    "queue_url": None,
    "queue_db": 1,
    "ttl_s": 3600,
    "startup_grace_s": 30.0,
    "cancel_channel_enabled": True,
    "cancel_marker_ttl_s": 60,
    "stale_threshold_s": 90.0,
    "watchdog_interval_s": 15.0,
    "preload": False,
    "worker_timeout_s": 300,
}
REDIS = {"LANGFLOW_JOB_QUEUE_TYPE": "redis"}


@pytest.mark.parametrize(("field", "expected"), DOCUMENTED_DEFAULTS.items())
def test_the_defaults_are_the_documented_ones(field: str, expected: object) -> None:
    """Langflow 1.10 "Deploy Langflow with multiple workers", Configuration reference."""
    assert getattr(load({}), field) == expected


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, "redis://localhost:6379/1"),
        ({"LANGFLOW_REDIS_HOST": "cache", "LANGFLOW_REDIS_PORT": "7"}, "redis://cache:7/1"),
        (
            {"LANGFLOW_REDIS_HOST": "cache", "LANGFLOW_REDIS_QUEUE_HOST": "queue"},
            "redis://queue:6379/1",
        ),
        ({"LANGFLOW_REDIS_QUEUE_PORT": "8", "LANGFLOW_REDIS_PORT": "7"}, "redis://localhost:8/1"),
        ({"LANGFLOW_REDIS_QUEUE_DB": "4"}, "redis://localhost:6379/4"),
        (
            {
                "LANGFLOW_REDIS_QUEUE_URL": "rediss://u:p@safe:9/3?ssl_ca_certs=/ca.pem",
                "LANGFLOW_REDIS_QUEUE_HOST": "queue",
                "LANGFLOW_REDIS_QUEUE_DB": "0",
            },
            "rediss://u:p@safe:9/3?ssl_ca_certs=/ca.pem",
        ),
    ],
)
def test_where_the_queue_is(environ: dict[str, str], address: str) -> None:
    """The URL wins; host and port fall back to the general ones."""
    assert load({**REDIS, **environ}).queue_address == address


REFUSALS = [
    ({"LANGFLOW_WORKERS": "0"}, "LANGFLOW_WORKERS"),
    ({"LANGFLOW_WORKERS": "two"}, "LANGFLOW_WORKERS"),
    ({"LANGFLOW_WORKERS": "3"}, "LANGFLOW_JOB_QUEUE_TYPE=redis"),
    ({"LANGFLOW_JOB_QUEUE_TYPE": "kafka"}, "asyncio, redis"),
    ({"LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL": "0"}, "1 or more"),
    ({"LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL": "-5"}, "1 or more"),
    ({"LANGFLOW_REDIS_QUEUE_TTL": "1.5"}, "LANGFLOW_REDIS_QUEUE_TTL"),
    ({"LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S": "-1"}, "0 or more"),
    ({"LANGFLOW_REDIS_QUEUE_STARTUP_GRACE_S": "nan"}, "0 or more"),
    ({"LANGFLOW_REDIS_QUEUE_POLLING_WATCHDOG_INTERVAL_S": "0"}, "more than 0"),
    ({"LANGFLOW_REDIS_QUEUE_CANCEL_CHANNEL_ENABLED": "maybe"}, "true or false"),
    ({"LANGFLOW_REDIS_QUEUE_URL": "http://host/1"}, "redis://"),
    ({"LANGFLOW_REDIS_QUEUE_URL": "redis://host/one"}, "redis://"),
    ({"LANGFLOW_REDIS_QUEUE_PORT": "99999"}, "65535"),
    ({"LANGFLOW_DATABASE_URL": "mysql://x/y"}, "postgresql://"),
    ({"LANGFLOW_AUTO_LOGIN": "false"}, "LANGFLOW_SUPERUSER"),
    ({"LANGFLOW_AUTO_LOGIN": "false", "LANGFLOW_SUPERUSER": "a"}, "LANGFLOW_SUPERUSER_PASSWORD"),
    ({"LANGFLOW_REDIS_QUEUE_TLL": "3"}, "LANGFLOW_REDIS_QUEUE_TLL"),
    ({"REFERENCE_SPEED": "3"}, "REFERENCE_SPEED"),
    ({"REFERENCE_OWNER_LEASE_S": "0"}, "more than 0"),
    ({"REFERENCE_VARIANT": "no_such_variant"}, "REFERENCE_VARIANT"),
]


@pytest.mark.parametrize(("environ", "said"), REFUSALS)
def test_a_malformed_or_unknown_setting_is_refused_by_name(
    environ: dict[str, str], said: str
) -> None:
    """The line names the variable and what is allowed, and is one line."""
    with pytest.raises(SettingsError) as refusal:
        load(environ)
    line = str(refusal.value)
    assert said in line
    assert next(iter(environ)) in line or "LANGFLOW_SUPERUSER" in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("environ", "collides"),
    [
        ({"LANGFLOW_REDIS_QUEUE_DB": "0"}, True),
        ({"LANGFLOW_REDIS_QUEUE_URL": "redis://somewhere"}, True),
        ({"LANGFLOW_REDIS_QUEUE_URL": "redis://somewhere/0"}, True),
        ({"LANGFLOW_REDIS_URL": "redis://127.0.0.1:6379/1"}, True),
        ({"LANGFLOW_REDIS_DB": "1"}, True),
        ({"LANGFLOW_REDIS_URL": "redis://other:6379/1"}, False),
        ({"LANGFLOW_REDIS_QUEUE_URL": "redis://q/0", "LANGFLOW_REDIS_HOST": "cache"}, False),
        ({"LANGFLOW_REDIS_QUEUE_URL": "redis://somewhere/1"}, False),
    ],
)
def test_queue_and_cache_must_not_share_an_index(environ: dict[str, str], collides: bool) -> None:
    """On one server; a cache that is not configured counts as being on the queue's."""
    if not collides:
        assert isinstance(load({**REDIS, **environ}), Settings)
        return
    with pytest.raises(SettingsError, match="collide"):
        load({**REDIS, **environ})


def test_credentials_are_never_repeated() -> None:
    """Not even in the refusal of the URL that carries them."""
    assert redacted("redis://user:secret@host:1/2") == "redis://***@host:1/2"
    with pytest.raises(SettingsError) as refusal:
        load({"LANGFLOW_REDIS_QUEUE_URL": "http://user:secret@host"})
    assert "secret" not in str(refusal.value)


def test_a_refused_start_is_quick_exits_2_and_says_one_line() -> None:
    """Before anything heavy is imported."""
    command = [sys.executable, "-m", "reference_impl", "langflow"]
    began = time.monotonic()
    run = subprocess.run(
        command, env={"LANGFLOW_WORKERS": "none"}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "LANGFLOW_WORKERS" in run.stderr
    assert run.stdout == ""
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("url", "index"),
    [
        ("redis://h:1/3", 3),
        ("redis://h:1?db=3", 3),
        ("redis://h:1/2?db=3", 3),
        ("redis://h:1/2?db=", 2),
        ("redis://h:1", 0),
    ],
)
def test_the_index_is_in_the_path_or_in_the_query(url: str, index: int) -> None:
    """As redis-py has it, the query wins."""
    settings = load({"LANGFLOW_REDIS_QUEUE_URL": url, "LANGFLOW_REDIS_HOST": "elsewhere"})

    assert settings.queue_index == index
