"""Secrets are found in every form that they take, and ordinary words are left alone."""

from __future__ import annotations

import base64
import html
import json
import quopri
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest

from queueproof.redaction import MASK, Redactor, is_secret_name, redacted_all
from queueproof.spellings import rarest_part

SECRET = 'cAn"ary/7+é&<x>'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        SECRET.lower(),
        quote(SECRET, safe=""),
        quote(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps({"body": SECRET})),
        html.escape(SECRET),
        html.escape(json.dumps(SECRET)),
        json.dumps(f"{[SECRET]}"),
        ascii([SECRET]),
        repr(SECRET.encode()),
        SECRET.encode().hex(),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(f"somebody:{SECRET}".encode()).decode(),
        base64.b64encode(f"Bearer {SECRET} and more".encode()).decode(),
        quote(quote(SECRET, safe=""), safe=""),
        quote(SECRET, safe="$&+,;=:@/!*'()"),
        json.dumps(SECRET).replace("/", "\\/"),
        json.dumps(SECRET).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"),
        SECRET.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&#34;"),
        "".join(c if c.isalnum() and c.isascii() else f"&#{ord(c)};" for c in SECRET),
        html.escape(html.escape(SECRET)),
        "".join(c if c.isalnum() and c.isascii() else f"\\x{ord(c):02X}" for c in SECRET),
        "".join(c if c.isascii() else "".join(f"\\{b:03o}" for b in c.encode()) for c in SECRET),
        quopri.encodestring(SECRET.encode()).decode(),
        SECRET.replace('"', '\\"').replace("&", "\\&"),
    ],
)
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    """Whatever a target or a library made of it."""
    known = Redactor()
    known.learn(SECRET)

    shown = known.redacted(f"before {form} after")

    assert MASK in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    for form_of_it in (SECRET, quote(SECRET, safe=""), json.dumps(SECRET)[1:-1]):
        assert form_of_it.lower() not in shown.lower()


@pytest.mark.parametrize(
    "secret",
    ["it's \t 4 tests", "C:\\new\\\\dir-7", "two\n8-lines\r\nof", "ключ-mine", "🚀-mine-🚀"],
)
@pytest.mark.parametrize(
    "quoted",
    [
        lambda text: json.dumps(json.dumps({"a": json.dumps(text)})),
        lambda text: quote(json.dumps(text)),
        lambda text: html.escape(repr(text)),
        lambda text: json.dumps(html.escape(text)),
        lambda text: repr(quote(text).encode()),
        shlex.quote,
        ascii,
    ],
)
def test_however_often_a_secret_is_quoted_it_is_masked(
    secret: str, quoted: Callable[[str], str]
) -> None:
    """Blanks, backslashes, line breaks and letters beyond Latin-1 in it, too."""
    known = Redactor()
    known.learn(secret)

    shown = known.redacted(quoted(secret))

    assert MASK in shown
    assert rarest_part(secret) not in shown


def test_text_that_nearly_holds_secrets_is_looked_through_in_no_time() -> None:
    """Whatever a target writes, no pattern goes over it again and again."""
    known = Redactor()
    known.learn("\\a'\"b\\\\ c/7", "$$$$ $$$$", "pa$$w\"or'd/+x")
    parts = (
        "\\",
        "&amp;",
        "%25",
        "pa\\$",
        "://",
        "api_key=",
        "cookie=",
        "sk-",
        "eyJ-",
        "://a:@",
        "$ ",
        "'\"",
        "a\\'",
    )

    began_s = time.process_time()
    for part in parts:
        known.redacted(part * 20_000 + "or c 7")

    assert time.process_time() - began_s < 5


def test_a_secret_cut_off_by_a_clipped_text_is_masked() -> None:
    """Neither its beginning at the end nor its end at the beginning stays."""
    known = Redactor()
    known.learn("canary-0123456789-canary")

    assert known.redacted("it said Bearer canary-01234567") == f"it said Bearer {MASK}"
    assert known.redacted("3456789-canary was refused") == f"{MASK} was refused"


@pytest.mark.parametrize(
    "url",
    [
        "redis://:pa/sEcReT1#more@127.0.0.1:6379/1",
        "redis://me:pa%2FsEcReT1%23more@127.0.0.1:6379/1",
        "rediss://:pa#sEcReT1?x=1@host/0",
    ],
)
def test_the_pieces_of_a_password_in_a_url_are_masked(url: str) -> None:
    """As a parser takes them apart, which reads a host where the password is."""
    known = Redactor()
    known.learn_url(url)
    parts = urlsplit(url)

    for words in (url, str(parts.hostname), parts.netloc, parts.fragment, parts.path):
        assert "secret1" not in known.redacted(f"connecting to {words}").lower()
    assert known.redacted("Port could not be cast to integer value as 'sEcReT1'").endswith(
        f"'{MASK}'"
    )


def test_a_word_alone_before_the_host_of_a_redis_is_masked() -> None:
    """Clients read a user there; whoever wrote it may have meant the password."""
    known = Redactor()
    known.learn_url("redis://sEcReT1@127.0.0.1:6379/1")
    known.learn_url("postgresql://ann@db/x")

    assert known.redacted("redis://sEcReT1@127.0.0.1:6379/1") == f"redis://{MASK}@127.0.0.1:6379/1"
    assert known.redacted("postgresql://ann@db/x") == "postgresql://ann@db/x"


