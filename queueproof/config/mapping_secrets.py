"""The secrets that stand literally in a [mapping], in place of braces: masked where it is told.

Theory: what stands under the name of a secret is one, in a table, a list or a path's query. Beside
braces it is the values of pairs (`org=abc; t={token}`), and words with a digit: the scheme in
`Bearer {token}` is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from queueproof.config.mapping_tables import names_in
from queueproof.redaction import MASK, is_secret_name, known_secrets

_BRACES = re.compile(r"(\{[a-z_]+\})")
_IN_A_QUERY = re.compile(r"(?<=[?&;])([\w.%-]+)=([^&;#\s]+)")
_BESIDE_BRACES = re.compile(r"(?<==)[^\s;,&={}]+|(?=[^\s;,&=:{}]*\d)[^\s;,&=:{}]{4,}")
_MERELY_A_KEY = re.compile(r"(?:API_?)?KEY", re.IGNORECASE)


def learn_literals(value: Any) -> None:
    """Make known what is masked in `value`, so that no echo of it is published either.

    What is only called a key and has no digit may be an ordinary word, such as a routing key.
    """
    for name, text in _literals(value):
        sure = is_secret_name(_MERELY_A_KEY.sub("", name)) or any(map(str.isdigit, text))
        if sure:
            known_secrets.learn(text, unquote(text))


def masked(value: Any, *, secret: bool = False) -> Any:
    """`value` as plain data without such literals; `secret` if the name it stands under is."""
    if isinstance(value, str):
        return _masked_text(value) if secret else _masked_query(value)
    if isinstance(value, Mapping):
        return {name: masked(each, secret=_is_secret(name)) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(each, secret=secret) for each in value]
    return value


def _literals(value: Any, name: str = "") -> Iterable[tuple[str, str]]:
    """Every such literal, with the name that it stands under."""
    if isinstance(value, str):
        pairs = [(name, value)] if _is_secret(name) else _IN_A_QUERY.findall(value)
        for under, text in pairs:
            if _is_secret(under):
                yield from ((under, each) for each in _parts(text))
    elif isinstance(value, Mapping):
        for under, each in value.items():
            yield from _literals(each, under)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _literals(each, name)


def _is_secret(name: str) -> bool:
    return is_secret_name(name.replace("-", "_"))


def _parts(text: str) -> list[str]:
    if not any(names_in(text)):
        return [text] if text else []
    return [part for piece in _BRACES.split(text)[::2] for part in _BESIDE_BRACES.findall(piece)]


def _masked_text(text: str) -> str:
    if not any(names_in(text)):
        return MASK if text else text
    pieces = _BRACES.split(text)
    pieces[::2] = [_BESIDE_BRACES.sub(MASK, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _masked_query(text: str) -> str:
    def mask(found: re.Match[str]) -> str:
        return f"{found[1]}={_masked_text(found[2])}" if _is_secret(found[1]) else found[0]

    return _IN_A_QUERY.sub(mask, text)
