"""What the dashboard shows, and to whom
(`Flowise, "Running Flowise using Queue"`, Queue Dashboard).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from queueproof.case import (
    Access,
    Inconclusive,
    Job,
    Kind,
    NotAssessed,
    Probe,
    Role,
    System,
    dashboard,
    dashboard_page,
    eventually,
    expect_answer,
    expect_that,
    new_job,
    predict,
    read_stream,
    require_answer,
    requirement,
)
from queueproof.running.launch import Launch
from queueproof.targets.flowise.any_request import ask_flowise
from queueproof.targets.predictions import DashboardReply, PredictReply
from queueproof.targets.raw_replies import RawReply

SHORT = Probe(ticks=3, interval_s=0.05)
RUNNING = Probe(ticks=30, interval_s=0.2)
ONE_AT_A_TIME = {"WORKER_CONCURRENCY": "1"}
DOZEN = 12
_A_PAGE, _MOST_PAGES = 5, 10
PAGE = "/admin/queues?status=completed&jobsPerPage=100"
#: The number of jobs and the list of them may be read one after the other.
OFTEN, EVERY_S = 3, 0.05


@requirement("DASH-001")
async def test_a_completed_job_is_shown_with_its_data_and_result(target: System) -> None:
    """The question that was asked and the text that was answered."""
    job = new_job(target, SHORT)
    answer = await predict(job)
    if answer.kind is not Kind.SUCCESS:
        raise Inconclusive(f"the prediction was answered {answer.words}")

    shown = await _await_job(target, job, status="completed")

    row = shown.job_of(job.key) or {}
    expect_that(
        (row.get("returnValue") or {}).get("text") == answer.text,
        expected=f"the job with its question and the result {answer.text!r}",
        actual=f"{shown.words or shown.status}: {len(shown.jobs())} jobs, "
        f"this one {'with another result' if row else 'not among them'}",
        jobs=job,
    )


@requirement("DASH-001")
async def test_what_is_not_on_the_first_page_is_on_the_next(target: System) -> None:
    """A dozen complete, and five are asked for a page: the second one has others than the first."""
    replies = await asyncio.gather(*(predict(new_job(target, SHORT)) for _ in range(DOZEN)))
    if poor := [reply.words for reply in replies if reply.kind is not Kind.SUCCESS]:
        raise Inconclusive(f"a prediction was not answered: {poor[0]}")

    (first, second), turned = await eventually(
        lambda: _two_pages(target),
        lambda pages: bool(_ids(pages[1]) - _ids(pages[0])),
        within_s=target.timings.answer_s,
    )

    for shown in (first, second):
        require_answer(shown, 200, to="the dashboard")
    if (number := first.count("completed")) <= len(first.jobs()):
        raise NotAssessed(f"the {number} completed jobs that are counted are on one page")
    expect_that(
        turned,
        expected=f"of {number} completed jobs others on the second page than on the first",
        actual=f"{len(first.jobs())} on the first, {len(second.jobs())} on the second, none new",
    )


@requirement("DASH-002")
async def test_a_running_job_is_shown_and_counted_as_active(target: System) -> None:
    """While it runs it is among the active ones."""
    job = await target.submit(RUNNING)
    key = job.key

    shown = await _await_job(target, job, status="active")

    expect_that(
        shown.job_of(key) is not None and shown.count("active") > 0,
        expected="the job among the active ones, and their number",
        actual=f"{shown.words or shown.status}: {shown.count('active')} active, "
        f"{len(shown.jobs())} shown",
        jobs=job,
    )


@requirement("DASH-002", access=Access.LAUNCH)
async def test_all_completed_jobs_are_counted_however_many_are_shown(launch: Launch) -> None:
    """A dozen complete; a page may show ten of them. While some wait, these are listed so."""
    target = (await launch.shared(ONE_AT_A_TIME, workers=1)).system
    assert target.redis is not None
    asked = [asyncio.create_task(predict(new_job(target, SHORT))) for _ in range(DOZEN)]
    waited, listed = await _seen_waiting(target, asked)
    replies = await asyncio.gather(*asked)
    expect_that(
        listed or waited < OFTEN,
        expected="of the jobs that are counted as waiting some are listed as such",
        actual=f"none was, in {waited} looks that counted several",
    )
    poor = [reply.words for reply in replies if reply.kind is not Kind.SUCCESS]
    if poor:
        raise Inconclusive(f"a prediction was not answered: {poor[0]}")
    if (kept := await target.redis.largest_set("bull:*:completed")) < DOZEN:
        raise Inconclusive(f"the queue keeps {kept} completed jobs of {DOZEN}")

    async def counted() -> int:
        shown = await dashboard(target)
        require_answer(shown, 200, to="the dashboard")
        return shown.count("completed")

    count, all_of_them = await eventually(
        counted, lambda number: number >= DOZEN, within_s=target.timings.answer_s
    )
    expect_that(
        all_of_them,
        expected=f"at least {DOZEN} completed jobs counted, as the queue holds them",
        actual=f"{count} counted",
    )


@requirement("DASH-006")
async def test_a_failed_job_is_shown_with_its_reason(target: System) -> None:
    """It is among the failed ones, with what its flow said."""
    job = await target.submit(Probe(ticks=2, interval_s=0.05, fail_at=1))
    await read_stream(job)

    shown = await _await_job(target, job, status="failed")

    row = shown.job_of(job.key) or {}
    expect_that(
        "as asked" in str(row.get("failedReason")),
        expected="the job among the failed ones, with the flow's own error",
        actual=f"{shown.count('failed')} failed jobs; this one: "
        f"{row.get('failedReason') if row else 'not among them'}",
        jobs=job,
    )


@requirement("DASH-003")
async def test_unless_enabled_there_is_no_dashboard(launch: Launch) -> None:
    """By default nobody is shown any queue."""
    target = await launch.system({"ENABLE_BULLMQ_DASHBOARD": None}, workers=0)

    shown = await dashboard(target)

    expect_answer(
        shown, Kind.SUCCESS, Kind.REDIRECT, Kind.REFUSAL, to="the dashboard of a target without one"
    )
    expect_that(
        not shown.queues,
        expected="no queues shown",
        actual=f"{shown.status} with {len(shown.queues)} queues",
    )


@requirement("DASH-004")
async def test_the_dashboard_is_refused_without_a_login(target: System) -> None:
    """Without any, and with one that nobody issued."""
    for role in (Role.NOBODY, Role.FORGER):
        await _expect_refused(target, role)


@requirement("DASH-005")
async def test_the_dashboard_is_refused_to_one_who_administers_nothing(target: System) -> None:
    """A login that may run flows is not enough."""
    await _expect_refused(target, Role.OTHER)


@requirement("DASH-007")
async def test_the_dashboards_page_is_served(target: System) -> None:
    """It is a page for people."""
    reply = await dashboard_page(target)

    kind = reply.headers.get("content-type", "")
    expect_that(
        reply.status == 200 and "html" in kind,
        expected="200 with an HTML page",
        actual=f"{reply.words} ({kind or 'no content type'})",
    )


@requirement("DASH-008")
async def test_the_dashboards_page_takes_no_markup_from_a_question(target: System) -> None:
    """Whoever may ask a flow must not run scripts in the browser of whoever administers it.

    It is asked anew before each look: a page has room for so many of the newest jobs.
    """
    job = new_job(target, SHORT)
    markup = f'<img src=x id="{job.id}">'

    async def asked() -> RawReply:
        reply = await predict(replace(job, key=f"{job.key} {markup}"))
        require_answer(reply, Kind.SUCCESS, to="the prediction")
        return await ask_flowise(target, "GET", PAGE, role=Role.ADMIN)

    shown, found = await eventually(
        asked, lambda page: job.key in page.body, within_s=target.timings.answer_s
    )
    require_answer(shown, 200, to="the dashboard's page")
    if not found:
        raise NotAssessed("the dashboard's page does not hold the jobs itself")
    expect_that(
        markup not in shown.body,
        expected="the question's markup quoted in the page",
        actual="it is the page's own",
        jobs=job,
    )


async def _seen_waiting(
    target: System, asked: list[asyncio.Task[PredictReply]]
) -> tuple[int, bool]:
    """How many looks counted several jobs as waiting, and whether one of them listed any."""
    counted, listed = 0, False
    while not listed and not all(one.done() for one in asked):
        shown = await dashboard(target, status="waiting")
        counted += shown.count("waiting") > 1
        listed = bool(shown.jobs())
        await asyncio.sleep(EVERY_S)
    return counted, listed


async def _two_pages(target: System) -> tuple[DashboardReply, DashboardReply]:
    first = await dashboard(target, status="completed", per_page=_A_PAGE)
    return first, await dashboard(target, status="completed", page=2, per_page=_A_PAGE)


def _ids(shown: DashboardReply) -> set[str]:
    return {str(job.get("id")) for job in shown.jobs()}


async def _await_job(target: System, job: Job, *, status: str) -> DashboardReply:
    shown, _ = await eventually(
        lambda: _page_of(target, job, status=status),
        lambda reply: reply.job_of(job.key) is not None,
        within_s=target.timings.answer_s,
    )
    require_answer(shown, 200, to="the dashboard")
    return shown


async def _page_of(target: System, job: Job, *, status: str) -> DashboardReply:
    """The page that the job is on, or one that was refused, else the first one: others' jobs may
    have come in between.
    """
    first = await dashboard(target, status=status)
    shown, seen = first, _ids(first)
    for page in range(2, _MOST_PAGES + 1):
        if shown.status != 200 or shown.job_of(job.key) is not None:
            return shown
        shown = await dashboard(target, status=status, page=page)
        if shown.status == 200 and not _ids(shown) - seen:
            return first
        seen |= _ids(shown)
    return shown if shown.job_of(job.key) is not None else first


async def _expect_refused(target: System, role: Role) -> None:
    shown, page = await asyncio.gather(
        dashboard(target, role=role), dashboard_page(target, role=role)
    )
    for what, reply in (("list", shown), ("page", page)):
        if not reply.answered:
            raise Inconclusive(f"the dashboard's {what} was not answered: {reply.detail}")
        expect_answer(
            reply, Kind.REDIRECT, Kind.REFUSAL, to=f"the dashboard's {what} for {role.value}"
        )
