"""How the characters of a text may be written in what a target or a library says of it.

Theory. Software quotes what it was told: a URL, a line of JSON, a page, a log, a line for a shell.
Each has its own idea of which characters need it, and some are quoted twice. So no list of whole
texts can be complete; what is known is how one character may look. Letters and digits of ASCII
stay as they are.
"""

from __future__ import annotations

import functools
import re
from html.entities import html5

#: Backslashes before an escape: each further quoting doubles them. What they escape asks for one
#: itself (`_ESCAPED`), so that no run of them is gone over twice.
_BACKSLASHES = r"(?:\\|%(?:25){0,3}5c){0,9}+"
_ESCAPED = r"(?:(?<=\\)|(?<=5c))"
#: An ampersand that was quoted itself, again and again.
_AMPERSAND = "&(?:amp;){0,3}"
_PERCENT = "%(?:25){0,3}"
_ORDINARY = re.compile(r"[A-Za-z0-9]+")
_PARTS = re.compile(r"[A-Za-z0-9]+|\\+|\s+|.", re.DOTALL)
_CONTROLS = {"\n": "n", "\r": "r", "\t": "t", "\f": "f", "\v": "v", "\b": "b"}
#: How a shell's quotes are interrupted for an apostrophe.
_APOSTROPHES = (r"'\\''", "'\"'\"'")


def spelled(text: str) -> str:
    """A pattern, to be used in any case, of `text` however its characters are written."""
    return "".join(map(_part, _PARTS.findall(text)))


def rarest_part(text: str) -> str:
    """The longest part of `text` that no quoting changes; empty where it has none."""
    return max(_ORDINARY.findall(text), key=len, default="")


def _part(part: str) -> str:
    if _ORDINARY.fullmatch(part):
        return part
    if part.isspace():
        each = "|".join(_ways(character) for character in dict.fromkeys(part))
        return rf"(?:{_BACKSLASHES}(?:\s|\+|{each})){{1,{2 * len(part)}}}"
    if part.startswith("\\"):
        return rf"(?:\\|{_ways(part[0])}){{1,{9 * len(part)}}}+"
    return f"{_BACKSLASHES}(?:{_ways(part)})"


@functools.cache
def _names() -> dict[str, list[str]]:
    """How HTML calls characters."""
    found: dict[str, list[str]] = {}
    for name, character in html5.items():
        if name.endswith(";"):
            found.setdefault(character, []).append(name)
    return found


def _ways(character: str) -> str:
    """Every way to write one character, the longer ones first."""
    code, utf8 = ord(character), character.encode("utf-8", "surrogatepass")
    utf16 = character.encode("utf-16-be", "surrogatepass")
    units = [utf16[at : at + 2].hex() for at in range(0, len(utf16), 2)]
    ways = [
        *(_APOSTROPHES if character == "'" else ()),
        *(f"{_AMPERSAND}{name}" for name in _names().get(character, ())),
        rf"{_AMPERSAND}\#0{{0,4}}{code};?",
        rf"{_AMPERSAND}\#x0{{0,4}}{code:x};?",
        "".join(f"{_PERCENT}{byte:02x}" for byte in utf8),
        "".join(f"={byte:02x}" for byte in utf8),
        _BACKSLASHES.join(f"{_ESCAPED}x{byte:02x}" for byte in utf8),
        _BACKSLASHES.join(f"{_ESCAPED}{byte:03o}" for byte in utf8),
        _BACKSLASHES.join(f"{_ESCAPED}u{unit}" for unit in units),
        rf"{_ESCAPED}u\{{0{{0,4}}{code:x}\}}",
        rf"{_ESCAPED}u{code:08x}",
    ]
    if code < 0x100:
        ways += [f"{_PERCENT}{code:02x}", f"={code:02x}", f"{_ESCAPED}x{code:02x}"]
    if character in _CONTROLS:
        ways.append(f"{_ESCAPED}{_CONTROLS[character]}")
    if code >= 0x80:
        ways.append(re.escape(utf8.decode("latin-1")))
    ways.append(re.escape(character))
    return "|".join(dict.fromkeys(ways))
