"""What an answer's headers tell of something in front of a target."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from queueproof.errors import Violation
from queueproof.history import Outcome
from queueproof.reporting.model import CaseResult
from queueproof.reporting.symptom import symptom_of
from queueproof.running.outcome import seen_through
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.in_front import in_front_of, note_answer, note_cache
from queueproof.targets.protocol import Reply
from queueproof.verdicts import Verdict

from .stub_target import answered_by


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"server": "uvicorn"}, ""),
        ({}, ""),
        ({"age": "0", "x-cache": "MISS from squid"}, ""),
        ({"server": "nginx/1.22.1"}, "nginx/1.22.1 in front"),
        ({"server": "gunicorn", "via": "1.1 edge"}, "a proxy that says Via: 1.1 edge in front"),
        ({"server": "squid/6.6", "via": "1.1 a (squid/6.6)"}, "squid/6.6 in front"),
        ({"via": "1.1 a (squid/6.6)"}, "a proxy that says Via: 1.1 a in front"),
        ({"server": "Apache/2.4 (Debian (x"}, "Apache/2.4 Debian x in front"),
        ({"x-varnish": "12 3", "age": "4"}, "varnish in front, which answers from a cache"),
        ({"cf-cache-status": "HIT"}, "something in front, which answers from a cache"),
    ],
)
def test_a_front_is_known_by_what_it_adds(headers: dict[str, str], said: str) -> None:
    url = f"http://front-{said or headers}.test"

    note_answer(url, headers)

    assert in_front_of(url) == said


def test_what_was_noted_of_an_address_is_kept() -> None:
    url = "http://kept.test"
    note_answer(url, {"server": "Caddy"})
    note_cache(url)
    note_answer(url, {"server": "uvicorn"})

    assert in_front_of(url) == "Caddy in front, which answers from a cache"
    assert in_front_of("http://other.test") == ""


def test_a_failure_names_the_front_and_keeps_its_symptom() -> None:
    """A baseline that was written without the front's name still knows the failure."""

    def symptom(error: Violation) -> str:
        return symptom_of(
            CaseResult(
                id="case",
                requirement="POLL-002",
                title="",
                verdict=Verdict.FAILED,
                duration_s=1.0,
                actual=error.actual,
            )
        )

    plain = symptom(seen_through(Violation(expected="a", actual="1 missing (3)"), ""))
    seen = seen_through(Violation(expected="a", actual="1 missing (3)"), "nginx in front")
    url = "http://long-via.test"
    note_answer(url, {"via": "1.1 a-proxy-with-quite-a-long-name (squid/6.6)"})
    cut = seen_through(Violation(expected="a", actual="1 missing (3)"), in_front_of(url))

    assert "seen through nginx in front" in seen.actual
    assert "seen through a proxy that says Via: 1.1 a-proxy" in cut.actual
    assert symptom(seen) == symptom(cut) == plain


def test_a_connection_that_was_closed_meanwhile_is_a_lost_one() -> None:
    """A front that restarts makes the fleet give up connections which something waits to use."""

    async def main() -> Exchange:
        vantage = answered_by(lambda _: httpx.Response(200))
        await vantage.close()
        return await exchange(vantage, "GET", "/health", within_s=1.0)

    assert "closed meanwhile" in asyncio.run(main()).trouble


def test_a_fronts_page_is_told_by_its_title() -> None:
    page = "<html><head><title>413 Request Entity Too Large</title></head><body></body></html>"
    answer = Exchange(status=413, text=f"{page}<hr><center>nginx</center>")

    assert answer.detail == "a page: 413 Request Entity Too Large"
    assert "client_max_body_size" in Reply(outcome=Outcome.FAILED, status=413).come_again
