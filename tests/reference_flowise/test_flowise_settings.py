"""Settings: the document's names and defaults; refusals in one clear line."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reference_impl.flowise.redis_link import tls_files
from reference_impl.flowise.settings import SettingsError, load

DOCUMENTED_DEFAULTS = {
    "mode": "main",
    "concurrency": 10_000,
    "queue_name": "flowise-queue",
    "event_stream_max_len": 10_000,
    "redis_url": None,
    "redis_host": "localhost",
    "redis_port": 6379,
    "redis_username": None,
    "redis_password": None,
    "redis_tls": False,
    "dashboard": False,
    "port": 3000,
    "worker_port": 5566,
}


@pytest.mark.parametrize(("field", "expected"), DOCUMENTED_DEFAULTS.items())
def test_the_defaults_are_the_documented_ones(field: str, expected: object) -> None:
    """Flowise "Running Flowise using Queue", Queue Mode and Docker Setup."""
    assert getattr(load({}), field) == expected


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"MODE": "cluster"}, "MODE"),
        ({"WORKER_CONCURRENCY": "0"}, "WORKER_CONCURRENCY"),
        ({"WORKER_CONCURRENCY": "many"}, "WORKER_CONCURRENCY"),
        ({"QUEUE_REDIS_EVENT_STREAM_MAX_LEN": "-5"}, "QUEUE_REDIS_EVENT_STREAM_MAX_LEN"),
        ({"QUEUE_NAME": "a:b"}, "QUEUE_NAME"),
        ({"REDIS_URL": "http://localhost"}, "REDIS_URL"),
        ({"REDIS_PORT": "70000"}, "REDIS_PORT"),
        ({"REDIS_TLS": "maybe"}, "REDIS_TLS"),
        ({"REMOVE_ON_AGE": "-2"}, "REMOVE_ON_AGE"),
        ({"REMOVE_ON_COUNT": "x"}, "REMOVE_ON_COUNT"),
        ({"REDIS_TLS": "true", "REDIS_CERT": "/c.pem"}, "REDIS_KEY"),
        ({"REDIS_CA": "/ca.pem"}, "REDIS_TLS"),
        ({"REDIS_TLS": "true", "REDIS_URL": "redis://h"}, "rediss"),
        ({"DATABASE_TYPE": "postgres", "DATABASE_HOST": "h"}, "DATABASE_USER"),
        ({"REFERENCE_MEMBER_EMAIL": "a@b.c"}, "REFERENCE_MEMBER_PASSWORD"),
        ({"REDIS_HOSTNAME": "h"}, "REDIS_HOSTNAME"),
        ({"REFERENCE_VARIANT": "No Module"}, "REFERENCE_VARIANT"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(environ: dict[str, str], name: str) -> None:
    """Unknown and malformed settings stop the start."""
    with pytest.raises(SettingsError, match=name) as refusal:
        load(environ)
    assert "\n" not in str(refusal.value)


def test_no_secret_is_shown_in_a_refusal() -> None:
    """Credentials are not what was wrong."""
    with pytest.raises(SettingsError) as refusal:
        load({"REDIS_URL": "http://user:hunter2@host"})
    assert "hunter2" not in str(refusal.value)


def test_what_finished_jobs_keep() -> None:
    """Age in seconds and count, as BullMQ takes them; -1 for no limit."""
    assert load({"REMOVE_ON_AGE": "24", "REMOVE_ON_COUNT": "5"}).keep_jobs == {
        "age": 24,
        "count": 5,
    }
    assert load({"REMOVE_ON_COUNT": "-1"}).keep_jobs == {"count": -1}


def test_a_certificate_is_a_path_or_text_or_text_in_base64(tmp_path: Path) -> None:
    """And whatever is none of these is refused by name."""
    pem = _authority()
    (tmp_path / "ca.pem").write_text(pem)
    for given in (str(tmp_path / "ca.pem"), pem, base64.b64encode(pem.encode()).decode()):
        files = tls_files(load({"REDIS_TLS": "true", "REDIS_CA": given}))
        assert files.authority is not None
        assert Path(files.authority).read_text().strip() == pem.strip()
    with pytest.raises(SettingsError, match="REDIS_CA"):
        tls_files(load({"REDIS_TLS": "true", "REDIS_CA": "/nowhere.pem"}))


def test_a_refused_start_is_one_line_and_an_exit_code() -> None:
    """Of the program itself, without a traceback."""
    environ = {**os.environ, "MODE": "queue", "REDIS_PORT": "none"}
    command = [sys.executable, "-m", "reference_impl", "flowise", "worker"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert done.stderr.startswith("reference_impl: REDIS_PORT=")
    assert done.stderr.count("\n") == 1


def _authority() -> str:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ca")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()
