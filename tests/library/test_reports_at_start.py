"""Ordinary output of a start is no report of what is wrong with it; what a good program says is."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from queueproof.case_helpers.boot_expectations import Report, lines_of

SUITES = Path(__file__).resolve().parent.parent.parent / "suites"


def suite(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"cases_{Path(name).stem}", SUITES / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TYPES, AT_START = suite("boot/test_queue_types.py"), suite("boot/test_redis_at_start.py")
INDEXES = suite("db_index/test_index_separation.py")
PROGRAMS, ADDRESSES = (
    suite("configuration/test_programs.py"),
    suite("configuration/test_redis_address.py"),
)

BENIGN = [
    (TYPES.NOT_SHARED, "Booting worker with pid: 12\njob_queue_service: starting"),
    (TYPES.NOT_SHARED, "Booting worker with pid: 12 … job_queue_service: starting"),
    (TYPES.NOT_SHARED, "{'workers': 2, 'job_queue_type': 'asyncio'}"),
    (TYPES.NOT_SHARED, "{'workers': 2, 'job_queue_type': 'asyncio', 'requires_login': True}"),
    (TYPES.NOT_SHARED, "starting 2 workers with the asyncio event loop"),
    (TYPES.NOT_SHARED, "workers: 2\njob queue: asyncio\nredis must be reachable for the cache"),
    (TYPES.MIXED, "{'job_queue_type': 'asyncio', 'refresh_same_site': 'none'}"),
    (TYPES.MIXED, "job_queue_type=asyncio worker_timeout=30 another_setting=1"),
    (TYPES.MIXED, "job queue type: asyncio\nall workers run in the same event loop"),
    (TYPES.MIXED, "queue type asyncio\ndatabase migrations: no differences for this instance"),
    (INDEXES.COLLISION, "queue connected to redis db 0\ncache connected to redis db 0"),
    (INDEXES.COLLISION, "queue at redis db 0 / cache at redis db 0 / same event loop"),
    (INDEXES.COLLISION, "{'queue_db': 0, 'cache_type': 'redis', 'refresh_same_site': 'none'}"),
    (INDEXES.COLLISION, "cache and queue services use different thread pools"),
    (PROGRAMS._MISMATCH, "Using secret key from /data/key\nWarning: invalid option"),
    (PROGRAMS._MISMATCH, "Using secret key from /data/key; warning: invalid option"),
    (PROGRAMS._MISMATCH, "Secret key read. Another worker is starting."),
    (PROGRAMS._MODE, "loading models"),
    (PROGRAMS._MODE, "NODE_ENV=production, mode=queue"),
    (PROGRAMS._CONCURRENCY, "worker started with concurrency 100"),
    (ADDRESSES.UNTRUSTED, "loaded 143 certificates of trusted authorities"),
    (ADDRESSES.UNTRUSTED, "TLS certificate: /data/redis.crt"),
    (AT_START.TOO_OLD, "langflow version 1.13.0\nconnecting to redis"),
    (AT_START.TOO_OLD, "redis-py version 5.2.1, langflow version 1.13.0"),
    (AT_START.unreachable(41234), "queue url redis://127.0.0.1:41234/1\nerror: disk full"),
    (AT_START.unreachable(41234), "REDIS_URL=redis://127.0.0.1:41234/1"),
]

HONEST = [
    (
        TYPES.NOT_SHARED,
        (
            "LANGFLOW_WORKERS=2 must be 1 with LANGFLOW_JOB_QUEUE_TYPE=asyncio: a build could not "
            "be read from the other workers; set LANGFLOW_JOB_QUEUE_TYPE=redis"
        ),
    ),
    (TYPES.NOT_SHARED, "warning: the in-memory job queue is not shared between 2 workers"),
    (TYPES.NOT_SHARED, "multiple workers require LANGFLOW_JOB_QUEUE_TYPE=redis, not asyncio"),
    (
        TYPES.MIXED,
        (
            "LANGFLOW_JOB_QUEUE_TYPE=asyncio, but a live replica on the same database uses redis; "
            "all replicas must use the same queue type"
        ),
    ),
    (TYPES.MIXED, "Mixed deployment: job queue types redis and asyncio on one database"),
    (TYPES.MIXED, "queue type mismatch: this instance uses asyncio"),
    (
        INDEXES.COLLISION,
        (
            "LANGFLOW_REDIS_QUEUE_URL: queue and cache both use database index 0 of one server; "
            "their keys would collide, so the indexes must differ"
        ),
    ),
    (INDEXES.COLLISION, "Warning: cache and job queue share the same Redis database (0)"),
    (INDEXES.COLLISION, "the queue's db must be different from the cache's"),
    (
        PROGRAMS._MISMATCH,
        (
            "the secret key differs from the one of the main server on queue q: main server and "
            "workers need to share it (FLOWISE_SECRETKEY_OVERWRITE, or one file below "
            "SECRETKEY_PATH)"
        ),
    ),
    (PROGRAMS._MISMATCH, "Error: encryption key does not match the server's"),
    (PROGRAMS._MISMATCH, "wrong secret key"),
    (PROGRAMS._MODE, "MODE must be main or queue, not sideways"),
    (PROGRAMS._CONCURRENCY, "WORKER_CONCURRENCY='many' must be a whole number"),
    (ADDRESSES.UNTRUSTED, "Redis at x:1: its certificate is not trusted (REDIS_CA): …"),
    (ADDRESSES.UNTRUSTED, "Error: self-signed certificate in certificate chain"),
    (ADDRESSES.UNTRUSTED, "unable to verify the first certificate"),
    (ADDRESSES.UNTRUSTED, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"),
    (AT_START.TOO_OLD, "Redis at x:1 is version 5.0.14; 6.0 or later is required"),
    (AT_START.TOO_OLD, "Redis 5.0.14 is too old"),
    (
        AT_START.unreachable(41234),
        "redis.exceptions.ConnectionError: Error 111 connecting to 127.0.0.1:41234. Refused.",
    ),
]


def told(report: Report, output: str) -> bool:
    return any(report.is_in(line) for line in lines_of(output))


@pytest.mark.parametrize(("report", "output"), BENIGN)
def test_ordinary_output_is_no_report(report: Report, output: str) -> None:
    assert not told(report, output)


@pytest.mark.parametrize(("report", "output"), HONEST)
def test_a_line_that_says_what_is_wrong_is_one(report: Report, output: str) -> None:
    assert told(report, output)
