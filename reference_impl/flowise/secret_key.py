"""The secret key that main server and workers share, and how each proves that it has it.

Flowise keeps it in ``SECRETKEY_PATH/encryption.key`` or takes it from
``FLOWISE_SECRETKEY_OVERWRITE``. The key itself is shown to nobody: the database keeps its
fingerprint, and every job carries a signature made with it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reference_impl.flowise.settings import Settings

FILE_NAME = "encryption.key"


class SecretKeyMismatch(Exception):
    """This process' secret key is not the one the deployment was set up with."""


@dataclass(frozen=True)
class SecretKey:
    """The key, for signing only."""

    value: bytes

    @property
    def fingerprint(self) -> str:
        """The same for the same key, and no help in finding it."""
        return self._mark("fingerprint")

    def sign(self, job_id: str) -> str:
        """What the main server writes on a job."""
        return self._mark(f"job:{job_id}")

    def signed(self, job_id: str, signature: object) -> bool:
        """Whether a job was signed with this key."""
        return isinstance(signature, str) and hmac.compare_digest(self.sign(job_id), signature)

    def token_key(self) -> bytes:
        """What sessions and cookies are made with."""
        return self._mark("sessions").encode()

    def _mark(self, subject: str) -> str:
        return hmac.new(self.value, subject.encode(), hashlib.sha256).hexdigest()


def load_secret_key(settings: Settings) -> SecretKey:
    """The key as configured; one is made where there is none, and the first process wins."""
    if settings.secretkey_overwrite is not None:
        return SecretKey(settings.secretkey_overwrite.encode())
    folder = settings.secretkey_folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    if not path.exists():
        _create(path)
    return SecretKey(path.read_bytes().strip())


def _create(path: Path) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(24))
    try:
        os.link(name, path)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()
