"""Reading files that a person hands over: bounded, and every way to fail is a line of its own.

A file may be missing, a folder, unreadable, endless, no UTF-8, no TOML or JSON, or nested deeper
than the parser goes; each is a UsageError that says what was asked for and which file it is.

Numbers of JSON are those that every reader of JSON knows: no NaN, no Infinity, none beyond what a
double holds.
"""

from __future__ import annotations

import gzip
import json
import math
import tomllib
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from queueproof.errors import UsageError
from queueproof.redaction import Redactor, is_secret_name

_MOST_BYTES = 64 * 2**20
#: A history may be long (hours of load), its lines not: a job's events are cut to a bound.
_MOST_UNPACKED, _LONGEST_LINE = 4 * 2**30, 16 * 2**20
#: More than a double holds: such a number can be read, but not be made one.
_MOST_DIGITS, _SHOWN = 300, 20


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
    return parsed_json(read_text(path, what=what), where=f"{what} {path}")


def parsed_json(text: str | bytes, *, where: str) -> Any:
    """What a JSON text holds."""
    try:
        return _DECODER.decode(text if isinstance(text, str) else text.decode("utf-8"))
    except RecursionError:
        raise UsageError(f"{where}: nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{where}: not JSON: {' '.join(str(error).split())}") from None


def read_json_lines(path: Path, *, what: str, limit: int | None = None) -> Iterator[Any]:
    """What each line of a compressed file of JSON lines holds; at most `limit` of them."""
    try:
        with gzip.open(path, "rb") as stream:
            for number, line in enumerate(_lines(stream, where=f"{what} {path}"), 1):
                if limit is not None and number > limit:
                    return
                yield parsed_json(line, where=f"{what} {path}, line {number}")
    except FileNotFoundError:
        raise UsageError(f"{what} {path}: no such file") from None
    except (OSError, EOFError, zlib.error) as error:
        said = getattr(error, "strerror", None) or error
        raise UsageError(f"{what} {path}: cannot be unpacked: {said}") from None


@contextmanager
def secrets_kept(document: Any) -> Iterator[None]:
    """A UsageError about a document names none of the secrets that stand in it."""
    try:
        yield
    except UsageError as error:
        own = Redactor()
        _learn(own, document)
        raise UsageError(own.redacted(str(error))) from None


def _learn(own: Redactor, document: Any) -> None:
    """Every text below a name that secrets have, and every URL's password."""
    rest: list[tuple[Any, bool]] = [(document, False)]
    while rest:
        value, secret = rest.pop()
        if isinstance(value, Mapping):
            rest += [(v, secret or is_secret_name(str(k))) for k, v in value.items()]
        elif isinstance(value, list):
            rest += [(each, secret) for each in value]
        elif isinstance(value, str):
            own.learn_arguments([value])
            own.learn(*((value, value.split(" ", 1)[-1]) if secret else ()))


def _lines(stream: gzip.GzipFile, *, where: str) -> Iterator[bytes]:
    """The lines of a stream; raises UsageError where one, or all together, are too long."""
    total = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        total += len(line)
        if len(line) > _LONGEST_LINE:
            raise UsageError(f"{where}: a line is longer than {_LONGEST_LINE // 2**20} MiB")
        if total > _MOST_UNPACKED:
            raise UsageError(f"{where}: larger than {_MOST_UNPACKED // 2**30} GiB unpacked")
        yield line


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:_SHOWN]}… is too large a number")
    return number


def _bounded(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"{digits[:_SHOWN]}… is too large a number")
    return int(digits)


_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite, parse_int=_bounded)
