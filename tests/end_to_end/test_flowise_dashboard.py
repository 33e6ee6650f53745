"""The reference's queue dashboard, looked at in a real browser."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from queueproof.config.model import RunConfig, TargetConfig
from queueproof.history import History
from queueproof.probe import Probe
from queueproof.running.environment import Environment
from queueproof.targets.contracts import embedded_target
from queueproof.targets.predictions import new_job, predict

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAGE_MS = 20_000


@pytest.fixture
def browser() -> str:
    """The path of a Chromium; without it or without Playwright there is nothing to look with."""
    pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found


def test_an_administrator_sees_jobs_with_status_data_and_result(browser: str) -> None:
    """After a completed and a failed job the page shows both, with question, result and reason."""

    async def look() -> tuple[str, str, str]:
        async with running_reference() as environment:
            done = new_job(environment.main, Probe(ticks=2, interval_s=0.05))
            failed = new_job(environment.main, Probe(ticks=2, interval_s=0.05, fail_at=1))
            assert (await predict(done)).status == 200
            assert (await predict(failed)).status == 500
            return done.key, failed.key, await page_of(environment, browser, logged_in=True)

    done, failed, text = asyncio.run(look())

    assert "flowise-queue" in text
    assert done in text
    assert "tick-1" in text
    assert "completed" in text.lower()
    assert failed in text
    assert "failed as asked" in text


def test_a_stranger_sees_no_job(browser: str) -> None:
    """Without a login the page shows neither queue nor question."""

    async def look() -> tuple[str, str]:
        async with running_reference() as environment:
            job = new_job(environment.main, Probe(ticks=1, interval_s=0.05))
            assert (await predict(job)).status == 200
            return job.key, await page_of(environment, browser, logged_in=False)

    key, text = asyncio.run(look())

    assert key not in text
    assert "flowise-queue-prediction" not in text


@asynccontextmanager
async def running_reference() -> AsyncIterator[Environment]:
    """Server, worker and Redis of the embedded target, opened."""
    target = embedded_target("flowise", workers=1)
    environment = Environment(RunConfig(target=target, embedded=True), History())
    try:
        await environment.open()
        yield environment
    finally:
        await environment.close()


async def page_of(environment: Environment, browser: str, *, logged_in: bool) -> str:
    """The visible text of the dashboard's page."""
    from playwright.async_api import async_playwright

    assert environment.main_lane is not None
    url = environment.main_lane.boot.url
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
        )
        context = await chromium.new_context(base_url=url)
        if logged_in:
            answer = await context.request.post(
                "/api/v1/auth/login", data=login(environment.config.target)
            )
            assert answer.ok
        page = await context.new_page()
        await page.goto("/admin/queues", timeout=PAGE_MS)
        text: str = await page.inner_text("body", timeout=PAGE_MS)
        await chromium.close()
        return text


def login(target: TargetConfig) -> dict[str, str]:
    """What the login form sends."""
    given = target.credentials
    return {"email": given.username, "password": given.password}
