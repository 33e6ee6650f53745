"""Every mistake in the configuration is one line that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from queueproof.config.load import check_url, load_target
from queueproof.config.model import Credentials
from queueproof.config.redis_url import check_plain_redis_url
from queueproof.errors import UsageError


def load(tmp_path: Path, text: str, **environment: str):  # type: ignore[no-untyped-def]
    path = tmp_path / "target.toml"
    path.write_text(text, "utf-8")
    return load_target(path, environment)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    """Every table arrives."""
    config = load(
        tmp_path,
        """
        [target]
        urls = ["http://127.0.0.1:7860"]
        workers = 3
        disposable = true
        [timings]
        startup_grace_s = 2
        [launch]
        command = ["program", "--port", "{port}"]
        lanes = 0
        environment = {A = "1"}
        """,
    )

    assert config.urls == ("http://127.0.0.1:7860",)
    assert config.workers == 3
    assert config.disposable
    assert config.timings.startup_grace_s == 2.0
    assert config.timings.stream_ttl_s == 3600.0
    assert config.launch is not None
    assert config.launch.command == ("program", "--port", "{port}")
    assert config.launch.environment == {"A": "1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[target]\nurlz = []", "unknown key 'urlz'; did you mean urls"),
        ("[targets]\n", "unknown key 'targets'; did you mean target"),
        ("[timings]\nstartup_grace = 1", "did you mean startup_grace_s"),
        ("[timings]\nanswer_s = 'x'", "answer_s must be a number"),
        ("[timings]\nanswer_s = -1", "answer_s must be above 0, not -1"),
        ("[timings]\nstream_ttl_s = -1", "must not be negative"),
        ("[target]\nworkers = true", "workers must be a whole number"),
        ("[target]\nworkers = 'three'", "workers must be a whole number"),
        ("[launch]\nlanes = 1", "needs a command"),
        ("[target]\nurls = ['ftp://x']", "is no http or https URL"),
        ("[target]\nredis_url = 'redis://:pw@h/1'", "carries a password"),
        ("[target", "not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    """Misspelt keys, wrong types, secrets in the wrong place, bad syntax."""
    with pytest.raises(UsageError, match=message):
        load(tmp_path, text)


def test_a_missing_file_is_named() -> None:
    """The path is in the message."""
    with pytest.raises(UsageError, match=r"/nonesuch\.toml: no such file"):
        load_target(Path("/nonesuch.toml"), {})


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    """Token, logins and a Redis URL with its password."""
    config = load(
        tmp_path,
        "",
        QUEUEPROOF_TOKEN="t0ken",
        QUEUEPROOF_REDIS_URL="redis://:pw@127.0.0.1:6379/1",
    )

    assert config.credentials.token == "t0ken"
    assert config.redis_url == "redis://:pw@127.0.0.1:6379/1"


def test_credentials_do_not_show_in_a_repr() -> None:
    """A traceback must not leak a secret."""
    assert "s3cret" not in repr(Credentials(token="s3cret", password="s3cret"))


@pytest.mark.parametrize(
    "url",
    [
        *("http://u:p@127.0.0.1:1", "ftp://x", "127.0.0.1:7860", "http://", "http://h:99999"),
        *("http://256.1.1.1:7860", "http://xn--a.example", "http://h/" + "a" * 70_000),
    ],
    ids=lambda url: url[:24],
)
def test_a_wrong_url_is_refused(url: str) -> None:
    """Credentials in it, another scheme, none, no host, no such port, no such address, a name that
    is in no alphabet, and what is longer than any.
    """
    with pytest.raises(UsageError):
        check_url(url)


def test_credentials_in_a_url_are_not_repeated() -> None:
    """Not even in the error."""
    with pytest.raises(UsageError) as caught:
        check_url("http://user:s3cret@127.0.0.1:1")

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["x-worker\n", "x-wörker", "x worker", "x" * 1000, "x-worker:"])
def test_what_no_answer_has_is_no_workers_header(name: str, tmp_path: Path) -> None:
    """It would be missing from every answer, without a word."""
    with pytest.raises(UsageError, match=r"(is no header's name|holds a control character)"):
        load(tmp_path, f"[target]\nurls = ['http://h']\nworker_header = {json.dumps(name)}")


def test_a_url_loses_its_trailing_slash() -> None:
    """Paths are appended to it."""
    assert check_url("http://127.0.0.1:7860/") == "http://127.0.0.1:7860"


@pytest.mark.parametrize("url", ["http://h/1", "redis://", "redis://:pw@h/1"])
def test_a_wrong_redis_url_is_refused(url: str) -> None:
    """Another scheme, no host, a password."""
    with pytest.raises(UsageError):
        check_plain_redis_url(url, where="--redis-url")


def test_worker_programs_are_read(tmp_path: Path) -> None:
    """Those that run, and how to start more."""
    config = load(
        tmp_path,
        """
        [target]
        contract = "flowise"
        worker_processes = [4711, 4712]
        worker_urls = ["http://127.0.0.1:5566"]
        [launch]
        command = ["flowise", "start"]
        worker_command = ["flowise", "worker"]
        worker_ready = "created"
        """,
    )

    assert config.worker_processes == (4711, 4712)
    assert config.worker_urls == ("http://127.0.0.1:5566",)
    assert config.launch is not None
    assert config.launch.worker_command == ("flowise", "worker")
    assert config.launch.worker_ready == "created"


@pytest.mark.parametrize(
    "line", ['worker_processes = ["4711"]', 'worker_urls = ["127.0.0.1:5566"]', "worker_urls = 1"]
)
def test_wrong_worker_programs_are_refused(tmp_path: Path, line: str) -> None:
    """A process is a number, an address a URL."""
    with pytest.raises(UsageError):
        load(tmp_path, f"[target]\n{line}\n")
