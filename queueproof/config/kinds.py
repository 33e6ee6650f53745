"""Kinds of values in files and options: type, range and length, each checked in one place.

A kind turns what a file or an option holds into a value that the rest may rely on, or raises a
UsageError of one line that says where it stood and what belongs there. Python's own `isinstance`
is not enough: `true` is an int, `nan` is a float that is neither too small nor too large, and a
text may hold a character that no path, header or command can carry.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Protocol

from queueproof.errors import UsageError
from queueproof.json_numbers import is_number, is_whole

#: How long a wrong value may be in a message, and how long a text in a file.
_SHOWN, _LONGEST_TEXT = 60, 100_000
#: Nothing that is declared lasts longer than a week: beyond it, clocks and waits overflow.
LONGEST_S = 7 * 24 * 3600.0
FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Kind(Protocol):
    """What may stand for a key or an option."""

    def read(self, value: Any, where: str) -> Any:
        """The value, checked; raises UsageError that begins with `where`."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """A finite number from `least` to `most`; `above` leaves `least` itself out."""

    least: float = 0.0
    most: float = LONGEST_S
    above: bool = False

    def read(self, value: Any, where: str) -> float:
        """The number, as a float."""
        if not is_number(value):
            raise UsageError(f"{where} must be a number, not {shown(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf if value > 0 else -math.inf
        if math.isnan(number):
            raise UsageError(f"{where} must be a number, not nan")
        if number < self.least or (self.above and number == self.least):
            raise UsageError(f"{where} must {self._least}, not {shown(value)}")
        if number > self.most:
            raise UsageError(f"{where} must be at most {self.most:.12g}, not {shown(value)}")
        return number

    @property
    def _least(self) -> str:
        if self.above:
            return f"be above {self.least:g}"
        return "not be negative" if self.least == 0 else f"be at least {self.least:g}"


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int = 0
    most: int = 1_000_000

    def read(self, value: Any, where: str) -> int:
        """The number."""
        if not is_whole(value):
            raise UsageError(f"{where} must be a whole number, not {shown(value)}")
        if value < self.least:
            raise UsageError(f"{where} must be at least {self.least}, not {shown(value)}")
        if value > self.most:
            raise UsageError(f"{where} must be at most {self.most}, not {shown(value)}")
        return value


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text without control characters; one of `choices`, if there are any."""

    choices: tuple[str, ...] = ()
    filled: bool = False

    def read(self, value: Any, where: str) -> str:
        """The text."""
        if not isinstance(value, str):
            raise UsageError(f"{where} must be a text, not {shown(value)}")
        if _UNFIT.search(value):
            raise UsageError(f"{where} holds a control character")
        if len(value) > _LONGEST_TEXT:
            raise UsageError(f"{where} is longer than {_LONGEST_TEXT} characters")
        if self.filled and not value.strip():
            raise UsageError(f"{where} is empty")
        if self.choices and value not in self.choices:
            known = ", ".join(self.choices)
            raise UsageError(f"{where} must be one of {known}, not {shown(value)}")
        return value


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def read(self, value: Any, where: str) -> bool:
        """The value."""
        if not isinstance(value, bool):
            raise UsageError(f"{where} must be true or false, not {shown(value)}")
        return value


@dataclass(frozen=True, kw_only=True)
class ListOf:
    """A list of one kind; `least` says how many there must be."""

    kind: Kind
    least: int = 0

    def read(self, value: Any, where: str) -> tuple[Any, ...]:
        """The values, as a tuple."""
        if not isinstance(value, list):
            raise UsageError(f"{where} must be a list, not {shown(value)}")
        if len(value) < self.least:
            raise UsageError(f"{where} is empty")
        return tuple(self.kind.read(each, f"{where}[{at}]") for at, each in enumerate(value))


@dataclass(frozen=True, kw_only=True)
class TableOf:
    """A table of one kind, whatever its keys are."""

    kind: Kind

    def read(self, value: Any, where: str) -> dict[str, Any]:
        """The table."""
        if not isinstance(value, dict):
            raise UsageError(f"{where} must be a table, not {shown(value)}")
        name = Text(filled=True)
        return {
            name.read(key, f"{where}: a key"): self.kind.read(each, f"{where}.{key}")
            for key, each in value.items()
        }


@dataclass(frozen=True)
class Words:
    """A command: a list of words, of which numbers may be some; the first says what to start."""

    def read(self, value: Any, where: str) -> tuple[str, ...]:
        """The words."""
        if not isinstance(value, list):
            raise UsageError(f"{where} must be a list of words, not {shown(value)}")
        return tuple(Scalar().read(each, f"{where}[{at}]") for at, each in enumerate(value))


