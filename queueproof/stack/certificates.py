"""A certificate authority for one run, and a server's certificate that it signed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from queueproof.errors import NotAssessed
from queueproof.extras import how_to_get


@dataclass(frozen=True)
class Certificates:
    """PEM files: the authority's certificate, and the server's certificate with its key."""

    authority: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path) -> Certificates:
    """Certificates for a server on loopback (127.0.0.1 and localhost).

    Raises NotAssessed where what makes them is not installed.
    """
    try:
        import trustme
    except ImportError:
        raise NotAssessed(f"certificates for a Redis with TLS: {how_to_get('chaos')}") from None
    authority = trustme.CA(organization_name="queueproof")
    server = authority.issue_cert("localhost", "127.0.0.1", organization_name="queueproof")
    made = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority.cert_pem.write_to_path(made.authority)
    server.cert_chain_pems[0].write_to_path(made.certificate)
    made.key.touch(mode=0o600)
    server.private_key_pem.write_to_path(made.key)
    return made
