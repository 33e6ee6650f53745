"""Strings from a target made safe to show: every writer and every line on a terminal passes here.

A target's answers may hold terminal escapes, characters that XML forbids, unpaired surrogates,
or marks that nobody sees, which change the reading direction or hide words and so make one command
look like another. Such characters are written out as escapes (`\\x1b`, `\\u202e`): nothing is
dropped in silence, and nothing reaches a terminal, a parser or a browser that could act on it. All
other scripts and symbols stay as they are.

A CI's log is read by a runner that obeys lines such as `::error::…`, `##[command]…`: these lose
the mark that makes them commands. And no secret of this process is shown (`queueproof.redaction`).
"""

from __future__ import annotations

import re

from queueproof.redaction import redacted

_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
_DIRECTION_MARKS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Invisible operators, annotations, and a second ASCII in which whole sentences can be hidden. What
# joins letters and emoji (U+200B to U+200D) is part of many scripts and stays.
_UNSEEN = r"\u2060-\u2065\u206a-\u206f\ufff9-\ufffb\U000e0000-\U000e007f"
_LINE_SEPARATORS = r"\u2028\u2029"
_NOT_CHARACTERS = r"\ud800-\udfff\ufeff\ufffe\uffff"
_UNSAFE = re.compile(f"[{_CONTROLS}{_DIRECTION_MARKS}{_UNSEEN}{_LINE_SEPARATORS}{_NOT_CHARACTERS}]")
# GitHub's `::name key=value::`, its older `##[name]`, Azure's `##vso[`, TeamCity's `##teamcity[`.
_RUNNER_COMMAND = re.compile(r":(?=:[A-Za-z][\w-]*(?:[ \t][^\n]*)?::)|#(?=#[A-Za-z]*\[)")


def shown(text: str, *, limit: int | None = None) -> str:
    """`text` with unsafe characters written as escapes; newlines and tabs stay.

    Beyond `limit` characters the rest is replaced by a note of how much is missing.
    """
    return _obeyed_by_nobody(_safe(text, limit))


def shown_in_line(text: str, *, limit: int | None = None) -> str:
    """`shown`, on one line: every run of white space becomes one blank."""
    # A blank of another kind becomes an ordinary one, behind which a command begins.
    return _obeyed_by_nobody(" ".join(_safe(text, limit).split()))


def _safe(text: str, limit: int | None) -> str:
    return _UNSAFE.sub(_escape, clipped(redacted(text.replace("\r\n", "\n")), limit))


def _obeyed_by_nobody(text: str) -> str:
    return _RUNNER_COMMAND.sub(_escape, text)


def clipped(text: str, limit: int | None) -> str:
    """The first `limit` characters and a note of how many more there are."""
    if limit is None or len(text) <= limit:
        return text
    return f"{text[:limit]}… (+{len(text) - limit:,} characters, whole in report.json)"


def seconds(duration_s: float) -> str:
    """A duration as people read it: `0.42 s`, `41.2 s`, `12 min 5 s`."""
    if duration_s < 10:
        return f"{duration_s:.2f} s"
    if duration_s < 120:
        return f"{duration_s:.1f} s"
    minutes, rest = divmod(round(duration_s), 60)
    return f"{minutes} min {rest} s"


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
