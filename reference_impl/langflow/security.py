"""The secret key that makes tokens valid on every worker."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path


def load_secret_key(folder: Path) -> bytes:
    """The key kept in this folder; created whole or not at all, the first process wins."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret_key"
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return path.read_bytes().strip()
