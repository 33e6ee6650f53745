"""What component source may import: small stand-ins for ``lfx`` and the older ``langflow`` modules.

Only what the source of a component touches while it is loaded and run is here.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

LogSink = Callable[[dict[str, Any]], None]


class Data:
    """A result: a dictionary, reachable by attribute too."""

    def __init__(self, data: dict[str, Any] | None = None, **fields: Any) -> None:
        self.data = {**(data or {}), **fields}

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["data"][name]
        except KeyError:
            raise AttributeError(name) from None


class Message(Data):
    """A result that is text."""

    def __init__(self, text: str = "", **fields: Any) -> None:
        super().__init__(text=text, **fields)


class Field:
    """Any input of a component: its name and default."""

    def __init__(self, name: str = "", *, value: Any = None, **options: Any) -> None:
        self.name = name
        self.value = value
        self.options = options


class Output:
    """An output: the method that makes it."""

    def __init__(
        self, display_name: str = "", *, name: str = "", method: str = "", **options: Any
    ) -> None:
        self.display_name = display_name
        self.name = name or display_name.lower()
        self.method = method
        self.options = options


class Component:
    """The base class of every component; the runtime sets where its log goes."""

    display_name: str = ""
    name: str = ""
    inputs: ClassVar[list[Any]] = []
    outputs: ClassVar[list[Any]] = []

    def __init__(self) -> None:
        self.status: Any = None
        self.log_sink: LogSink | None = None
        self._logged = 0
        for field in self.inputs:
            setattr(self, field.name, field.value)

    def log(self, message: Any, name: str | None = None) -> None:
        """Tell whoever reads the build something, at once."""
        self._logged += 1
        kind = "text" if isinstance(message, str) else "object"
        record = {"name": name or f"Log {self._logged}", "message": message, "type": kind}
        if self.log_sink is not None:
            self.log_sink(record)


INPUT_NAMES = (
    *("BoolInput", "DataInput", "DictInput", "DropdownInput", "FileInput", "FloatInput"),
    *("HandleInput", "IntInput", "MessageInput", "MessageTextInput", "MultilineInput"),
    *("NestedDictInput", "SecretStrInput", "SliderInput", "StrInput", "TableInput"),
)

EXPORTS: dict[str, dict[str, object]] = {
    "": {},
    "custom": {"Component": Component, "CustomComponent": Component},
    "custom.custom_component": {},
    "custom.custom_component.component": {"Component": Component},
    "io": {"Output": Output, **dict.fromkeys(INPUT_NAMES, Field)},
    "inputs": dict.fromkeys(INPUT_NAMES, Field),
    "template": {"Output": Output},
    "schema": {"Data": Data, "Message": Message},
    "schema.data": {"Data": Data},
    "schema.message": {"Message": Message},
}


def install() -> None:
    """Make the stand-ins importable; doing it again changes nothing."""
    for name, module in _stand_ins():
        sys.modules.setdefault(name, module)


@cache
def _stand_ins() -> tuple[tuple[str, types.ModuleType], ...]:
    """The modules by name."""
    made = []
    for package in ("lfx", "langflow"):
        for path, exports in EXPORTS.items():
            name = f"{package}.{path}" if path else package
            module = types.ModuleType(name, "Stand-in for component source.")
            module.__path__ = []
            vars(module).update(exports)
            made.append((name, module))
    return tuple(made)