@dataclass(frozen=True)
class Scalar:
    """A text, or a number that is written as one (a setting of an environment, a word)."""

    def read(self, value: Any, where: str) -> str:
        """The text."""
        if isinstance(value, (dict, list)) or value is None:
            raise UsageError(f"{where} must be a text, not {shown(value)}")
        return Text().read(value if isinstance(value, str) else str(value), where)


@dataclass(frozen=True)
class Headers:
    """A table of header fields: names and values that HTTP can carry."""

    def read(self, value: Any, where: str) -> dict[str, str]:
        """The table."""
        fields: dict[str, str] = TableOf(kind=Scalar()).read(value, where)
        for name, text in fields.items():
            if not FIELD_NAME.fullmatch(name):
                raise UsageError(f"{where}: {shown(name)} is no name of a header field")
            if not (text.isascii() and text.isprintable()):
                raise UsageError(f"{where}.{name} must be printable ASCII")
        return fields


@dataclass(frozen=True)
class Anything:
    """What a file may hold freely (the body of a request), as long as it can be sent."""

    deepest: int = 40

    def read(self, value: Any, where: str) -> Any:
        """The value as it is."""
        self._look(value, where, 0)
        return value

    def _look(self, value: Any, where: str, depth: int) -> None:
        if depth > self.deepest:
            raise UsageError(f"{where} is nested deeper than {self.deepest} tables or lists")
        if isinstance(value, (dict, list)):
            parts = value.values() if isinstance(value, dict) else value
            for part in parts:
                self._look(part, where, depth + 1)
            return
        if isinstance(value, str) and "\x00" in value:
            raise UsageError(f"{where} holds a control character: {shown(value)}")
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{where} must be a number that JSON knows, not {value}")
        if not isinstance(value, (str, bool, int, float)) and value is not None:
            raise UsageError(f"{where} must be what JSON knows, not {shown(value)}")


@dataclass(frozen=True)
class AsItIs:
    """What another kind looks at later."""

    def read(self, value: Any, where: str) -> Any:  # noqa: ARG002
        """The value."""
        return value


@dataclass(frozen=True)
class Checked:
    """A text that a function of its own looks at (a URL, an expression)."""

    look: Callable[[str, str], str]

    def read(self, value: Any, where: str) -> str:
        """What the function makes of it."""
        return self.look(Text().read(value, where), where)


@dataclass(frozen=True)
class Table:
    """A table of known keys, each with a kind of its own; `needed` must be there.

    `renamed` has keys that are called otherwise now: they are read, with a RenamedWarning.
    """

    keys: Mapping[str, Kind]
    needed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def read(self, value: Any, where: str) -> dict[str, Any]:
        """The table."""
        if not isinstance(value, dict):
            raise UsageError(f"{where} must be a table, not {shown(value)}")
        value = with_new_names(value, self.renamed, where=where)
        known(value, self.keys, where=where)
        for key in self.needed:
            if key not in value:
                raise UsageError(f"{where}: {key} is missing")
        return {key: self.keys[key].read(each, f"{where}: {key}") for key, each in value.items()}


class RenamedWarning(FutureWarning):
    """A key of a file has another name now; the old one goes with the next release."""


def with_new_names(
    given: Mapping[str, Any], renamed: Mapping[str, str], *, where: str
) -> dict[str, Any]:
    """The table with its keys as they are called now; warns of old ones.

    Raises UsageError for a key that is there by both of its names.
    """
    for old, new in renamed.items():
        if old in given and new in given:
            raise UsageError(f"{where}: {old} is called {new} now, and both are there")
        if old in given:
            text = f"{where}: {old} is called {new} now; the old name goes with the next release"
            warnings.warn(text, RenamedWarning, stacklevel=2)
    return {renamed.get(key, key): value for key, value in given.items()}


PORT = Whole(least=0, most=65535)
PROCESS = Whole(least=1, most=2**22)
#: Of things that are started or found one by one: processes, workers, copies, cases.
COUNT = Whole(least=1, most=1000)
SECONDS = Number()


def known(given: Mapping[str, Any], keys: Mapping[str, Any], *, where: str) -> None:
    """Raises UsageError for a key that is not among `keys`, with the one that was meant."""
    for key in given:
        if key not in keys:
            close = get_close_matches(str(key)[:_SHOWN], keys, n=1)
            hint = f"; did you mean {close[0]}?" if close else f"; known: {', '.join(keys)}"
            raise UsageError(f"{where}: unknown key {shown(key)}{hint}")


def shown(value: Any) -> str:
    """A wrong value in part of a line; of a table or a list, which may hold secrets, what it is."""
    if isinstance(value, (dict, list)):
        return "a table" if isinstance(value, dict) else "a list"
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        # An int of more than 4300 digits has no text.
        text = f"a very large {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
