"""Made-up secrets, and the search for any piece of them in whatever a run has written.

A secret is looked for as it is and in what a writer or a target may have made of it: compressed,
as JSON or HTML in layers, percent-encoded, in base64, in hexadecimal, cut off at either end.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

#: So much of a secret in a row is a leak.
_PIECE = 10
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){10,}")
_LAYERS = 3


def canary(decoration: str = "") -> str:
    """A secret that is found nowhere by chance; `decoration` stands around and within it."""
    return f"{decoration}Qk7{secrets.token_hex(8)}{decoration}{secrets.token_hex(4)}Zx{decoration}"


def leaks(text: str, canaries: Iterable[str]) -> set[str]:
    """The pieces of canaries in a text."""
    needles = {
        canary[begin : begin + _PIECE].lower()
        for canary in canaries
        for begin in range(len(canary) - _PIECE + 1)
    }
    seen = "\n".join(_readings(text)).lower()
    return {needle for needle in needles if needle in seen}


def leaks_below(folder: Path, canaries: Iterable[str]) -> dict[str, set[str]]:
    """The same for every file below a folder, its name included; empty when there is none."""
    given = list(canaries)
    found = {}
    for path in sorted(folder.rglob("*")):
        text = f"{path.relative_to(folder)}\n" + (_text_of(path) if path.is_file() else "")
        if pieces := leaks(text, given):
            found[str(path)] = pieces
    return found


def _text_of(path: Path) -> str:
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    return raw.decode("utf-8", "replace")


def _readings(text: str) -> Iterator[str]:
    """A text, and what readers would make of it."""
    layer = text
    for _ in range(_LAYERS):
        yield layer
        yield from _decoded(layer)
        layer = _unescaped(html.unescape(unquote(layer)))


def _decoded(text: str) -> Iterator[str]:
    for run in set(_BASE64.findall(text)):
        plain = run.replace("-", "+").replace("_", "/")
        for offset in range(4):
            whole = plain[offset:][: len(plain[offset:]) // 4 * 4]
            with suppress(binascii.Error):
                yield base64.b64decode(whole).decode("utf-8", "replace")
    for run in set(_HEX.findall(text)):
        yield bytes.fromhex(run).decode("utf-8", "replace")


def _unescaped(text: str) -> str:
    """One layer of JSON's and Python's escapes less."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"\\(.)", r"\1", text)
