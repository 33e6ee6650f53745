"""Every mistake is explained in a line, with its exit code, and leaves no report behind."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Reference, free_port, run_gate


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["http://user:s3cret@127.0.0.1:1"], 2, "carries credentials"),
        (["ftp://127.0.0.1"], 2, "is no http or https URL"),
        (["--only", "POLL-999"], 2, "did you mean POLL-00"),
        (["--only", "poling"], 2, "did you mean polling"),
        (["--contract", "nonesuch"], 2, "is not known; known: flowise, generic, langflow"),
        (["--config", "/nonesuch.toml"], 2, "no such file"),
        (["--redis-url", "redis://:s3cret@h/1"], 2, "export QUEUEPROOF_REDIS_URL"),
        (["--redis", "/nonesuch/redis-server"], 2, "no such program"),
        (["--baseline", "/nonesuch.toml"], 2, "--baseline /nonesuch.toml: no such file"),
        (["--stack", "cloud"], 2, "known are local and containers"),
        (["--nonesuch"], 2, "No such option"),
        (["http://127.0.0.1:1"], 4, "refuses connections"),
    ],
)
def test_a_mistake_is_one_line_and_its_code(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    """No traceback, no report folder, no secret."""
    run = run_gate(*arguments, out=tmp_path)

    assert run.exit_code == code, run.output
    assert message in run.output
    assert "Traceback" not in run.output
    assert "s3cret" not in run.output.replace(arguments[-1], "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("def broken(:\n", "SyntaxError"), ("import nonesuch\n", "No module named 'nonesuch'")],
)
def test_a_suite_that_cannot_be_read_is_told_with_its_file(
    tmp_path: Path, text: str, said: str
) -> None:
    """A run that cannot know what it would have asked is no interrupted one."""
    suites, out = tmp_path / "suites", tmp_path / "out"
    suites.mkdir()
    out.mkdir()
    (suites / "test_own.py").write_text(text, "utf-8")

    run = run_gate("--suites", str(suites), "--only", "MONI-001", out=out)

    assert run.exit_code == 2, run.output
    assert "test_own.py cannot be read" in run.output
    assert said in run.output
    assert "Traceback" not in run.output
    assert list(out.iterdir()) == []


def test_an_unwritable_output_is_refused_before_anything_runs(tmp_path: Path) -> None:
    """A report that cannot be written must not be noticed at the end."""
    (tmp_path / "file").write_text("in the way", "utf-8")

    run = run_gate(out=tmp_path / "file")

    assert run.exit_code == 2
    assert "cannot write there" in run.output


def test_a_wrong_password_is_told(reference: Reference, tmp_path: Path) -> None:
    """Which variables to check is in the line."""
    run = run_gate(
        reference.url,
        out=tmp_path,
        QUEUEPROOF_USERNAME="admin",
        QUEUEPROOF_PASSWORD="wr0ng",
    )

    assert run.exit_code == 2
    assert "QUEUEPROOF_PASSWORD" in run.output
    assert "wr0ng" not in run.output


def test_a_wrong_token_is_told(reference: Reference, tmp_path: Path) -> None:
    """And not repeated."""
    run = run_gate(reference.url, out=tmp_path, QUEUEPROOF_TOKEN="wr0ng")

    assert run.exit_code == 2
    assert "refuses QUEUEPROOF_TOKEN" in run.output
    assert "wr0ng" not in run.output


def test_a_missing_token_is_told(reference: Reference, tmp_path: Path) -> None:
    """Both ways to log in are named."""
    run = run_gate(reference.url, out=tmp_path)

    assert run.exit_code == 2
    assert "export QUEUEPROOF_TOKEN, QUEUEPROOF_API_KEY, or QUEUEPROOF_USERNAME" in run.output


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Sign in to the corporate proxy</html>")

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def proxy_page() -> Iterator[str]:
    """Something that answers every request with a page."""
    port = free_port()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


def test_a_proxys_page_is_recognised(proxy_page: str, tmp_path: Path) -> None:
    """HTML where JSON belongs is no target."""
    run = run_gate(proxy_page, out=tmp_path)

    assert run.exit_code == 4
    assert "not as Langflow does" in run.output
    assert "is a proxy in between" in run.output
