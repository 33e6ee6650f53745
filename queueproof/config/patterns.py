"""A regular expression of a target file, bounded in what it may cost on a hostile text.

Theory: a repetition inside a repetition, or a choice inside one, may be taken apart in
exponentially many ways; repetitions one after the other in polynomially many, the degree being
their number. The first kind is refused, the number of the second is bounded, and so is the text
(`LONGEST_TEXT`).
"""

from __future__ import annotations

import re
from re import _parser  # type: ignore[attr-defined]  # no public way to a parsed expression
from typing import Any

from queueproof.config.kinds import shown
from queueproof.errors import UsageError

#: How much of a text a pattern is matched with, in characters.
LONGEST_TEXT = 160
_MOST_REPEATS = 3
_SHORT = 8
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def check_pattern(pattern: str, where: str) -> str:
    """The pattern, with the one group that is a number or an id; raises UsageError.

    A choice may stand anywhere but in a repetition.
    """
    try:
        groups = re.compile(pattern).groups
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError, MemoryError) as error:
        raise UsageError(f"{where} is no regular expression: {error}") from None
    if pattern and groups != 1:
        raise UsageError(f"{where} needs one group, which is what is looked for")
    if _repeats(parsed, inside=False, where=f"{where} = {shown(pattern)}") > _MOST_REPEATS:
        raise UsageError(
            f"{where} = {shown(pattern)} has more than {_MOST_REPEATS} repetitions such as * and "
            "+: a hostile text could keep it busy for ever"
        )
    return pattern


def _repeats(parsed: Any, *, inside: bool, where: str) -> int:
    """How many repetitions without a close bound there are; raises UsageError for nested ones."""
    number = 0
    for name, value in parsed:
        varies = again = False
        if str(name) in _REPEATS:
            least, most, _ = value
            varies, again = most != least, most > 1
            number += most - least > _SHORT
        if inside and (varies or str(name) == "BRANCH"):
            raise UsageError(
                f"{where}: a repetition or a choice within a repetition could keep it busy for "
                "ever on a hostile text: write it without, such as step (\\d+)"
            )
        for part in _parts(value):
            number += _repeats(part, inside=inside or again, where=where)
    return number


def _parts(value: Any) -> list[Any]:
    """The expressions inside one element, wherever the parser put them."""
    if isinstance(value, _parser.SubPattern):
        return [value]
    if isinstance(value, list | tuple):
        return [part for each in value for part in _parts(each)]
    return []
