"""Whose certificates are trusted: the system's authorities, and those that the user names.

OpenSSL reads `SSL_CERT_FILE` and `SSL_CERT_DIR` by itself. `REQUESTS_CA_BUNDLE`, which many
machines behind a company's proxy have instead, is read here where neither of them is set.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

#: The variables that name authorities, those that OpenSSL reads first.
AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_BUNDLE = "REQUESTS_CA_BUNDLE"
_CERTIFICATE = re.compile(
    r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----.+?-----END (?:TRUSTED )?CERTIFICATE-----", re.DOTALL
)


def certificates_in(text: str) -> str:
    """The certificates of a PEM file, without what stands between them; empty for none.

    Raises ValueError for certificates that cannot be read.
    """
    found = "\n".join(_CERTIFICATE.findall(text))
    if found:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=found)
    return found


def trusting(
    context: ssl.SSLContext, authorities: str = "", environment: Mapping[str, str] = os.environ
) -> ssl.SSLContext:
    """A default context, which from now on trusts these certificates (PEM) too."""
    bundle = environment.get(_BUNDLE, "")
    if bundle and not any(environment.get(name) for name in AUTHORITIES if name != _BUNDLE):
        with suppress(OSError):
            folder = Path(bundle).is_dir()
            context.load_verify_locations(**{"capath" if folder else "cafile": bundle})
    if authorities:
        context.load_verify_locations(cadata=authorities)
    return context


@cache
def tls_context(authorities: str = "") -> ssl.SSLContext:
    """One context for all clients: loading the system's certificates takes 20 ms each time."""
    return trusting(ssl.create_default_context(), authorities)
