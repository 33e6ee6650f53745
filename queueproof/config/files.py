"""Reading files that a person hands over: bounded, and every way to fail is a line of its own.

A file may be missing, a folder, unreadable, endless, no UTF-8, no TOML or JSON, or nested deeper
than the parser goes; each is a UsageError that says what was asked for and which file it is.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from queueproof.errors import UsageError

_MOST_BYTES = 64 * 2**20


def read_text(path: Path, *, what: str) -> str:
    """The text of a file; `what` names the option or the thing that it is read for."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"{what} {path}: no such file") from None
    except OSError as error:
        raise UsageError(f"{what} {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{what} {str(path)!r}: {error}") from None
    if len(raw) > _MOST_BYTES:
        raise UsageError(f"{what} {path}: larger than {_MOST_BYTES // 2**20} MiB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{what} {path}: not UTF-8 (byte {error.start})") from None


def read_toml(path: Path, *, what: str) -> dict[str, Any]:
    """The tables of a TOML file."""
    return parsed_toml(read_text(path, what=what), where=f"{what} {path}")


def parsed_toml(text: str, *, where: str) -> dict[str, Any]:
    """The tables of a TOML text."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{where}: nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{where}: not valid TOML: {' '.join(str(error).split())}") from None


def read_json(path: Path, *, what: str) -> Any:
    """What a JSON file holds; NaN and Infinity, which JSON does not know, are refused."""
    text = read_text(path, what=what)
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise UsageError(f"{what} {path}: nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{what} {path}: not JSON: {' '.join(str(error).split())}") from None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
