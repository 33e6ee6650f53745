"""Made-up input for fuzz tests: documents with arbitrary values in known places, and commands."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from queueproof.cli import main
from queueproof.errors import UsageError
from queueproof.redaction import is_secret_name

#: What no message may hold; the digits make it a secret by its shape too.
SECRET = "sEcReT-0123"
_HANGS_AFTER_S = 60

#: The same examples every time; no deadline an example, since the machine may be busy.
BOUNDED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

LEAVES = st.one_of(
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 1, 2**31, 2**63, 10**40, 10**400]),
    st.floats(),
    st.text(max_size=8),
    st.just(date(2027, 1, 1)),
    st.sampled_from(
        [
            "",
            " ",
            "\x00",
            "\n\x1b[31m",
            "nan",
            "redis://[::1",
            f"redis://:{SECRET}@127.0.0.1:1/1",
            f"http://u:{SECRET}@127.0.0.1:1",
            f"http://u:{SECRET}/x@127.0.0.1:1",
            "http://[::1]:99999",
            "http://127.0.0.1:1",
            "GET /jobs/{job}",
            "{ticks}",
            "(a+)+$",
            "\ud800",
        ]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=5,
)
_KEYS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["target", "workers", "url", "request", "fault", "", "\x00", "."]),
)


def changed(base: Any, values: st.SearchStrategy[Any] = VALUES) -> st.SearchStrategy[Any]:
    """The document with one to three of its parts exchanged, taken away or added to."""
    change = st.tuples(
        st.integers(0, 10_000), st.sampled_from(["set", "set", "drop", "add"]), _KEYS, values
    )
    return st.lists(change, min_size=1, max_size=3).map(lambda all_: _changed(base, all_))


def _changed(base: Any, changes: list[tuple[int, str, str, Any]]) -> Any:
    document = deepcopy(base)
    for at, how, key, value in changes:
        places = list(_places(document))
        if not places:
            return value
        holder, where = places[at % len(places)]
        if how == "set":
            # What stands where a secret belongs is one.
            secret = isinstance(where, str) and is_secret_name(where)
            holder[where] = SECRET if secret else value
        elif how == "drop":
            del holder[where]
        elif isinstance(holder, dict):
            holder[key] = SECRET if is_secret_name(key) else value
        else:
            holder.append(value)
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder with every key or index in it, however deep."""
    if not isinstance(value, (dict, list)):
        return
    parts = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for where, part in parts:
        yield value, where
        yield from _places(part)


def as_toml(document: Any) -> str:
    """The document as TOML; what TOML cannot express is wrong TOML, which is input as well."""
    if not isinstance(document, dict):
        return _toml(document)
    return "".join(f"{_quoted(name)} = {_toml(value)}\n" for name, value in document.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _quoted(value)
    return value.isoformat() if isinstance(value, date) else repr(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def write(path: Path, text: str) -> Path:
    """A file of this text, unpaired surrogates as bytes that are no UTF-8."""
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


@contextlib.contextmanager
def refused_in_a_line() -> Iterator[None]:
    """What is refused is refused by a UsageError of one line that holds no secret."""
    said = ""
    try:
        with _ended_in_time():
            yield
    except UsageError as error:
        said = str(error)
    assert "\n" not in said
    assert "sEcReT" not in said


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def command(*arguments: str, **environment: str) -> Ended:
    """The command line in this process, as a user sees it: its code and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    code: Any = None
    with (
        _ended_in_time(),
        mock.patch.object(sys, "argv", ["queueproof", *arguments]),
        mock.patch.dict(os.environ, environment),
        # The streams and signals of the test's own process stay as they are.
        mock.patch.object(main, "guard_streams"),
        mock.patch.object(main, "as_keyboard_interrupt"),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main.main()
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int), code
    return Ended(int(code), out.getvalue(), err.getvalue())


_OLD_NAME = " now; the old name goes with the next release"


def judge(ended: Ended, *, codes: tuple[int, ...]) -> None:
    """A documented code, one line for a mistake beside the warnings of old names, no traceback."""
    assert ended.code in codes, ended
    assert "Traceback" not in ended.out + ended.err, ended
    assert "own error" not in ended.err, ended
    assert "sEcReT" not in ended.out + ended.err, ended
    if ended.code == 2:
        lines = [line for line in ended.err.splitlines() if _OLD_NAME not in line]
        assert len(lines) == 1, ended
        assert lines[0].startswith("queueproof: "), ended


@contextlib.contextmanager
def _ended_in_time() -> Iterator[None]:
    """Nothing hangs: after a minute the test fails where it stands."""

    def hangs(*_: Any) -> None:
        raise AssertionError(f"not over after {_HANGS_AFTER_S} s")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(_HANGS_AFTER_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
