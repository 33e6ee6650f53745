"""Waiting for a target that is still starting."""

from __future__ import annotations

import httpx
import pytest

from queueproof.config.model import TargetConfig
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.running import readiness
from queueproof.running.readiness import await_target
from queueproof.targets import http

from .stub_target import answered_by

URL = "http://starting.test:1"
TARGET = TargetConfig(urls=(URL,))
FINE = {"version": "1.13.0"}


class Starting:
    """A front's page or a refused connection first, and after some requests the target."""

    def __init__(self, *before: httpx.Response | httpx.HTTPError) -> None:
        self.before = list(before)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.before:
            answer = self.before.pop(0)
            if isinstance(answer, httpx.HTTPError):
                raise answer
            return answer
        return httpx.Response(200, json=FINE if request.url.path.endswith("version") else {})


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    monkeypatch.setattr(readiness, "_FIRST_PAUSE_S", 0.01)

    def wait(answers: Starting, within_s: float) -> str:
        monkeypatch.setattr(readiness, "Vantage", lambda url: answered_by(answers, url=url))
        await_target(TARGET, False, within_s=within_s)
        return capsys.readouterr().err

    return wait


def refused() -> httpx.ConnectError:
    return httpx.ConnectError("All connection attempts failed")


def page(status: int) -> httpx.Response:
    return httpx.Response(status, text="<html>starting</html>", headers={"server": "nginx"})


def test_it_is_waited_for_and_said_what_is_still_wrong(waited: object) -> None:
    assert callable(waited)
    said = waited(Starting(refused(), page(502), page(200)), 60.0)

    assert "waiting for the target" in said
    assert "refuses connections" in said
    assert "the target is ready after" in said


def test_after_the_time_the_last_reason_is_told(waited: object) -> None:
    assert callable(waited)
    with pytest.raises(TargetUnreachable, match=r"not ready within 0.05 s: .*502"):
        waited(Starting(*(page(502) for _ in range(20))), 0.05)


def test_no_waiting_mends_a_certificate(waited: object) -> None:
    assert callable(waited)
    wrong = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")
    with pytest.raises(TargetUnreachable, match="the certificate is not trusted"):
        waited(Starting(wrong), 600.0)


@pytest.mark.parametrize("seconds", [-1.0, float("nan")])
def test_a_wrong_number_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError, match="--wait-ready"):
        await_target(TARGET, False, within_s=seconds)


def test_nothing_is_waited_for_that_the_run_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "exchange", lambda *_, **__: pytest.fail("it was asked"))
    await_target(TARGET, True, within_s=600.0)
    await_target(TARGET, False, within_s=0.0)
