"""No secret reaches a file or a stream, whatever the target repeats and however a run ends."""

from __future__ import annotations

import base64
import gzip
import html
import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest
import redis

from tests.preforked import preforked

from .canaries import canary, leaks, leaks_below
from .conftest import clean_environment, started_reference
from .echoing import echoing

_ODD = 'é"&<'


@dataclass
class Echo:
    """A reference behind the echoing front, and who may use it with which secrets."""

    url: str
    gentle_url: str
    tokens: dict[str, str]
    logins: dict[str, str]
    redis_url: str
    headers: str
    canaries: list[str] = field(default_factory=list)

    def environment(self, *, tokens: bool) -> dict[str, str]:
        """Everything that a run can be given: by token or by password, a Redis, a second user, what
        a front wants of every request.
        """
        given = self.tokens if tokens else self.logins
        more = {
            "QUEUEPROOF_REDIS_URL": self.redis_url,
            "QUEUEPROOF_HEADERS": self.headers,
            "QUEUEPROOF_WORKERS": "1",
        }
        return {**clean_environment(), **given, **more}


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    """One for all of these tests."""
    secret = {name: canary() for name in ("user", "admin")}
    # Nothing in a header's name says that its value lets in.
    visa = {name: canary() for name in ("X-Visa", "Cookie")}
    word = {name: canary(_ODD) for name in ("user", "other", "redis")}
    settings = {"LANGFLOW_SUPERUSER_PASSWORD": word["user"], "LANGFLOW_WORKERS": "1"}
    folder = tmp_path_factory.mktemp("echo")
    with started_reference(folder, **settings) as reference:
        own = {"username": "admin", "password": word["user"]}
        other = {"username": "other", "password": word["other"]}
        with httpx.Client(base_url=reference.url, trust_env=False) as client:
            token = client.post("/api/v1/login", data=own).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            made = client.post("/api/v1/users/", json=other).json()
            client.patch(f"/api/v1/users/{made['id']}", json={"is_active": True})
        redis_port = urlsplit(reference.redis_url).port
        with redis.Redis.from_url(reference.redis_url) as database:
            rights = ("on", f">{word['redis']}", "~*", "&*", "+@all")
            database.execute_command("ACL", "SETUSER", "watcher", *rights)
        second = {
            "QUEUEPROOF_OTHER_USERNAME": "other",
            "QUEUEPROOF_OTHER_PASSWORD": word["other"],
        }
        known = dict.fromkeys(secret.values(), token)
        encoded = quote(word["redis"], safe="")
        port = int(urlsplit(reference.url).port or 0)
        with echoing(port, known) as url, echoing(port, known, fails=False) as gentle:
            yield Echo(
                url=url,
                gentle_url=gentle,
                tokens={
                    "QUEUEPROOF_TOKEN": secret["user"],
                    "QUEUEPROOF_ADMIN_TOKEN": secret["admin"],
                    **second,
                },
                logins={
                    "QUEUEPROOF_USERNAME": "admin",
                    "QUEUEPROOF_PASSWORD": word["user"],
                    **second,
                },
                redis_url=f"redis://watcher:{encoded}@127.0.0.1:{redis_port}/1",
                headers=f"X-Visa: {visa['X-Visa']}\nCookie: front={visa['Cookie']}",
                canaries=[*secret.values(), *word.values(), *visa.values(), token],
            )


@dataclass(frozen=True)
class Told:
    """A run that is over: its exit code and everything that it has printed."""

    code: int
    output: str


def play(echo: Echo, folder: Path, *words: str, tokens: bool = True, kill: str = "") -> Told:
    """Run a command to its end, or kill it once a file like `kill` is there.

    Its temporary folders are below `folder` too.
    """
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    environment = {**echo.environment(tokens=tokens), "TMPDIR": str(temporary)}
    said = folder / "said"
    with said.open("wb") as sink:
        running = preforked().start(words, environment=environment, out=sink)
    if kill:
        deadline = time.monotonic() + 60
        while not list(folder.glob(kill)) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(1.0)
        running.kill()
    code = running.wait(timeout=120)
    output = said.read_text("utf-8", "replace")
    said.unlink()
    return Told(code, output)


def expect_no_canary(echo: Echo, folder: Path, told: Told, *more: str) -> None:
    """Neither in what was printed nor in any file."""
    canaries = [*echo.canaries, *more]
    assert leaks(told.output, canaries) == set(), told.output
    assert leaks_below(folder, canaries) == {}


