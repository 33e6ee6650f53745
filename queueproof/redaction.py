"""What no output may hold: the secrets of this process, and text without them.

A secret is made known once, where it comes in (`learn…`): from the environment, a setting, a URL,
a login. Every writer and every line on a terminal passes `redacted`, so that a target that echoes
a header, or a parser that quotes a URL, cannot publish it. A secret is found in the forms that it
takes on the way (`queueproof.spellings`): percent-encoded, JSON-escaped, in base64, cut off at the
end of a clipped text.

What nobody made known is found by its shape: a bearer token, a cookie, a URL's password, a signed
token, a key as well-known services give them, the value of a setting that is called so. Secrets of
less than four characters, and those that are a product's own name, cannot be told from ordinary
words; they stay, and `docs/access.md` says so.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar
from urllib.parse import unquote

from queueproof.spellings import rarest_part, spelled

T = TypeVar("T")

#: What stands where a secret was.
MASK = "***"

_SHORTEST = 4
_SURE = 6
_CUT = 8
_MOST = 400
#: Texts that come again and again (names of fields, words, paths) are looked at once.
_SHORT_TEXT = 200
_MOST_SEEN = 8192
#: Values that are words of ours or a product's name: hiding them would hide nothing.
_WORDS = frozenset(
    (
        *("langflow", "flowise", "generic", "queueproof", "reference", "redis", "valkey"),
        *("none", "null", "true", "false", "default", "test", "development", "production"),
        *("local", "localhost", "memory", "asyncio", "admin", "user"),
    )
)
_SECRET_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE|CREDENTIAL|COOKIE|"
    r"(?:^|_)(?:PASS|PWD|PW|KEY|AUTH|AUTHORIZATION|BEARER|SALT|DSN|JWT|PAT)(?:_|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+]?[\d.]{1,12}")
#: What stands in a URL in the place of a user and is none: long, and with a digit in it.
_TOKEN = re.compile(r"^(?=[^:]*\d)[^:]{8,}$")
_SHAPES: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (
        ("bearer", "basic"),
        re.compile(r"\b(bearer|basic)(\s+)(?=[^\s\"'\\]*\d)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE),
        rf"\1\2{MASK}",
    ),
    (
        ("cookie", "x-api-key", "authorization"),
        re.compile(
            r"\b((?:set-)?cookie|x-api-key|(?:proxy-)?authorization)"
            r"(\\?[\"']?\s*[:=]\s*\\?[\"']?|\\?[\"']\s*,\s*\\?[\"'])(?!bearer|basic)"
            r"(?=[^\s\"'\\,;{}$]{0,200}\d)[^\s\"'\\,;{}$]{6,}",
            re.IGNORECASE,
        ),
        rf"\1\2{MASK}",
    ),
    (("eyj",), re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"), MASK),
    (
        ("://",),
        re.compile(r"(?<=://)([^\s/:@\"'<>]*):(?!\*\*\*@)[^\s/\"'<>{}$]+@(?=[\w\[])"),
        rf"\1:{MASK}@",
    ),
    (
        ("password=", "passwd="),
        re.compile(r"(?<=[?&;])([\w.-]*passw(?:or)?d)=(?!\*\*\*)[^\s&;#\"'<>{}$]+", re.IGNORECASE),
        rf"\1={MASK}",
    ),
    (
        ("key", "token", "secret", "passw"),
        re.compile(
            r"(?<![a-z])((?:api|access|auth|refresh|client|session|secret|private)[_-]?"
            r"(?:key|token|secret)|passw(?:or)?d)(\\?[\"']?\s*[:=]\s*\\?[\"']?)"
            r"(?=[^\s\"'\\,;&{}$]{0,200}\d)[^\s\"'\\,;&{}$]{8,}",
            re.IGNORECASE,
        ),
        rf"\1\2{MASK}",
    ),
    (
        ("sk-", "_pat_", "ghp_", "gho_", "ghs_", "glpat-", "xox", "akia", "aiza"),
        re.compile(
            r"(?<![\w-])(?:sk-(?=[\w-]{0,200}\d)[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|"
            r"glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,})"
        ),
        MASK,
    ),
)


def is_secret_name(name: str) -> bool:
    """Whether the value of a setting, a variable or a parameter of that name is a secret."""
    return _SECRET_NAME.search(name) is not None


class Redactor:
    """Knows secrets, and takes them out of text."""

    def __init__(self) -> None:
        self._forms: dict[str, None] = {}
        self._plain: list[str] = []
        self._spelled: dict[str, list[str]] = {}
        self._changed()

    def learn(self, *secrets: str) -> None:
        """Make secrets known. Those that are ordinary words are left out."""
        for secret in secrets:
            for part in dict.fromkeys((secret, secret.strip(), *secret.splitlines())):
                if _can_be_told(part) and part.lower() not in self._forms:
                    self._learn(part)

    def forget(self) -> None:
        """Know nothing any more."""
        self._forms, self._plain, self._spelled = {}, [], {}
        self._changed()

    def learn_url(self, url: str) -> None:
        """Make known what a URL holds before its host, also as a parser may take it apart.

        A `/`, `#` or `?` that should have been encoded ends the host for a parser, and it then
        quotes what it took for a host or a port.
        """
        if "://" not in url:
            return
        rest = url.split("://", 1)[1]
        userinfo, at, _ = rest.rpartition("@")
        if at:
            _, colon, password = userinfo.partition(":")
            # A token may stand alone there, in the place of a user.
            secret = password if colon or not _TOKEN.search(userinfo) else userinfo
            self.learn(secret, unquote(secret))
            for written in (secret, unquote(secret)):
                self.learn(*re.split(r"[/?#:@\[\]]", written))
        for secret in re.findall(r"(?:redis[\w+-]*|sentinel)://([^@:;\s]+)@", url):
            # Of Sentinels, a login without a colon is the password; of a server it is a user, but
            # often meant as one.
            self.learn(secret, unquote(secret), *re.split(r"[/?#\[\]]", secret))
        for name, value in re.findall(r"[?&;]([\w.-]+)=([^&;#\s]+)", rest):
            if is_secret_name(name):
                self.learn(value, unquote(value))

    def learn_settings(self, settings: Mapping[str, str]) -> None:
        """Make known the values of those settings that hold secrets, by name or as URLs."""
        for name, value in settings.items():
            self.learn_url(value)
            if is_secret_name(name) and not _NUMBER.fullmatch(value):
                self.learn(value)

    def learn_headers(self, headers: Mapping[str, str]) -> None:
        """Make known what speaks for a user: the credentials in an Authorization, each cookie."""
        for name, value in headers.items():
            if name.lower() == "cookie":
                self.learn(*(pair.partition("=")[2].strip() for pair in value.split(";")))
            elif name.lower() in ("authorization", "proxy-authorization"):
                scheme, _, given = value.rpartition(" ")
                self.learn(value.split(" ", 1)[-1])
                if scheme.strip().lower() == "basic":
                    self._learn_login(given)
            elif is_secret_name(name.replace("-", "_")):
                self.learn(value)

    def _learn_login(self, encoded: str) -> None:
        """What basic authentication sends: `user:password` in base64."""
        try:
            login = base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return
        self.learn(login, login.partition(":")[2])

    def learn_arguments(self, arguments: Iterable[str]) -> None:
        """Make known what a command line holds: `--setting NAME=VALUE`, URLs with a password."""
        for word in arguments:
            self.learn_url(word)
            given = word.removeprefix("--setting=")
            name, equals, value = given.partition("=")
            if equals and not name.startswith("-"):
                self.learn_settings({name: value})

    def redacted(self, text: str) -> str:
        """`text` with a mask wherever a secret was."""
        if len(text) < _SHORTEST:
            return text
        known = self._seen.get(text)
        if known is not None:
            return known
        told = self._told(text)
        if len(text) <= _SHORT_TEXT:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[text] = told
        return told

    def _told(self, text: str) -> str:
        low = text.lower()
        if self._plain:
            if found := self._found_in(low):
                text = _any_of(found).sub(MASK, text)
                low = text.lower()
            for part, secrets in self._spelled.items():
                for secret in secrets if part in low else ():
                    text = _however(secret).sub(MASK, text)
            text = self._without_cut(text)
        for hints, shape, mask in _SHAPES:
            if any(hint in low for hint in hints):
                text = shape.sub(mask, text)
        return text

    def _found_in(self, low: str) -> tuple[str, ...]:
        """The forms in it, the longest first: looked up by their beginning in a short text."""
        if len(low) < len(self._forms):
            windows = {low[at : at + _SHORTEST] for at in range(len(low) - _SHORTEST + 1)}
            if self._openings.isdisjoint(windows):
                return ()
        return tuple(sorted((form for form in self._forms if form in low), key=len, reverse=True))

    def _changed(self) -> None:
        """What is derived from the secrets is derived anew."""
        self._seen: dict[str, str] = {}
        self._openings = frozenset(form[:_SHORTEST] for form in self._forms)
        long = [secret for secret in self._plain if len(secret) >= _CUT]
        self._longest = max(map(len, long), default=0)
        self._heads: dict[str, list[str]] = {}
        self._tails: dict[str, list[str]] = {}
        for secret in long:
            self._heads.setdefault(secret[:_CUT], []).append(secret)
            self._tails.setdefault(secret[-_CUT:], []).append(secret)

    def _learn(self, secret: str) -> None:
        if len(self._plain) >= _MOST:
            # Tokens that are renewed for days: the oldest have expired.
            self._plain = self._plain[_MOST // 2 :]
            self._forms, self._spelled = {}, {}
            for each in self._plain:
                self._keep(each)
        self._plain.append(secret)
        self._keep(secret)
        self._changed()

    def _keep(self, secret: str) -> None:
        self._forms.update({form.lower(): None for form in _forms_of(secret)})
        if not secret.isalnum() or not secret.isascii():
            self._spelled.setdefault(rarest_part(secret).lower(), []).append(secret)

    def _without_cut(self, text: str) -> str:
        """Without the beginning of a secret at the end of a clipped text, or its end before one."""
        last = len(text) - _CUT
        for begun in range(last, max(-1, len(text) - self._longest - 1), -1):
            for secret in self._heads.get(text[begun : begun + _CUT], ()):
                if secret.startswith(text[begun:].rstrip("…. ")):
                    return self._without_cut(text[:begun]) + MASK
        for ended in range(min(last + 1, self._longest)):
            for secret in self._tails.get(text[ended : ended + _CUT], ()):
                if secret.endswith(text[: ended + _CUT].lstrip("…. ")):
                    return MASK + text[ended + _CUT :]
        return text


#: The one that every writer of this process asks.
known_secrets = Redactor()


def redacted(text: str) -> str:
    """`text` without the secrets of this process."""
    return known_secrets.redacted(text)


def redacted_all(value: T, using: Callable[[str], str] = redacted) -> T:
    """The same value, each string in it redacted: in mappings, lists, tuples, frozen records."""
    return _walked(value, using)  # type: ignore[no-any-return]


def _walked(value: Any, using: Callable[[str], str]) -> Any:
    if type(value) is str:
        return using(value)
    if isinstance(value, Mapping):
        return {_walked(key, using): _walked(each, using) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_walked(each, using) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        given = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        new = {name: _walked(each, using) for name, each in given.items()}
        changed = {name: each for name, each in new.items() if each != given[name]}
        return replace(value, **changed) if changed else value
    return value


def _can_be_told(secret: str) -> bool:
    return len(secret.strip()) >= _SHORTEST and secret.strip().lower() not in _WORDS


def _forms_of(secret: str) -> list[str]:
    """A secret as it is, and what a target or a library may have made of the whole of it.

    How single characters may be written is `queueproof.spellings`' affair.
    """
    raw = secret.encode("utf-8", "surrogatepass")
    forms = [secret, " ".join(secret.split()), raw.decode("latin-1")]
    if len(raw) >= _SURE:
        forms += [raw.hex(), *_in_base64(raw)]
    return [form for form in dict.fromkeys(forms) if len(form) >= _SHORTEST]


def _in_base64(raw: bytes) -> list[str]:
    """The characters of a text's base64 that depend on the secret alone, wherever it begins."""
    found = []
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        begin = (0, 2, 3)[offset]
        end = (8 * (offset + len(raw))) // 6
        core = encoded[begin:end]
        found += [core, core.replace("+", "-").replace("/", "_")]
    return [form for form in found if len(form) >= _SURE]


@functools.lru_cache(maxsize=64)
def _any_of(forms: tuple[str, ...]) -> re.Pattern[str]:
    """What matches any of the forms, in whatever case."""
    return re.compile("|".join(map(_exactly, forms)), re.IGNORECASE)


@functools.lru_cache(maxsize=_MOST)
def _however(secret: str) -> re.Pattern[str]:
    """What matches a secret, however its characters are written."""
    return re.compile(_alone(spelled(secret), len(secret)), re.IGNORECASE)


def _exactly(form: str) -> str:
    return _alone(re.escape(form), len(form))


def _alone(pattern: str, length: int) -> str:
    """A short secret only where it stands alone: it may be part of an ordinary word."""
    return pattern if length >= _SURE else rf"(?<!\w)(?:{pattern})(?!\w)"
