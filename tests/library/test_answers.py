"""Kinds of answers, whose they are, and what a case may want of them."""

from __future__ import annotations

import pytest

from queueproof.errors import Inconclusive, Violation
from queueproof.expectations import expect, expect_answer, require_answer
from queueproof.history import Outcome
from queueproof.probe import Probe
from queueproof.targets.answers import Kind, front_of
from queueproof.targets.http import Exchange
from queueproof.targets.job import ENDING_AT, Delivery, Ending, Job
from queueproof.targets.protocol import PollReply, Reply
from queueproof.targets.worker import ANY_WORKER

NGINX = (
    "<html><head><title>503 Service Temporarily Unavailable</title></head><body><center>"
    "<h1>503 Service Temporarily Unavailable</h1></center><hr><center>nginx/1.22.1</center>"
)
HAPROXY = "<html><body><h1>503 Service Unavailable</h1>\nNo server is available.\n</body></html>\n"
BARE = "<html><head></head><body><center><h1>403 Forbidden</h1></center></body></html>"
F5 = (
    "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. "
    "Please consult with your administrator.<br><br>Your support ID is: 1</body></html>"
)
EXPRESS = '<!DOCTYPE html>\n<html lang="en"><title>Error</title><pre>Cannot GET /x</pre></html>'
OWN = '{"detail":"the job queue is not available"}'


def page(head: str, words: str) -> str:
    """HAProxy's."""
    return f"<html><body><h1>{head}</h1>\n{words}\n</body></html>\n"


def reply(status: int | None, *, front: str = "", flaw: str = "") -> Reply:
    outcome = Outcome.UNKNOWN if status is None else Outcome.FAILED
    return Reply(outcome=outcome, status=status, detail="so it said", front=front, flaw=flaw)


@pytest.mark.parametrize(
    ("status", "headers", "text", "front"),
    [
        (503, {"server": "nginx/1.22.1"}, NGINX, "nginx"),
        (429, {"server": "nginx"}, NGINX, "nginx"),
        (405, {}, "<html><center>nginx</center>", "nginx"),
        (503, {}, HAPROXY, "something in front of the target"),
        (502, {"server": "Caddy"}, "", "caddy"),
        (
            504,
            {"content-type": "text/plain"},
            "Gateway Timeout",
            "something in front of the target",
        ),
        (503, {"retry-after": "3"}, OWN, "the target, or something in front of it,"),
        (522, {"server": "cloudflare"}, "error code: 522", "cloudflare"),
        (503, {"server": "uvicorn"}, OWN, ""),
        (503, {"server": "nginx"}, OWN, ""),
        (504, {"server": "uvicorn"}, "", ""),
        (500, {"server": "nginx"}, "Internal Server Error", ""),
        (404, {"server": "nginx"}, '{"detail":"Not Found"}', ""),
        (200, {"server": "nginx"}, NGINX, ""),
        (403, {}, page("403 Forbidden", "Request forbidden by administrative rules."), "haproxy"),
        (
            408,
            {},
            page("408 Request Time-out", "Your browser didn't send a complete request in"),
            "haproxy",
        ),
        (
            413,
            {},
            page("413 Payload Too Large", "The request entity exceeds the maximum allowed."),
            "haproxy",
        ),
        (403, {"server": "awselb/2.0"}, BARE, "awselb"),
        (403, {}, BARE, "something in front of the target"),
        (
            403,
            {"server": "cloudflare", "cf-mitigated": "challenge"},
            "<!DOCTYPE html>",
            "cloudflare",
        ),
        (200, {}, F5, "an F5 firewall"),
        (403, {"server": "istio-envoy"}, "RBAC: access denied", "envoy"),
        (502, {"server": "kong/3.4.2"}, '{"message":"An invalid response was received"}', "kong"),
        (401, {"server": "kong/3.4.2"}, '{"message":"No API key found in request"}', "kong"),
        (
            504,
            {"x-amzn-errortype": "X"},
            '{"message":"Endpoint request timed out"}',
            "AWS API Gateway",
        ),
        (
            404,
            {"server": "nginx"},
            "<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found",
            "",
        ),
        (404, {"server": "nginx", "x-powered-by": "Express"}, EXPRESS, ""),
        (403, {"via": "kong/3.4.2", "server": "uvicorn"}, '{"detail":"Forbidden"}', ""),
        (400, {}, '{"detail":"Your browser sent an invalid request"}', ""),
    ],
)
def test_a_front_s_own_page_is_told_from_the_target_s_word(
    status: int, headers: dict[str, str], text: str, front: str
) -> None:
    assert front_of(status, headers, text) == front


