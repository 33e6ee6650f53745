"""A deployment that is not simply open: what lets queueproof in, and what is said where it is not.

One server of the reference behind everything; each gate asks for a poll, a stream, and that nobody
without a token, and no other user, gets at a job.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from queueproof.stack.certificates import Certificates, make_certificates
from tests.preforked import preforked

from .judging import Judgement, judge
from .serving import LOGIN, PASSWORD, Deployment, bare_environment
from .ways_in import ForwardProxy, Guard, basic_auth, wants_header, with_tls

ASKED = ("POLL-002", "STRM-002", "ACCS-005")
STAGING = "staging:s3cret-of-the-front"
IN_FRONT = 'headers = {Authorization = "Basic {base64:FRONT_LOGIN}"}'
ACCESS = 'headers = {CF-Access-Client-Secret = "{ACCESS_SECRET}"}'
SECRET = "a-very-secret-service-token-41"

Guarded = Callable[[Guard], str]


@pytest.fixture
def guarded(three_workers: Deployment, tmp_path: Path) -> Iterator[Guarded]:
    """Puts something in front of the deployment; its URL."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    with ExitStack() as running:
        folder = tmp_path / "front"
        yield lambda guard: running.enter_context(guard.before(three_workers.ports, folder))


@pytest.fixture(scope="module")
def api_key(three_workers: Deployment) -> str:
    """A superuser's, made as users make them."""
    with httpx.Client(base_url=three_workers.urls[0], trust_env=False) as http:
        form = {"username": "admin", "password": PASSWORD}
        token = http.post("/api/v1/login", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return str(http.post("/api/v1/api_key/", json={}, headers=headers).json()["api_key"])


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A private authority's."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def expect_judged(judgement: Judgement) -> None:
    """Everything that was asked for holds, as far as the way in lets it be asked."""
    assert judgement.exit_code == 0, str(judgement)
    hold = [*judgement.verdicts("passed"), *judgement.verdicts("passed_in_part")]
    assert sorted(hold) == sorted(ASKED)


def expect_kept(folder: Path, *secrets: str) -> None:
    """None of these in any file of a report, packed or not."""
    for path in folder.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            text = gzip.decompress(raw) if path.suffix == ".gz" else raw
            assert not [each for each in secrets if each.encode() in text], path


def loaded(url: str, out: Path, *options: str, environment: Mapping[str, str]) -> str:
    """A short load run; its exit code and what it said."""
    # How quick it is says how busy the machine is, nothing of the way in.
    quick = ("submit.p50_ms", "submit.p99_ms", "first_event.p99_ms")
    gates = [word for name in quick for word in ("--gate", f"{name}=60000")]
    command = ("load", url, "--duration", "2s", "--rate", "3", *gates)
    done = preforked().run(
        [*command, *options, "--out", str(out)],
        environment={**bare_environment(), **environment},
        timeout_s=200,
    )
    return f"exit {done.returncode}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("by", ["key", "login"])
def test_basic_auth_in_front_leaves_room_for_langflows_own(
    by: str, guarded: Guarded, api_key: str, tmp_path: Path
) -> None:
    """An API key in a header of its own, or a token in the web client's cookie.

    A superuser's key shows the monitor, too; no secret is in any file.
    """
    url = guarded(basic_auth(tmp_path / "front", STAGING))
    own = {"QUEUEPROOF_API_KEY": api_key} if by == "key" else LOGIN

    judged = judge(
        url,
        folder=tmp_path,
        only=ASKED,
        target=IN_FRONT,
        environment={**own, "FRONT_LOGIN": STAGING},
    )

    expect_judged(judged)
    assert "admin" in judged.report["target"]["access"]
    expect_kept(tmp_path / "out", api_key, STAGING, STAGING.partition(":")[2])


def test_a_wrong_api_key_is_named_and_nothing_is_judged(
    three_workers: Deployment, tmp_path: Path
) -> None:
    judged = judge(
        *three_workers.urls,
        folder=tmp_path,
        only=ASKED,
        environment={"QUEUEPROOF_API_KEY": "sk-nobodys-key-at-all"},
    )

    assert judged.exit_code == 2, str(judged)
    assert "the target refuses QUEUEPROOF_API_KEY (403" in judged.output
    assert "sk-nobodys" not in judged.output


@pytest.mark.parametrize(
    ("guard", "said"),
    [
        ("basic auth", "something in front wants a login (Basic authentication)"),
        ("certificate", "the certificate is not trusted"),
        ("http2", "it speaks HTTP/2 there"),
    ],
)
def test_what_does_not_let_in_is_named_with_what_to_do(
    guard: str, said: str, guarded: Guarded, certificates: Certificates, tmp_path: Path
) -> None:
    """Exit code 4; nothing is called a refused connection."""
    guards = {
        "basic auth": basic_auth(tmp_path / "front", STAGING),
        "certificate": with_tls(certificates),
        "http2": Guard(protocol="http2"),
    }

    judged = judge(guarded(guards[guard]), folder=tmp_path, only=ASKED)

    assert judged.exit_code == 4, str(judged)
    assert said in judged.output
    assert "refuses connections" not in judged.output


def test_an_access_proxys_header_lets_in_and_is_in_no_file(
    guarded: Guarded, tmp_path: Path
) -> None:
    url = guarded(wants_header("CF-Access-Client-Secret", SECRET))

    judged = judge(
        url,
        folder=tmp_path,
        only=ASKED,
        target=ACCESS,
        environment={**LOGIN, "ACCESS_SECRET": SECRET},
    )

    expect_judged(judged)
    expect_kept(tmp_path / "out", SECRET)


def test_a_private_authority_and_an_http_proxy_are_used_as_the_file_says(
    guarded: Guarded, certificates: Certificates, tmp_path: Path
) -> None:
    """Every request goes through one tunnel of the proxy or another."""
    url = guarded(with_tls(certificates))
    proxy = ForwardProxy()
    with proxy.running() as address:
        target = f'ca = "{certificates.authority}"\nproxy = "{address}"'
        judged = judge(url, folder=tmp_path, only=ASKED, target=target)

    expect_judged(judged)
    assert f"through the HTTP proxy {address.removeprefix('http://')}" in judged.notes
    assert set(proxy.seen) == {f"CONNECT {url.removeprefix('https://')} HTTP/1.1"}


def test_load_goes_the_same_way_in(
    guarded: Guarded, certificates: Certificates, tmp_path: Path
) -> None:
    """Its generator is a program of its own: header, authority and proxy reach it, and show
    nowhere.
    """
    url = guarded(with_tls(certificates, how=wants_header("X-Access-Token", SECRET).how))
    proxy = ForwardProxy(wants="Basic am9lOnByb3h5LXMzY3JldA==")
    with proxy.running() as address:
        said = loaded(
            url,
            tmp_path / "out",
            *("--ca", str(certificates.authority)),
            environment={
                **LOGIN,
                "QUEUEPROOF_HEADERS": f"X-Access-Token: {SECRET}",
                "QUEUEPROOF_PROXY": address.replace("://", "://joe:proxy-s3cret@"),
            },
        )

    late = "the generator itself fell behind" in said  # a busy machine, nothing of the way in
    assert said.startswith("exit 3" if late else "exit 0"), said
    assert re.search(r"; 0 of [1-9]\d* requests failed; 0 deviations", said), said
    assert SECRET not in said
    assert len(proxy.seen) > 1
    expect_kept(tmp_path / "out", SECRET, "proxy-s3cret")


@pytest.mark.parametrize(
    "command", [["watch", "--once"], ["explore", "--duration", "2s"]], ids=lambda words: words[0]
)
def test_watch_and_explore_go_the_same_way_in(
    command: list[str], guarded: Guarded, tmp_path: Path
) -> None:
    """Described by variables alone; each waits first until it is let in."""
    url = guarded(wants_header("X-Access-Token", SECRET))
    described = {
        "QUEUEPROOF_URLS": url,
        "QUEUEPROOF_HEADERS": f"X-Access-Token: {SECRET}",
        "QUEUEPROOF_WAIT_READY": "30",
        "QUEUEPROOF_OUT": str(tmp_path / "out"),
    }

    done = preforked().run(
        command,
        environment={**bare_environment(), **LOGIN, **described},
        folder=tmp_path,
        timeout_s=200,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "the target is ready after" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    expect_kept(tmp_path / "out", SECRET)


def test_a_path_prefix_and_an_ipv6_address_are_part_of_the_url(
    guarded: Guarded, tmp_path: Path
) -> None:
    """A prefix that was forgotten is told by the redirect to it."""
    redirects = "location = /api/v1/version { return 301 /tenant/langflow/; }"
    url = guarded(Guard(host="::1", location="/tenant/langflow/", server=redirects))

    judged = judge(url, folder=tmp_path / "right", only=ASKED)
    forgotten = judge(url.removesuffix("/tenant/langflow"), folder=tmp_path / "wrong", only=ASKED)

    assert url.startswith("http://[::1]:")
    expect_judged(judged)
    assert forgotten.exit_code == 4, str(forgotten)
    assert f"redirects to {url}/" in forgotten.output
    assert f"give {url}" in forgotten.output