def test_settings_hold_secrets_by_name_or_as_urls() -> None:
    """Numbers and ordinary words are none."""
    known = Redactor()
    known.learn_settings(
        {
            "LANGFLOW_SECRET_KEY": "kKey-1234",
            "DATABASE_URL": "postgresql://me:dbPass99@db/x",
            "ACCESS_TOKEN_EXPIRE_SECONDS": "3600",
            "LANGFLOW_JOB_QUEUE_TYPE": "redis",
        }
    )
    text = "kKey-1234 dbPass99 3600 redis"

    assert known.redacted(text) == f"{MASK} {MASK} 3600 redis"


def test_a_login_is_masked_also_where_it_came_encoded() -> None:
    """A front that decodes basic authentication may say who came, and with what."""
    known = Redactor()
    known.learn_headers({"Authorization": f"Basic {base64.b64encode(b'me:pass:word-9').decode()}"})
    known.learn_headers({"Proxy-Authorization": "Basic not-base64-at-all-7"})

    assert known.redacted("me, with pass:word-9") == f"me, with {MASK}"
    assert known.redacted("not-base64-at-all-7") == MASK


@pytest.mark.parametrize(
    ("url", "secret"),
    [("http://d3adbeef-token@front:3128", "d3adbeef-token"), ("https://somebody@front/x", "")],
)
def test_a_token_in_the_place_of_a_user_is_masked(url: str, secret: str) -> None:
    known = Redactor()
    known.learn_url(url)

    text = f"no such login: {secret or 'somebody'}"
    assert known.redacted(text) == (f"no such login: {MASK}" if secret else text)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("QUEUEPROOF_PASSWORD", True),
        ("OPENAI_API_KEY", True),
        ("SECRETKEY", True),
        ("LANGFLOW_SECRET_KEY", True),
        ("SENTRY_DSN", True),
        ("MONKEY_BUSINESS", False),
        ("LANGFLOW_WORKERS", False),
    ],
)
def test_names_tell_secrets(name: str, secret: bool) -> None:
    """Words of a name count, not letters within one."""
    assert is_secret_name(name) is secret


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef0123456789",
        "{'authorization': 'Basic dXNlcjpwYXNzd29yZDEyMw=='}",
        "Set-Cookie: session=s3cr3tvalue; Path=/",
        "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl expired",
        "connecting to redis://me:hunter22@127.0.0.1:6379/1",
        "connecting to rediss://h/1?ssl_password=hunter22&protocol=3",
        "connecting to redis+sentinel://h/jobs/1?db=1&sentinel_password=hunter22",
        "connecting to postgresql://me:not@encoded-hunter22@db/jobs",
        "environ({'OPENAI_API_KEY': 'hunter22-hunter22', 'HOME': '/'})",
        "GET /callback?state=1&access_token=hunter22&x=1 gave 400",
        '{\\"client_secret\\": \\"hunter22\\"}',
        "KeyError: sk-proj-hunter22hunter22hunter22",
    ],
)
def test_what_nobody_made_known_is_told_by_its_shape(text: str) -> None:
    """A token won by somebody else, a cookie, a URL's password."""
    shown = Redactor().redacted(text)

    assert MASK in shown
    secrets = ("abcdef0123456789", "dXNlcjpw", "s3cr3tvalue", "eyJzdWIi", "hunter22")
    assert not any(secret in shown for secret in secrets)


@pytest.mark.parametrize(
    "text",
    [
        "the target refuses QUEUEPROOF_TOKEN (401 bearer token missing)",
        "headers = {'Authorization': f'Bearer {token}'}",
        'AUTH="Authorization: Bearer $TOKEN"',
        "GET http://127.0.0.1:7860/api/v1/build gave 200",
        "queueproof gate --contract langflow --only POLL-003 --seed 41",
        "the task-1234567890123456 and disk-1234567890123456 wait",
        "no access_token: log in, api_key = none, [target.headers] password: {PASSWORD_1}",
        "http://127.0.0.1:7860 and admin@example.org",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    """Also where a password is the product's own name, or very short."""
    known = Redactor()
    known.learn("langflow", "abc", "")

    assert known.redacted(text) == text


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    """It may be part of an ordinary word."""
    known = Redactor()
    known.learn("pass1")

    assert known.redacted("pass1 and compass12") == f"{MASK} and compass12"


def test_records_are_redacted_through_and_through() -> None:
    """Keys, values, tuples, and fields of frozen records; what holds none is the same object."""

    @dataclass(frozen=True)
    class Record:
        words: tuple[str, ...]
        facts: dict[str, object]

    known = Redactor()
    known.learn("canary-1")
    record = Record(("a canary-1",), {"canary-1": [1, None, "canary-1"]})
    clean = Record(("a",), {})

    assert redacted_all(record, known.redacted) == Record((f"a {MASK}",), {MASK: [1, None, MASK]})
    assert redacted_all(clean, known.redacted) is clean


def test_only_so_many_secrets_are_kept() -> None:
    """Tokens that are renewed for days do not make every line slower."""
    known = Redactor()
    for number in range(1000):
        known.learn(f"token-number-{number}")

    assert known.redacted("token-number-999") == MASK
    assert len(known._plain) <= 400