@pytest.mark.parametrize("tokens", [True, False], ids=["tokens", "passwords"])
def test_a_gate_and_the_bug_report_on_it_hold_no_secret(
    echo: Echo, tmp_path: Path, tokens: bool
) -> None:
    """Though what failed is quoted: an error that repeats the request, an event that does."""
    only = ("POLL-002", "STRM-005", "SUBM-003", "ACCS-001")
    asked = [word for one in only for word in ("--only", one)]

    told = play(echo, tmp_path, "gate", echo.url, *asked, "--out", f"{tmp_path}/out", tokens=tokens)

    assert told.code == 1, told.output
    expect_no_canary(echo, tmp_path, told)
    [path] = tmp_path.glob("out/*/report.json")
    report = json.loads(path.read_text("utf-8"))
    assert "***" in json.dumps(report), "nothing was quoted: the test tests nothing"
    failed = [row["id"] for row in report["requirements"] if row["verdict"] == "failed"]
    words = ("report", "issue", failed[0], "--report", str(path.parent))
    where = () if tokens else ("--out", f"{tmp_path}/issue")
    issue = play(echo, tmp_path / "a", *words, *where, tokens=tokens)
    assert issue.code == 0, issue.output
    expect_no_canary(echo, tmp_path, issue)


def test_a_load_run_holds_no_secret(echo: Echo, tmp_path: Path) -> None:
    """Its records, examples and samples neither."""
    arguments = ("--duration", "2s", "--rate", "8", "--max-errors", "1", "--out", f"{tmp_path}/out")

    told = play(echo, tmp_path, "load", echo.url, *arguments, tokens=False)

    assert told.code == 1, told.output
    expect_no_canary(echo, tmp_path, told)


def test_a_load_run_that_is_killed_leaves_no_secret(echo: Echo, tmp_path: Path) -> None:
    """What it had told its generator is in no file."""
    arguments = (
        "--duration",
        "60s",
        "--rate",
        "8",
        "--max-errors",
        "1",
        "--out",
        f"{tmp_path}/out",
    )

    told = play(echo, tmp_path, "load", echo.url, *arguments, kill="out/*/load*.jsonl")

    assert told.code == -signal.SIGKILL
    assert list(tmp_path.glob("out/*/*"))
    expect_no_canary(echo, tmp_path, told)


def test_an_exploration_holds_no_secret(echo: Echo, tmp_path: Path) -> None:
    """Its history neither. What it saves of a failure is in `tests/exploring/test_saving.py`."""
    arguments = ("--duration", "2s", "--seed", "3", "--calm", "--out", f"{tmp_path}/out")

    told = play(echo, tmp_path, "explore", echo.gentle_url, *arguments, tokens=False)

    assert told.code in (0, 3), told.output  # 3: a starved machine
    expect_no_canary(echo, tmp_path, told)


def test_a_secret_in_a_setting_or_a_url_is_not_repeated(echo: Echo, tmp_path: Path) -> None:
    """Neither by a run nor by the refusal of one."""
    secret = canary()
    setting = ("--setting", f"X_SECRET={secret}")
    within = echo.url.replace("://", f"://me:{secret}@")

    refused = play(echo, tmp_path / "a", "gate", within, "--out", f"{tmp_path}/a/out")
    played = play(
        echo, tmp_path / "b", "gate", "--only", "POLL-007", *setting, "--out", f"{tmp_path}/b/out"
    )

    assert (refused.code, played.code) == (2, 0), refused.output + played.output
    expect_no_canary(echo, tmp_path, refused, secret)
    expect_no_canary(echo, tmp_path, played, secret)


@pytest.mark.parametrize(
    "form",
    [
        "plain {0}",
        "cut {0:.12}",
    ],
)
def test_the_search_finds_what_is_there(tmp_path: Path, form: str) -> None:
    """In every wrapping: a search that finds nothing proves nothing."""
    secret = canary(_ODD)
    text = form.format(secret)
    wrapped = {
        "plain": text.encode(),
        "json": json.dumps({"a": json.dumps({"b": text})}).encode(),
        "html": html.escape(json.dumps(text)).encode(),
        "quoted": quote(text, safe="").encode(),
        "base64": b"x" + base64.b64encode(text.encode()),
        "hex": text.encode().hex().encode(),
        "gzip": gzip.compress(text.encode()),
    }
    for name, content in wrapped.items():
        (tmp_path / name).write_bytes(content)

    assert {Path(path).name for path in leaks_below(tmp_path, [secret])} == set(wrapped)
