"""Texts and ids that software mishandles: beyond Latin-1, control characters, separators, quotes.

Each is valid in JSON and in a URL once it is quoted. `WORDS` begins with a plain one: a target
that does not even return that has no place for a text, and nothing is proven by the others.
"""

from __future__ import annotations

#: What a text is like -> the text.
TEXTS: dict[str, str] = {
    "plain": "plain words",
    "accents": "na\u00efve caf\u00e9 \u00df \u00ff",
    "beyond Latin-1": "\u0104 \u20ac \u03a9 \u0416 \u65e5\u672c\u8a9e \u05e9\u05dc\u05d5\u05dd",
    "emoji": "\U0001f680 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e8\U0001f1ed",
    "combined": "e\u0301 \u1e9b\u0323 \u200f\u202e\ufeff\u00a0",
    "quotes": '"double" \'single\' `back` \\ / \\" \\n \\u0000 %s %00 {0} ${x} <b>&amp;</b>',
    "line breaks": "one\ntwo\r\nthree\rfour\n\nfive\vsix\fseven",
    "unicode line breaks": "one\u2028two\u2029three\u0085four",
    "control characters": "\x00\x01\x07\x08\x1b[31m\x1f\x7f\x9f",
    "frames": "\n\ndata: x\n\nevent: end\nid: 1\n\n: comment\n",
    "an event": '{"event": "end", "data": {}}\n{"event": "error", "data": {}}',
    "words of ends": "cancelled canceled aborted failed error finished completed end [DONE]",
    "blanks at its ends": " \t blanks \t ",
    "a number": "0012e5",
    "nothing": "",
    "null": "null",
}

WORDS: tuple[str, ...] = tuple(TEXTS.values())

#: Ids of jobs that never were, such as a client may send: what one is like -> the id.
IDS: dict[str, str] = {
    "no uuid": "no-such-job",
    "upper case": "5F0C2F0E-0000-4000-8000-00000000ABCD",
    "an asterisk": "*",
    "a pattern": "[a-f0-9]*",
    "a question mark": "????????-????-????-????-????????????",
    "a colon": "a:b:c",
    "braces": "{job}",
    "a quote": "'; DROP TABLE job; --",
    "a percent sign": "%s%n%00",
    "a blank": " ",
    "dots": "...",
    "a line break": "a\r\nb",
    "beyond Latin-1": "\u65e5\u672c\U0001f680",
    "a control character": "a\x01b",
    "very long": "a" * 2000,
}
