"""TLS to Redis with the deployment's own certificate, key and authority."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey


class Authority:
    """Signs certificates for tests."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.pem = self._sign(self.name, self.key, is_authority=True)

    def issue(self, folder: Path, name: str) -> tuple[Path, Path]:
        """A certificate for loopback, and its key, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate, secret = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self._sign(subject, key, is_authority=False))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, secret

    def _sign(self, subject: x509.Name, key: Key, *, is_authority: bool) -> bytes:
        now = dt.datetime.now(dt.UTC)
        loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
            .add_extension(identifier, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def secured(redis_factory: Any, tmp_path: Path) -> tuple[Any, Authority, dict[str, str]]:
    """A Redis that wants certificates, its authority, and the settings of whoever has one."""
    authority = Authority("ours")
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    certificate, key = authority.issue(tmp_path, "server")
    own, own_key = authority.issue(tmp_path, "client")
    server = redis_factory(
        *("--port", "0", "--tls-port", "OWN_PORT", "--tls-ca-cert-file", str(tmp_path / "ca.pem")),
        *("--tls-cert-file", str(certificate), "--tls-key-file", str(key)),
        *("--tls-auth-clients", "yes"),
    )
    if not _has_tls(server):
        pytest.skip("this redis-server was built without TLS")
    server.start()
    settings = {
        "MODE": "queue",
        "REDIS_HOST": "127.0.0.1",
        "REDIS_PORT": str(server.port),
        "REDIS_TLS": "true",
        "REDIS_CERT": base64.b64encode(own.read_bytes()).decode(),
        "REDIS_KEY": str(own_key),
        "REDIS_CA": authority.pem.decode(),
    }
    return server, authority, settings


def _has_tls(server: Any) -> bool:
    if shutil.which("ldd") is None:
        return False
    libraries = subprocess.run(["ldd", server.binary], capture_output=True, text=True)
    return "libssl" in libraries.stdout


def test_predictions_run_over_tls(secured: Any, local_deployment: Any) -> None:
    """Certificate in base64, key by path, authority as text."""
    _, _, settings = secured
    local_deployment.extra.update(settings)
    local_deployment.start_server()
    local_deployment.start_worker()
    flow = local_deployment.flow({"pause_ms": 10})
    assert local_deployment.predict(flow).json()["text"] == "tick-0"
    assert local_deployment.stream(flow)[-1] == ("end", "[DONE]")


def test_a_program_leaves_no_key_behind(
    secured: Any, local_deployment: Any, tmp_path: Path
) -> None:
    """What TLS needs as files is there once while a program runs, and gone with it."""
    _, _, settings = secured
    folder = tmp_path / "temporary"
    folder.mkdir()
    key = Path(settings["REDIS_KEY"]).read_text("utf-8")
    local_deployment.extra.update(settings, REDIS_KEY=key, TMPDIR=str(folder))
    server = local_deployment.start_server()
    while_up = list(folder.rglob("*.pem"))
    server.process.terminate()
    server.process.wait(timeout=20)

    assert len(while_up) == 3
    assert list(folder.rglob("*.pem")) == []


@pytest.mark.parametrize("program", ["start", "worker"])
def test_a_wrong_authority_is_a_clear_error(
    secured: Any, local_deployment: Any, program: str
) -> None:
    """At start, in one line that names the setting."""
    _, _, settings = secured
    wrong = {**settings, "REDIS_CA": Authority("theirs").pem.decode()}
    refused = local_deployment.launch(program, **wrong)
    assert refused.process.wait(timeout=10) == 1
    said = refused.errors.read_text("utf-8")
    assert "certificate" in said
    assert "REDIS_CA" in said
    assert said.count("\n") == 1