@pytest.mark.parametrize(
    ("came", "kind"),
    [
        (reply(200), Kind.SUCCESS),
        (reply(204), Kind.SUCCESS),
        (reply(307), Kind.REDIRECT),
        (reply(404), Kind.REFUSAL),
        (reply(429), Kind.COME_AGAIN),
        (reply(503, front="nginx"), Kind.COME_AGAIN),
        (reply(503), Kind.SERVER_ERROR),
        (reply(500), Kind.SERVER_ERROR),
        (reply(None), Kind.UNANSWERED),
        (reply(200, flaw="larger than 8 MiB"), Kind.MALFORMED),
        (reply(999), Kind.MALFORMED),
    ],
)
def test_every_answer_is_of_one_kind(came: Reply, kind: Kind) -> None:
    assert came.kind is kind
    assert came.refused is (kind is Kind.REFUSAL)


@pytest.mark.parametrize("status", [500, 503, None, 200])
def test_only_what_is_named_is_wanted(status: int | None) -> None:
    with pytest.raises(Violation, match="so it said"):
        expect_answer(reply(status), Kind.REFUSAL, to="a poll")
    with pytest.raises(Inconclusive, match="so it said"):
        require_answer(reply(status), Kind.REFUSAL, to="a poll")


def test_a_status_wants_the_target_s_own() -> None:
    expect_answer(reply(503), 503, to="a poll")
    expect_answer(reply(401), 401, 403, to="a poll")
    with pytest.raises(Inconclusive, match="nginx answered 503"):
        expect_answer(reply(503, front="nginx"), 503, Kind.SERVER_ERROR, to="a poll")
    expect_answer(reply(503, front="nginx"), Kind.COME_AGAIN, to="a poll")


def test_a_limit_on_requests_comes_with_the_advice_that_helps() -> None:
    assert "declare requests_per_s" in reply(429).come_again
    assert "declare requests_per_s" in reply(503, front="nginx").come_again
    assert "requests_per_s" not in reply(502, front="nginx").come_again


def test_a_reply_becomes_another_with_all_it_tells() -> None:
    came = Exchange(status=503, text=NGINX, asked_again=2, waited_s=1.5).as_reply()
    polled = came.become(PollReply, detail="")

    assert (polled.front, polled.asked_again, polled.waited_s) == ("nginx", 2, 1.5)
    assert polled.words == "503 (asked 3 times)"


def delivery(ending: Ending) -> Delivery:
    job = Job(
        id="1",
        key="1",
        probe=Probe(),
        owner=ANY_WORKER,
        submitted_s=0.0,
        system=None,  # type: ignore[arg-type]  # nothing is asked of it
    )
    return Delivery(job=job, events=(), ending=ending, ended_s=1.0, detail="503 of nginx")


@pytest.mark.parametrize(
    "ending", [Ending.SILENT, Ending.REFUSED, Ending.ERRED, Ending.LOST, Ending.UNREADABLE]
)
def test_no_word_about_the_job_is_no_end(ending: Ending) -> None:
    with pytest.raises(Violation):
        expect(delivery(ending)).to_have_ended_somehow()
    with pytest.raises(Violation):
        expect(delivery(ending), left_alone=True).to_have_ended(Ending.CANCELLED)


def test_a_reader_put_off_by_a_front_accuses_nobody() -> None:
    with pytest.raises(Inconclusive, match="nginx"):
        expect(delivery(Ending.PUT_OFF)).to_have_ended_somehow()


def test_every_kind_but_success_ends_a_reading() -> None:
    assert set(ENDING_AT) == set(Kind) - {Kind.SUCCESS}
    assert ENDING_AT[Kind.SERVER_ERROR] is not Ending.REFUSED
