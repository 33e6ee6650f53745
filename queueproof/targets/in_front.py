"""What is known of something in front of a target, by its address: its name, and that it caches.

An answer's headers name what passed it on, often enough, and say that it came from a cache. What a
case then sees may be the work of that front, and its failure says so: who has to mend it looks at
the right place first. A front that adds no header remains unseen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from queueproof.targets.answers import FRONTS

#: Said where a client went away and the target went on: a client cannot tell which of the two it
#: is. In parentheses, which are no part of a symptom.
UNHEARD = (
    "(either the target does not notice a closed connection, or something in front keeps its own "
    "open, as Apache, HAProxy, lighttpd and Varnish do until they write)"
)
IN_ONE_PIECE = (
    "all events came in one piece: something in front buffers, or the target does (nginx: "
    "proxy_buffering off, or the answer header X-Accel-Buffering: no)"
)
_NAMED_AT_MOST = 40
#: What only some fronts add, whatever the `server` header says.
_TRACES = {
    "x-varnish": "varnish",
    "x-envoy-upstream-service-time": "envoy",
    "x-kong-proxy-latency": "kong",
    "x-amz-cf-id": "cloudfront",
    "cf-ray": "cloudflare",
    "x-squid-error": "squid",
}
_REMARK = re.compile(r"\([^()]*\)")
_BRACKETS = re.compile(r"[()]")
_CACHES = ("x-cache", "x-cache-status", "x-proxy-cache", "cf-cache-status", "x-varnish-cache")


@dataclass
class _Seen:
    name: str = ""
    caches: bool = False


_seen: dict[str, _Seen] = {}


def note_answer(url: str, headers: Mapping[str, str]) -> None:
    """Note what an answer's headers (names in any case) tell of something in front of `url`."""
    seen = _seen.setdefault(url, _Seen())
    seen.name = seen.name or _named_by(headers)
    seen.caches = seen.caches or _from_a_cache(headers)


def note_cache(url: str) -> None:
    """Note that an answer of `url` was seen to come from a cache."""
    _seen.setdefault(url, _Seen()).caches = True


def in_front_of(url: str) -> str:
    """What stands in front of `url`, in words that follow "seen through"; empty if unknown.

    For example: nginx/1.22.1 in front, which answers from a cache.
    """
    seen = _seen.get(url, _Seen())
    if not (seen.name or seen.caches):
        return ""
    who = f"{seen.name} in front" if seen.name else "something in front"
    return f"{who}, which answers from a cache" if seen.caches else who


def _named_by(headers: Mapping[str, str]) -> str:
    server = headers.get("server", "")
    if server.lower().startswith(FRONTS):
        return _without_parentheses(server)
    trace = next((name for header, name in _TRACES.items() if header in headers), "")
    via = _without_parentheses(headers.get("via", ""))
    return trace or (f"a proxy that says Via: {via}" if via else "")


def _without_parentheses(text: str) -> str:
    """A name's beginning: a symptom leaves out what is in parentheses, and knows no inner ones."""
    told = _REMARK.sub("", text[: 10 * _NAMED_AT_MOST])
    return " ".join(_BRACKETS.sub("", told)[:_NAMED_AT_MOST].split())


def _from_a_cache(headers: Mapping[str, str]) -> bool:
    age = headers.get("age", "")
    hit = any("hit" in headers.get(name, "").lower() for name in _CACHES)
    return hit or (age.isdecimal() and int(age[:_NAMED_AT_MOST]) > 0)
