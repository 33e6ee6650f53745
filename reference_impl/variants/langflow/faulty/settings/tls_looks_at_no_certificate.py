"""With a rediss URL nobody looks at the server's certificate, whatever authority the URL names.

Switched off for a managed Redis whose certificate fitted no name, and for all others with it:
whoever stands in between reads jobs and password.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from reference_impl.langflow import settings
from reference_impl.langflow.settings import Settings

FAILS = frozenset({"SETT-022"})
PLAYS = ("SETT-004", "SETT-007..008", "SETT-017")
BLIND = {"ssl_cert_reqs": "none", "ssl_check_hostname": "false"}


class Trusting(Settings):
    """Asks for TLS and for no proof."""

    @property
    def queue_address(self) -> str:
        """The URL, with what it says of certificates overruled."""
        parts = urlsplit(super().queue_address)
        if parts.scheme != "rediss":
            return parts.geturl()
        query = urlencode({**dict(parse_qsl(parts.query)), **BLIND})
        return parts._replace(query=query).geturl()


def install() -> None:
    """Exchange the settings' class."""
    settings.SETTINGS_CLASS = Trusting
