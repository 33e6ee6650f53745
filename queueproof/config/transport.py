"""The way in to a target: what a front before it wants of every request, and how it is reached.

Values of headers come from the environment, for they let in: `{NAME}` stands for a variable,
`{base64:NAME}` for its value as basic authentication writes `user:password`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from queueproof.config.kinds import FIELD_NAME, shown
from queueproof.errors import UsageError
from queueproof.input_files import read_text
from queueproof.redaction import is_secret_name, known_secrets
from queueproof.trust import certificates_in

HEADERS_VARIABLE, PROXY_VARIABLE = "QUEUEPROOF_HEADERS", "QUEUEPROOF_PROXY"
_AUTHORIZATION = "authorization"
_FILLED = re.compile(r"\{(base64:)?([A-Za-z_][A-Za-z0-9_]*)\}")
#: They say where a request ends or how its answer is written; both are the client's own affair.
_OURS = frozenset(
    (
        *("connection", "content-length", "content-type", "accept-encoding", "expect"),
        *("keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
    )
)
#: Names that do not say so themselves, and whose values let in all the same.
_LETS_IN = ("cookie", "authorization")


@dataclass(frozen=True, kw_only=True, repr=False)
class Transport:
    """What every request to a target has besides what its contract says; never printed.

    headers       what a front wants of every request, by name
    ca            a file of authorities that are trusted besides the system's (PEM)
    authorities   the certificates in that file
    proxy         the URL of an HTTP proxy, with its credentials
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str = ""
    authorities: str = ""
    proxy: str = ""

    def __repr__(self) -> str:
        return "Transport(…)"

    @property
    def takes_authorization(self) -> bool:
        """Whether the front wants the Authorization header for itself."""
        return any(name.lower() == _AUTHORIZATION for name in self.headers)


def read_headers(
    given: Mapping[str, str], environment: Mapping[str, str], *, where: str
) -> dict[str, str]:
    """Headers of a target file with their braces filled in, each value made known as a secret.

    Raises UsageError for a secret in the file, a variable that is not set, and what no request
    may carry.
    """
    headers = {}
    for name, text in given.items():
        lets_in = is_secret_name(name.replace("-", "_")) or name.lower() in _LETS_IN
        if lets_in and not _FILLED.search(text):
            raise UsageError(
                f"{where}: {name} lets in, so it must not stand in a file: write "
                f'{name} = "{{A_VARIABLE}}" and export that variable'
            )
        headers[name] = _filled(text, environment, where=f"{where}: {name}")
        if _FILLED.search(text):
            known_secrets.learn(headers[name])
            known_secrets.learn_headers({name: headers[name]})
    return _expect_ours(headers, where=where)


def headers_of_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The headers in QUEUEPROOF_HEADERS, one a line, as HTTP writes them; raises UsageError."""
    headers = {}
    for line in environment.get(HEADERS_VARIABLE, "").splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        known_secrets.learn(value.strip())
        known_secrets.learn_headers({name.strip(): value.strip()})
        if not colon or not FIELD_NAME.fullmatch(name.strip()):
            raise UsageError(f"{HEADERS_VARIABLE}: one header a line, like Name: value")
        headers[name.strip()] = _carried(value.strip(), where=f"{HEADERS_VARIABLE}: {name.strip()}")
    return _expect_ours(headers, where=HEADERS_VARIABLE)


def read_ca(path: str, *, where: str) -> str:
    """The certificates in a file; raises UsageError for one that has none."""
    try:
        found = certificates_in(read_text(Path(path), what=where))
    except ValueError as error:
        raise UsageError(f"{where} {path}: a certificate in it cannot be read ({error})") from None
    if not found:
        raise UsageError(
            f"{where} {path}: no certificate is in it: give the authority's file in PEM format "
            "(-----BEGIN CERTIFICATE-----)"
        )
    return found


def check_proxy(url: str, where: str) -> str:
    """The URL of an HTTP proxy; one with a password comes from the environment alone.

    Raises UsageError, in words that never contain the URL.
    """
    known_secrets.learn_url(url)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme != "http" or parts.path.strip("/"):
        raise UsageError(f"{where}: write it like http://127.0.0.1:3128 (an HTTP proxy)")
    if parts.password is not None and where != PROXY_VARIABLE:
        raise UsageError(
            f"{where} carries a password: leave it out here and export {PROXY_VARIABLE} with the "
            "whole URL instead"
        )
    return url


def _filled(text: str, environment: Mapping[str, str], *, where: str) -> str:
    def value_of(found: re.Match[str]) -> str:
        value = environment.get(found[2], "").strip()
        if not value:
            raise UsageError(f"{where} wants {found[2]} from the environment: export it")
        known_secrets.learn(value)
        if not found[1]:
            return value
        encoded = base64.b64encode(value.encode()).decode()
        known_secrets.learn(encoded)
        return encoded

    return _carried(_FILLED.sub(value_of, text), where=where)


def _carried(value: str, *, where: str) -> str:
    if not (value.isascii() and (value + "x").isprintable()):
        raise UsageError(f"{where}: it holds what no HTTP header can carry")
    return value


def _expect_ours(headers: dict[str, Any], *, where: str) -> dict[str, str]:
    for name in headers:
        if name.lower() in _OURS:
            raise UsageError(f"{where}: {shown(name)} is set by every request itself")
    if len({name.lower() for name in headers}) < len(headers):
        raise UsageError(f"{where}: one header stands there twice")
    return headers
